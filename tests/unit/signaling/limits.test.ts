import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_LIMITS, type SignalingLimits } from '../../../signaling/limits.ts';
import { RateLimit } from '../../../signaling/rate-limit.ts';
import { MAX_RELAY_PAYLOAD_BYTES, MAX_SIGNAL_DATA_BYTES } from '../../../src/protocol/signaling.ts';
import { TestClient, peerId, startServer, type RunningServer } from './test-client.ts';

const [ALEX, MING, WU] = [peerId(1), peerId(2), peerId(3)];
const GROUP: string = expect.stringMatching(/^[0-9a-f]{8}$/);

let server: RunningServer;
afterEach(async () => {
  vi.useRealTimers();
  await server.stop();
});

async function open(limits: Partial<SignalingLimits> = {}): Promise<TestClient> {
  server = await startServer(limits);
  return TestClient.open(server.url);
}

describe('a connection is closed, with its code, for', () => {
  test.each([
    ['text that is no message', 'hello', 'message-invalid', 4400],
    ['a signal before join', JSON.stringify({ type: 'signal', to: ALEX, data: 1 }), 'not-joined', 4401],
    ['leaving before join', JSON.stringify({ type: 'leave' }), 'not-joined', 4401],
    ['a relay frame before join', Buffer.alloc(20), 'not-joined', 4401],
    ['too much data', JSON.stringify({ type: 'signal', to: ALEX, data: 'x'.repeat(MAX_SIGNAL_DATA_BYTES) }), 'message-too-large', 4413],
  ])('%s', async (_name, frame, error, close) => {
    const client = await open();
    client.socket.send(frame);
    expect(await client.refusal()).toEqual({ error, close });
  });

  test('joining twice', async () => {
    const client = await open();
    client.join(ALEX);
    await client.next();
    client.join(MING);
    expect(await client.refusal()).toEqual({ error: 'already-joined', close: 4410 });
  });

  test('a frame beyond every limit', async () => {
    const client = await open();
    client.socket.send(Buffer.alloc(MAX_RELAY_PAYLOAD_BYTES + 9));
    expect(await client.next()).toEqual({ type: 'closed', code: 1009 });
  });

  test('never joining', async () => {
    const client = await open({ joinTimeoutMs: 20 });
    expect(await client.refusal()).toEqual({ error: 'join-timeout', close: 4408 });
  });

  test('a full room, which a member may still re-enter', async () => {
    await open({ maxRoomMembers: 2 });
    await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    const late = await TestClient.open(server.url);
    late.join(WU);
    expect(await late.refusal()).toEqual({ error: 'room-full', close: 4403 });
    await TestClient.joined(server.url, MING);
    expect(await ming.refusal()).toEqual({ error: 'replaced', close: 4409 });
  });

  test('too many connections of one address, until one closes', async () => {
    const first = await open({ maxConnectionsPerAddress: 1, closeTimeoutMs: 20 });
    expect(await (await TestClient.open(server.url)).refusal()).toEqual({ error: 'too-many-connections', close: 4430 });
    first.socket.close();
    await first.next();
    await expect.poll(() => server.signaling.connectionCount).toBe(0);
    await TestClient.joined(server.url, ALEX);
  });

  test('too many connections in all', async () => {
    await open({ maxConnections: 1 });
    expect(await (await TestClient.open(server.url)).refusal()).toEqual({ error: 'too-many-connections', close: 4430 });
  });
});

test('a ping is answered, before and after joining', async () => {
  const client = await open();
  client.send({ type: 'ping' });
  expect(await client.next()).toEqual({ type: 'pong' });
  client.join(ALEX);
  await client.next();
  client.send({ type: 'ping' });
  expect(await client.next()).toEqual({ type: 'pong' });
});

test('joining and leaving again and again is slowed, because each time others are notified', async () => {
  const client = await open({ signalBurstBytes: 20_000, signalBytesPerSecond: 20_000, joinCostBytes: 10_000 });
  const startedMs = performance.now();
  for (let i = 0; i < 4; i++) {
    client.join(ALEX);
    expect((await client.next()).type).toBe('welcome');
    client.send({ type: 'leave' });
  }
  expect(performance.now() - startedMs).toBeGreaterThan(500);
});

describe('a dead socket', () => {
  test('is found by unanswered pings and its peer announced as left', async () => {
    // Fakes only the server's intervals, because a busy machine would answer too late for short real ones.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await open();
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    await alex.next();
    // A frozen tab: the connection is open, but not read.
    ming.socket.pause();
    vi.advanceTimersByTime(DEFAULT_LIMITS.pingIntervalMs);
    alex.send({ type: 'ping' });
    expect(await alex.next()).toEqual({ type: 'pong' });
    vi.advanceTimersByTime(DEFAULT_LIMITS.pingIntervalMs);
    expect(await alex.next()).toEqual({ type: 'left', peer: MING });
    alex.send({ type: 'signal', to: ALEX, data: 'still here' });
    expect(await alex.next()).toMatchObject({ data: 'still here' });
  });
});

describe('a relay', () => {
  test('forwards payloads with the sender’s id', async () => {
    await open();
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    await alex.next();
    const largest = new Uint8Array(MAX_RELAY_PAYLOAD_BYTES).map((_, i) => i % 251);
    ming.relay(ALEX, new Uint8Array(0));
    ming.relay(ALEX, largest);
    expect(await alex.next()).toMatchObject({ type: 'relayed', from: MING });
    const event = await alex.next();
    expect(event.type === 'relayed' && Buffer.from(event.payload).equals(largest)).toBe(true);
  });

  test('slows a sender above its rate and loses no frame', async () => {
    await open({ relayBurstBytes: 1_000, relayBytesPerSecond: 400_000, frameCostBytes: 0 });
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    await alex.next();
    const startedMs = performance.now();
    for (let i = 0; i < 200; i++) ming.relay(ALEX, new Uint8Array(992).fill(i));
    for (let i = 0; i < 200; i++) {
      const event = await alex.next();
      expect(event.type === 'relayed' && event.payload[0]).toBe(i);
    }
    // 200 kB at 400 kB/s, minus two reads of the server's socket (64 KiB each) that pass before they are paid.
    expect(performance.now() - startedMs).toBeGreaterThan(150);
  });

  test('to a tab that does not read costs the sender only that link, and both may link again', async () => {
    await open({ relayBurstBytes: 1e12, relayBytesPerSecond: 1e12, pairCreditBytes: 1_000_000 });
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    const wu = await TestClient.joined(server.url, WU);
    expect(await ming.next()).toEqual({ type: 'joined', peer: WU, group: GROUP });
    alex.socket.pause();
    // More than the credit and both sides' socket buffers, followed by a signal to another tab.
    for (let i = 0; i < 60; i++) ming.relay(ALEX, new Uint8Array(MAX_RELAY_PAYLOAD_BYTES));
    ming.send({ type: 'signal', to: WU, data: 'in time' });
    expect(await wu.next()).toEqual({ type: 'signal', from: MING, data: 'in time' });
    expect(await ming.next()).toEqual({ type: 'left', peer: ALEX });
    expect(await ming.next()).toEqual({ type: 'joined', peer: ALEX, group: GROUP });
  });

  test('to a tab that reads below the minimum rate is cut, while that tab still hears of others in time', async () => {
    const rates = { relayBurstBytes: 1e12, relayBytesPerSecond: 1e12, pairPatienceMs: 50, pairBytesPerSecond: 1e9, sweepIntervalMs: 20 };
    await open(rates);
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    await alex.next();
    alex.socket.pause();
    // Twice the largest socket buffers of a Linux machine, but below the pair's credit.
    for (let i = 0; i < 60; i++) ming.relay(ALEX, new Uint8Array(MAX_RELAY_PAYLOAD_BYTES));
    expect(await ming.next()).toEqual({ type: 'left', peer: ALEX });
    expect(await ming.next()).toEqual({ type: 'joined', peer: ALEX, group: GROUP });
    await TestClient.joined(server.url, WU);
    alex.socket.resume();
    const told: string[] = [];
    while (told.at(-1) !== `joined ${WU}`) {
      const event = await alex.next();
      if (event.type !== 'relayed')
        told.push(event.type === 'joined' || event.type === 'left' ? `${event.type} ${event.peer}` : event.type);
    }
    expect(told).toEqual([`left ${MING}`, `joined ${MING}`, `joined ${WU}`]);
  });

  test('ends with the socket of a tab that reads nothing at all', async () => {
    await open({ relayBurstBytes: 1e12, relayBytesPerSecond: 1e12, stallMs: 100, sweepIntervalMs: 20, pairCreditBytes: 1e9 });
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    alex.socket.pause();
    for (let i = 0; i < 60; i++) ming.relay(ALEX, new Uint8Array(MAX_RELAY_PAYLOAD_BYTES));
    expect(await ming.next()).toEqual({ type: 'left', peer: ALEX });
    await expect.poll(() => server.signaling.connectionCount).toBe(2);
  });
});

describe('signals', () => {
  test('of a flood arrive late, but all of them, and no socket is closed', async () => {
    await open({ signalBurstBytes: 20_000, signalBytesPerSecond: 100_000, frameCostBytes: 500 });
    const alex = await TestClient.joined(server.url, ALEX);
    const startedMs = performance.now();
    for (let i = 0; i < 100; i++) alex.send({ type: 'signal', to: ALEX, data: i });
    for (let i = 0; i < 100; i++) expect(await alex.next()).toMatchObject({ type: 'signal', data: i });
    // 55 kB, of which one read of the socket passes before it is paid.
    alex.send({ type: 'signal', to: ALEX, data: 'after' });
    expect(await alex.next()).toMatchObject({ data: 'after' });
    expect(performance.now() - startedMs).toBeGreaterThan(200);
  });

  test('are paid by their size', async () => {
    await open({ signalBurstBytes: 100_000, signalBytesPerSecond: 100_000, frameCostBytes: 0 });
    const alex = await TestClient.joined(server.url, ALEX);
    const startedMs = performance.now();
    for (let i = 0; i < 4; i++) {
      alex.send({ type: 'signal', to: ALEX, data: 'x'.repeat(60_000) });
      await alex.next();
    }
    expect(performance.now() - startedMs).toBeGreaterThan(700);
  });

  test('are paid by the first sender: a tab that answers a flood is not slowed by its answers', async () => {
    await open({ signalBurstBytes: 10_000, signalBytesPerSecond: 10, frameCostBytes: 100, joinCostBytes: 0, maxPauseMs: 60_000 });
    const victim = await TestClient.joined(server.url, ALEX);
    // Each flooder may send about sixty, and all together more than the victim could pay for.
    const flooders = await Promise.all([1, 2, 3, 4].map((i) => TestClient.joined(server.url, peerId(100 + i))));
    for (const [i, flooder] of flooders.entries()) {
      for (let k = 0; k < 40; k++) flooder.send({ type: 'signal', to: ALEX, data: k });
      for (let k = 0; k < 40;) {
        const event = await victim.next();
        if (event.type !== 'signal') continue;
        k++;
        victim.send({ type: 'signal', to: peerId(101 + i), data: 'busy' });
      }
    }
    const wu = await TestClient.joined(server.url, WU);
    victim.send({ type: 'signal', to: WU, data: 'own word' });
    let event = await wu.next();
    while (event.type !== 'signal') event = await wu.next();
    expect(event).toEqual({ type: 'signal', from: ALEX, data: 'own word' });
  });

  test('of a loud sender do not delay those of another', async () => {
    await open({ signalBurstBytes: 1e9 });
    const alex = await TestClient.joined(server.url, ALEX);
    const loud = await TestClient.joined(server.url, MING);
    const quiet = await TestClient.joined(server.url, WU);
    alex.socket.pause();
    for (let i = 0; i < 100; i++) loud.send({ type: 'signal', to: ALEX, data: 'x'.repeat(60_000) });
    loud.send({ type: 'signal', to: MING, data: 'sent' });
    while ((await loud.next()).type !== 'signal');
    quiet.send({ type: 'signal', to: ALEX, data: 'quiet' });
    quiet.send({ type: 'signal', to: WU, data: 'sent' });
    while ((await quiet.next()).type !== 'signal');
    alex.socket.resume();
    let fromLoud = 0;
    for (let event = await alex.next(); event.type !== 'signal' || event.from !== WU; event = await alex.next()) {
      if (event.type === 'signal') fromLoud++;
    }
    expect(fromLoud).toBeLessThan(100);
  });
});

describe('memory', () => {
  test('of waiting frames has one budget: beyond it, the largest queue is dropped first', async () => {
    await open({ relayBurstBytes: 1e12, relayBytesPerSecond: 1e12, pairCreditBytes: 1e9, maxQueuedBytes: 3_000_000 });
    const alex = await TestClient.joined(server.url, ALEX);
    const wu = await TestClient.joined(server.url, WU);
    const ming = await TestClient.joined(server.url, MING);
    alex.socket.pause();
    for (let i = 0; i < 60; i++) ming.relay(ALEX, new Uint8Array(MAX_RELAY_PAYLOAD_BYTES));
    expect(await ming.next()).toEqual({ type: 'left', peer: ALEX });
    ming.relay(WU, new Uint8Array(10));
    let event = await wu.next();
    while (event.type !== 'relayed') event = await wu.next();
    expect(event).toMatchObject({ from: MING });
  });

  test('of messages that never end is released', async () => {
    await open({ partialPatienceMs: 100, sweepIntervalMs: 20 });
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    await alex.next();
    // A first fragment, and then pings as if the tab were alive.
    ming.socket.send('{"type":', { fin: false });
    ming.socket.ping();
    expect(await alex.next()).toEqual({ type: 'left', peer: MING });
  });

  test('of unfinished messages has one budget too', async () => {
    await open({ maxPartialBytes: 100_000, sweepIntervalMs: 20 });
    const alex = await TestClient.joined(server.url, ALEX);
    const small = await TestClient.joined(server.url, WU);
    const large = await TestClient.joined(server.url, MING);
    small.socket.send(new Uint8Array(1_000), { fin: false });
    large.socket.send(new Uint8Array(110_000), { fin: false });
    await alex.next();
    await alex.next();
    expect(await alex.next()).toEqual({ type: 'left', peer: MING });
    small.socket.close();
    expect(await alex.next()).toEqual({ type: 'left', peer: WU });
  });

  test('is not wasted on fragments: a message of very many is refused', async () => {
    const client = await open();
    for (let i = 0; i < 70; i++) client.socket.send('x', { fin: false });
    expect(await client.next()).toEqual({ type: 'closed', code: 1008 });
  });
});

test('an upgrade elsewhere is refused', async () => {
  await open();
  await expect(TestClient.open(server.url.replace('/signal', '/other'))).rejects.toThrow('404');
});

test('half a handshake does not disturb the others', async () => {
  await open();
  const { port } = new URL(server.url);
  const raw = connect(Number(port), '127.0.0.1');
  raw.write('GET /signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  const answer = await new Promise<string>((resolve) => raw.once('data', (data) => resolve(data.toString())));
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  raw.destroy();
  await TestClient.joined(server.url, ALEX);
});

test('pings go both ways within the shortest idle limit of proxies', () => {
  expect(2 * DEFAULT_LIMITS.pingIntervalMs).toBeLessThan(60_000);
});

test('a rate limit never asks for a longer wait than its maximum', () => {
  const limit = new RateLimit(10, 5, 0, 1_000);
  expect(limit.take(1_000, 0)).toBe(1_000);
  expect(limit.take(0, 1_000)).toBe(0);
});

test('a rate limit first spends what others have paid, up to what it keeps', () => {
  const limit = new RateLimit(10, 5, 0, Infinity, 20);
  limit.give(15);
  limit.give(15);
  expect(limit.take(30, 0)).toBe(0);
  expect(limit.take(1, 0)).toBe(200);
});

test('a rate limit allows its burst, then its rate', () => {
  const limit = new RateLimit(10, 5, 1_000);
  expect(limit.take(10, 1_000)).toBe(0);
  expect(limit.take(1, 1_000)).toBe(200);
  expect(limit.take(0, 1_200)).toBe(0);
  expect(limit.take(10, 1_000_000)).toBe(0);
  // A clock that is set back neither adds nor removes credit.
  expect(limit.take(1, 0)).toBe(200);
});
