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
  SLOWEST_BYTES_PER_SECOND,
  SLOW_PEER_MS,
  STALL_MS,
} from './limits.ts';
import type { Session } from './session.ts';

interface BlockPeer {
  readonly inFlight: Set<string>;
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

interface Request {
  session: Session;
  askedAt: number;
}

/** Which missing block is asked of which peer: a moving window over all of them, no block of two peers but a stalled one. */
export class BlockRequests {
  readonly #context: NetContext;
  readonly #peers = new Map<Session, BlockPeer>();
  readonly #requests = new Map<string, Request>();

  constructor(context: NetContext) {
    this.#context = context;
  }

  add(session: Session): void {
    const lacks = new BoundedSet(4 * DOWNLOAD_WINDOW_BLOCKS);
    const lacksSince = this.#context.clock.monotonic();
    this.#peers.set(session, { inFlight: new Set(), progressAt: 0, slowUntil: -Infinity, lacks, lacksSince, branch: null });
  }

  remove(session: Session): void {
    this.#releaseAll(session);
    this.#peers.delete(session);
  }

  noteBranch(session: Session, last: SealedHeader): void {
    const peer = this.#peers.get(session);
    if (peer) peer.branch = last;
  }

  /** Whether a block is being fetched. */
  has(id: string): boolean {
    return this.#requests.has(id);
  }

  /** Marks a block as being fetched from a peer, without asking: something else does. */
  claim(session: Session, id: string): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    this.release(id);
    const now = this.#context.clock.monotonic();
    this.#requests.set(id, { session, askedAt: now });
    // Asking for more gives no more time for the rest: else whoever keeps being asked could keep what it has for ever.
    if (peer.inFlight.size === 0) peer.progressAt = now;
    peer.inFlight.add(id);
  }

  /** Asks a peer for one whole block. */
  ask(session: Session, id: string): void {
    this.claim(session, id);
    session.send({ type: 'getData', kind: 'block', ids: [id] });
  }

  /** A block is here, or is no longer waited for. */
  release(id: string): void {
    const request = this.#requests.get(id);
    if (!request) return;
    this.#requests.delete(id);
    this.#peers.get(request.session)?.inFlight.delete(id);
  }

  /** A block did not come: its peer is asked last from now on, somebody else next. */
  stalled(id: string): void {
    const request = this.#requests.get(id);
    const peer = request && this.#peers.get(request.session);
    if (peer) peer.slowUntil = this.#context.clock.monotonic() + SLOW_PEER_MS;
    this.release(id);
    this.schedule();
  }

  /** Whether a block is being fetched from this very peer. */
  asked(session: Session, id: string): boolean {
    return this.#requests.get(id)?.session === session;
  }

  /** A peer has delivered a block (or its missing part). Only what was asked of it counts: anybody can repeat old ones. */
  progressed(session: Session, id: string): void {
    const peer = this.#peers.get(session);
    if (peer?.inFlight.has(id)) peer.progressAt = this.#context.clock.monotonic();
  }

  notFound(session: Session, ids: readonly string[]): void {
    const peer = this.#peers.get(session);
    for (const id of ids) {
      if (!peer?.inFlight.has(id)) continue;
      peer.lacks.add(id);
      this.release(id);
    }
    this.schedule();
  }

  /** Gives up on peers that deliver nothing, and looks for other branches. */
  tick(): void {
    const now = this.#context.clock.monotonic();
    const timeoutMs = BLOCK_TIMEOUT_MS + this.#transferMs();
    for (const [session, peer] of this.#peers) {
      if (now - peer.lacksSince > CLAIM_RETRY_MS) {
        peer.lacks.clear();
        peer.lacksSince = now;
      }
      if (peer.inFlight.size === 0 || now - peer.progressAt <= timeoutMs) continue;
      peer.slowUntil = now + SLOW_PEER_MS;
      this.#context.log('info', 'sync', 'A peer stalled; its blocks are asked of others.', {
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
    const now = this.#context.clock.monotonic();
    const stallMs = STALL_MS + this.#transferMs();
    const asks = new Map<Session, string[]>();
    this.#missing().forEach((id, position) => {
      const owner = this.#requests.get(id);
      if (owner && (position > 0 || now - owner.askedAt < stallMs)) return;
      const session = this.#choose(id, owner?.session);
      if (!session) return;
      if (owner) this.#peers.get(owner.session)!.slowUntil = now + SLOW_PEER_MS;
      this.claim(session, id);
      asks.set(session, [...(asks.get(session) ?? []), id]);
    });
    for (const [session, ids] of asks) session.send({ type: 'getData', kind: 'block', ids });
  }

  /** Missing blocks on the way to the best header, lowest first, no further ahead of the lowest than the window reaches. */
  #missing(): string[] {
    const { chain } = this.#context;
    if (chain.bestHeader().work <= chain.tip().work) return [];
    const window = this.#window();
    const missing = chain.missingBlocks(window);
    const height = (id: string | undefined): number => (id === undefined ? 0 : (chain.header(id)?.header.height ?? 0));
    const end = height(missing[0]) + window;
    while (height(missing.at(-1)) >= end) missing.pop();
    return missing;
  }

  #window(): number {
    return bytesAllow(DOWNLOAD_WINDOW_BLOCKS, DOWNLOAD_WINDOW_BYTES, this.#context.chain.network.maxBlockBytes);
  }

  #perPeer(): number {
    return bytesAllow(MAX_IN_FLIGHT_BLOCKS, MAX_IN_FLIGHT_BYTES, this.#context.chain.network.maxBlockBytes);
  }

  /**
   * The least busy peer that may have the block: one that has shown to know a header that far, before one that only claims to; one that
   * delivers, before a slow one.
   */
  #choose(id: string, except: Session | undefined): Session | null {
    const { chain, clock } = this.#context;
    const perPeer = this.#perPeer();
    const height = chain.header(id)?.header.height ?? 0;
    const now = clock.monotonic();
    const able = [...this.#peers].filter(
      ([session, peer]) => session !== except && session.ready && session.claim!.height >= height && !peer.lacks.has(id),
    );
    const shown = able.filter(([session, { branch }]) => chain.hasHeader(session.claim!.tip) || (branch && branch.header.height >= height));
    const swift = shown.filter(([, peer]) => peer.slowUntil <= now);
    // A stalled block moves to a better peer only; another slow one would just start its time again.
    const tiers = except ? [swift] : [swift, shown, able];
    let best: [Session, BlockPeer] | null = null;
    for (const candidate of tiers.find((tier) => tier.length > 0) ?? []) {
      const { size } = candidate[1].inFlight;
      if (size < perPeer && (best === null || size < best[1].inFlight.size)) best = candidate;
    }
    return best?.[0] ?? null;
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
    const isSlow = ([, { slowUntil }]: [Session, BlockPeer]): boolean => slowUntil > now;
    // What others have as well is not asked of a slow peer, which would keep it from them.
    const others = new Set<string>();
    for (const entry of [...better.filter((entry) => !isSlow(entry)), ...better.filter(isSlow)]) {
      const [session, peer] = entry;
      const path = this.#branchOf(session, peer);
      // A branch that starts with the window's first block is the window's own.
      if (path[0] === lowest) continue;
      const wanted = path.filter((id) => !this.#requests.has(id) && !peer.lacks.has(id) && !(isSlow(entry) && others.has(id)));
      if (!isSlow(entry)) for (const id of wanted) others.add(id);
      const ids = peer.inFlight.size > 0 ? [] : wanted.slice(0, this.#perPeer());
      if (ids.length === 0) continue;
      for (const id of ids) this.claim(session, id);
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
    for (const id of [...(this.#peers.get(session)?.inFlight ?? [])]) this.release(id);
  }
}

/** As many as `count`, fewer where that many largest blocks would pass `bytes`, but at least two so that a link is never idle. */
function bytesAllow(count: number, bytes: number, maxBlockBytes: number): number {
  return Math.max(2, Math.min(count, Math.floor(bytes / maxBlockBytes)));
}
