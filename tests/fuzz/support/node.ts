import initSqlJs, { type SqlJsStatic } from 'sql.js';
import { Chain } from '../../../src/chain/chain.ts';
import type { Env } from '../../../src/node/env.ts';
import type { LedgerListener } from '../../../src/node/ledger.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';

/** A small chain with every kind of content, and a fake machine for a node. */

export const NETWORK = testNetwork({ label: 'fuzz' });
const COINS = 1_000_000;

/** A store with registrations, transfers with and without memos, an empty block, a losing branch, and a waiting own transaction. */
export async function populatedStore(sqlJs: SqlJsStatic): Promise<SqlChainStore> {
  const builder = new BlockBuilder(NETWORK);
  const [alex, ming] = [testAccount('alex'), testAccount('ming')];
  const first = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(NETWORK, alex)] });
  const payment = transferOf(NETWORK, alex, { to: ming, amount: 2 * COINS, fee: 700, nonce: 0, memo: 'tea' });
  const second = builder.next(first, { miner: ming, transactions: [payment, registrationOf(NETWORK, ming)] });
  const sealed = { kind: 'sealed' as const, ciphertext: new Uint8Array(256).fill(7) };
  const answer = transferOf(NETWORK, ming, { to: alex, amount: COINS, fee: 700, nonce: 0, memo: sealed });
  const third = builder.next(second, { transactions: [answer] });
  const last = builder.next(third, { miner: alex });
  const lost = builder.next(second, { miner: alex, variant: 9 });
  const store = SqlChainStore.open(sqlJs, NETWORK);
  const { clock, verifier, log } = fakeMachine(sqlJs, new MemoryRecords());
  const chain = await Chain.open({ network: NETWORK, store, verifier, clock, log });
  for (const block of [first, second, third, last, lost]) await chain.acceptBlock(block);
  const waiting = transferOf(NETWORK, alex, { to: ming, amount: 5, fee: 700, nonce: 1 });
  store.atomically(() =>
    store.putOwnTransaction({ id: waiting.id, bytes: waiting.bytes, firstSeenMs: clock.now(), status: 'pending', reason: null }),
  );
  return store;
}

export const loadSqlJs = (): Promise<SqlJsStatic> => initSqlJs();

export const SILENT: LedgerListener = {
  moved: () => undefined,
  stateChanged: () => undefined,
  saved: () => undefined,
  problem: () => undefined,
  pooled: () => undefined,
  enqueue: () => undefined,
};

/** A machine without peers and miners, with a stopped clock and a disk in memory. */
export function fakeMachine(sqlJs: SqlJsStatic, records: MemoryRecords): Env {
  let drawn = 0;
  return {
    clock: { now: () => NETWORK.genesisTimeMs + 3_600_000, monotonic: () => 0 },
    random: { bytes: (length) => Uint8Array.from({ length }, () => (drawn = (drawn * 5 + 1) & 0xff)) },
    timers: { set: () => 0, clear: () => undefined },
    log: () => undefined,
    transport: { peerId: '0011223344556677', start: () => undefined, stop: () => undefined },
    verifier: new BlockBuilder(NETWORK).verifier,
    subtle: globalThis.crypto.subtle,
    sql: sqlJs,
    defaultThreads: 1,
    spawnMiner: () => ({ postMessage: () => undefined, terminate: () => undefined, onmessage: null, onerror: null }) as never,
    openDisk: (_name, fencingToken) => PageDisk.open(new MemoryMedium(records), fencingToken),
    removeDisk: () => Promise.resolve(),
  };
}
