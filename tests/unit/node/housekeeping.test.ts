import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { FOREIGN_EXPIRY_MS } from '../../../src/mempool/policy.ts';
import { keepHouse } from '../../../src/node/housekeeping.ts';
import { openLedger, type Ledger } from '../../../src/node/ledger.ts';
import { MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { fakeMachine, loadSqlJs, SILENT } from '../../fuzz/support/node.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork } from '../../scenarios/support/builders.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming] = [testAccount('alex'), testAccount('ming')];

let sqlJs: SqlJsStatic;
let time: VirtualTime;
let ledger: Ledger;
let turns: number;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  time = new VirtualTime(network.genesisTimeMs + 60_000);
  turns = 0;
  ledger = await openLedger({ ...fakeMachine(sqlJs, new MemoryRecords()), clock: time, timers: time }, network, null, SILENT);
  keepHouse(
    { clock: time, timers: time },
    () => [ledger],
    async () => void turns++,
    (task) => void task(),
  );
});

test('a block held because it is ahead of this clock is accepted when its time has come', async () => {
  const block = builder.next(builder.genesis, { timeMs: time.now() + 10_000 });
  expect(await ledger.chain.acceptBlock(block)).toBe('held');
  const dueMs = ledger.chain.heldUntilMs()!;
  await time.advance(dueMs - time.now() - 1);
  expect(ledger.chain.tip().height).toBe(0);
  await time.advance(1_001);
  expect(ledger.chain.tip().id).toBe(block.id);
});

test('a chain that is not in use is kept, too, and other work of the node runs each second', async () => {
  const other = await openLedger({ ...fakeMachine(sqlJs, new MemoryRecords()), clock: time, timers: time }, network, null, SILENT);
  keepHouse(
    { clock: time, timers: time },
    () => [ledger, other],
    async () => void turns++,
    (task) => void task(),
  );
  const block = builder.next(builder.genesis, { timeMs: time.now() + 10_000 });
  expect(await other.chain.acceptBlock(block)).toBe('held');
  const before = turns;
  await time.advance(11_000);
  expect(other.chain.tip().id).toBe(block.id);
  expect(turns - before).toBeGreaterThanOrEqual(20);
});

test('unconfirmed transactions of others expire, own ones stay', async () => {
  const own = registrationOf(network, ming);
  await ledger.mempool.accept(registrationOf(network, alex), false);
  await ledger.mempool.accept(own, true);
  await time.advance(2_000);
  expect(ledger.mempool.count).toBe(2);
  time.sleep(FOREIGN_EXPIRY_MS);
  await time.advance(2_000);
  expect(ledger.mempool.ids()).toEqual([own.id]);
});

test('housekeeping serves the current ledger, not the one before', async () => {
  const former = ledger;
  ledger = await openLedger({ ...fakeMachine(sqlJs, new MemoryRecords()), clock: time, timers: time }, network, null, SILENT);
  for (const { mempool } of [former, ledger]) await mempool.accept(registrationOf(network, alex), false);
  time.sleep(FOREIGN_EXPIRY_MS);
  await time.advance(2_000);
  expect([former.mempool.count, ledger.mempool.count]).toEqual([1, 0]);
});
