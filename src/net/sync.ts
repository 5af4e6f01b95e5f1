import type { BlockOutcome } from '../chain/port.ts';
import type { DecodedBlock, SealedHeader } from '../protocol/block.ts';
import { MAX_HEADERS, MAX_LOCATOR_IDS } from '../protocol/wire.ts';
import { BlockIntake } from './block-intake.ts';
import type { NetContext } from './context.ts';
import { BlockPeers } from './block-peers.ts';
import { BlockRequests } from './block-requests.ts';
import { CatchUp } from './catch-up.ts';
import {
  BARREN_QUESTION_MS,
  CLAIM_RETRY_MS,
  HEADERS_PATIENCE_MS,
  HEADERS_TIMEOUT_MS,
  MAX_HEADER_FAILURES,
  MAX_HEADER_QUESTIONS,
  NEARLY_SYNCED_BLOCKS,
  UNSURE_MS,
} from './peer-limits.ts';
import type { Session } from './session.ts';

interface HeaderPeer {
  /** When headers were asked for, null when no question is open. */
  askedAt: number | null;
  /** When they were last asked for. */
  lastAskedAt: number;
  /** The last header that it led to. */
  last: SealedHeader | null;
  /** The claimed tip that this peer could not (or need not) lead to, and until when that is remembered. */
  tested: { tip: string; until: number } | null;
  /** Questions in a row that led nowhere; others are asked first. */
  failures: number;
  /** Its last message of headers led nowhere. */
  barren: boolean;
  /** There is a reason to ask it, as soon as that may be. */
  wanted: boolean;
}

export interface SyncStatus {
  /** Height of the best header that this node has verified. */
  target: number;
  height: number;
  syncing: boolean;
  /** There are peers, but none of them has said anything yet that could be verified. */
  unsure: boolean;
}

/**
 * Brings the chain up to the most work that any peer can show: headers first, then the bodies from all that have them (see
 * {@link BlockRequests}). What peers claim decides only whom to ask: what this node believes, shows and waits for are headers that it has
 * verified. Several are asked side by side, so that who answers not, slowly or with little holds nobody up.
 */
export class Sync {
  readonly blockPeers: BlockPeers;
  readonly requests: BlockRequests;
  readonly #catchUp: CatchUp;
  readonly #intake: BlockIntake;
  readonly #context: NetContext;
  readonly #peers = new Map<Session, HeaderPeer>();
  /** When somebody last led on, by a full batch, to more work: others are asked but now and then meanwhile. */
  #ledAt = -Infinity;
  /** When another one was last asked meanwhile. */
  #triedAt = -Infinity;
  /** No peer's word was looked into yet; since when there are peers, null while there are none. */
  #unsure = true;
  #unsureSince: number | null = null;

  constructor(context: NetContext) {
    this.#context = context;
    this.blockPeers = new BlockPeers(context);
    this.requests = new BlockRequests(context, this.blockPeers);
    this.#catchUp = new CatchUp(context);
    this.#intake = new BlockIntake(context, (session, block, outcome) => {
      this.blockPeers.release(block.id);
      this.#tookIn(session, outcome);
    });
  }

  add(session: Session): void {
    const blank = { askedAt: null, lastAskedAt: -Infinity, last: null, tested: null };
    this.#peers.set(session, { ...blank, failures: 0, barren: false, wanted: false });
    this.blockPeers.add(session);
  }

  remove(session: Session): void {
    this.#peers.delete(session);
    this.blockPeers.remove(session);
  }

  /** Forgets what was asked and tested: the chain was exchanged. */
  reset(): void {
    this.#catchUp.reset();
    this.#unsure = true;
    this.#unsureSince = null;
    this.#ledAt = -Infinity;
    this.#intake.reset();
    for (const session of [...this.#peers.keys()]) {
      this.remove(session);
      this.add(session);
    }
  }

  status(): SyncStatus {
    const { chain } = this.#context;
    const height = chain.tip().height;
    const target = Math.max(height, this.#catchUp.isBehind() ? chain.bestHeader().height : height);
    return { target, height, syncing: target > height, unsure: this.#unsure && this.#unsureSince !== null };
  }

  /** Whether this node lags so far behind what it has verified that it should not pass on what is new. */
  lagging(): boolean {
    return this.#catchUp.gap() >= NEARLY_SYNCED_BLOCKS && this.#catchUp.isWorthWaitingFor();
  }

  /** Whether this node can judge transactions: it knows roughly where the others stand, and is there. */
  judgesTransactions(): boolean {
    return !this.#unsure && !this.lagging();
  }

  /** Whether bodies of a better branch are on their way, and more of them than a network in full swing has between its nodes. */
  catchingUp(): boolean {
    return this.#catchUp.gap() > NEARLY_SYNCED_BLOCKS && this.#catchUp.isWorthWaitingFor();
  }

  /** Whether a peer claims more work than this node has verified, by a tip whose header is still unknown, and may be asked about it. */
  #promises(session: Session, { tested, failures }: HeaderPeer): boolean {
    const { chain, clock } = this.#context;
    const { claim } = session;
    if (!session.ready || claim === null || claim.work <= chain.tip().work || chain.hasHeader(claim.tip)) return false;
    return !tested || clock.monotonic() >= tested.until || (tested.tip !== claim.tip && failures < MAX_HEADER_FAILURES);
  }

  /** Asks for whatever is worth asking now. Cheap when there is nothing. */
  update(): void {
    this.#catchUp.update();
    this.#askPromising();
    this.#noteSureness();
    this.requests.schedule();
    this.#context.changed();
  }

  #askPromising(): void {
    const promising = [...this.#peers].filter(([session, peer]) => this.#promises(session, peer));
    const idle = promising.filter(([, { askedAt }]) => askedAt === null).sort(byMerit);
    if (idle.length === 0) return;
    const now = this.#context.clock.monotonic();
    const open = promising.filter(([, { askedAt }]) => askedAt !== null && now - askedAt < HEADERS_PATIENCE_MS);
    let room = MAX_HEADER_QUESTIONS - open.length;
    if (this.#isLed()) {
      room = now - this.#triedAt < HEADERS_PATIENCE_MS ? 0 : 1;
      this.#triedAt = room > 0 ? now : this.#triedAt;
    }
    for (const [session] of idle.slice(0, Math.max(0, room))) this.askHeaders(session);
  }

  #isLed(): boolean {
    return this.#context.clock.monotonic() - this.#ledAt < HEADERS_PATIENCE_MS;
  }

  /** Sure is who has an answer, or a peer that has no more to show; and after a while whoever has neither. */
  #noteSureness(): void {
    const { chain, clock } = this.#context;
    const claims = this.#unsure ? [...this.#peers.keys()].flatMap(({ ready, claim }) => (ready && claim ? [claim] : [])) : [];
    if (claims.length === 0) return;
    this.#unsureSince ??= clock.monotonic();
    const isFamiliar = claims.some(({ work, tip }) => work <= chain.tip().work || chain.hasHeader(tip));
    if (isFamiliar || clock.monotonic() - this.#unsureSince >= UNSURE_MS) this.#unsure = false;
  }

  /** Asks a peer for what follows on its chain, unless a question is open; in a while, where it has just had nothing new to say. */
  askHeaders(session: Session, after: string | null = null): void {
    const peer = this.#peers.get(session);
    if (!peer || peer.askedAt !== null || !session.ready) return;
    const { chain, clock } = this.#context;
    const now = clock.monotonic();
    peer.wanted = peer.barren && now - peer.lastAskedAt < BARREN_QUESTION_MS;
    if (peer.wanted) return;
    peer.askedAt = now;
    peer.lastAskedAt = now;
    const ahead = [after, chain.bestHeader().id, peer.last?.id].filter((id) => id != null);
    const locator = [...new Set([...ahead, ...chain.locator()])].slice(0, MAX_LOCATOR_IDS);
    session.send({ type: 'getHeaders', locator });
  }

  /** Takes headers, asked for or announced. */
  onHeaders(session: Session, headers: readonly SealedHeader[]): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    const { chain, clock } = this.#context;
    const asked = peer.askedAt !== null;
    const work = chain.bestHeader().work;
    peer.askedAt = null;
    const outcome = chain.acceptHeaders(headers, session);
    if (outcome.status === 'rejected') return this.#context.judge(session, outcome.error);
    // To be asked from where its branch begins: what was only counted is kept from now on, or the count was lost.
    if (outcome.status === 'again' || (outcome.status === 'orphan' && asked)) peer.last = null;
    if (outcome.status === 'again') return this.askHeaders(session);
    const last = outcome.status === 'accepted' ? headers[headers.length - outcome.held - 1] : undefined;
    const leads = outcome.added > 0 || (last !== undefined && last.header.height > (peer.last?.header.height ?? 0));
    const goesOn = last !== undefined && last === headers[MAX_HEADERS - 1];
    peer.barren = !leads;
    if (outcome.status === 'orphan' && !asked) return this.askHeaders(session);
    if (asked) this.#unsure = false;
    if (last) this.leadsTo(session, last);
    if (goesOn && chain.bestHeader().work > work) {
      // Of headers without more work anybody can have as many as it likes: who brings those waits for its turn.
      peer.failures = 0;
      this.#ledAt = clock.monotonic();
      this.askHeaders(session, last.id);
    } else if (asked && !(goesOn && (leads || this.#isLed()))) {
      this.#answered(session, peer);
    }
    this.update();
  }

  /** Notes that a peer has led to this header, and so has the blocks up to it. */
  leadsTo(session: Session, sealed: SealedHeader): void {
    session.known.add(sealed.id);
    this.blockPeers.noteBranch(session, sealed);
    const peer = this.#peers.get(session);
    if (peer) peer.last = sealed;
    const best = this.#context.chain.bestHeader();
    if (best.id === sealed.id) session.updateClaim({ height: best.height, tip: best.id, work: best.work });
  }

  /** A peer has said all that it has to say to its claim, or nothing in time. */
  #answered(session: Session, peer: HeaderPeer): void {
    const { chain, clock } = this.#context;
    if (!session.claim) return;
    peer.failures = chain.hasHeader(session.claim.tip) ? 0 : peer.failures + 1;
    peer.tested = { tip: session.claim.tip, until: clock.monotonic() + CLAIM_RETRY_MS };
  }

  /** Takes a block, asked for or not; the peer that sent it answers for it. */
  async onBlock(session: Session, block: DecodedBlock): Promise<void> {
    const { chain } = this.#context;
    session.known.add(block.id);
    const isAsked = this.blockPeers.asked(session, block.id);
    this.blockPeers.progressed(session, block.id);
    // Still counted as in flight while it waits, so that no more are asked for than can be dealt with.
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
      if (peer.wanted) this.askHeaders(session);
      if (peer.askedAt === null || now - peer.askedAt <= HEADERS_TIMEOUT_MS) continue;
      peer.askedAt = null;
      this.#answered(session, peer);
      this.#context.log('info', 'sync/headers-timeout', { peer: session.peerId });
    }
    this.requests.tick();
    this.update();
  }
}

/** Who kept its word before others; of those the one that has waited longest. */
function byMerit([, a]: [Session, HeaderPeer], [, b]: [Session, HeaderPeer]): number {
  return a.failures - b.failures || a.lastAskedAt - b.lastAskedAt;
}
