import type { LinkKind } from '../../../src/net/transport.ts';
import { canonicalDump } from '../../../src/storage/dump.ts';
import type { Sql } from '../../../src/storage/sql/database.ts';
import { simAccount } from '../engine/keys.ts';
import { Forger } from '../hostile/forge.ts';
import { encodeMessage } from '../../../src/protocol/wire.ts';
import type { SimTab } from '../tab.ts';
import type { World } from '../world.ts';

/** Everything that a database says, the tables of this tab alone included. */
function wholeDump(sql: Sql): string {
  const rows = ['side_blocks', 'own_transactions'].flatMap((table) => sql.all(`SELECT * FROM ${table} ORDER BY 1`));
  return `${canonicalDump(sql)}\n${rows.map((row) => row.map(String).join(' ')).join('\n')}`;
}

/**
 * Opens a link to a tab out of nowhere, says hello and then something invalid, all in one moment, and looks whether anything but the
 * link has changed. "Rejected input changes nothing."
 */
export function probe(world: World, tab: SimTab): void {
  const { page } = tab;
  const events = page?.transport.events;
  const sql = page?.sql;
  if (!page?.ready || !events || !sql || !tab.running) return;
  const rng = world.rng.fork(`probe ${world.time.events}`);
  const stranger = rng.hex(8);
  const link = {
    id: `probe ${stranger}`,
    peerId: stranger,
    kind: 'direct' as LinkKind,
    send: () => undefined,
    bufferedBytes: () => 0,
    close: () => world.time.schedule(page.owner, () => events.close(link, 'probed'), 0),
  };
  const forger = new Forger(sql, world.network, rng, simAccount(world.plan.nodes));
  const { network } = world;
  const hello = encodeMessage({
    type: 'hello',
    networkId: network.id,
    peerId: stranger,
    agent: 'probe',
    height: 0,
    tip: network.id,
    work: 0n,
    clockMs: Math.floor(world.time.now()),
  });
  const steps = [
    () => events.open(link),
    () => events.message(link, Uint8Array.of(0, ...hello)),
    () => {
      const before = wholeDump(sql);
      const { what, frames } = forger.invalid();
      for (const frame of frames) events.message(link, frame);
      world.time.schedule(
        page.owner,
        () => {
          if (page.sql === sql && wholeDump(sql) !== before) world.violate('rejected-changed', `${tab.name}: after ${what}`);
          world.count('probe');
          link.close();
        },
        0,
      );
    },
  ];
  for (const step of steps) world.time.schedule(page.owner, step, 0);
}
