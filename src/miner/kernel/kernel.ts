import { sealDigest } from '../../protocol/block.ts';
import { compareBytes, concatBytes } from '../../util/bytes.ts';

/** A search: the nonce is `nonceBase` (16 bytes) followed by the search word, four bytes big-endian. */
export interface SearchJob {
  /** 32 bytes. */
  readonly headerHash: Uint8Array;
  /** 16 bytes, random for each thread and job, so no two threads search the same nonces. */
  readonly nonceBase: Uint8Array;
  /** 32 bytes, big-endian: the largest digest that meets the target. */
  readonly target: Uint8Array;
}

export interface SearchResult {
  /** The first word whose seal meets the target; null if none does. */
  readonly found: number | null;
  /** Seals computed. */
  readonly hashes: number;
}

/** One implementation of the search; all give the same result. */
export interface Kernel {
  /** e.g. "wasm-scalar" */
  readonly name: string;
  /** Tries the words firstWord … firstWord + count − 1, all below 2^32. */
  search(job: SearchJob, firstWord: number, count: number): SearchResult;
}

/** Number of search words for each nonce base. */
export const WORDS_PER_BASE = 2 ** 32;

/** The 20-byte nonce of a search word. */
export function nonceOf(nonceBase: Uint8Array, word: number): Uint8Array {
  return concatBytes(nonceBase, Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word));
}

/** The full comparison with the target, by the rule for blocks. */
export function meetsTarget(job: SearchJob, word: number): boolean {
  return compareBytes(sealDigest(job.headerHash, nonceOf(job.nonceBase, word)), job.target) <= 0;
}
