import type { LinkKind, Meeting } from '../net/transport.ts';
import type { Coins } from './api.ts';

/** The rules of a network; a part of `api.ts`, like its peers. */
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

export interface PeerInfo {
  /** Identity of the remote tab for this page load (random, 16 hex digits). */
  id: string;
  kind: LinkKind;
  met: Meeting;
  /** `silent`: the peer has not answered for two seconds. Its tab may be frozen, or the network gone; the link may still recover. */
  state: 'connecting' | 'ready' | 'silent';
  /** The remote tip's height as last announced; 0 before the handshake. */
  height: number;
  /** Id of the remote tip as last announced; null before the handshake. */
  tip: string | null;
  /** Whether this node's chain has that block. Null if unknown: before the handshake, and below the base of a recent chain. */
  agrees: boolean | null;
  /** Height at which the remote chain begins, 0 for the whole chain; null before the handshake. */
  base: number | null;
  latencyMs: number | null;
  connectedAt: number;
  /** Bytes of node messages. */
  received: number;
  sent: number;
  agent: string;
}
