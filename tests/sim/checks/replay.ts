import type { SqlJsStatic } from 'sql.js';
import { Chain } from '../../../src/chain/chain.ts';
import { ChainState } from '../../../src/chain/chain-state.ts';
import type { SignatureVerifier } from '../../../src/crypto/rsa/verifier.ts';
import { decodeBlock, encodeBlock, type DecodedBlock } from '../../../src/protocol/block.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { canonicalDump } from '../../../src/storage/sql/dump.ts';
import type { Sql } from '../../../src/storage/sql/database.ts';
import { BlockTable } from '../../../src/storage/sql/blocks.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { audit } from './audit.ts';

/** All blocks of a database's active chain above genesis, encoded to canonical bytes and decoded again. */
export function blocksOf(sql: Sql, network: Network): DecodedBlock[] {
  const table = new BlockTable(sql, network, () => 0);
  const blocks: DecodedBlock[] = [];
  for (let height = 1; height <= table.height(); height++) {
    blocks.push(decodeBlock(encodeBlock(table.block(height)!), network.maxBlockBytes));
  }
  return blocks;
}

/**
 * Replays blocks from genesis in a fresh database, then undoes them down to genesis. At some heights the dump after undoing is compared
 * with the dump before. @returns the canonical dump at the tip, and faults
 */
export async function replay(
  sqlJs: SqlJsStatic,
  network: Network,
  verifier: SignatureVerifier,
  blocks: readonly DecodedBlock[],
): Promise<{ dump: string; faults: string[] }> {
  const faults: string[] = [];
  const store = SqlChainStore.open(sqlJs, network);
  const clock = { now: () => Number.MAX_SAFE_INTEGER / 2 };
  const chain = await Chain.open({ network, store, verifier, clock, log: () => undefined });
  const every = Math.max(1, Math.floor(blocks.length / 12));
  const before = new Map<number, string>([[0, canonicalDump(store.sql)]]);
  for (const block of blocks) {
    const outcome = await chain.acceptBlock(block).catch((error: unknown) => String(error));
    if (outcome !== 'connected') faults.push(`replay: block ${block.header.height} gave ${outcome}`);
    if (faults.length > 0) break;
    if (block.header.height % every === 0) before.set(block.header.height, canonicalDump(store.sql));
  }
  const dump = canonicalDump(store.sql);
  faults.push(...audit(store.sql, network));
  if (faults.length === 0) faults.push(...undo(network, store, verifier, before));
  store.close();
  return { dump, faults };
}

function undo(network: Network, store: SqlChainStore, verifier: SignatureVerifier, before: ReadonlyMap<number, string>): string[] {
  const state = new ChainState(network, store, verifier);
  for (const [height, dump] of [...before].reverse()) {
    try {
      state.move(height, [], () => undefined);
    } catch (error) {
      return [`undo: going back to height ${height} fails: ${String(error)}`];
    }
    if (canonicalDump(store.sql) !== dump) return [`undo: going back to height ${height} leaves other rows than there were`];
  }
  return [];
}
