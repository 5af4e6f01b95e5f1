import { describe, expect, it } from 'vitest';
import { JOIN_TIMEOUT_MS, RECONNECT_MAX_MS } from '../../../../src/net/webrtc/limits.ts';
import { SignalingClient, type SignalingState, type SocketLike } from '../../../../src/net/webrtc/signaling-client.ts';
import { encodeRelayFrame, parseClientMessage, type ServerMessage } from '../../../../src/net/webrtc/signaling-messages.ts';
import { seededRandom } from '../support/test-node.ts';
import { VirtualTime } from '../support/virtual-time.ts';

const ROOM = 'ab'.repeat(32);
const ME = '1'.repeat(16);
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

  send(data: string | Uint8Array): void {
    this.sent.push(data);
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

  fail(): void {
    this.readyState = 3;
    this.onclose?.({ code: 1006 } as CloseEvent);
  }
}

function scene() {
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
    peerId: ME,
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    timers: time,
    random: seededRandom('client'),
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
    last().say({ type: 'welcome', peers });
  };
  return { time, sockets, states, events, client, start, last, join };
}

describe('the signaling client', () => {
  it('joins its room and reports who is there', () => {
    const { client, start, join, last, states, events } = scene();
    start();
    join([OTHER]);
    const joined = parseClientMessage(last().sent[0] as string);
    expect(joined).toMatchObject({ type: 'join', room: ROOM, peer: ME });
    last().say({ type: 'joined', peer: '3'.repeat(16) });
    last().say({ type: 'left', peer: OTHER });
    last().say({ type: 'signal', from: OTHER, data: { a: 1 } });
    expect(events).toEqual([
      ['present', OTHER],
      ['present', '3'.repeat(16)],
      ['absent', OTHER],
      ['signal', OTHER, { a: 1 }],
    ]);
    expect(states).toEqual(['connecting', 'connected']);
    client.stop();
    expect(last().closed).toBe(true);
    expect(states.at(-1)).toBe('off');
  });

  it('passes signals and relayed bytes on, and takes them', () => {
    const { client, start, join, last, events } = scene();
    start();
    client.signal(OTHER, 'too early');
    client.relay(OTHER, Uint8Array.of(0));
    join();
    client.signal(OTHER, { hi: true });
    client.relay(OTHER, Uint8Array.of(1, 2));
    expect(last().sent.slice(1)).toEqual([
      JSON.stringify({ type: 'signal', to: OTHER, data: { hi: true } }),
      encodeRelayFrame(OTHER, Uint8Array.of(1, 2)),
    ]);
    last().onmessage?.({ data: encodeRelayFrame(OTHER, Uint8Array.of(3)).buffer } as MessageEvent);
    expect(events).toEqual([['relayed', OTHER, Uint8Array.of(3)]]);
  });

  it('says when the socket has drained', async () => {
    const { time, client, start, join, last, events } = scene();
    start();
    join();
    last().bufferedAmount = 1_000_000;
    client.relay(OTHER, Uint8Array.of(1));
    await time.advance(1_000);
    expect(events).toEqual([]);
    last().bufferedAmount = 10;
    await time.advance(100);
    expect(events).toEqual([['drained']]);
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

  it('says unreachable while it keeps trying, less and less often, but for ever', async () => {
    const { time, start, sockets, last, states } = scene();
    start();
    last().fail();
    expect(states).toEqual(['connecting', 'unreachable']);
    let known = 0;
    const attempts: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      for (let second = 0; second < 60; second++) {
        await time.advance(1_000);
        if (sockets.length > known) last().fail();
        known = sockets.length;
      }
      attempts.push(sockets.length);
    }
    expect(sockets.length).toBeGreaterThanOrEqual((10 * 60_000) / RECONNECT_MAX_MS);
    expect(attempts[9]! - attempts[8]!).toBeLessThan(attempts[0]!);
    expect(states).toEqual(['connecting', 'unreachable']);
  });

  it('tries at once when the network is said to be back', async () => {
    const { client, start, sockets, last } = scene();
    start();
    last().fail();
    client.retryNow();
    expect(sockets).toHaveLength(2);
    client.retryNow();
    expect(sockets).toHaveLength(2);
  });

  it('gives up on a socket without a welcome, and on a server that talks nonsense', async () => {
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
