import type { ChainBase } from '../../chain/port.ts';
import type { SealedHeader } from '../../protocol/block.ts';
import type { Network } from '../../protocol/network.ts';
import type { StateChunk } from '../../protocol/state-proof.ts';
import type { AccountState } from '../../protocol/state-root.ts';
import type { ChainTail, WorkSamples } from '../../protocol/work-proof.ts';

/** The node's side of fetching a recent chain. All calls are made inside the mailbox. */
export interface JoinHost {
  /** Whether the node would use a recent chain. Asked often. */
  wanted(): boolean;
  /** The recent chain that was begun before, perhaps before a reload, with the last `progress`; null for none. */
  begun(): { readonly base: ChainBase; readonly progress: string } | null;
  /**
   * Begins a recent chain, and drops what was begun before.
   * @param work cumulative work of the tip above the base
   */
  begin(base: ChainBase, work: bigint): void;
  /** Adds proven accounts, each once, and keeps `progress` with them. */
  add(accounts: readonly AccountState[], progress: string): void;
  /**
   * Opens the recent chain, which checks the state root, and calls `PeerNetwork.enterRecent`.
   * @throws TabchainError if the chain cannot be opened
   */
  finish(): Promise<void>;
  /** Drops what was begun. */
  abandon(): void;
}

/** What a proven tail of headers says. */
export interface CheckedTail {
  readonly base: ChainBase;
  readonly tip: SealedHeader;
  /** Cumulative work of the tip. */
  readonly work: bigint;
  /** The first header of the tail: its id, and size, root and work of the history before it. */
  readonly first: FirstHeader;
}

export interface FirstHeader {
  readonly id: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly work: bigint;
}

/** The checks of what a peer sends, as pure functions. All throw a TabchainError that blames the sender. */
export interface JoinChecks {
  /** Null for a tip that is ahead of this node's clock. */
  tail(network: Network, tipId: string, tail: ChainTail): CheckedTail | null;
  samples(network: Network, first: FirstHeader, points: readonly bigint[], samples: WorkSamples): void;
  /** @returns the key to request next, null where the chunk holds the last account */
  stateChunk(root: Uint8Array, from: Uint8Array, chunk: StateChunk): Uint8Array | null;
}

export interface JoinPorts {
  readonly host: JoinHost;
  readonly checks: JoinChecks;
}

export interface JoinStatus {
  /** `tail`: the newest headers; `samples`: samples of the work below them; `accounts`: the snapshot. */
  phase: 'tail' | 'samples' | 'accounts';
  /** Finished part of the phase, 0 to 1. */
  fraction: number;
}
