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

/** A block without its nonce. */
export interface BlockTemplate {
  readonly header: BlockHeader;
  readonly transactions: readonly DecodedTransaction[];
  /** SHA-256 of the header, the input of the search. */
  readonly hash: Uint8Array;
  readonly target: bigint;
}

/** Bytes of a block that are not transactions: sealed header and count. */
export const BLOCK_OVERHEAD_BYTES = SEALED_HEADER_BYTES + 4;

/**
 * The next block on the tip, filled from the mempool by fee.
 * @param nowMs time of this clock; if it is not after the parent's time, the block gets the parent's time plus 1 ms
 * @throws RuleError if the mempool's selection does not apply, which would be a bug
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
    ...chain.nextFields(miner, transactions),
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
