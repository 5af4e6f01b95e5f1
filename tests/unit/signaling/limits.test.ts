import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { SignalingLimits } from '../../../signaling/limits.ts';
import { TokenBucket } from '../../../signaling/token-bucket.ts';
import { MAX_RELAY_PAYLOAD_BYTES, MAX_SIGNAL_DATA_BYTES } from '../../../src/net/webrtc/signaling-messages.ts';
import { ROOM, TestClient, peerId, startServer, type RunningServer } from './test-client.ts';

const [ALEX, MING, WU] = [peerId(1), peerId(2), peerId(3)];

let server: RunningServer;
afterEach(() => server.stop());

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
    client.send({ type: 'join', room: ROOM, peer: ALEX });
    await client.next();
    client.send({ type: 'join', room: ROOM, peer: MING });
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

  test('a flood of messages', async () => {
    const client = await open({ messageBurst: 10, messagesPerSecond: 0.001 });
    client.send({ type: 'join', room: ROOM, peer: ALEX });
    await client.next();
    for (let i = 0; i < 10; i++) client.send({ type: 'signal', to: ALEX, data: i });
    for (let i = 0; i < 9; i++) expect(await client.next()).toMatchObject({ type: 'signal', data: i });
    expect(await client.refusal()).toEqual({ error: 'too-many-messages', close: 4429 });
  });

  test('a full room, which a member may still re-enter', async () => {
    await open({ maxRoomMembers: 2 });
    await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    const late = await TestClient.open(server.url);
    late.send({ type: 'join', room: ROOM, peer: WU });
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

describe('a dead socket', () => {
  test('is found by unanswered pings and its peer announced as left', async () => {
    await open({ pingIntervalMs: 30 });
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    await alex.next();
    // A frozen tab: the connection stands, nobody reads it.
    ming.socket.pause();
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

  test('slows a sender over its rate and loses nothing', async () => {
    await open({ relayBurstBytes: 1_000, relayBytesPerSecond: 400_000, relayFrameCostBytes: 0, relayPollMs: 1 });
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    await alex.next();
    const startedMs = performance.now();
    for (let i = 0; i < 200; i++) ming.relay(ALEX, new Uint8Array(992).fill(i));
    for (let i = 0; i < 200; i++) {
      const event = await alex.next();
      expect(event.type === 'relayed' && event.payload[0]).toBe(i);
    }
    // 200 kB at 400 kB/s, less what two reads of the server's socket (64 KiB each) let through before they are paid.
    expect(performance.now() - startedMs).toBeGreaterThan(150);
  });

  test('holds a sender back while the receiver does not read, and cuts the receiver in the end', async () => {
    await open({ relayBurstBytes: 1e12, relayBytesPerSecond: 1e12, relayHighWaterBytes: 64_000, relayPollMs: 5, relayStallMs: 300 });
    const alex = await TestClient.joined(server.url, ALEX);
    const ming = await TestClient.joined(server.url, MING);
    await alex.next();
    alex.socket.pause();
    // More than both sides' socket buffers take.
    for (let i = 0; i < 200; i++) ming.relay(ALEX, new Uint8Array(MAX_RELAY_PAYLOAD_BYTES));
    expect(await ming.next()).toEqual({ type: 'left', peer: ALEX });
    await expect.poll(() => server.signaling.connectionCount).toBe(2);
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

test('a token bucket allows its burst, then its rate', () => {
  const bucket = new TokenBucket(10, 5, 1_000);
  expect(bucket.take(10, 1_000)).toBe(0);
  expect(bucket.take(1, 1_000)).toBe(200);
  expect(bucket.take(0, 1_200)).toBe(0);
  expect(bucket.take(10, 1_000_000)).toBe(0);
  // A clock that is set back gives nothing away and takes nothing.
  expect(bucket.take(1, 0)).toBe(200);
});
