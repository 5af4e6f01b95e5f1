import { Change } from '../util/change.ts';
import type { BlockOutcome, ChainPort } from '../chain/port.ts';
import type { DecodedBlock, SealedHeader } from '../protocol/block.ts';
import { MAX_HEADERS, MAX_LOCATOR_IDS } from '../protocol/wire.ts';
import { BlockIntake } from './block-intake.ts';
import type { NetContext } from './context.ts';
import { BlockPeers } from './block-peers.ts';
import { BlockRequests } from './block-requests.ts';
import { CatchUp } from './catch-up.ts';
import { HeaderLead } from './header-lead.ts';
import {
  BARREN_QUESTION_MS,
  CLAIM_RETRY_MS,
  HEADERS_PATIENCE_MS,
  HEADERS_TIMEOUT_MS,
  MAX_HEADER_FAILURES,
  NEARLY_SYNCED_BLOCKS,
} from './peer-limits.ts';
import type { Session } from './session.ts';
import { Sureness, type SurenessStatus } from './sureness.ts';

interface HeaderPeer {
  /** When headers were requested; null without an open request. */
  askedAt: number | null;
  /** When headers were last requested. */
  lastAskedAt: number;
  /** The last header that the peer led to. */
  last: SealedHeader | null;
  /** The claimed tip that this peer could not (or need not) lead to, and until when this is remembered. */
  tested: { tip: string; until: number } | null;
  /** Requests in a row that led nowhere; peers with fewer are asked first. */
  failures: number;
  /** Whether the peer's last `headers` message led nowhere. */
  barren: boolean;
  /** Whether to ask the peer as soon as allowed. */
  wanted: boolean;
  /** Whether the peer's last answer began above an unknown block. */
  astray: boolean;
}

export interface SyncStatus extends SurenessStatus {
  /** Height of the best header that this node has verified. */
  target: number;
  height: number;
  syncing: boolean;
}

/**
 * Brings the chain to the most work that any peer can prove: headers first, then the bodies from all peers that have them (see
 * {@link BlockRequests}). Claims of peers decide only which peer to ask. This node believes, shows and waits for only headers that it has
 * verified. Several peers are asked at once, so a peer with no answer, a slow answer or a short answer delays nothing.
 */
export class Sync {
  readonly blockPeers: BlockPeers;
  readonly requests: BlockRequests;
  readonly sureness: Sureness;
  readonly #told = new Change();
  readonly #catchUp: CatchUp;
  readonly #intake: BlockIntake;
  /** Sends no requests while true: this node fetches a recent chain, or the newest blocks of the recent chain in use. */
  held = false;
  readonly #context: NetContext;
  readonly #yields: (session: Session) => boolean;
  readonly #peers = new Map<Session, HeaderPeer>();
  readonly #lead: HeaderLead;

  /**
   * @param context with the chain that this object brings up; no other code replaces the chain
   * @param yields whether a peer must not be asked for headers yet, because another download wants to ask the peer
   */
  constructor(context: NetContext, yields: (session: Session) => boolean) {
    this.#context = context;
    this.#yields = yields;
    this.blockPeers = new BlockPeers(context);
    this.requests = new BlockRequests(context, this.blockPeers);
    this.#catchUp = new CatchUp(context);
    this.sureness = new Sureness(context);
    this.#lead = new HeaderLead(context.clock);
    this.#intake = new BlockIntake(context, (session, block, outcome) => {
      this.blockPeers.release(block.id);
      this.#tookIn(session, outcome);
    });
  }

  add(session: Session): void {
    const blank = { askedAt: null, lastAskedAt: -Infinity, last: null, tested: null };
    this.#peers.set(session, { ...blank, failures: 0, barren: false, wanted: false, astray: false });
    this.blockPeers.add(session);
  }

  remove(session: Session): void {
    if (session.headersAskedBy === this) session.headersAskedBy = null;
    this.#context.chain.releaseSource(session);
    this.#peers.delete(session);
    this.blockPeers.remove(session);
  }

  /** Ends all requests and drops waiting blocks, because the chain is no longer used. */
  close(): void {
    this.#intake.close();
    for (const session of [...this.#peers.keys()]) this.remove(session);
  }

  get chain(): ChainPort {
    return this.#context.chain;
  }

  status(): SyncStatus {
    const { chain } = this.#context;
    const height = chain.tip().height;
    const target = Math.max(height, this.#catchUp.isBehind() ? chain.bestHeader().height : height);
    return { target, height, syncing: target > height, ...this.sureness.status(this.#peers.keys()) };
  }

  /** Whether this node is so far behind its verified headers that it should not relay blocks and transactions. */
  lagging(): boolean {
    return this.held || (this.#catchUp.gap() >= NEARLY_SYNCED_BLOCKS && this.#catchUp.isWorthWaitingFor());
  }

  /** Whether this node can judge transactions: it knows roughly the others' tips, and is near them. */
  judgesTransactions(): boolean {
    return this.sureness.isSure && !this.lagging();
  }

  /** Whether more bodies of a better branch are arriving than normally lie between two nodes of a busy network. */
  catchingUp(): boolean {
    return this.held || (this.#catchUp.gap() > NEARLY_SYNCED_BLOCKS && this.#catchUp.isWorthWaitingFor());
  }

  /** Whether to ask a peer: it claims more work by a tip with an unknown header, or the own tip may be old and the peer is unasked. */
  #promises(session: Session, { tested, failures, askedAt, lastAskedAt }: HeaderPeer): boolean {
    if (this.sureness.isDoubted && (askedAt !== null || lastAskedAt === -Infinity)) return session.ready;
    const { chain, clock } = this.#context;
    const { claim } = session;
    if (!this.#canLead(session) || claim!.work <= chain.tip().work || chain.hasHeader(claim!.tip)) return false;
    return !tested || clock.monotonic() >= tested.until || (tested.tip !== claim!.tip && failures < MAX_HEADER_FAILURES);
  }

  /** Whether a peer's headers can go on from this chain's: those of a peer without old blocks begin at its base. */
  #canLead({ ready, claim }: Session): boolean {
    return ready && claim!.base <= this.#context.chain.bestHeader().height;
  }

  /** Whether a peer's branch leaves this chain below its base, so headers cannot lead to the branch. */
  cannotFollow(session: Session): boolean {
    return this.#context.chain.base() > 0 && (this.#peers.get(session)?.astray ?? false);
  }

  /** The tip may be old: asks peers for headers, until one answers. Requests from before count no more. */
  doubt(): void {
    this.sureness.doubt();
    for (const [session, peer] of this.#peers) {
      this.#endRequest(session, peer);
      Object.assign(peer, { tested: null, barren: false, lastAskedAt: -Infinity } satisfies Partial<HeaderPeer>);
    }
  }

  /** Sends all requests that are useful now. Cheap if there are none. */
  update(): void {
    this.#catchUp.update();
    this.#askWanted();
    this.#askPromising();
    this.sureness.update(this.#peers.keys());
    if (!this.held) this.requests.schedule();
    // Each message of a peer comes here, and most change neither the status nor whether this node may mine.
    if (this.#told.isNew([this.status(), this.catchingUp(), this.sureness.isDoubted])) this.#context.changed();
  }

  /** Whether a peer is to be asked for headers as soon as allowed. */
  wantsHeaders(session: Session): boolean {
    return !this.held && (this.#peers.get(session)?.wanted ?? false);
  }

  #askWanted(): void {
    for (const [session, { wanted }] of this.#peers) if (wanted) this.askHeaders(session);
  }

  #askPromising(): void {
    if (this.held) return;
    const promising = [...this.#peers].filter(([session, peer]) => this.#promises(session, peer));
    const busy = ([session]: [Session, HeaderPeer]): number => (this.#isFree(session) ? 0 : 1);
    const idle = promising.filter(([, { askedAt }]) => askedAt === null).sort((a, b) => busy(a) - busy(b) || byMerit(a, b));
    if (idle.length === 0) return;
    const now = this.#context.clock.monotonic();
    const open = promising.filter(([, { askedAt }]) => askedAt !== null && now - askedAt < HEADERS_PATIENCE_MS);
    for (const [session] of idle.slice(0, this.#lead.room(open.length))) this.askHeaders(session);
  }

  /** Whether no other download has, or wants, an open request for headers to this peer. */
  #isFree(session: Session): boolean {
    return session.headersAskedBy === null && !this.#yields(session);
  }

  /**
   * Asks a peer for its next headers, unless a request is open. A peer that just sent nothing new is asked after a pause, and a peer that
   * another download asks is asked afterwards.
   */
  askHeaders(session: Session, after: string | null = null): void {
    const peer = this.#peers.get(session);
    if (!peer || peer.askedAt !== null || this.held || !this.#canLead(session)) return;
    const { chain, clock } = this.#context;
    const now = clock.monotonic();
    peer.wanted = (peer.barren && now - peer.lastAskedAt < BARREN_QUESTION_MS) || !this.#isFree(session);
    if (peer.wanted) return;
    session.headersAskedBy = this;
    peer.askedAt = now;
    peer.lastAskedAt = now;
    const ahead = [after, chain.bestHeader().id, peer.last?.id].filter((id) => id != null);
    const locator = [...new Set([...ahead, ...chain.locator()])].slice(0, MAX_LOCATOR_IDS);
    session.send({ type: 'getHeaders', locator });
  }

  /** Takes headers, requested or announced. */
  onHeaders(session: Session, headers: readonly SealedHeader[]): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    const { chain } = this.#context;
    const asked = peer.askedAt !== null;
    const work = chain.bestHeader().work;
    this.#endRequest(session, peer);
    const outcome = chain.acceptHeaders(headers, session);
    if (outcome.status === 'rejected') return this.#context.judge(session, outcome.error);
    // Ask from the start of the branch: headers that were only counted are kept from now on, or the count was lost.
    if (outcome.status === 'again' || (outcome.status === 'orphan' && asked)) peer.last = null;
    if (outcome.status === 'again') return this.askHeaders(session);
    const last = outcome.status === 'accepted' ? headers[headers.length - outcome.held - 1] : undefined;
    const leads = outcome.added > 0 || (last !== undefined && last.header.height > (peer.last?.header.height ?? 0));
    const goesOn = last !== undefined && last === headers[MAX_HEADERS - 1];
    peer.barren = !leads;
    if (outcome.status === 'orphan' && !asked) return this.askHeaders(session);
    if (asked) {
      this.sureness.answered();
      peer.astray = outcome.status === 'orphan';
    }
    if (last) this.leadsTo(session, last);
    if (goesOn && chain.bestHeader().work > work) {
      // Only headers with more work lead on at once: a peer can make any number of others, so such a peer waits for its turn.
      peer.failures = 0;
      this.#lead.led();
      this.askHeaders(session, last.id);
    } else if (asked && !(goesOn && (leads || this.#lead.isLed))) {
      this.#answered(session, peer);
    }
    this.update();
  }

  /** Records that a peer has led to this header, so it has the blocks up to the header. */
  leadsTo(session: Session, sealed: SealedHeader): void {
    session.known.add(sealed.id);
    this.blockPeers.noteBranch(session, sealed);
    const peer = this.#peers.get(session);
    if (peer) peer.last = sealed;
    const best = this.#context.chain.bestHeader();
    if (best.id === sealed.id) session.knows(best);
  }

  #endRequest(session: Session, peer: HeaderPeer): void {
    peer.askedAt = null;
    if (session.headersAskedBy === this) session.headersAskedBy = null;
  }

  /** A peer has sent all its headers for its claim, or has not answered in time. */
  #answered(session: Session, peer: HeaderPeer): void {
    const { chain, clock } = this.#context;
    if (!session.claim) return;
    peer.failures = chain.hasHeader(session.claim.tip) ? 0 : peer.failures + 1;
    peer.tested = { tip: session.claim.tip, until: clock.monotonic() + CLAIM_RETRY_MS };
  }

  /** Takes a block, requested or not. The sender answers for the block. */
  async onBlock(session: Session, block: DecodedBlock): Promise<void> {
    const { chain } = this.#context;
    session.known.add(block.id);
    const isAsked = this.blockPeers.asked(session, block.id);
    this.blockPeers.progressed(session, block.id);
    // A waiting block still counts as in flight, so this node requests no more blocks than it can handle.
    const isOneOfMany = this.#catchUp.gap() >= NEARLY_SYNCED_BLOCKS && chain.bestHeader().work > chain.tip().work;
    if (isOneOfMany && isAsked) return this.#intake.take(session, block);
    this.blockPeers.release(block.id);
    const [outcome] = await chain.acceptBlocks([block]);
    this.#tookIn(session, outcome!);
  }

  #tookIn(session: Session, outcome: BlockOutcome): void {
    if (outcome.status === 'rejected') this.#context.judge(session, outcome.error);
    if (outcome.status === 'connected') session.brought();
    if (outcome.status === 'orphan') this.askHeaders(session);
    this.update();
  }

  tick(): void {
    const now = this.#context.clock.monotonic();
    for (const [session, peer] of this.#peers) {
      if (peer.askedAt === null || now - peer.askedAt <= HEADERS_TIMEOUT_MS) continue;
      this.#endRequest(session, peer);
      this.#answered(session, peer);
      this.#context.log('info', 'sync/headers-timeout', { peer: session.peerId });
    }
    if (!this.held) this.requests.tick();
    this.update();
  }
}

/** Sorts peers by fewest failures, then by the longest time since the last request. */
function byMerit([, a]: [Session, HeaderPeer], [, b]: [Session, HeaderPeer]): number {
  return a.failures - b.failures || a.lastAskedAt - b.lastAskedAt;
}
