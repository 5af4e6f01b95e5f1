import { blocksWithin, type BlockPeer, type BlockPeers } from './block-peers.ts';
import type { NetContext } from './context.ts';
import { DOWNLOAD_WINDOW_BLOCKS, DOWNLOAD_WINDOW_BYTES, NEARLY_SYNCED_BLOCKS } from './peer-limits.ts';
import type { Session } from './session.ts';

type Entry = [Session, BlockPeer];

/** Below every rank: a peer that only claims a height, but has sent no header of it. */
const UNSHOWN_TIER = 4;

/**
 * Which missing block is requested from which peer, in a moving window over all missing blocks. Only an overdue block is requested from
 * two peers. Proven peers carry the load. Other peers are asked for few blocks until they deliver, so new identities without blocks delay
 * nothing.
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
  /** Blocks that other code fetches (compact blocks), so this class does not request them. */
  readonly #reserved = new Set<string>();

  constructor(context: NetContext, peers: BlockPeers) {
    this.#context = context;
    this.#peers = peers;
  }

  /** Leaves a block to other code until {@link free}. */
  reserve(id: string): void {
    this.#reserved.add(id);
  }

  free(id: string): void {
    this.#reserved.delete(id);
  }

  /** Asks a peer for one whole block, unless the peer was already asked. */
  askOnce(session: Session, id: string): void {
    if (this.#peers.owners(id)?.has(session)) return;
    this.#ask(session, [id]);
  }

  /**
   * Asks the best peer that was not asked yet for one whole block.
   * @param except peers not to ask
   * @returns whether there was such a peer
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

  /** Ends the requests to peers that deliver nothing, and asks for blocks of other branches. */
  tick(): void {
    this.#peers.expire();
    this.#scheduleBranches();
  }

  /** Distributes the missing blocks over the peers that have room. */
  schedule(): void {
    if (![...this.#peers].some(([, peer]) => this.#peers.room(peer) > 0)) return;
    const { chain } = this.#context;
    const isFar = chain.bestHeader().height - chain.tip().height > NEARLY_SYNCED_BLOCKS;
    const asks = new Map<Session, string[]>();
    this.#missing().forEach((id, position) => {
      if (this.#reserved.has(id)) return;
      const owners = this.#peers.owners(id);
      if (owners && (position > 0 || !this.#peers.overdue(id, isFar))) return;
      // Many peers may have the newest block, so a growing number is asked for an overdue one. In a long download one more peer is enough.
      for (let count = isFar ? 1 : (owners?.size ?? 1); count > 0; count--) {
        const session = this.#choose(id, (other) => owners?.has(other) ?? false);
        // Request an overdue block only from a peer that is not slow, because a slow peer would not deliver it sooner.
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

  /** Lets unproven peers prove themselves by a block that another peer is asked for, too. If they fail, nothing is lost. */
  #probe(asks: ReadonlyMap<Session, readonly string[]>): void {
    const id = [...asks].find(([session]) => this.#peers.rank(session) === 0)?.[1].at(-1);
    if (id === undefined) return;
    const height = this.#context.chain.header(id)!.header.height;
    for (const [session, peer] of this.#peers) {
      if (peer.proven || peer.probe !== null || !session.ready || session.claim!.base >= height) continue;
      if (this.#peers.provenHeight(session) < height) continue;
      this.#peers.claimProbe(session, id);
      session.send({ type: 'getData', kind: 'block', ids: [id] });
    }
  }

  /** Missing blocks below the best header, lowest first, within one window of the lowest. */
  #missing(): string[] {
    const { chain } = this.#context;
    const window = this.#window();
    // Without missing blocks, fetch the blocks that were altered on disk.
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
   * The least busy peer of the best tier that may have the block. Peers that have sent a header of this height come before peers that only
   * claim it; proven peers come before unproven peers, and slow peers last.
   */
  #choose(id: string, except: (session: Session) => boolean): Session | null {
    const height = this.#context.chain.header(id)?.header.height ?? 0;
    let bestTier = Infinity;
    let best: Entry | null = null;
    for (const entry of this.#peers) {
      const [session, peer] = entry;
      if (!session.ready || session.claim!.base >= height || except(session) || peer.lacks.has(id)) continue;
      const shown = this.#peers.provenHeight(session) >= height;
      if (!shown && session.claim!.height < height) continue;
      const tier = shown ? this.#peers.rank(session) : UNSHOWN_TIER;
      // If all peers of a better tier are busy, wait for one of them.
      if (tier < bestTier) [bestTier, best] = [tier, null];
      if (tier === bestTier && this.#peers.room(peer) > 0 && !(best && best[1].inFlight.size <= peer.inFlight.size)) best = entry;
    }
    return best?.[0] ?? null;
  }

  /**
   * Asks idle peers for blocks of their own branches that have more work than this node's tip. This helps where nobody has the bodies of
   * the best headers (their miner is gone), and another branch is better than the active branch.
   */
  #scheduleBranches(): void {
    const { chain, clock } = this.#context;
    const [lowest] = this.#missing();
    const now = clock.monotonic();
    const better = [...this.#peers].filter(([session]) => session.ready && session.claim!.work > chain.tip().work);
    const isSlow = ([, { slowUntil }]: Entry): boolean => slowUntil > now;
    // Do not ask a slow peer for blocks that others have too, because the slow peer would delay them.
    const others = new Set<string>();
    for (const entry of [...better.filter((entry) => !isSlow(entry)), ...better.filter(isSlow)]) {
      const [session, peer] = entry;
      const path = this.#branchOf(session, peer).filter((id) => session.claim!.base < chain.header(id)!.header.height);
      // A branch that starts with the window's first block is the branch of schedule().
      if (path[0] === lowest) continue;
      const wanted = path.filter((id) => !this.#peers.owners(id) && !peer.lacks.has(id) && !(isSlow(entry) && others.has(id)));
      if (!isSlow(entry)) for (const id of wanted) others.add(id);
      const ids = peer.inFlight.size > 0 ? [] : wanted.slice(0, this.#peers.room(peer));
      if (ids.length > 0) this.#ask(session, ids);
    }
  }

  /** The lowest missing blocks, at most a window, below the highest header that a peer has sent or claims. */
  #branchOf(session: Session, { branch }: BlockPeer): string[] {
    const { chain } = this.#context;
    const claimed = chain.header(session.claim!.tip);
    const goal = claimed && claimed.header.height > (branch?.header.height ?? 0) ? claimed : branch;
    return goal ? chain.missingBlocks(this.#window(), goal.id) : [];
  }
}
