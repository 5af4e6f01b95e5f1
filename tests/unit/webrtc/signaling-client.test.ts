import { describe, expect, it } from 'vitest';
import {
  JOIN_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  PONG_TIMEOUT_MS,
  PROBE_TIMEOUT_MS,
  RECONNECT_MAX_MS,
  RECONNECT_MIN_MS,
  RECONNECT_UNMET_MAX_MS,
  SILENT_JOIN_TIMEOUT_MS,
  SILENT_PAUSE_MS,
  RELAY_IN_FLIGHT_BYTES,
  RELAY_LOW_WATER_BYTES,
} from '../../../src/webrtc/link-limits.ts';
import { ed25519Verify } from '../../../src/crypto/ed25519.ts';
import { DEFAULT_LIMITS } from '../../../signaling/limits.ts';
import { createIdentity } from '../../../src/webrtc/identity.ts';
import type { SignalingState } from '../../../src/net/transport.ts';
import { SignalingClient, type SocketLike } from '../../../src/webrtc/signaling-client.ts';
import {
  MAX_RESTART_SPREAD_MS,
  SIGNALING_VERSION,
  encodeRelayFrame,
  joinStatement,
  parseClientMessage,
  restartReason,
  type JoinMessage,
  type ServerMessage,
} from '../../../src/protocol/signaling.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';
import { seededRandom } from '../net/support/test-node.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

const ROOM = 'ab'.repeat(32);
const IDENTITY = createIdentity(seededRandom('me'));
const ME = IDENTITY.peerId;
const NONCE = '7f'.repeat(16);
const GROUP = '00000000';
const OTHER = '2'.repeat(16);

class FakeSocket implements SocketLike {
  binaryType: BinaryType = 'blob';
  readyState = 0;
  bufferedAmount = 0;
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  readonly sent: (string | Uint8Array)[] = [];
  closed = false;
  answersPings = false;

  send(data: string | Uint8Array): void {
    this.sent.push(data);
    if (this.answersPings && data === '{"type":"ping"}') this.say({ type: 'pong' });
  }

  close(): void {
    this.closed = true;
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.({} as Event);
  }

  say(message: ServerMessage | string): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) } as MessageEvent);
  }

  fail(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason } as CloseEvent);
  }
}

function scene(seed = 'client') {
  const time = new VirtualTime(0);
  const sockets: FakeSocket[] = [];
  const states: SignalingState[] = [];
  const events: unknown[][] = [];
  const note =
    (name: string) =>
    (...values: unknown[]) =>
      void events.push([name, ...values]);
  const client = new SignalingClient({
    url: 'ws://test/signal',
    room: ROOM,
    identity: IDENTITY,
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    clock: time,
    timers: time,
    random: seededRandom(seed),
    log: () => undefined,
    onState: (state) => states.push(state),
  });
  const start = (): void =>
    client.start({
      present: note('present'),
      absent: note('absent'),
      signal: note('signal'),
      relayed: note('relayed'),
      drained: note('drained'),
      lost: note('lost'),
    });
  const last = (): FakeSocket => sockets.at(-1)!;
  const join = (peers: string[] = []): void => {
    last().open();
    last().say({ type: 'challenge', version: SIGNALING_VERSION, nonce: NONCE });
    last().say({ type: 'welcome', peers: peers.map((peer) => ({ peer, group: GROUP })) });
  };
  return { time, sockets, states, events, client, start, last, join };
}

describe('the signaling client', () => {
  it('joins its room and reports the present tabs', () => {
    const { client, start, join, last, states, events } = scene();
    start();
    join([OTHER]);
    const joined = parseClientMessage(last().sent[0] as string) as JoinMessage;
    expect(joined).toMatchObject({ type: 'join', room: ROOM, peer: ME, key: toHex(IDENTITY.publicKey) });
    expect(ed25519Verify(fromHex(joined.signature), joinStatement(NONCE, ROOM, ME), IDENTITY.publicKey)).toBe(true);
    last().say({ type: 'joined', peer: '3'.repeat(16), group: '11111111' });
    last().say({ type: 'left', peer: OTHER });
    last().say({ type: 'signal', from: OTHER, data: { a: 1 } });
    expect(events).toEqual([
      ['present', OTHER, GROUP],
      ['present', '3'.repeat(16), '11111111'],
      ['absent', OTHER],
      ['signal', OTHER, { a: 1 }],
    ]);
    expect(states).toEqual(['connecting', 'connected']);
    client.stop();
    expect(last().closed).toBe(true);
    expect(states.at(-1)).toBe('off');
  });

  it('sends and receives signals and relayed bytes', () => {
    const { client, start, join, last, events } = scene();
    start();
    client.signal(OTHER, 'too early');
    client.relay.send(OTHER, Uint8Array.of(0));
    join();
    client.signal(OTHER, { hi: true });
    client.relay.send(OTHER, Uint8Array.of(1, 2));
    expect(last().sent.slice(1)).toEqual([
      JSON.stringify({ type: 'signal', to: OTHER, data: { hi: true } }),
      encodeRelayFrame(OTHER, Uint8Array.of(1, 2)),
    ]);
    last().onmessage?.({ data: encodeRelayFrame(OTHER, Uint8Array.of(3)).buffer } as MessageEvent);
    expect(events).toEqual([['relayed', OTHER, Uint8Array.of(3)]]);
  });

  it('lets frames wait for room in the socket, and continues when the server answers a ping, without any timer', () => {
    const { client, start, join, last, events } = scene();
    start();
    join();
    last().bufferedAmount = RELAY_IN_FLIGHT_BYTES;
    client.relay.send(OTHER, new Uint8Array(RELAY_LOW_WATER_BYTES + 1));
    expect(client.relay.bufferedBytes(OTHER)).toBe(RELAY_LOW_WATER_BYTES + 1);
    expect(last().sent.at(-1)).toBe('{"type":"ping"}');
    last().bufferedAmount = 10;
    last().say({ type: 'pong' });
    expect(events).toEqual([['drained', OTHER]]);
    expect(client.relay.bufferedBytes(OTHER)).toBe(0);
  });

  it('drops the waiting frames of a relayed link that has ended, or whose socket is gone', async () => {
    const { time, client, start, join, last, sockets } = scene();
    start();
    join();
    last().bufferedAmount = RELAY_IN_FLIGHT_BYTES;
    client.relay.send(OTHER, Uint8Array.of(1));
    client.relay.cut(OTHER);
    client.relay.send(OTHER, Uint8Array.of(2));
    last().bufferedAmount = 0;
    last().say({ type: 'pong' });
    expect(last().sent.at(-1)).toEqual(encodeRelayFrame(OTHER, Uint8Array.of(2)));
    last().bufferedAmount = RELAY_IN_FLIGHT_BYTES;
    client.relay.send(OTHER, Uint8Array.of(3));
    last().fail();
    await time.advance(2_000);
    join();
    last().say({ type: 'pong' });
    expect(sockets).toHaveLength(2);
    expect(client.relay.bufferedBytes(OTHER)).toBe(0);
    expect(last().sent.every((data) => typeof data === 'string')).toBe(true);
  });

  it('tries again, with the same identity, after losing the connection', async () => {
    const { time, start, join, sockets, last, states, events } = scene();
    start();
    join([OTHER]);
    last().fail();
    expect(events.at(-1)).toEqual(['lost']);
    await time.advance(1_000);
    expect(sockets).toHaveLength(2);
    join();
    expect(last().sent[0]).toBe(sockets[0]!.sent[0]);
    expect(states).toEqual(['connecting', 'connected', 'connecting', 'connected']);
  });

  it.each([
    ['at a random moment within the time that a restarting server asks for', 1012, restartReason(8_000), 8_000],
    ['within ten seconds, whatever time the server asks for', 1012, restartReason(900_000_000), MAX_RESTART_SPREAD_MS],
    ['within a second if the server asks for less', 1012, restartReason(0), RECONNECT_MIN_MS],
    ['within a second after another close', 1001, restartReason(8_000), RECONNECT_MIN_MS],
    ['within a second after a reason of another program', 1012, 'service restart', RECONNECT_MIN_MS],
  ])('comes back %s', async (_how, code, reason, longestMs) => {
    const waitsMs: number[] = [];
    for (let i = 0; i < 40; i++) {
      const { time, start, join, last, sockets } = scene(`client ${i}`);
      start();
      join();
      last().fail(code, reason);
      let waitMs = 0;
      for (; sockets.length === 1; waitMs += 250) await time.advance(250);
      waitsMs.push(waitMs);
    }
    // Of 40 waits spread evenly, the longest lies beyond half of the range, and the shortest before it.
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(longestMs + 250);
    expect(Math.max(...waitsMs)).toBeGreaterThan(longestMs / 2);
    expect(Math.min(...waitsMs)).toBeLessThan(longestMs / 2);
  });

  it('reports unreachable while it retries less and less often, but for ever; a known server is found within seconds', async () => {
    for (const met of [true, false]) {
      const { time, start, sockets, last, join, states } = scene();
      start();
      if (met) join();
      last().fail();
      let known = 0;
      const attempts: number[] = [];
      for (let minute = 0; minute < 20; minute++) {
        for (let second = 0; second < 60; second++) {
          await time.advance(1_000);
          if (sockets.length > known) last().fail();
          known = sockets.length;
        }
        attempts.push(sockets.length);
      }
      expect(sockets.length).toBeGreaterThanOrEqual((20 * 60_000) / (met ? RECONNECT_MAX_MS : RECONNECT_UNMET_MAX_MS));
      // Each failure is a line in the browser's console, for ever if there is no server.
      if (!met) expect(sockets.length).toBeLessThan(40);
      if (met) expect(attempts[19]! - attempts[18]!).toBeLessThanOrEqual(attempts[0]!);
      expect(states.at(-1)).toBe('unreachable');
    }
  });

  it('retries at once when the network is reported to be back', async () => {
    const { client, start, sockets, last } = scene();
    start();
    last().fail();
    client.checkNow();
    expect(sockets).toHaveLength(2);
    client.checkNow();
    expect(sockets).toHaveLength(2);
  });

  it('pings a silent server often enough for proxies, and stays connected as long as it answers', async () => {
    const { time, start, join, sockets, last } = scene();
    start();
    join();
    last().answersPings = true;
    await time.advance(10 * 60_000);
    expect(sockets).toHaveLength(1);
    const pings = last().sent.filter((text) => text === '{"type":"ping"}').length;
    expect(pings).toBeGreaterThanOrEqual((10 * 60_000) / 30_000);
    expect(pings).toBeLessThanOrEqual((10 * 60_000) / KEEP_ALIVE_MS);
  });

  it('notices a dead connection', async () => {
    const { time, start, join, sockets, last, events } = scene();
    start();
    join();
    await time.advance(KEEP_ALIVE_MS + PONG_TIMEOUT_MS);
    expect(events).toEqual([['lost']]);
    expect(sockets[0]!.closed).toBe(true);
    await time.advance(SILENT_PAUSE_MS);
    join();
    // Any message is a sign of life.
    for (let i = 0; i < 20; i++) {
      await time.advance(PONG_TIMEOUT_MS / 2);
      last().say({ type: 'joined', peer: OTHER, group: GROUP });
    }
    expect(sockets).toHaveLength(2);
  });

  it('notices a dead connection within three seconds of a network change, however often the browser reports one', async () => {
    const { time, client, start, join, sockets, events } = scene();
    start();
    join();
    await time.advance(1_000);
    for (let i = 0; i < 6; i++) {
      client.checkNow();
      await time.advance(PROBE_TIMEOUT_MS / 5);
    }
    expect(events).toEqual([['lost']]);
    await time.advance(1_000);
    expect(sockets).toHaveLength(2);
  });

  it('tries again every three seconds after it fell silent, for minutes, because then the network is gone and not the server', async () => {
    const { time, client, start, join, sockets } = scene();
    start();
    join();
    client.checkNow();
    await time.advance(PROBE_TIMEOUT_MS);
    let known = sockets.length;
    let gapMs = 0;
    let longestMs = 0;
    for (let i = 0; i < 4 * 60 * 10; i++) {
      await time.advance(100);
      gapMs = sockets.length > known ? 0 : gapMs + 100;
      longestMs = Math.max(longestMs, gapMs);
      known = sockets.length;
    }
    expect(longestMs).toBeLessThanOrEqual(SILENT_JOIN_TIMEOUT_MS + SILENT_PAUSE_MS);
    await time.advance(10 * 60_000);
    const before = sockets.length;
    await time.advance(60_000);
    expect(sockets.length - before).toBeLessThanOrEqual(7);
  });

  it('makes no more attempts where the network refuses at once, because browsers delay the sockets of pages that often fail', async () => {
    const { time, client, start, join, sockets, last } = scene();
    start();
    join();
    client.checkNow();
    await time.advance(PROBE_TIMEOUT_MS);
    const before = sockets.length;
    let gapMs = 0;
    for (let known = before; time.monotonic() < 60_000; known = sockets.length) {
      await time.advance(50);
      if (sockets.length > known) last().fail();
      gapMs = sockets.length > known ? 0 : gapMs + 50;
      expect(gapMs).toBeLessThanOrEqual(SILENT_JOIN_TIMEOUT_MS + SILENT_PAUSE_MS);
    }
    expect(sockets.length - before).toBeLessThanOrEqual(60_000 / SILENT_JOIN_TIMEOUT_MS + 1);
    await time.advance(10 * 60_000);
    const late = sockets.length;
    await time.advance(60_000);
    expect(sockets.length - late).toBeLessThanOrEqual(7);
  });

  it('starts again when the network changes while it connects', async () => {
    const { time, client, start, sockets } = scene();
    start();
    await time.advance(PROBE_TIMEOUT_MS + 1);
    client.checkNow();
    expect(sockets.map(({ closed }) => closed)).toEqual([true, false]);
    client.checkNow();
    expect(sockets).toHaveLength(2);
  });

  it('gives a connection one more chance if the page itself was suspended, but only one', async () => {
    const { time, start, join, sockets, last, events } = scene();
    start();
    join();
    await time.advance(KEEP_ALIVE_MS);
    time.sleep(60_000);
    await time.advance(1);
    expect(events).toEqual([]);
    last().say({ type: 'pong' });
    await time.advance(KEEP_ALIVE_MS);
    expect(sockets).toHaveLength(1);
    for (let i = 0; i < 3; i++) {
      expect(events).toEqual([]);
      time.sleep(60_000);
      await time.advance(1);
    }
    expect(events).toEqual([['lost']]);
  });

  it('never sends more signals than the server allows, whatever the cause', async () => {
    const { time, client, start, join, last } = scene();
    start();
    join();
    last().answersPings = true;
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 200; i++) client.signal(OTHER, i);
      await time.advance(1_000);
    }
    const { signalBurstBytes, signalBytesPerSecond, frameCostBytes } = DEFAULT_LIMITS;
    // A signal with a connection's description has about this many bytes.
    const bytes = last().sent.length * (1_500 + frameCostBytes);
    expect(bytes).toBeGreaterThan(signalBurstBytes);
    expect(bytes).toBeLessThan(signalBurstBytes + 60 * signalBytesPerSecond);
  });

  it('disconnects from a server of another version, and tries again', async () => {
    const { time, start, sockets, last, states } = scene();
    start();
    last().open();
    last().say(JSON.stringify({ type: 'challenge', version: SIGNALING_VERSION + 1 }));
    expect(sockets[0]!.closed).toBe(true);
    expect(states.at(-1)).toBe('unreachable');
    await time.advance(RECONNECT_MAX_MS);
    expect(sockets.length).toBeGreaterThan(1);
  });

  it('disconnects without a welcome, and from a server that sends nonsense', async () => {
    const { time, start, sockets, last, states } = scene();
    start();
    last().open();
    await time.advance(JOIN_TIMEOUT_MS + 1);
    expect(sockets[0]!.closed).toBe(true);
    expect(states.at(-1)).toBe('unreachable');
    await time.advance(RECONNECT_MAX_MS);
    const second = sockets[1]!;
    second.open();
    second.say('{"type":"surprise"}');
    expect(second.closed).toBe(true);
  });

  it('does nothing more after stop', async () => {
    const { time, client, start, sockets, last } = scene();
    start();
    last().fail();
    client.stop();
    await time.advance(10 * RECONNECT_MAX_MS);
    expect(sockets).toHaveLength(1);
    start();
    expect(sockets).toHaveLength(2);
  });
});
