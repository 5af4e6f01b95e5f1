import { HASH_BYTES } from '../crypto/hash.ts';
import { merkleSplit } from '../crypto/merkle.ts';
import { bigIntToBytes, bytesToBigInt } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { encodeSealedHeader, readSealedHeader, SEALED_HEADER_BYTES, type SealedHeader } from './block.ts';
import type { Reader, Writer } from './codec.ts';
import type { HistoryNode } from './history.ts';
import { MAX_HISTORY_PROOF_NODES, readHistoryNode, readHistoryProof, writeHistoryNode, writeHistoryProof } from './history-proof.ts';

/**
 * Proofs of a chain's work, after FlyClient (Bünz et al. 2020): the newest headers, and samples from all headers below. A newcomer checks
 * them in seconds, whatever the length of the chain. PROTOCOL.md §13 has the argument.
 */

/** The newest headers of a chain, and the history below them. */
export interface ChainTail {
  /** Consecutive headers up to the tip, oldest first: the snapshot block's context and all blocks above. */
  readonly headers: readonly SealedHeader[];
  /** The largest complete subtrees of the history below the first header, largest first. */
  readonly history: readonly HistoryNode[];
}

/** Some blocks of a history, and their place in its tree. */
export interface WorkSamples {
  /** The blocks into which the points fall, each once, lowest first. */
  readonly headers: readonly SealedHeader[];
  /** The largest subtrees that hold neither genesis nor one of these blocks, from left to right. */
  readonly nodes: readonly HistoryNode[];
}

/** The context of the snapshot block (34 headers with its own), and the blocks above: at most 64 + 63 ({@link snapshotHeight}). */
export const MAX_TAIL_HEADERS = 161;
/** 70 KB of answer for 1,000,000 blocks: one frame or two, and a few milliseconds to make. */
export const MAX_SAMPLE_POINTS = 64;
/** In a tree over fewer than 2^32 blocks, each of the sampled blocks and genesis has at most 32 subtrees beside its way. */
const MAX_SAMPLE_NODES = (MAX_SAMPLE_POINTS + 1) * MAX_HISTORY_PROOF_NODES;
/** Bits of a point: a fraction of a history's work, in units of 2^-64. */
export const POINT_BITS = 64;
const POINT_BYTES = POINT_BITS / 8;
/** Hash, and a work of no bytes. */
const MIN_NODE_BYTES = HASH_BYTES + 1;

/** A part of a history's tree: a sampled block, or a largest subtree without sampled blocks. */
export interface TreePart {
  /** Height of the first block. */
  readonly from: number;
  /** Number of blocks. */
  readonly count: number;
  readonly isSample: boolean;
}

/**
 * The parts of a tree over `size` blocks, from left to right. Number and places of the subtrees follow from the heights, so samples need not
 * name them.
 * @param heights of the sampled blocks, ascending, below `size`
 */
export function sampleParts(size: number, heights: readonly number[]): TreePart[] {
  const parts: TreePart[] = [];
  let next = 0;
  const visit = (from: number, count: number): void => {
    const isSampled = next < heights.length && heights[next]! < from + count;
    if (!isSampled || count === 1) {
      parts.push({ from, count, isSample: isSampled });
      if (isSampled) next++;
      return;
    }
    const split = merkleSplit(count);
    visit(from, split);
    visit(from + split, count - split);
  };
  visit(0, size);
  return parts;
}

/** The work at a point: the point falls on the block with which the work of the history passes this sum. */
export function pointWork(point: bigint, historyWork: bigint): bigint {
  return (point * historyWork) >> BigInt(POINT_BITS);
}

/** `list[161]` of header ‖ the history's subtrees like a history proof. @throws TabchainError `encoding-too-long` */
export function writeTail(writer: Writer, { headers, history }: ChainTail): void {
  writeHeaders(writer, headers, MAX_TAIL_HEADERS);
  writeHistoryProof(writer, history);
}

/** The inverse of {@link writeTail}. @throws TabchainError `encoding-*` */
export function readTail(reader: Reader): ChainTail {
  return { headers: readHeaders(reader, MAX_TAIL_HEADERS), history: readHistoryProof(reader) };
}

/** `list[64]` of header ‖ `list[2080]` of node. @throws TabchainError `encoding-too-long` */
export function writeSamples(writer: Writer, { headers, nodes }: WorkSamples): void {
  writeHeaders(writer, headers, MAX_SAMPLE_POINTS);
  writer.count16(nodes.length, MAX_SAMPLE_NODES);
  for (const node of nodes) writeHistoryNode(writer, node);
}

/** The inverse of {@link writeSamples}. @throws TabchainError `encoding-*` */
export function readSamples(reader: Reader): WorkSamples {
  const headers = readHeaders(reader, MAX_SAMPLE_POINTS);
  return { headers, nodes: reader.list16(MAX_SAMPLE_NODES, MIN_NODE_BYTES, readHistoryNode) };
}

/** `list[64]` of point. @throws TabchainError `encoding-too-long`, `encoding-non-canonical` (not ascending) */
export function writePoints(writer: Writer, points: readonly bigint[]): void {
  writer.count16(points.length, MAX_SAMPLE_POINTS);
  requireAscending(points);
  for (const point of points) writer.raw(bigIntToBytes(point, POINT_BYTES));
}

/** The inverse of {@link writePoints}. @throws TabchainError `encoding-*` */
export function readPoints(reader: Reader): bigint[] {
  const points = reader.list16(MAX_SAMPLE_POINTS, POINT_BYTES, () => bytesToBigInt(reader.view(POINT_BYTES)));
  requireAscending(points);
  return points;
}

function writeHeaders(writer: Writer, headers: readonly SealedHeader[], most: number): void {
  writer.count16(headers.length, most);
  for (const sealed of headers) writer.raw(encodeSealedHeader(sealed));
}

function readHeaders(reader: Reader, most: number): SealedHeader[] {
  return reader.list16(most, SEALED_HEADER_BYTES, readSealedHeader);
}

function requireAscending(points: readonly bigint[]): void {
  if (points.some((point, index) => index > 0 && point <= points[index - 1]!))
    throw new TabchainError('encoding-non-canonical', 'The points of samples are not in ascending order.');
}
