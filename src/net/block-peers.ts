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

/** The record of one peer as a source of blocks. */
interface PeerRecord {
  /** Blocks that were requested from the peer and have not arrived. */
  readonly inFlight: Set<string>;
  /** Whether the peer ever delivered a requested block. Unproven peers are asked for few blocks. */
  proven: boolean;
  /** A block by which the peer can prove itself. Another peer is asked for the same block. */
  probe: string | null;
  /** The claimed tip, once its header is known, and that header's height. */
  tip: { readonly id: string; readonly height: number } | null;
  /** When the peer last delivered a requested block. A request counts too, if no block was in flight before. */
  progressAt: number;
  /** Until when the peer is asked only if no other peer can serve. */
  slowUntil: number;
  /** Ids that the peer answered with `notFound`. Cleared now and then, because the peer may get the blocks. */
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
  /** By block id. */
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

  /** Height of the highest header that this node has verified and that the peer has sent or names as its tip. */
  provenHeight(session: Session): number {
    const peer = this.#peers.get(session);
    if (!peer || !session.claim) return 0;
    const { tip } = session.claim;
    if (peer.tip?.id !== tip) {
      // Cache the answer, because an old header costs a query.
      const known = this.#context.chain.header(tip);
      peer.tip = known && { id: tip, height: known.header.height };
    }
    return Math.max(peer.tip?.height ?? 0, peer.branch?.header.height ?? 0);
  }

  /** Number of further blocks that may be requested from a peer. */
  room({ proven, inFlight }: BlockPeer): number {
    const most = proven ? MAX_IN_FLIGHT_BLOCKS : UNPROVEN_IN_FLIGHT_BLOCKS;
    return blocksWithin(most, MAX_IN_FLIGHT_BYTES, this.#context.chain.network.maxBlockBytes) - inFlight.size;
  }

  /** Rank for sorting: proven peers first, slow peers last. */
  rank(session: Session): number {
    const peer = this.#peers.get(session);
    if (!peer) return 3;
    if (peer.slowUntil > this.#context.clock.monotonic()) return 2;
    return peer.proven ? 0 : 1;
  }

  /** Records a request for a block. */
  claim(session: Session, id: string): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    const now = this.#context.clock.monotonic();
    const owners: Owners = this.#owners.get(id) ?? new Map<Session, number>();
    this.#owners.set(id, owners.set(session, now));
    // A further request must not extend the time for the others; otherwise a peer that gets new requests could hold blocks forever.
    if (peer.inFlight.size === 0) peer.progressAt = now;
    peer.inFlight.add(id);
  }

  /** Records a request by which a peer can prove itself, because another peer was asked for the same block. */
  claimProbe(session: Session, id: string): void {
    const peer = this.#peers.get(session);
    if (peer) peer.probe = id;
  }

  /** The peers that were asked for a block and have not answered; undefined without such peers. */
  owners(id: string): ReadonlyMap<Session, number> | undefined {
    return this.#owners.get(id);
  }

  /** Whether this peer itself was asked for a block. */
  asked(session: Session, id: string): boolean {
    return (this.#owners.get(id)?.has(session) ?? false) || this.#peers.get(session)?.probe === id;
  }

  /**
   * Whether to request a block that holds up all others from one more peer, because no peer that was asked has delivered lately.
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

  /** A peer has delivered a block (or its missing part). Only requested blocks count, because any peer can repeat old blocks. */
  progressed(session: Session, id: string): void {
    if (!this.asked(session, id)) return;
    this.praise(session);
    const owners = this.#owners.get(id);
    const askedAt = owners?.get(session);
    if (askedAt === undefined) return;
    // A peer that was asked earlier and has not delivered since is slow.
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

  /** A peer that was asked later has delivered a block requested from `session` at `askedAt`, so `session` now ranks last. */
  overtaken(session: Session, askedAt: number): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    peer.slowUntil = this.#context.clock.monotonic() + SLOW_PEER_MS;
    if (peer.progressAt > askedAt) return;
    this.#context.log('info', 'sync/peer-stalled', { peer: session.peerId });
    this.#releaseAll(session);
  }

  /** Records requested blocks that a peer lacks. */
  noteLacking(session: Session, ids: readonly string[]): void {
    const peer = this.#peers.get(session);
    for (const id of ids) {
      if (!peer?.inFlight.has(id)) continue;
      peer.lacks.add(id);
      this.#drop(session, id);
    }
  }

  /** Ends the requests for a block, because the block has arrived or is no longer needed. */
  release(id: string): void {
    for (const session of this.#owners.get(id)?.keys() ?? []) this.#peers.get(session)?.inFlight.delete(id);
    this.#owners.delete(id);
  }

  /** Ends the requests to peers that deliver nothing, and clears old records of lacking blocks. */
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

  /** How long the largest block takes on the slowest acceptable link. */
  #transferMs(): number {
    return (this.#context.chain.network.maxBlockBytes / SLOWEST_BYTES_PER_SECOND) * 1000;
  }

  /** Ends one peer's request for a block; requests to other peers stay. */
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

/** `count`, or fewer if so many largest blocks would exceed `bytes`, but at least two, so a link is never idle. */
export function blocksWithin(count: number, bytes: number, maxBlockBytes: number): number {
  return Math.max(2, Math.min(count, Math.floor(bytes / maxBlockBytes)));
}
