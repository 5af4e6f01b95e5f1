import type { BlockOutcome } from '../chain/port.ts';
import type { DecodedBlock, SealedHeader } from '../protocol/block.ts';
import { MAX_HEADERS, MAX_LOCATOR_IDS } from '../protocol/wire.ts';
import { BlockIntake } from './block-intake.ts';
import type { NetContext } from './context.ts';
import { BlockRequests } from './block-requests.ts';
import { CATCH_UP_PATIENCE_MS, CLAIM_RETRY_MS, HEADERS_TIMEOUT_MS, NEARLY_SYNCED_BLOCKS, PATIENCE_PER_BLOCK_MS } from './limits.ts';
import type { Session } from './session.ts';

interface HeaderPeer {
  /** When headers were asked for, null when no question is open. */
  askedAt: number | null;
  /** The last header of the last batch, to notice a peer that goes in circles. */
  lastId: string;
  /** The claimed tip that this peer could not (or need not) lead to, and until when that is remembered. */
  tested: { tip: string; until: number } | null;
  /** Questions that led nowhere; others are asked first. */
  failures: number;
}

export interface SyncStatus {
  /** Best header height known, or claimed by the peer whose headers are being fetched. */
  target: number;
  height: number;
  syncing: boolean;
}

/**
 * Brings the chain up to the most work that any peer can show: headers first, from one peer at a time, the best claim first among
 * those that kept their word; then the bodies from all that have them (see {@link BlockRequests}).
 */
export class Sync {
  readonly requests: BlockRequests;
  readonly #intake: BlockIntake;
  readonly #context: NetContext;
  readonly #peers = new Map<Session, HeaderPeer>();
  /** The first block of the best branch whose body is missing, null where none is, since when, and until when mining waits for it. */
  #awaited: string | null = null;
  #waitingSince = -Infinity;
  #waitingUntil = -Infinity;

  constructor(context: NetContext) {
    this.#context = context;
    this.requests = new BlockRequests(context);
    this.#intake = new BlockIntake(context, (session, block, outcome) => this.#accepted(session, block, outcome));
  }

  add(session: Session): void {
    this.#peers.set(session, { askedAt: null, lastId: '', tested: null, failures: 0 });
    this.requests.add(session);
  }

  remove(session: Session): void {
    this.#peers.delete(session);
    this.requests.remove(session);
  }

  /** Forgets what was asked and tested: the chain was exchanged. */
  reset(): void {
    this.#awaited = null;
    this.#intake.reset();
    for (const session of [...this.#peers.keys()]) {
      this.remove(session);
      this.add(session);
    }
  }

  status(): SyncStatus {
    const { chain } = this.#context;
    const height = chain.tip().height;
    let target = Math.max(height, this.#behind() ? chain.bestHeader().height : height);
    for (const [session, peer] of this.#peers) {
      // A peer that has disappointed before moves no target, or its claims could keep this node out of gossip.
      if (peer.askedAt !== null && peer.failures === 0 && this.#promises(session, peer)) target = Math.max(target, session.claim!.height);
    }
    return { target, height, syncing: target > height };
  }

  /** Whether this node lags so far behind that it should not judge or pass on what is new. */
  lagging(): boolean {
    const { target, height } = this.status();
    return target - height >= NEARLY_SYNCED_BLOCKS;
  }

  /** Whether bodies of a better branch are on their way, and more of them than a network in full swing has between its nodes. */
  catchingUp(): boolean {
    const { chain, clock } = this.#context;
    const isFar = chain.bestHeader().height - chain.tip().height > NEARLY_SYNCED_BLOCKS;
    return this.#behind() && isFar && clock.monotonic() < this.#waitingUntil;
  }

  #behind(): boolean {
    const { chain, clock } = this.#context;
    return chain.bestHeader().work > chain.tip().work && clock.monotonic() - this.#waitingSince < CATCH_UP_PATIENCE_MS;
  }

  #noteProgress(): void {
    const { chain, clock } = this.#context;
    const [awaited = null] = chain.bestHeader().work > chain.tip().work ? chain.missingBlocks(1) : [];
    // Other blocks that come meanwhile are no progress: waiting again for each of them would slow the network down for ever.
    if (awaited === this.#awaited) return;
    const now = clock.monotonic();
    const left = this.#awaited === null ? CATCH_UP_PATIENCE_MS : Math.max(0, this.#waitingUntil - now) + PATIENCE_PER_BLOCK_MS;
    this.#waitingUntil = now + Math.min(CATCH_UP_PATIENCE_MS, left);
    this.#awaited = awaited;
    this.#waitingSince = now;
  }

  /** Whether a peer claims more work than this node has verified, by a tip whose header is still unknown. */
  #promises(session: Session, peer: HeaderPeer): boolean {
    const { chain, clock } = this.#context;
    const { claim } = session;
    if (!session.ready || claim === null || claim.work <= chain.tip().work || chain.hasHeader(claim.tip)) return false;
    return peer.tested?.tip !== claim.tip || clock.monotonic() >= peer.tested.until;
  }

  /** Asks for whatever is worth asking now. Cheap when there is nothing. */
  update(): void {
    this.#noteProgress();
    const asking = [...this.#peers].some(([session, peer]) => peer.askedAt !== null && this.#promises(session, peer));
    if (!asking) {
      const [best] = [...this.#peers].filter(([session, peer]) => this.#promises(session, peer)).sort(byPromise);
      if (best) this.askHeaders(best[0]);
    }
    this.requests.schedule();
    this.#context.changed();
  }

  /** Asks a peer for what follows on its chain, unless a question is open. */
  askHeaders(session: Session, after: string | null = null): void {
    const peer = this.#peers.get(session);
    if (!peer || peer.askedAt !== null || !session.ready) return;
    const { chain, clock } = this.#context;
    peer.askedAt = clock.monotonic();
    const first = after ?? chain.bestHeader().id;
    const locator = [first, ...chain.locator().filter((id) => id !== first)].slice(0, MAX_LOCATOR_IDS);
    session.send({ type: 'getHeaders', locator });
  }

  /**
   * Takes headers, asked for or announced.
   * @throws RuleError
   */
  onHeaders(session: Session, headers: readonly SealedHeader[]): void {
    const peer = this.#peers.get(session);
    if (!peer) return;
    const { chain } = this.#context;
    const asked = peer.askedAt !== null;
    peer.askedAt = null;
    const { added, orphan, held } = headers.length > 0 ? chain.acceptHeaders(headers) : { added: 0, orphan: false, held: 0 };
    if (orphan && !asked) return this.askHeaders(session);
    peer.failures = added > 0 ? 0 : peer.failures + 1;
    const last = orphan ? undefined : headers[headers.length - held - 1];
    if (last) this.leadsTo(session, last);
    const more = headers.length === MAX_HEADERS && held === 0 && last !== undefined && last.id !== peer.lastId;
    peer.lastId = last?.id ?? '';
    if (more) this.askHeaders(session, last.id);
    else if (asked) this.#tested(session, peer);
    this.update();
  }

  /** Notes that a peer has led to this header, and so has the blocks up to it. */
  leadsTo(session: Session, sealed: SealedHeader): void {
    session.known.add(sealed.id);
    this.requests.noteBranch(session, sealed);
    const best = this.#context.chain.bestHeader();
    if (best.id === sealed.id) session.updateClaim({ height: best.height, tip: best.id, work: best.work });
  }

  #tested(session: Session, peer: HeaderPeer): void {
    if (session.claim) peer.tested = { tip: session.claim.tip, until: this.#context.clock.monotonic() + CLAIM_RETRY_MS };
  }

  /**
   * Takes a block, asked for or not.
   * @throws RuleError
   */
  async onBlock(session: Session, block: DecodedBlock): Promise<void> {
    session.known.add(block.id);
    this.requests.progressed(session, block.id);
    // Still counted as in flight while it waits, so that no more are asked for than can be dealt with.
    if (this.lagging() && this.requests.asked(session, block.id)) return this.#intake.take(session, block);
    this.requests.release(block.id);
    const outcome = await this.#context.chain.acceptBlock(block);
    if (outcome === 'orphan') this.askHeaders(session);
    this.update();
  }

  #accepted(session: Session, block: DecodedBlock, outcome: BlockOutcome | Error): void {
    this.requests.release(block.id);
    if (outcome instanceof Error) this.#context.judge(session, outcome);
    else if (outcome === 'orphan') this.askHeaders(session);
    this.update();
  }

  tick(): void {
    const now = this.#context.clock.monotonic();
    for (const [session, peer] of this.#peers) {
      if (peer.askedAt === null || now - peer.askedAt <= HEADERS_TIMEOUT_MS) continue;
      peer.askedAt = null;
      peer.failures++;
      this.#tested(session, peer);
      this.#context.log('info', 'sync', 'A peer did not answer with headers in time.', { peer: session.peerId });
    }
    this.requests.tick();
    this.update();
  }
}

function byPromise([a, peerA]: [Session, HeaderPeer], [b, peerB]: [Session, HeaderPeer]): number {
  if (peerA.failures !== peerB.failures) return peerA.failures - peerB.failures;
  return a.claim!.work > b.claim!.work ? -1 : 1;
}
