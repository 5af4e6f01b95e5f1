import { HASH_BYTES } from '../crypto/hash.ts';
import { merkleSiblings } from '../crypto/merkle.ts';
import { bigIntToBytes, bytesToBigInt, equalBytes } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import type { Reader, Writer } from './codec.ts';
import { historyLeaf, historyNode, WORK_BYTES, type HistoryNode } from './history.ts';

/**
 * A proof that a block has a height in a history: the siblings on the way from the block's leaf to the root. Since a block's id commits to its
 * own history, the proof also shows that the block's history is the beginning of the other history.
 */
export type HistoryProof = readonly HistoryNode[];

/** Heights are below 2^32, so no leaf lies deeper. */
export const MAX_HISTORY_PROOF_NODES = 32;

/** Work that a proof shows. */
export interface ProvenWork {
  /** Sum over all blocks below the block. */
  readonly before: bigint;
  /** Sum over the whole history: all blocks below the header that names the root. */
  readonly total: bigint;
}

/**
 * Makes a proof.
 * @param height of the block, below `size`
 * @param size number of blocks in the history: the height of the header that names its root
 * @param subtree returns the subtree over the blocks `from` to `to` - 1
 */
export function proveHistory(height: number, size: number, subtree: (from: number, to: number) => HistoryNode): HistoryProof {
  return merkleSiblings(height, size).map(({ from, to }) => subtree(from, to));
}

/**
 * Checks a proof. The caller must know that the block's header has the id, and must check its proof of work: the proof only shows that the
 * history counts the block with this work.
 * @param root the history root that a header of height `size` names
 * @param size number of blocks in the history, below 2^32
 * @param block its height, id (64 hexadecimal digits) and own work (0 for genesis)
 * @throws TabchainError `history-proof-wrong`
 */
export function checkHistoryProof(
  root: Uint8Array,
  size: number,
  block: { readonly height: number; readonly id: string; readonly work: bigint },
  proof: HistoryProof,
): ProvenWork {
  const { height } = block;
  if (!Number.isInteger(height) || height < 0 || height >= size) throw invalid('names a height outside the history');
  const siblings = merkleSiblings(height, size);
  if (proof.length !== siblings.length) throw invalid('has another length than the heights give');
  let node = historyLeaf(block.id, block.work);
  let before = 0n;
  for (const [index, { isLeft }] of siblings.entries()) {
    const sibling = proof[index]!;
    if ((node.work + sibling.work) >> BigInt(8 * WORK_BYTES) !== 0n) throw invalid('sums up to more work than there can be');
    if (isLeft) before += sibling.work;
    node = isLeft ? historyNode(sibling, node) : historyNode(node, sibling);
  }
  if (!equalBytes(node.hash, root)) throw invalid('leads to another root');
  return { before, total: node.work };
}

function invalid(fault: string): TabchainError {
  return new TabchainError('history-proof-wrong', `A proof of an earlier block ${fault}.`);
}

/** `u8` count ‖ the siblings, lowest first. */
export function writeHistoryProof(writer: Writer, proof: HistoryProof): void {
  requireCount(proof.length);
  writer.u8(proof.length);
  for (const node of proof) writeHistoryNode(writer, node);
}

/** Hash ‖ `u8` n ‖ work in n bytes, the first of them not 0. In 32 bytes each, works would be nearly half of a proof. */
export function writeHistoryNode(writer: Writer, { hash, work }: HistoryNode): void {
  const sum = work === 0n ? new Uint8Array(0) : bigIntToBytes(work, Math.ceil(work.toString(16).length / 2));
  writer.fixed(hash, HASH_BYTES).u8(sum.length).raw(sum);
}

/** The inverse of {@link writeHistoryProof}. @throws TabchainError `encoding-too-long`, `encoding-truncated`, `encoding-non-canonical` */
export function readHistoryProof(reader: Reader): HistoryProof {
  const count = reader.u8();
  requireCount(count);
  return Array.from({ length: count }, () => readHistoryNode(reader));
}

/** The inverse of {@link writeHistoryNode}. @throws TabchainError `encoding-too-long`, `encoding-truncated`, `encoding-non-canonical` */
export function readHistoryNode(reader: Reader): HistoryNode {
  return { hash: reader.take(HASH_BYTES), work: readWork(reader) };
}

function readWork(reader: Reader): bigint {
  const length = reader.u8();
  if (length > WORK_BYTES) throw new TabchainError('encoding-too-long', 'A sum of work does not fit its field.', { length });
  const bytes = reader.view(length);
  if (bytes[0] === 0) throw new TabchainError('encoding-non-canonical', 'A sum of work begins with a zero.');
  return bytesToBigInt(bytes);
}

function requireCount(count: number): void {
  if (count <= MAX_HISTORY_PROOF_NODES) return;
  throw new TabchainError('encoding-too-long', 'A proof is longer than any history is deep.', { count, max: MAX_HISTORY_PROOF_NODES });
}
