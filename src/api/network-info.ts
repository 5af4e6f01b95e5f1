import type { Coins } from './api.ts';

/** The rules of a network; a part of `api.ts`. */
export interface NetworkInfo {
  label: string;
  /** Fragment that joins this network, e.g. "#net=demo". */
  link: string;
  blockTimeMs: number;
  /** Coins that a block mints before the first halving. */
  subsidy: Coins;
  /** Coins that each registration mints for its account, fewer only where the largest supply is reached; "0" on most networks. */
  grant: Coins;
  /** Blocks between halvings, 0 for none. */
  halvingInterval: number;
  maxBlockBytes: number;
  /** Expected hashes of a block at the network's start, and at its easiest target: decimal strings. */
  startDifficulty: string;
  leastDifficulty: string;
}
