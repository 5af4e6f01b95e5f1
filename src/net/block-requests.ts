import { blocksWithin, type BlockPeer, type BlockPeers } from './block-peers.ts';
import type { NetContext } from './context.ts';
import { DOWNLOAD_WINDOW_BLOCKS, DOWNLOAD_WINDOW_BYTES, NEARLY_SYNCED_BLOCKS } from './peer-limits.ts';
import type { Session } from './session.ts';

type Entry = [Session, BlockPeer];

/** Below every rank: a peer that claims a height and has led to none. */
const UNSHOWN_TIER = 4;

/**
 * Which missing block is asked of which peer: a moving window over all of them, no block of two peers but an overdue one. Peers that have
 * delivered before carry the load. Others are asked for little until they do, so that new identities without blocks hold nothing up.
 *
 * ```
 *  missing blocks, lowest first ──window──▶ choose a peer ──claim──▶ BlockPeers (who was asked, who delivers)
 *                                            ▲     │
 *                                    ranks, room   └──getData──▶ the peer
 * ```
 */
export class BlockRequests {
  readonly #context: NetContext;
  readonly #peers: BlockPeers;
  /** Blocks that something else brings, so that they are not asked for here. */
  readonly #reserved = new Set<string>();

  constructor(context: NetContext, peers: BlockPeers) {
    this.#context = context;
    this.#peers = peers;
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
    if (this.#peers.owners(id)?.has(session)) return;
    this.#ask(session, [id]);
  }

  /**
   * Asks the best peer that was not asked yet for one whole block.
   * @param except not to be asked
   * @returns whether there was one
   */
  askAnother(id: string, except: (session: Session) => boolean = () => false): boolean {
    const owners = this.#peers.owners(id);
    const session = this.#choose(id, (other) => except(other) || (owners?.has(other) ?? false));
    if (session) this.askOnce(session, id);
    return session !== null;
  }

  notFound(session: Session, ids: readonly string[]): void {
    this.#peers.noteLacking(session, ids);
    this.schedule();
  }

  /** Gives up on peers that deliver nothing, and looks for other branches. */
  tick(): void {
    this.#peers.expire();
    this.#scheduleBranches();
  }

  /** Spreads the missing blocks over the peers that have room. */
  schedule(): void {
    if (![...this.#peers].some(([, peer]) => this.#peers.room(peer) > 0)) return;
    const { chain } = this.#context;
    const isFar = chain.bestHeader().height - chain.tip().height > NEARLY_SYNCED_BLOCKS;
    const asks = new Map<Session, string[]>();
    this.#missing().forEach((id, position) => {
      if (this.#reserved.has(id)) return;
      const owners = this.#peers.owners(id);
      if (owners && (position > 0 || !this.#peers.overdue(id, isFar))) return;
      // The newest block is everybody's at once, so those who may have it are asked in growing number; of a long chain one more is enough.
      for (let count = isFar ? 1 : (owners?.size ?? 1); count > 0; count--) {
        const session = this.#choose(id, (other) => owners?.has(other) ?? false);
        // An overdue block is asked of a better peer only: one that is slow as well would not bring it sooner.
        if (!session || (owners && this.#peers.rank(session) >= 2)) return;
        this.#peers.claim(session, id);
        asks.set(session, [...(asks.get(session) ?? []), id]);
      }
    });
    if (isFar) this.#probe(asks);
    for (const [session, ids] of asks) session.send({ type: 'getData', kind: 'block', ids });
  }

  #ask(session: Session, ids: readonly string[]): void {
    for (const id of ids) this.#peers.claim(session, id);
    session.send({ type: 'getData', kind: 'block', ids });
  }

  /** Lets peers prove themselves that have never delivered, by blocks that others are asked for as well: if they do not, nothing is lost. */
  #probe(asks: ReadonlyMap<Session, readonly string[]>): void {
    const id = [...asks].find(([session]) => this.#peers.rank(session) === 0)?.[1].at(-1);
    if (id === undefined) return;
    const height = this.#context.chain.header(id)!.header.height;
    for (const [session, peer] of this.#peers) {
      if (peer.proven || peer.probe !== null || !session.ready || this.#peers.provenHeight(session) < height) continue;
      this.#peers.claimProbe(session, id);
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
    return blocksWithin(DOWNLOAD_WINDOW_BLOCKS, DOWNLOAD_WINDOW_BYTES, this.#context.chain.network.maxBlockBytes);
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
      const shown = this.#peers.provenHeight(session) >= height;
      if (!shown && session.claim!.height < height) continue;
      const tier = shown ? this.#peers.rank(session) : UNSHOWN_TIER;
      // A better tier is waited for where all of it is busy.
      if (tier < bestTier) [bestTier, best] = [tier, null];
      if (tier === bestTier && this.#peers.room(peer) > 0 && !(best && best[1].inFlight.size <= peer.inFlight.size)) best = entry;
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
    const isSlow = ([, { slowUntil }]: Entry): boolean => slowUntil > now;
    // What others have as well is not asked of a slow peer, which would keep it from them.
    const others = new Set<string>();
    for (const entry of [...better.filter((entry) => !isSlow(entry)), ...better.filter(isSlow)]) {
      const [session, peer] = entry;
      const path = this.#branchOf(session, peer);
      // A branch that starts with the window's first block is the window's own.
      if (path[0] === lowest) continue;
      const wanted = path.filter((id) => !this.#peers.owners(id) && !peer.lacks.has(id) && !(isSlow(entry) && others.has(id)));
      if (!isSlow(entry)) for (const id of wanted) others.add(id);
      const ids = peer.inFlight.size > 0 ? [] : wanted.slice(0, this.#peers.room(peer));
      if (ids.length > 0) this.#ask(session, ids);
    }
  }

  /** The lowest missing blocks, up to a window of them, on the way to the highest header that a peer led to or claims. */
  #branchOf(session: Session, { branch }: BlockPeer): string[] {
    const { chain } = this.#context;
    const claimed = chain.header(session.claim!.tip);
    const goal = claimed && claimed.header.height > (branch?.header.height ?? 0) ? claimed : branch;
    return goal ? chain.missingBlocks(this.#window(), goal.id) : [];
  }
}
