import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RELAY_BESIDE_MS } from '../../../src/webrtc/link-limits.ts';
import { makeTransfer } from '../net/support/fake-chain.ts';
import { FakeRoom, FakeTab, identity } from '../net/support/fake-rtc.ts';
import { NETWORK, World, type TestNode } from '../net/support/test-node.ts';

const STEP_MS = 25;
/** Time for the handshakes and the last messages. */
const SETTLED_MS = 2_000;

it('a node that moves from a relayed to a direct link always has a ready peer, and misses no block and no transaction', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: RELAY_BESIDE_MS, max: 3 * RELAY_BESIDE_MS }),
      fc.nat(RELAY_BESIDE_MS / 4),
      async (connectMs, laterMs) => {
        const world = new World();
        const room = new FakeRoom(world.time);
        room.connectMs = connectMs;
        const tabs = [0, 1].map((index) => new FakeTab(room, identity(index)));
        const [alex, ming] = tabs.map(({ manager }, i) => world.node(`node ${i}`, { transport: manager })) as [TestNode, TestNode];
        const kinds = (): string[][] =>
          [alex, ming].map(({ service }) =>
            service
              .status()
              .peers.map(({ kind }) => kind)
              .sort(),
          );
        const seen = new Set<string>();
        let linked = false;
        await world.time.advance(laterMs);
        for (let atMs = 0; atMs < connectMs + SETTLED_MS; atMs += STEP_MS) {
          await world.time.advance(STEP_MS);
          const ready = [alex, ming].map(({ readyPeers }) => readyPeers.length);
          if (linked) expect(Math.min(...ready)).toBeGreaterThan(0);
          linked ||= Math.min(...ready) > 0;
          for (const rows of kinds()) {
            expect(rows.length).toBeLessThanOrEqual(1);
            for (const kind of rows) seen.add(kind);
          }
          await alex.mine();
          await ming.submit(makeTransfer(NETWORK, atMs));
        }
        expect([...seen].sort()).toEqual(['direct', 'relayed']);
        await world.time.advance(SETTLED_MS);
        expect(kinds()).toEqual([['direct'], ['direct']]);
        expect(ming.tip).toBe(alex.tip);
        expect([...alex.mempool.ids()].sort()).toEqual([...ming.mempool.ids()].sort());
        expect([...alex.faults, ...ming.faults]).toEqual([]);
        alex.service.stop();
        ming.service.stop();
      },
    ),
    { numRuns: 10 },
  );
});
