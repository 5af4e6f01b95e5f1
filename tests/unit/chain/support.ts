import initSqlJs, { type SqlJsStatic } from 'sql.js';
import { sealedOf } from '../../../src/chain/block-node.ts';
import { Chain, type ChainChange } from '../../../src/chain/chain.ts';
import { Mempool, type MempoolEvent } from '../../../src/mempool/mempool.ts';
import { CONTEXT_HEADERS } from '../../../src/consensus/difficulty.ts';
import type { SignatureVerifier } from '../../../src/crypto/rsa/verifier.ts';
import type { DecodedBlock, SealedHeader } from '../../../src/protocol/block.ts';
import type { Network } from '../../../src/protocol/network.ts';
import type { ChainBase } from '../../../src/storage/port.ts';
import { canonicalDump } from '../../../src/storage/sql/dump.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import type { WallClock } from '../../../src/util/ports.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { testVerifier, type BlockBuilder } from '../../scenarios/support/builders.ts';

/** sql.js compiled once for all tests of a file. */
export function loadSqlJs(): Promise<SqlJsStatic> {
  return initSqlJs();
}

export class TestClock implements WallClock {
  nowMs: number;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }
}

export interface TestNode {
  readonly network: Network;
  readonly store: SqlChainStore;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly clock: TestClock;
  readonly verifier: SignatureVerifier;
  /** Every change of the tip since the start. */
  readonly changes: ChainChange[];
  readonly events: MempoolEvent[];
}

/** Store, chain and mempool, composed as in a node. The clock is a day after genesis, so no block is too far ahead. */
export async function openNode(
  sqlJs: SqlJsStatic,
  network: Network,
  image: Uint8Array | null = null,
  verifier: SignatureVerifier = testVerifier(),
): Promise<TestNode> {
  return openNodeOn(SqlChainStore.open(sqlJs, network, image), verifier);
}

/** The recent chain that begins with a block of the builder, with the accounts after it. */
export function recentStore(sqlJs: SqlJsStatic, builder: BlockBuilder, base: DecodedBlock): SqlChainStore {
  const store = SqlChainStore.beginAt(sqlJs, builder.network, baseAt(builder, base));
  store.addAccounts(builder.stateAfter(base).accounts());
  return store;
}

export function baseAt(builder: BlockBuilder, block: DecodedBlock): ChainBase {
  const headers: SealedHeader[] = [];
  for (let at: DecodedBlock | null = block; at && headers.length < CONTEXT_HEADERS; at = builder.parentOf(at))
    headers.unshift(sealedOf(at));
  return { headers, history: builder.historyAfter(block) };
}

export async function openNodeOn(store: SqlChainStore, verifier: SignatureVerifier = testVerifier()): Promise<TestNode> {
  const { network } = store;
  const clock = new TestClock(network.genesisTimeMs + 86_400_000);
  const chain = await Chain.open({ network, store, verifier, clock, log: () => undefined });
  const mempool = new Mempool({ network, chain, store, verifier, clock });
  const changes: ChainChange[] = [];
  const events: MempoolEvent[] = [];
  chain.subscribe((change) => changes.push(change));
  mempool.subscribe((event) => events.push(event));
  return { network, store, chain, mempool, clock, verifier, changes, events };
}

/** Feeds blocks in order. @returns the outcomes */
export async function feed(node: TestNode, blocks: readonly DecodedBlock[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const block of blocks) outcomes.push(await node.chain.acceptBlock(block).catch(errorCode));
  return outcomes;
}

/** All rows that follow from the chain. */
export function dump(node: TestNode): string {
  return canonicalDump(node.store.sql);
}
