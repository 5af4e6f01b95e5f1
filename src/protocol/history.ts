import { HASH_BYTES, sha256 } from '../crypto/hash.ts';
import { fromHex } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';

/**
 * The tree over a block's history: all blocks below the block, genesis included, in the shape of RFC 6962. Its nodes also commit to sums of
 * work, as those of FlyClient (Bünz et al. 2020) and ZIP-221 do. So a short proof shows that a block is an ancestor, and how much work lies
 * before and after the block.
 */

// As in crypto/merkle.ts, different prefixes for leaves and inner nodes: neither can pose as the other.
const LEAF_PREFIX = 0;
const NODE_PREFIX = 1;
/** Bytes of a sum of work. */
export const WORK_BYTES = 32;
/** Bytes of a node: hash and work. */
export const HISTORY_NODE_BYTES = HASH_BYTES + WORK_BYTES;

const MAX_WORD = 2n ** 64n - 1n;

/** A subtree of the history. */
export interface HistoryNode {
  readonly hash: Uint8Array;
  /** Sum over the subtree's blocks, below 2^256. */
  readonly work: bigint;
}

/** The message being hashed. One array for all messages, because each new header needs about ten hashes. */
const message = new Uint8Array(1 + 2 * HISTORY_NODE_BYTES);
const words = new DataView(message.buffer);
const leafMessage = message.subarray(0, 1 + HISTORY_NODE_BYTES);

/**
 * The subtree over one block: SHA-256(00 ‖ id ‖ work).
 * @param id as it is written in headers, 64 hexadecimal digits
 * @param work the block's own work; 0 for genesis
 */
export function historyLeaf(id: string, work: bigint): HistoryNode {
  message[0] = LEAF_PREFIX;
  put(1, fromHex(id), work);
  return { hash: sha256(leafMessage), work };
}

/** The subtree over two neighbours: SHA-256(01 ‖ left hash ‖ left work ‖ right hash ‖ right work). */
export function historyNode(left: HistoryNode, right: HistoryNode): HistoryNode {
  message[0] = NODE_PREFIX;
  put(1, left.hash, left.work);
  put(1 + HISTORY_NODE_BYTES, right.hash, right.work);
  return { hash: sha256(message), work: left.work + right.work };
}

/** Writes hash and work into the message, the work as four big-endian words of 64 bits. */
function put(at: number, hash: Uint8Array, work: bigint): void {
  assert(hash.length === HASH_BYTES, 'A hash of a history has another length.');
  message.set(hash, at);
  let rest = work;
  for (let end = at + HISTORY_NODE_BYTES; end > at + HASH_BYTES; end -= 8) {
    words.setBigUint64(end - 8, rest);
    // Most sums fit the last word, and a shift makes a new BigInt.
    rest = rest <= MAX_WORD ? 0n : rest >> 64n;
  }
  assert(rest === 0n, 'A sum of work does not fit its field.');
}

/** The tree over the first blocks of a branch, for appending: only its largest complete subtrees. Immutable. */
export class History {
  /** Number of blocks. */
  readonly size: number;
  /** The complete subtrees from left to right, largest first: one for each bit that is set in `size`. */
  readonly peaks: readonly HistoryNode[];
  #root: Uint8Array | null = null;

  /** @param peaks the complete subtrees of a tree over `size` blocks, largest first */
  constructor(size: number, peaks: readonly HistoryNode[]) {
    this.size = size;
    this.peaks = peaks;
  }

  /**
   * The history with one more block. Costs two hashes on average.
   * @param id 64 hexadecimal digits
   * @param work the block's own work; 0 for genesis
   */
  append(id: string, work: bigint): History {
    return this.join(historyLeaf(id, work), 1);
  }

  /**
   * The history with the next `count` blocks.
   * @param subtree over these blocks. Their number is a power of two that divides `size`; only the last subtree of a history may have another
   *   number, below the lowest bit that is set in `size`.
   */
  join(subtree: HistoryNode, count: number): History {
    const peaks = [...this.peaks];
    let node = subtree;
    for (let rest = this.size / count; rest % 2 === 1; rest = (rest - 1) / 2) node = historyNode(peaks.pop()!, node);
    peaks.push(node);
    return new History(this.size + count, peaks);
  }

  /** Cumulative work of the blocks. */
  get work(): bigint {
    return this.peaks.reduce((sum, { work }) => sum + work, 0n);
  }

  /** The `historyRoot` of the next block; SHA-256("") without blocks. Costs at most 32 hashes, and only once. */
  get root(): Uint8Array {
    this.#root ??= this.peaks.length === 0 ? sha256() : this.peaks.reduceRight((right, left) => historyNode(left, right)).hash;
    return this.#root;
  }
}

/** The history of genesis. */
export const EMPTY_HISTORY = new History(0, []);
