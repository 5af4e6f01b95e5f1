import { BLOCK_VERSION, type SealedHeader } from '../protocol/block.ts';
import { EMPTY_HISTORY, History, historyLeaf } from '../protocol/history.ts';
import type { Network } from '../protocol/network.ts';
import { snapshotHeight } from '../protocol/snapshot.ts';
import { workOfBits } from '../protocol/target.ts';
import { pointWork, sampleParts, type ChainTail, type WorkSamples } from '../protocol/work-proof.ts';
import { equalBytes } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { CONTEXT_HEADERS, mostWork } from './difficulty.ts';
import { checkHeader, checkParent, checkWork } from './header.ts';
import { RuleError } from './rule-error.ts';

/** A tail's first header, and the history below that the header names. */
export interface FirstHeader {
  readonly id: string;
  /** Number of blocks below. */
  readonly size: number;
  /** Root of their history tree. */
  readonly root: Uint8Array;
  /** Sum of their works. */
  readonly work: bigint;
}

/** What a tail has shown. The work below its first header is only claimed until samples have shown it. */
export interface CheckedTail {
  /** The snapshot block: the headers of its context and its own, and the history up to and including the block. */
  readonly base: { readonly headers: readonly SealedHeader[]; readonly history: History };
  readonly tip: SealedHeader;
  /** Cumulative work of the tip. */
  readonly work: bigint;
  readonly first: FirstHeader;
}

/** Height of the first header in the tail that belongs to a tip of this height. Null where the chain is too short for a snapshot. */
export function tailStart(tipHeight: number): number | null {
  const height = snapshotHeight(tipHeight);
  return height === 0 ? null : height - CONTEXT_HEADERS + 1;
}

/**
 * Checks a tail. The headers above the snapshot block obey all header rules. For the headers up to it, the context is missing from which
 * their targets follow; they are checked without it.
 * @param tipId of the block to which the tail must lead
 * @throws TabchainError `work-proof-wrong`, `bits-non-canonical`, or RuleError with the code of a header rule
 */
export function checkTail(network: Network, tipId: string, { headers, history: peaks }: ChainTail): CheckedTail {
  const tip = headers.at(-1);
  if (tip?.id !== tipId) throw wrong('leads to another block');
  const size = tailStart(tip.header.height);
  if (size === null || headers[0]!.header.height !== size || headers.length !== tip.header.height - size + 1) {
    throw wrong('has other heights than the height of its tip gives');
  }
  if (peaks.length !== size.toString(2).replaceAll('0', '').length) throw wrong('has another number of subtrees than its height gives');
  requireSum([...peaks.map(({ work }) => work), ...headers.map(({ header }) => workOfBits(header.bits))]);
  const below = new History(size, peaks);
  // A target asks for at least one hash.
  if (below.work < BigInt(size - 1)) throw wrong('has blocks without work');
  let history = below;
  let base = below;
  for (const [index, sealed] of headers.entries()) {
    const parent = headers[index - 1];
    if (index >= CONTEXT_HEADERS) {
      checkHeader(network, sealed, { parent: parent!, at: (height) => headers[height - size]! }, () => history.root);
    } else if (parent) checkParent(sealed, parent);
    history = history.append(sealed.id, checkPlace(network, sealed, history));
    if (index === CONTEXT_HEADERS - 1) base = history;
  }
  const first = { id: headers[0]!.id, size, root: below.root, work: below.work };
  return { base: { headers: headers.slice(0, CONTEXT_HEADERS), history: base }, tip, work: history.work, first };
}

/**
 * Checks samples of the history below a tail: each point falls on one of the blocks, and each block has a point. Each block brings its
 * work and commits to the blocks before it as the tree shows them. So all belong to one chain, and the tree shows that the chain begins
 * with the network's genesis.
 * @param points fractions of the history's work in units of 2^-64, ascending
 * @throws TabchainError `work-proof-wrong`, `bits-non-canonical`, or RuleError `version-unsupported`, `bits-wrong`, `seal-above-target`,
 *   `history-root-wrong`
 */
export function checkSamples(network: Network, first: FirstHeader, points: readonly bigint[], { headers, nodes }: WorkSamples): void {
  const heights = headers.map(({ header }) => header.height);
  if (heights.some((height, index) => height <= (heights[index - 1] ?? 0) || height >= first.size)) {
    throw wrong('has heights out of order or outside the history');
  }
  const parts = sampleParts(first.size, [0, ...heights]);
  if (parts.length !== 1 + headers.length + nodes.length) throw wrong('has another number of subtrees than its heights give');
  const works = headers.map(({ header }) => workOfBits(header.bits));
  requireSum([...nodes.map(({ work }) => work), ...works]);
  const blocks = [historyLeaf(network.id, 0n), ...headers.map(({ id }, index) => historyLeaf(id, works[index]!))];
  /** For genesis and each sample, the history below it. */
  const places: History[] = [];
  let tree = EMPTY_HISTORY;
  for (const [index, { isSample, count }] of parts.entries()) {
    const node = isSample ? blocks[places.length]! : nodes[index - places.length]!;
    if (isSample) places.push(tree);
    tree = tree.join(node, count);
  }
  if (!equalBytes(tree.root, first.root)) throw wrong('leads to another root');
  for (const [index, sealed] of headers.entries()) checkPlace(network, sealed, places[index + 1]!);
  const ranges = works.map((work, index) => ({ from: places[index + 1]!.work, to: places[index + 1]!.work + work }));
  checkPoints(
    points.map((point) => pointWork(point, first.work)),
    ranges,
  );
}

/** Checks that each point lies in one of the ranges, and each range holds a point; both ascend. */
function checkPoints(points: readonly bigint[], ranges: readonly { readonly from: bigint; readonly to: bigint }[]): void {
  let next = 0;
  for (const { from, to } of ranges) {
    const first = next;
    for (; next < points.length && points[next]! < to; next++) if (points[next]! < from) throw wrong('lacks the block of a point');
    if (next === first) throw wrong('has a block without a point');
  }
  if (next < points.length) throw wrong('lacks the block of a point');
}

/**
 * Checks what can be checked of a block without its parents: its seal, its place in the history, and that its target is not harder than
 * any blocks before it can have made it. Without the last rule, a single lucky block could stand for most of a chain's work.
 * @returns the block's own work
 */
function checkPlace(network: Network, sealed: SealedHeader, before: History): bigint {
  const { version, bits, historyRoot } = sealed.header;
  if (version !== BLOCK_VERSION) throw new RuleError('version-unsupported', { version });
  checkWork(network, sealed);
  if (!equalBytes(historyRoot, before.root)) throw new RuleError('history-root-wrong', { height: before.size });
  const work = workOfBits(bits);
  if (work > mostWork(network, before.work)) throw new RuleError('bits-wrong', { bits: bits.toString(16) });
  return work;
}

function requireSum(works: readonly bigint[]): void {
  if (works.reduce((sum, work) => sum + work, 0n) >> 256n !== 0n) throw wrong('sums up to more work than there can be');
}

function wrong(fault: string): TabchainError {
  return new TabchainError('work-proof-wrong', `A proof of a chain's work ${fault}.`);
}
