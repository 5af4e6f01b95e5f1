import type { ChainPort, MempoolPort } from '../chain/port.ts';
import type { Address } from '../crypto/address.ts';
import {
  BLOCK_VERSION,
  headerHash,
  SEALED_HEADER_BYTES,
  sealBlock,
  transactionRoot,
  type BlockHeader,
  type DecodedBlock,
} from '../protocol/block.ts';
import { expandBits } from '../protocol/target.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';

/** A block that only lacks its nonce. */
export interface BlockTemplate {
  readonly header: BlockHeader;
  readonly transactions: readonly DecodedTransaction[];
  /** SHA-256 of the header: what the search works on. */
  readonly hash: Uint8Array;
  readonly target: bigint;
}

/** The transactions' share of a block: all but sealed header and count. */
export const BLOCK_OVERHEAD_BYTES = SEALED_HEADER_BYTES + 4;

/**
 * The next block on the tip, filled from the mempool by fee.
 * @param nowMs this clock; the block's time is pushed past its parent's where the clock is behind it
 * @throws RuleError when the mempool's selection does not apply, which would be a defect
 */
export function buildTemplate(chain: ChainPort, mempool: MempoolPort, miner: Address, nowMs: number): BlockTemplate {
  const tip = chain.tip();
  const transactions = mempool.select(chain.network.maxBlockBytes - BLOCK_OVERHEAD_BYTES);
  const timeMs = Math.max(nowMs, tip.sealed.header.timeMs + 1);
  const bits = chain.nextBits(timeMs);
  const header: BlockHeader = {
    version: BLOCK_VERSION,
    height: tip.height + 1,
    previous: tip.id,
    transactionRoot: transactionRoot(transactions),
    stateRoot: chain.stateRootAfter(miner, transactions),
    timeMs,
    bits,
    miner,
  };
  return { header, transactions, hash: headerHash(header), target: expandBits(bits) };
}

/** The template with the nonce that the search found. */
export function sealTemplate(template: BlockTemplate, nonce: Uint8Array): DecodedBlock {
  return sealBlock(template.header, nonce, template.transactions);
}
