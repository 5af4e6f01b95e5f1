/** A part of `api.ts`: how much of the chain a tab keeps, what the tab has verified, and how far it follows the others. */

import type { SignalingState } from '../net/transport.ts';

/**
 * What a tab keeps, and what it verifies before it can be used.
 * - `whole`: all blocks. A tab that is far behind is used as soon as its recent chain is there; all other blocks are verified behind it.
 * - `replay`: all blocks. A tab is used when it has verified all blocks.
 * - `recent`: all accounts and the newest blocks only, for devices with little storage.
 */
export const CHAIN_CHOICES = ['whole', 'replay', 'recent'] as const;
export type ChainChoice = (typeof CHAIN_CHOICES)[number];

/** What stands behind the chain that a tab uses. */
export interface ChainStatus {
  choice: ChainChoice;
  /** The tab has all blocks above this height: 0 where it has all blocks of the chain. */
  base: number;
  /**
   * - `all`: this tab has verified each block from genesis up to its tip
   * - `headers`: each header up to the base under all rules; each block above the base; the accounts at the base by the base's state root
   * - `work`: random samples of the proof of work below the base; the rest as for `headers`
   */
  verified: 'all' | 'headers' | 'work';
  /** How far the whole chain is verified while a recent chain is in use; null where that does not happen. */
  behind: { headers: number; blocks: number; target: number } | null;
  /** The steps before a recent chain can be used; `fraction` from 0 to 1. Null outside a join. */
  joining: { phase: 'tail' | 'samples' | 'accounts'; fraction: number } | null;
}

export type SyncState =
  | 'starting' // opening the database
  | 'offline' // the user has closed the links
  | 'searching' // no peers yet, or no peer has announced its chain
  | 'syncing' // headers or blocks missing
  | 'cut-off' // all peers claim longer chains, but keep only the newest blocks: nobody has the blocks that come next on this tab
  | 'synced';

export interface SyncStatus {
  state: SyncState;
  /** Whether the links lead only to a team of the lab, which mines a secret branch (`joinTeam`). */
  team: boolean;
  /** `target`: height of the best header that this node has verified; `height`: height of the connected chain. */
  target: number;
  height: number;
  /** Connection to the signaling servers, as shown to the user. */
  signaling: SignalingState;
  /** Milliseconds that this clock seems ahead of the peers' clocks (median); null if unknown. The rules never use this value. */
  clockSkewMs: number | null;
}
