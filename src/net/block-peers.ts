import type { SealedHeader } from '../protocol/block.ts';
import { BoundedSet } from './bounded.ts';
import type { NetContext } from './context.ts';
import {
  BLOCK_TIMEOUT_MS,
  CLAIM_RETRY_MS,
  DOWNLOAD_WINDOW_BLOCKS,
  MAX_IN_FLIGHT_BLOCKS,
  MAX_IN_FLIGHT_BYTES,
  NEAR_STALL_MS,
  SLOWEST_BYTES_PER_SECOND,
  SLOW_PEER_MS,
  STALL_MS,
  UNPROVEN_IN_FLIGHT_BLOCKS,
  UNPROVEN_TIMEOUT_MS,
} from './peer-limits.ts';
import type { Session } from './session.ts';

/** A peer as a source of blocks. */
interface PeerRecord {
  /** Blocks that the peer was asked for and has not sent. */
  readonly inFlight: Set<string>;
  /** Whether the peer ever delivered a block that it was asked for. Unproven peers are asked for little. */
  proven: boolean;
  /** A block that the peer may prove itself with. Another peer is asked for the same block. */
  probe: string | null;
  /** The claimed tip, once its header is known, and that header's height. */
  tip: { readonly id: string; readonly height: number } | null;
  /** When the peer last delivered a block that it was asked for; with nothing in flight before, when it was asked. */
  progressAt: number;
  /** Until when the peer is asked only if no other peer can serve. */
  slowUntil: number;
  /** Blocks that the peer answered with `notFound`; forgotten now and then, because the peer may get them. */
  readonly lacks: BoundedSet;
  lacksSince: number;
  /** The last header that the peer led to. */
  branch: SealedHeader | null;
}

export type BlockPeer = Readonly<PeerRecord>;

/** The peers that were asked for a block, and when. Only an overdue block has several. */
type Owners = Map<Session, number>;

/**
 * A record of each peer as a source of blocks: what the peer was asked for, delivered, and lacks. `BlockRequests` chooses by these records.
 *
 * ```
 *            claim                 progressed
 *  missing ──────────▶ in flight ─────────────▶ here     the peer is proven: asked before others
 *     ▲                    │
 *     ├────noteLacking─────┤                             the peer is not asked for this block for a while
 *     └─expire, overtaken──┘                             the peer is asked after others for a while
 * ```
 */
export class BlockPeers implements Iterable<[Session, BlockPeer]> {
  readonly #context: NetContext;
  readonly #peers = new Map<Session, PeerRecord>();
  /** By the block's id. */
  readonly #owners = new Map<string, Owners>();

  constructor(context: NetContext) {
    this.#context = context;
  }

  [Symbol.iterator](): IterableIterator<[Session, BlockPeer]> {
    return this.#peers.entries();
  }

  add(session: Session): void {
    const lacks = new BoundedSet(4 * DOWNLOAD_WINDOW_BLOCKS);
    const lacksSince = this.#context.clock.monotonic();
    const none = -Infinity;
    const open = { inFlight: new Set<string>(), probe: null, tip: null, branch: null };
    this.#peers.set(session, { ...open, proven: false, progressAt: none, slowUntil: none, lacks, lacksSince });
  }

  remove(session: Session): void {
    this.#releaseAll(session);
    this.#peers.delete(session);
  }

  /** Notes the last header that a peer led to. */
  noteBranch(session: Session, last: SealedHeader): void {
    const peer = this.#peers.get(session);
    if (peer) peer.branch = last;
  }

  /** Height of the highest header that this node has seen proven and this peer leads to or names as its tip. */
  provenHeight(session: Session): number {
    const peer = this.#peers.get(session);
    if (!peer || !session.claim) return 0;
    const { tip } = session.claim;
    if (peer.tip?.id !== tip) {
      // Kept, because an old header costs a query.
      const known = this.#context.chain.header(tip);
      peer.tip = known && { id: tip, height: known.header.height };
    }
    return Math.max(peer.tip?.height ?? 0, peer.branch?.header.height ?? 0);
  }

  /** How many more blocks a peer may be asked for. */
  room({ proven, inFlight }: BlockPeer): number {
    const most = proven ? MAX_IN_FLIGHT_BLOCKS : UNPROVEN_IN_FLIGHT_BLOCKS;
    return blocksWithin(most, MAX_IN_FLIGHT_BYTES, this.#context.chain.network.maxBlockBytes) - inFlight.size;
  }

  /** Peers that bring blocks before others, those that were overtaken last; for sorting. */
  rank(session: Session): number {
    const peer = this.#peers.get(session);
    if (!peer) return 3;
    if (peer.slowUntil > this.#context.clock.monotonic()) return 2;
    return peer.proven ? 0 : 1;
  }

  /** Notes that a peer is asked for a block. */
  claim(session: Session, id: string): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    const now = this.#context.clock.monotonic();
    const owners: Owners = this.#owners.get(id) ?? new Map<Session, number>();
    this.#owners.set(id, owners.set(session, now));
    // Asking for more gives no more time for the rest: otherwise a peer that keeps being asked could keep what it has for ever.
    if (peer.inFlight.size === 0) peer.progressAt = now;
    peer.inFlight.add(id);
  }

  /** Notes that a peer is asked for a block only to prove itself: another peer was asked for the same one. */
  claimProbe(session: Session, id: string): void {
    const peer = this.#peers.get(session);
    if (peer) peer.probe = id;
  }

  /** The peers that were asked for a block and have not answered; undefined where there is none. */
  owners(id: string): ReadonlyMap<Session, number> | undefined {
    return this.#owners.get(id);
  }

  /** Whether this very peer was asked for a block. */
  asked(session: Session, id: string): boolean {
    return (this.#owners.get(id)?.has(session) ?? false) || this.#peers.get(session)?.probe === id;
  }

  /**
   * Whether a block that holds up all others should be asked of one more peer: none of those asked has delivered lately.
   * @param isFar the chain is so far behind that peers have many blocks to deliver
   */
  overdue(id: string, isFar: boolean): boolean {
    const now = this.#context.clock.monotonic();
    return [...(this.#owners.get(id) ?? [])].every(([session, askedAt]) => {
      const peer = this.#peers.get(session);
      if (!isFar || !peer?.proven) return now - askedAt >= NEAR_STALL_MS;
      const idleMs = now - Math.max(askedAt, peer.progressAt);
      return idleMs >= STALL_MS || now - askedAt >= STALL_MS + this.#transferMs();
    });
  }

  /** A peer has delivered a block (or its missing part). Only what was asked of it counts: anybody can repeat old ones. */
  progressed(session: Session, id: string): void {
    if (!this.asked(session, id)) return;
    this.praise(session);
    const owners = this.#owners.get(id);
    const askedAt = owners?.get(session);
    if (askedAt === undefined) return;
    // A peer that was asked earlier and has not delivered since is slower than need be.
    for (const [other, otherAskedAt] of owners!) if (otherAskedAt < askedAt) this.overtaken(other, otherAskedAt);
  }

  /** A peer has brought a block. */
  praise(session: Session): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    peer.proven = true;
    peer.probe = null;
    peer.progressAt = this.#context.clock.monotonic();
  }

  /** Another peer, asked later, has brought what this one was asked for at `askedAt`: this one comes last from now on. */
  overtaken(session: Session, askedAt: number): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    peer.slowUntil = this.#context.clock.monotonic() + SLOW_PEER_MS;
    if (peer.progressAt > askedAt) return;
    this.#context.log('info', 'sync/peer-stalled', { peer: session.peerId });
    this.#releaseAll(session);
  }

  /** Notes that a peer lacks blocks that it was asked for. */
  noteLacking(session: Session, ids: readonly string[]): void {
    const peer = this.#peers.get(session);
    for (const id of ids) {
      if (!peer?.inFlight.has(id)) continue;
      peer.lacks.add(id);
      this.#drop(session, id);
    }
  }

  /** A block is here, or is no longer waited for. */
  release(id: string): void {
    for (const session of this.#owners.get(id)?.keys() ?? []) this.#peers.get(session)?.inFlight.delete(id);
    this.#owners.delete(id);
  }

  /** Gives up on peers that deliver nothing, and on the memory of what peers lacked long ago. */
  expire(): void {
    const now = this.#context.clock.monotonic();
    for (const [session, peer] of this.#peers) {
      if (now - peer.lacksSince > CLAIM_RETRY_MS) {
        peer.lacks.clear();
        peer.probe = null;
        peer.lacksSince = now;
      }
      const timeoutMs = (peer.proven ? BLOCK_TIMEOUT_MS : UNPROVEN_TIMEOUT_MS) + this.#transferMs();
      if (peer.inFlight.size === 0 || now - peer.progressAt <= timeoutMs) continue;
      peer.slowUntil = now + SLOW_PEER_MS;
      this.#context.log('info', 'sync/peer-stalled', {
        peer: session.peerId,
        blocks: peer.inFlight.size,
      });
      this.#releaseAll(session);
    }
  }

  /** How long the largest block takes on the slowest link worth having. */
  #transferMs(): number {
    return (this.#context.chain.network.maxBlockBytes / SLOWEST_BYTES_PER_SECOND) * 1000;
  }

  /** One peer does not bring the block; others may. */
  #drop(session: Session, id: string): void {
    this.#peers.get(session)?.inFlight.delete(id);
    const owners = this.#owners.get(id);
    owners?.delete(session);
    if (owners?.size === 0) this.#owners.delete(id);
  }

  #releaseAll(session: Session): void {
    for (const id of [...(this.#peers.get(session)?.inFlight ?? [])]) this.#drop(session, id);
  }
}

/** As many as `count`, fewer where that many largest blocks would pass `bytes`, but at least two so that a link is never idle. */
export function blocksWithin(count: number, bytes: number, maxBlockBytes: number): number {
  return Math.max(2, Math.min(count, Math.floor(bytes / maxBlockBytes)));
}
