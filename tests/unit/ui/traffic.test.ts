import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rates, SAMPLE_MS, Traffic, TRAFFIC_MS } from '../../../src/ui/features/network/traffic.ts';

const peer = (id: string, received: number, sent: number) => ({ id, received, sent });

describe('traffic', () => {
  it('counts the bytes between two samples, by peer and in all', () => {
    const traffic = new Traffic();
    expect(traffic.note(0, [peer('a', 100, 10)])).toBe(true);
    expect(traffic.note(SAMPLE_MS - 1, [peer('a', 900, 90)])).toBe(false);
    traffic.note(SAMPLE_MS, [peer('a', 300, 10), peer('b', 50, 5)]);
    expect(traffic.samples).toEqual([
      {
        atMs: SAMPLE_MS,
        spanMs: SAMPLE_MS,
        all: { received: 250, sent: 5 },
        peers: new Map([
          ['a', { received: 200, sent: 0 }],
          ['b', { received: 50, sent: 5 }],
        ]),
      },
    ]);
    expect(traffic.total).toEqual({ received: 350, sent: 15 });
  });

  it('counts a new link to the same peer from zero, and forgets a peer that left', () => {
    const traffic = new Traffic();
    traffic.note(0, [peer('a', 1_000, 1_000)]);
    traffic.note(SAMPLE_MS, [peer('a', 30, 40)]);
    traffic.note(2 * SAMPLE_MS, []);
    traffic.note(3 * SAMPLE_MS, [peer('a', 50, 60)]);
    expect(traffic.samples.map(({ all }) => all)).toEqual([
      { received: 30, sent: 40 },
      { received: 0, sent: 0 },
      { received: 50, sent: 60 },
    ]);
  });

  it('spreads the bytes of a long gap over the gap', () => {
    const traffic = new Traffic();
    traffic.note(0, []);
    traffic.note(10_000, [peer('a', 5_000, 0)]);
    const { received, sent } = rates(traffic.samples, null, 12_000);
    expect(received).toEqual([
      { x: -12, y: 0 },
      { x: -2, y: 500 },
    ]);
    expect(sent.map(({ y }) => y)).toEqual([0, 0]);
    expect(rates(traffic.samples, 'b', 12_000).received.map(({ y }) => y)).toEqual([0, 0]);
  });

  it('never holds more than ten minutes, and loses no byte of links that stay open', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 120_000 }), fc.nat(10_000), fc.nat(10_000)), { maxLength: 700 });
    fc.assert(
      fc.property(steps, (all) => {
        const traffic = new Traffic();
        let [at, received, sent] = [0, 0, 0];
        traffic.note(at, [peer('a', 0, 0)]);
        for (const [ms, more, out] of all) {
          [at, received, sent] = [at + ms, received + more, sent + out];
          traffic.note(at, [peer('a', received, sent)]);
          expect(traffic.samples.length).toBeLessThanOrEqual(TRAFFIC_MS / SAMPLE_MS);
          expect(traffic.samples.every((sample) => sample.atMs > at - TRAFFIC_MS - SAMPLE_MS)).toBe(true);
        }
        traffic.note(at + SAMPLE_MS, [peer('a', received, sent)]);
        expect(traffic.total).toEqual({ received, sent });
      }),
      { numRuns: 30 },
    );
  });
});
