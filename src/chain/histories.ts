import { HASH_BYTES } from '../crypto/hash.ts';
import { merkleSplit } from '../crypto/merkle.ts';
import { History, historyLeaf, historyNode, type HistoryNode } from '../protocol/history.ts';
import { proveHistory, type HistoryProof } from '../protocol/history-proof.ts';
import { sampleParts } from '../protocol/work-proof.ts';
import { assert } from '../util/errors.ts';
import type { BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';

/** Active blocks whose subtree is the smallest that stays in memory: 2^6. Smaller subtrees are hashed again when they are needed. */
const CHUNK_BLOCKS = 64;

/**
 * The histories of all branches: each new header commits to the history up to its parent.
 *
 * A branch keeps the history of its newest header, so a further header costs a few hashes. It also keeps a history at each 64th height, so a
 * fork costs at most 63 blocks' hashes. The active chain instead keeps the hashes of its complete subtrees of 64 blocks and more: 64 bytes
 * for 64 blocks, 1 MB for 1,000,000 blocks. The works of these subtrees are differences of the nodes' cumulative work.
 *
 * Of the blocks up to the base, only the largest complete subtrees are known. They are enough for all later histories.
 */
export class Histories {
  readonly #tree: BlockTree;
  readonly #kept = new WeakMap<BlockNode, History>();
  /** The complete subtrees of the history up to and including the base. */
  #peaks: readonly Peak[] = [];
  /** Number of chunks that end below the base or with it. */
  #firstChunk = 0;
  /** Last block of each complete chunk after these. Since ids commit to ancestors, an equal block means an equal chunk. */
  #ends: BlockNode[] = [];
  /** Hashes of the complete subtrees: level 0 has the chunks, each further level the pairs of the level below. */
  #levels: HashList[] = [];

  /** @param base the history up to and including the tree's base */
  constructor(tree: BlockTree, base: History) {
    this.#tree = tree;
    this.beginAfter(base);
  }

  /** Must be called after the tree's base moved, with the history up to and including the new base. */
  beginAfter(base: History): void {
    this.#peaks = peaksOf(base);
    this.#firstChunk = Math.floor(base.size / CHUNK_BLOCKS);
    this.#ends = [];
    this.#levels = [];
    this.#follow();
  }

  /** The history from genesis up to and including a block. `root` is the history root of the block's children. */
  upTo(node: BlockNode): History {
    this.#follow();
    const path: BlockNode[] = [];
    let base = node;
    while (!this.#kept.has(base) && !this.#isCheaperFromActive(base)) {
      path.push(base);
      base = base.parent!;
    }
    let history = this.#kept.get(base) ?? this.#activeHistory(base.height + 1);
    for (const next of path.reverse()) {
      history = history.append(next.id, ownWork(next));
      if (next.height % CHUNK_BLOCKS === 0 && !this.#tree.isActive(next)) this.#kept.set(next, history);
    }
    // The next header most likely follows this block. Its parent's history is then no longer needed.
    if (base !== node && (base.height % CHUNK_BLOCKS !== 0 || this.#tree.isActive(base))) this.#kept.delete(base);
    if (node === this.#tree.tip || !this.#tree.isActive(node)) this.#kept.set(node, history);
    return history;
  }

  /**
   * Proves the active block at `height` under the history root of the active block at `later`. Null for a block that lies in a subtree of
   * several blocks up to the base.
   * @param later above `height` and the base, at most the tip's height
   */
  prove(height: number, later: number): HistoryProof | null {
    if (this.#peaks.some(({ from, to }) => from <= height && height < to && to - from > 1)) return null;
    this.#follow();
    return proveHistory(height, later, (from, to) => this.#subtree(from, to));
  }

  /**
   * The largest subtrees over the first `size` active blocks that hold none of the blocks at these heights, from left to right.
   * @param heights ascending, below `size`
   */
  nodesBeside(heights: readonly number[], size: number): HistoryNode[] {
    this.#follow();
    const beside = sampleParts(size, heights).filter(({ isSample }) => !isSample);
    return beside.map(({ from, count }) => this.#subtree(from, from + count));
  }

  /** Whether an active block's history must be computed from the chunks. A block whose parent's history is kept needs only one leaf. */
  #isCheaperFromActive(node: BlockNode): boolean {
    return this.#tree.isActive(node) && !(node.parent && this.#kept.has(node.parent));
  }

  /** The history of the first `size` active blocks. */
  #activeHistory(size: number): History {
    return new History(
      size,
      rangesOf(size).map(({ from, to }) => this.#subtree(from, to)),
    );
  }

  /** The subtree over the active blocks `from` to `to` - 1, which must be a subtree of some history. */
  #subtree(from: number, to: number): HistoryNode {
    const peak = from <= this.#tree.base.height && this.#peaks.find((each) => each.from === from && each.to === to);
    if (peak) return peak.node;
    const count = to - from;
    if (count === 1) return leafOf(this.#at(from));
    const split = merkleSplit(count);
    const isComplete = count === 2 * split;
    if (isComplete && count >= CHUNK_BLOCKS && to <= (this.#firstChunk + this.#ends.length) * CHUNK_BLOCKS) {
      const hash = this.#levels[Math.clz32(CHUNK_BLOCKS) - Math.clz32(count)]!.get(from / count);
      return { hash, work: this.#at(to - 1).work - this.#workBelow(from) };
    }
    return historyNode(this.#subtree(from, from + split), this.#subtree(from + split, to));
  }

  /** Cumulative work of the blocks below a height at which one of the complete subtrees begins. */
  #workBelow(height: number): bigint {
    if (height > this.#tree.base.height) return this.#at(height - 1).work;
    return this.#peaks.reduce((sum, { to, node }) => (to <= height ? sum + node.work : sum), 0n);
  }

  #at(height: number): BlockNode {
    const node = this.#tree.activeAt(height);
    assert(node, 'A height lies above the tip.');
    return node;
  }

  /** Makes the chunks those of the active chain, which may have grown or been reorganised. */
  #follow(): void {
    const ends = this.#ends;
    while (ends.length > 0 && this.#tree.activeAt(ends.at(-1)!.height) !== ends.at(-1)) ends.pop();
    for (let to = (this.#firstChunk + ends.length + 1) * CHUNK_BLOCKS; to <= this.#tree.tip.height + 1; to += CHUNK_BLOCKS) {
      this.#addChunk(to - CHUNK_BLOCKS, to);
    }
  }

  #addChunk(from: number, to: number): void {
    this.#put(0, to / CHUNK_BLOCKS - 1, this.#subtree(from, to).hash);
    this.#ends.push(this.#at(to - 1));
    for (let level = 1, count = 2 * CHUNK_BLOCKS; to % count === 0; level++, count *= 2) {
      const middle = to - count / 2;
      this.#put(level, to / count - 1, historyNode(this.#subtree(to - count, middle), this.#subtree(middle, to)).hash);
    }
    // While this branch was not active, it kept a history here.
    this.#kept.delete(this.#tree.activeAt(from) ?? this.#tree.base);
  }

  #put(level: number, index: number, hash: Uint8Array): void {
    (this.#levels[level] ??= new HashList(this.#firstChunk >> level)).set(index, hash);
  }
}

const ownWork = ({ parent, work }: BlockNode): bigint => work - (parent?.work ?? 0n);

const leafOf = (node: BlockNode): HistoryNode => historyLeaf(node.id, ownWork(node));

/** The complete subtree over the blocks `from` to `to` - 1. */
interface Peak {
  readonly from: number;
  readonly to: number;
  readonly node: HistoryNode;
}

function peaksOf({ size, peaks }: History): Peak[] {
  return rangesOf(size).map((range, index) => ({ ...range, node: peaks[index]! }));
}

/** The largest complete subtrees over the first `size` blocks, from left to right. */
function rangesOf(size: number): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (let from = 0; from < size;) {
    const to = from + 2 ** (31 - Math.clz32(size - from));
    ranges.push({ from, to });
    from = to;
  }
  return ranges;
}

/** A growing list of hashes without an object for each hash. */
class HashList {
  readonly #first: number;
  #bytes = new Uint8Array(64 * HASH_BYTES);

  /** @param first the lowest index */
  constructor(first: number) {
    this.#first = first;
  }

  /** A copy, because a reorganisation overwrites the list. */
  get(index: number): Uint8Array {
    const at = (index - this.#first) * HASH_BYTES;
    return this.#bytes.slice(at, at + HASH_BYTES);
  }

  set(index: number, hash: Uint8Array): void {
    const at = (index - this.#first) * HASH_BYTES;
    if (at + HASH_BYTES > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(hash, at);
  }
}
