import type { SealedHeader } from '../protocol/block.ts';
import { BoundedSet } from './bounded.ts';
import type { NetContext } from './context.ts';
import {
  BLOCK_TIMEOUT_MS,
  CLAIM_RETRY_MS,
  DOWNLOAD_WINDOW_BLOCKS,
  DOWNLOAD_WINDOW_BYTES,
  MAX_IN_FLIGHT_BLOCKS,
  MAX_IN_FLIGHT_BYTES,
  NEARLY_SYNCED_BLOCKS,
  NEAR_STALL_MS,
  SLOWEST_BYTES_PER_SECOND,
  SLOW_PEER_MS,
  STALL_MS,
  UNPROVEN_IN_FLIGHT_BLOCKS,
  UNPROVEN_TIMEOUT_MS,
} from './limits.ts';
import type { Session } from './session.ts';

interface BlockPeer {
  readonly inFlight: Set<string>;
  /** Whether it ever delivered a block that was asked of it. Who has not is asked for little. */
  proven: boolean;
  /** A block that it may prove itself with; somebody else is asked for that, too. */
  probe: string | null;
  /** The claimed tip, once its header is known, and that header's height. */
  tip: { readonly id: string; readonly height: number } | null;
  /** When this peer last delivered something asked of it; with nothing in flight before, when it was asked. */
  progressAt: number;
  /** Until when it is asked only if nobody else can serve. */
  slowUntil: number;
  /** Blocks that it said it has not; forgotten now and then, since it may get them. */
  readonly lacks: BoundedSet;
  lacksSince: number;
  /** The last header it led to. */
  branch: SealedHeader | null;
}

/** Who was asked for a block, and when: one peer, and others beside it where the block is overdue. */
type Owners = Map<Session, number>;
type Entry = [Session, BlockPeer];

/** Below every rank: a peer that claims a height and has led to none. */
const UNSHOWN_TIER = 4;

/**
 * Which missing block is asked of which peer: a moving window over all of them, no block of two peers but an overdue one. Peers that have
 * delivered before carry the load. Others are asked for little until they do, so that new identities without blocks hold nothing up.
 */
export class BlockRequests {
  readonly #context: NetContext;
  readonly #peers = new Map<Session, BlockPeer>();
  readonly #requests = new Map<string, Owners>();
  /** Blocks that something else brings, so that they are not asked for here. */
  readonly #reserved = new Set<string>();

  constructor(context: NetContext) {
    this.#context = context;
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

  /** Leaves a block to something else until {@link free}. */
  reserve(id: string): void {
    this.#reserved.add(id);
  }

  free(id: string): void {
    this.#reserved.delete(id);
  }

  /** Asks a peer for one whole block, unless it was asked already. */
  askOnce(session: Session, id: string): void {
    if (this.#requests.get(id)?.has(session)) return;
    this.#claim(session, id);
    session.send({ type: 'getData', kind: 'block', ids: [id] });
  }

  /**
   * Asks the best peer that was not asked yet for one whole block.
   * @param except not to be asked
   * @returns whether there was one
   */
  askAnother(id: string, except: (session: Session) => boolean = () => false): boolean {
    const owners = this.#requests.get(id);
    const session = this.#choose(id, (other) => except(other) || (owners?.has(other) ?? false));
    if (session) this.askOnce(session, id);
    return session !== null;
  }

  #claim(session: Session, id: string): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    const now = this.#context.clock.monotonic();
    const owners: Owners = this.#requests.get(id) ?? new Map<Session, number>();
    this.#requests.set(id, owners.set(session, now));
    // Asking for more gives no more time for the rest: otherwise a peer that keeps being asked could keep what it has for ever.
    if (peer.inFlight.size === 0) peer.progressAt = now;
    peer.inFlight.add(id);
  }

  /** A block is here, or is no longer waited for. */
  release(id: string): void {
    for (const session of this.#requests.get(id)?.keys() ?? []) this.#peers.get(session)?.inFlight.delete(id);
    this.#requests.delete(id);
  }

  /** One peer does not bring the block; others may. */
  #drop(session: Session, id: string): void {
    this.#peers.get(session)?.inFlight.delete(id);
    const owners = this.#requests.get(id);
    owners?.delete(session);
    if (owners?.size === 0) this.#requests.delete(id);
  }

  /** Whether a block is being fetched from this very peer. */
  asked(session: Session, id: string): boolean {
    return (this.#requests.get(id)?.has(session) ?? false) || this.#peers.get(session)?.probe === id;
  }

  /** A peer has delivered a block (or its missing part). Only what was asked of it counts: anybody can repeat old ones. */
  progressed(session: Session, id: string): void {
    if (!this.asked(session, id)) return;
    this.praise(session);
    const owners = this.#requests.get(id);
    const askedAt = owners?.get(session);
    if (askedAt === undefined) return;
    // Who was asked earlier and has not delivered since is slower than need be.
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

  /** Another peer, asked later, has brought what this one was asked for at `askedAt`: it comes last from now on. */
  overtaken(session: Session, askedAt: number): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    peer.slowUntil = this.#context.clock.monotonic() + SLOW_PEER_MS;
    if (peer.progressAt > askedAt) return;
    this.#context.log('info', 'sync/peer-stalled', { peer: session.peerId });
    this.#releaseAll(session);
  }

  /** Peers that bring blocks before others, those that were overtaken last; for sorting. */
  rank(session: Session): number {
    const peer = this.#peers.get(session);
    if (!peer) return 3;
    if (peer.slowUntil > this.#context.clock.monotonic()) return 2;
    return peer.proven ? 0 : 1;
  }

  notFound(session: Session, ids: readonly string[]): void {
    const peer = this.#peers.get(session);
    for (const id of ids) {
      if (!peer?.inFlight.has(id)) continue;
      peer.lacks.add(id);
      this.#drop(session, id);
    }
    this.schedule();
  }

  /** Gives up on peers that deliver nothing, and looks for other branches. */
  tick(): void {
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
    this.#scheduleBranches();
  }

  /** How long the largest block takes on the slowest link worth having. */
  #transferMs(): number {
    return (this.#context.chain.network.maxBlockBytes / SLOWEST_BYTES_PER_SECOND) * 1000;
  }

  /** Spreads the missing blocks over the peers that have room. */
  schedule(): void {
    if (![...this.#peers.values()].some((peer) => this.#hasRoom(peer))) return;
    const { chain } = this.#context;
    const isFar = chain.bestHeader().height - chain.tip().height > NEARLY_SYNCED_BLOCKS;
    const asks = new Map<Session, string[]>();
    this.#missing().forEach((id, position) => {
      if (this.#reserved.has(id)) return;
      const owners = this.#requests.get(id);
      if (owners && (position > 0 || !this.#overdue(owners, isFar))) return;
      // The newest block is everybody's at once, so those who may have it are asked in growing number; of a long chain one more is enough.
      for (let count = isFar ? 1 : (owners?.size ?? 1); count > 0; count--) {
        const session = this.#choose(id, (other) => owners?.has(other) ?? false);
        // An overdue block is asked of a better peer only: one that is slow as well would not bring it sooner.
        if (!session || (owners && this.rank(session) >= 2)) return;
        this.#claim(session, id);
        asks.set(session, [...(asks.get(session) ?? []), id]);
      }
    });
    if (isFar) this.#probe(asks);
    for (const [session, ids] of asks) session.send({ type: 'getData', kind: 'block', ids });
  }

  /** Whether the lowest missing block, which holds up all others, should be asked of one more peer: nobody asked has delivered lately. */
  #overdue(owners: Owners, isFar: boolean): boolean {
    const now = this.#context.clock.monotonic();
    return [...owners].every(([session, askedAt]) => {
      const peer = this.#peers.get(session);
      if (!isFar || !peer?.proven) return now - askedAt >= NEAR_STALL_MS;
      const idleMs = now - Math.max(askedAt, peer.progressAt);
      return idleMs >= STALL_MS || now - askedAt >= STALL_MS + this.#transferMs();
    });
  }

  /** Lets peers prove themselves that have never delivered, by blocks that others are asked for as well: if they do not, nothing is lost. */
  #probe(asks: ReadonlyMap<Session, readonly string[]>): void {
    const id = [...asks].find(([session]) => this.rank(session) === 0)?.[1].at(-1);
    if (id === undefined) return;
    const height = this.#context.chain.header(id)!.header.height;
    for (const [session, peer] of this.#peers) {
      if (peer.proven || peer.probe !== null || !session.ready || this.provenHeight(session) < height) continue;
      peer.probe = id;
      session.send({ type: 'getData', kind: 'block', ids: [id] });
    }
  }

  /** Missing blocks on the way to the best header, lowest first, no further ahead of the lowest than the window reaches. */
  #missing(): string[] {
    const { chain } = this.#context;
    const window = this.#window();
    // Nothing is missing; then what was altered on disk comes again.
    if (chain.bestHeader().work <= chain.tip().work) return chain.altered.ids(window);
    const missing = chain.missingBlocks(window);
    const height = (id: string | undefined): number => (id === undefined ? 0 : (chain.header(id)?.header.height ?? 0));
    const end = height(missing[0]) + window;
    while (height(missing.at(-1)) >= end) missing.pop();
    return missing;
  }

  #window(): number {
    return bytesAllow(DOWNLOAD_WINDOW_BLOCKS, DOWNLOAD_WINDOW_BYTES, this.#context.chain.network.maxBlockBytes);
  }

  #perPeer({ proven }: BlockPeer): number {
    const most = proven ? MAX_IN_FLIGHT_BLOCKS : UNPROVEN_IN_FLIGHT_BLOCKS;
    return bytesAllow(most, MAX_IN_FLIGHT_BYTES, this.#context.chain.network.maxBlockBytes);
  }

  /**
   * The least busy peer that may have the block: one that has delivered before others; one that has shown to know a header that far, before
   * one that only claims to; one that delivers, before a slow one.
   */
  #choose(id: string, except: (session: Session) => boolean): Session | null {
    const height = this.#context.chain.header(id)?.header.height ?? 0;
    let bestTier = Infinity;
    let best: Entry | null = null;
    for (const entry of this.#peers) {
      const [session, peer] = entry;
      if (!session.ready || except(session) || peer.lacks.has(id)) continue;
      const shown = this.provenHeight(session) >= height;
      if (!shown && session.claim!.height < height) continue;
      const tier = shown ? this.rank(session) : UNSHOWN_TIER;
      // A better tier is waited for where all of it is busy.
      if (tier < bestTier) [bestTier, best] = [tier, null];
      if (tier === bestTier && this.#hasRoom(peer) && !(best && best[1].inFlight.size <= peer.inFlight.size)) best = entry;
    }
    return best?.[0] ?? null;
  }

  #hasRoom(peer: BlockPeer): boolean {
    return peer.inFlight.size < this.#perPeer(peer);
  }

  /**
   * Asks idle peers for branches of theirs that have more work than this node verified. It finds work where the best headers' bodies
   * cannot be had (their miner is gone) and another branch is better than the active one.
   */
  #scheduleBranches(): void {
    const { chain, clock } = this.#context;
    const [lowest] = this.#missing();
    const now = clock.monotonic();
    const better = [...this.#peers].filter(([session]) => session.ready && session.claim!.work > chain.tip().work);
    const isSlow = ([, { slowUntil }]: Entry): boolean => slowUntil > now;
    // What others have as well is not asked of a slow peer, which would keep it from them.
    const others = new Set<string>();
    for (const entry of [...better.filter((entry) => !isSlow(entry)), ...better.filter(isSlow)]) {
      const [session, peer] = entry;
      const path = this.#branchOf(session, peer);
      // A branch that starts with the window's first block is the window's own.
      if (path[0] === lowest) continue;
      const wanted = path.filter((id) => !this.#requests.has(id) && !peer.lacks.has(id) && !(isSlow(entry) && others.has(id)));
      if (!isSlow(entry)) for (const id of wanted) others.add(id);
      const ids = peer.inFlight.size > 0 ? [] : wanted.slice(0, this.#perPeer(peer));
      if (ids.length === 0) continue;
      for (const id of ids) this.#claim(session, id);
      session.send({ type: 'getData', kind: 'block', ids });
    }
  }

  /** The lowest missing blocks, up to a window of them, on the way to the highest header that a peer led to or claims. */
  #branchOf(session: Session, { branch }: BlockPeer): string[] {
    const { chain } = this.#context;
    const claimed = chain.header(session.claim!.tip);
    const goal = claimed && claimed.header.height > (branch?.header.height ?? 0) ? claimed : branch;
    return goal ? chain.missingBlocks(this.#window(), goal.id) : [];
  }

  #releaseAll(session: Session): void {
    for (const id of [...(this.#peers.get(session)?.inFlight ?? [])]) this.#drop(session, id);
  }
}

/** As many as `count`, fewer where that many largest blocks would pass `bytes`, but at least two so that a link is never idle. */
function bytesAllow(count: number, bytes: number, maxBlockBytes: number): number {
  return Math.max(2, Math.min(count, Math.floor(bytes / maxBlockBytes)));
}
