import { canonicalDump } from '../../../src/storage/sql/dump.ts';
import { hasBase } from '../../../src/storage/sql/base-rows.ts';
import type { Sql } from '../../../src/storage/sql/database.ts';
import { simAccount } from '../engine/keys.ts';
import { Forger } from '../hostile/forge.ts';
import type { SimTab } from '../tab.ts';
import { visit } from '../visit.ts';
import type { World } from '../world.ts';

/** The canonical dump of a database plus the tables that only this tab has. */
function wholeDump(sql: Sql): string {
  // A recent chain has no canonical dump.
  const chain = hasBase(sql) ? ['blocks', 'transactions', 'accounts', 'earlier_headers'] : [];
  const rows = ['side_blocks', 'own_transactions', ...chain].flatMap((table) => sql.all(`SELECT * FROM ${table} ORDER BY 1`));
  return `${hasBase(sql) ? '' : canonicalDump(sql)}\n${rows.map((row) => row.map(String).join(' ')).join('\n')}`;
}

/** Rejected input changes nothing: a stranger sends an invalid message, and the database must stay the same. */
export function probe(world: World, tab: SimTab): void {
  const sql = tab.page?.sql;
  if (!tab.page?.ready || !sql || !tab.running) return;
  const rng = world.rng.fork(`probe ${world.time.events}`);
  const forger = new Forger(sql, world.network, rng, simAccount(world.plan.nodes));
  visit(world, tab, rng.hex(8), () => {
    const before = wholeDump(sql);
    const { what, frames } = forger.invalid();
    return {
      frames,
      after: () => {
        if (tab.page?.sql === sql && wholeDump(sql) !== before) world.violate('rejected-changed', `${tab.name}: after ${what}`);
        world.count('probe');
      },
    };
  });
}
