import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RELAY_IN_FLIGHT_BYTES, RELAY_LOW_WATER_BYTES, RELAY_PING_EVERY_BYTES } from '../../../src/webrtc/link-limits.ts';
import { RelayOutbox } from '../../../src/webrtc/relay-outbox.ts';

const PING_BYTES = 15;
const [GREEDY, MODEST] = ['3'.repeat(16), '4'.repeat(16)] as const;

interface Sent {
  /** Null for a ping. */
  readonly to: string | null;
  readonly bytes: Uint8Array;
}

/** An outbox with a socket whose server reads one message at a time, and answers pings. */
function scene() {
  const buffer: Sent[] = [];
  const read: Sent[] = [];
  const drained: string[] = [];
  let buffered = 0;
  let highest = 0;
  let pings = 0;
  const add = (sent: Sent): void => {
    buffer.push(sent);
    highest = Math.max(highest, (buffered += sent.bytes.length));
  };
  const outbox = new RelayOutbox({
    send: (to, bytes) => add({ to, bytes }),
    ping: () => {
      pings++;
      add({ to: null, bytes: new Uint8Array(PING_BYTES) });
    },
    socketBytes: () => buffered,
    drained: (to) => drained.push(to),
  });
  /** The server reads the next message. @returns whether there was one */
  const serve = (): boolean => {
    const sent = buffer.shift();
    if (!sent) return false;
    buffered -= sent.bytes.length;
    if (sent.to === null) outbox.answered();
    else read.push(sent);
    return true;
  };
  const bytesTo = (to: string): number[] => read.filter((sent) => sent.to === to).flatMap(({ bytes }) => [bytes[0]!]);
  return {
    outbox,
    read,
    drained,
    serve,
    bytesTo,
    get state() {
      return { buffered, highest, pings };
    },
    fill: (length: number) => add({ to: 'signals', bytes: new Uint8Array(length) }),
  };
}

describe('frames that wait for the socket', () => {
  it('are sent in order, each once, by nothing but the answers of the server', () => {
    const links = fc.array(fc.array(fc.integer({ min: 1, max: 2 * RELAY_PING_EVERY_BYTES }), { maxLength: 20 }), { maxLength: 3 });
    fc.assert(
      fc.property(links, fc.nat(2 * RELAY_IN_FLIGHT_BYTES), (lengths, signals) => {
        const made = scene();
        made.fill(signals);
        const names = lengths.map((_, i) => String(i).repeat(16));
        lengths.forEach((ofLink, i) => ofLink.forEach((length, n) => made.outbox.push(names[i]!, new Uint8Array(length).fill(n))));
        while (made.serve()) void 0;
        names.forEach((name, i) => {
          expect(made.bytesTo(name)).toEqual(lengths[i]!.map((_, n) => n));
          expect(made.outbox.bytes(name)).toBe(0);
        });
        const total = lengths.flat().reduce((sum, length) => sum + length, 0);
        expect(made.state.highest).toBeLessThan(Math.max(signals, RELAY_IN_FLIGHT_BYTES) + 2 * RELAY_PING_EVERY_BYTES + 2 * PING_BYTES);
        expect(made.state.pings).toBeLessThanOrEqual(total / RELAY_PING_EVERY_BYTES + 1);
      }),
    );
  });

  it('follow while the socket still has half of its bytes, so it never runs empty', () => {
    const made = scene();
    for (let i = 0; i < 200; i++) made.outbox.push(GREEDY, new Uint8Array(16 * 1024));
    while (made.outbox.bytes(GREEDY) > 0) {
      made.serve();
      expect(made.state.buffered).toBeGreaterThanOrEqual(RELAY_IN_FLIGHT_BYTES / 2);
    }
  });

  it('of a busy link delay only its own link, which hears when it may send again', () => {
    const made = scene();
    made.fill(RELAY_IN_FLIGHT_BYTES);
    for (let i = 0; i < 5; i++) made.outbox.push(GREEDY, new Uint8Array(RELAY_LOW_WATER_BYTES));
    made.outbox.push(MODEST, new Uint8Array(1));
    expect([GREEDY, MODEST, 'other'].map((to) => made.outbox.bytes(to))).toEqual([5 * RELAY_LOW_WATER_BYTES, 1, 0]);
    expect(made.drained).toEqual([]);
    while (made.serve()) void 0;
    expect(made.read.slice(1).map(({ to }) => to)).toEqual([GREEDY, MODEST, ...Array<string>(4).fill(GREEDY)]);
    expect(made.drained).toEqual([GREEDY]);
  });

  it('are dropped with their link, and with the socket', () => {
    const made = scene();
    made.fill(RELAY_IN_FLIGHT_BYTES);
    made.outbox.push(GREEDY, Uint8Array.of(1));
    made.outbox.push(MODEST, Uint8Array.of(2));
    made.outbox.cut(GREEDY);
    made.outbox.push(GREEDY, Uint8Array.of(3));
    while (made.serve()) void 0;
    expect([made.bytesTo(MODEST), made.bytesTo(GREEDY)]).toEqual([[2], [3]]);
    made.fill(RELAY_IN_FLIGHT_BYTES);
    made.outbox.push(GREEDY, Uint8Array.of(4));
    made.outbox.clear();
    expect(made.outbox.bytes(GREEDY)).toBe(0);
    while (made.serve()) void 0;
    expect(made.bytesTo(GREEDY)).toEqual([3]);
  });

  it('are asked about again on the next socket', () => {
    const made = scene();
    made.fill(RELAY_IN_FLIGHT_BYTES);
    made.outbox.push(GREEDY, Uint8Array.of(1));
    made.outbox.clear();
    made.outbox.push(GREEDY, Uint8Array.of(2));
    expect(made.state.pings).toBe(2);
  });
});
