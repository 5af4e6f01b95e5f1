import type { ChainBase } from '../../chain/port.ts';
import type { ChainTail, WorkSamples } from '../../protocol/work-proof.ts';
import type { StateChunk } from '../../protocol/state-proof.ts';
import type { Message, TipClaim } from '../../protocol/wire.ts';
import { errorCode } from '../../util/errors.ts';
import type { NetContext } from '../context.ts';
import { CLAIM_RETRY_MS, JOIN_BLOCKS, JOIN_BUDGET_MS, JOIN_HEAD_START_MS, JOIN_PAUSE_MS } from '../peer-limits.ts';
import type { Session } from '../session.ts';
import type { Syncs } from '../syncs.ts';
import { AccountDownload } from './account-download.ts';
import { parseProgress, progressText, type KeyRange } from './key-ranges.ts';
import type { JoinPorts, JoinStatus } from './port.ts';
import { WorkProof } from './work-proof.ts';

/** Fetching the accounts after a proven block. */
interface Download {
  readonly accounts: AccountDownload;
  /** Proven cumulative work of the tip above the base. */
  readonly work: bigint;
  /** The peer that proved the work; null where the recent chain was begun before. */
  readonly prover: Session | null;
}

/**
 * Fetches a recent chain, where this node is far behind: a peer proves its work by samples, and all peers send the accounts after a block
 * near its tip. Also where a heavier branch forks below the base of the recent chain in use, so that sync cannot lead to the branch.
 *
 * ```
 *  the peer that claims most work ──getTail, getSamples──▶ proven ──begin──▶ getAccounts, all peers ──finish──▶ enterRecent
 *        ▲                              │                                        │
 *        └── next peer ◀── no proof ────┘            sync sends no requests      └── nobody serves: begins again
 * ```
 *
 * A wrong proof or chunk ends the link of its sender. A peer that does not answer, or cannot, only loses its turn. Without success for
 * {@link JOIN_BUDGET_MS}, sync alone goes on for a while.
 */
export class Join {
  readonly #context: NetContext;
  readonly #syncs: Syncs;
  readonly #ports: JoinPorts;
  #proof: WorkProof | null = null;
  #download: Download | null = null;
  #finishing = false;
  /** Until when a peer that could not prove its claim is not asked again. */
  readonly #failedUntil = new WeakMap<Session, number>();
  /** Since when there was no success; null while nothing was tried since. */
  #triedSince: number | null = null;
  #pausedUntil = -Infinity;
  /** The proven work of the chain that is in use now, until its headers should have arrived. */
  #entered: { readonly work: bigint; readonly until: number } | null = null;

  constructor(context: NetContext, syncs: Syncs, ports: JoinPorts) {
    this.#context = context;
    this.#syncs = syncs;
    this.#ports = ports;
  }

  status(): JoinStatus | null {
    if (this.#download) return { phase: 'accounts', fraction: this.#download.accounts.fraction() };
    return this.#proof?.status() ?? null;
  }

  /** Begins, requests what is useful now, and ends what leads nowhere. Cheap if there is nothing to do. */
  update(): void {
    if (this.#finishing) return;
    if ((this.#proof || this.#download) && !this.#ports.host.wanted()) this.reset();
    if (this.#proof && (!this.#proof.session.ready || this.#proof.isOverdue)) this.#proofFailed(this.#proof, 'no answer');
    if (this.#download) this.#continue(this.#download);
    if (this.#proof) this.#syncs.inUse.held = this.#hasHeadStart();
    // A failure above leaves the turn to the next peer at once.
    if (!this.#proof && !this.#download) this.#begin();
  }

  /** Ends what is going on. What was begun can go on later. */
  reset(): void {
    this.#proof = null;
    this.#download = null;
  }

  remove(session: Session): void {
    this.#download?.accounts.remove(session);
  }

  /** Whether a message answers an open request to this peer itself. */
  isAsked(session: Session, message: Message): boolean {
    if (message.type === 'accounts') return this.#download?.accounts.asked(session, message.block, message.from) ?? false;
    if (this.#proof?.session !== session) return false;
    if (message.type === 'tail') return this.#proof.awaitsTail(message.tip);
    return message.type === 'samples' && this.#proof.awaitsSamples(message.before);
  }

  onTail(session: Session, tip: string, tail: ChainTail | null): void {
    const proof = this.#proof;
    if (proof?.session === session && proof.awaitsTail(tip)) this.#prove(proof, () => proof.onTail(tail));
  }

  onSamples(session: Session, before: string, samples: WorkSamples | null): void {
    const proof = this.#proof;
    if (proof?.session === session && proof.awaitsSamples(before)) this.#prove(proof, () => proof.onSamples(samples));
  }

  #prove(proof: WorkProof, step: () => ReturnType<WorkProof['onTail']>): void {
    try {
      const outcome = step();
      if (outcome === 'proven') this.#proven(proof);
      if (outcome === 'failed') this.#proofFailed(proof, 'no proof');
    } catch (error) {
      this.#proofFailed(proof, errorCode(error));
      this.#context.judge(proof.session, error);
    }
  }

  onAccounts(session: Session, block: string, from: Uint8Array, chunk: StateChunk | null): void {
    try {
      this.#download?.accounts.onAccounts(session, block, from, chunk);
    } catch (error) {
      this.#context.judge(session, error);
    }
  }

  #begin(): void {
    this.#syncs.inUse.held = false;
    const { chain, clock } = this.#context;
    const { host } = this.#ports;
    if (clock.monotonic() < this.#pausedUntil || !host.wanted()) return;
    const [session] = this.#context
      .ready()
      .filter((peer) => this.#isWorthAsking(peer))
      .sort(byWork);
    if (!session) return;
    this.#triedSince ??= clock.monotonic();
    const begun = host.begun();
    const progress = begun && parseProgress(begun.progress);
    if (begun && progress && progress.work > chain.tip().work) return this.#fetch(begun.base, progress.work, null, progress.ranges);
    if (begun) host.abandon();
    this.#proof = new WorkProof(this.#context, this.#ports.checks, session, session.claim!);
    this.#proof.askTail();
    this.#syncs.inUse.held = this.#hasHeadStart();
  }

  /** Once a newcomer has a recent chain, the newcomer needs nothing that sync would fetch while the work is being proven. */
  #hasHeadStart(): boolean {
    const { chain, clock } = this.#context;
    return chain.tip().height === 0 && clock.monotonic() - this.#triedSince! < JOIN_HEAD_START_MS;
  }

  #isWorthAsking(session: Session): boolean {
    const claim = session.claim!;
    const { chain, clock } = this.#context;
    // A peer without old blocks can prove nothing about them.
    if (claim.base > 0 || claim.work <= chain.tip().work || (this.#failedUntil.get(session) ?? -Infinity) > clock.monotonic()) return false;
    return this.#isFar(claim) || (claim.work > this.#workInUse() && this.#syncs.inUse.cannotFollow(session));
  }

  /** Work that the chain in use has or will have, as far as this node knows. */
  #workInUse(): bigint {
    const { chain, clock } = this.#context;
    const { work } = chain.bestHeader();
    const entered = this.#entered && clock.monotonic() < this.#entered.until ? this.#entered.work : 0n;
    return entered > work ? entered : work;
  }

  #isFar({ height }: TipClaim): boolean {
    return height - this.#context.chain.tip().height >= JOIN_BLOCKS;
  }

  #proven({ checked, session }: WorkProof): void {
    const { base, work, tip } = checked!;
    this.#context.log('info', 'join/proven', { peer: session.peerId, height: tip.header.height });
    this.#proof = null;
    this.#ports.host.begin(base, work);
    this.#fetch(base, work, session, null);
  }

  #proofFailed({ session }: WorkProof, reason: string): void {
    this.#proof = null;
    this.#failed(reason, session);
  }

  /** @param prover the peer that has failed, or that proved the chain whose accounts cannot be fetched */
  #failed(reason: string, prover: Session | null): void {
    const now = this.#context.clock.monotonic();
    this.#context.log('info', 'join/failed', { peer: prover?.peerId, reason });
    if (prover) this.#failedUntil.set(prover, now + CLAIM_RETRY_MS);
    if (this.#triedSince !== null && now - this.#triedSince >= JOIN_BUDGET_MS) this.#pause();
  }

  #pause(): void {
    this.#triedSince = null;
    this.#pausedUntil = this.#context.clock.monotonic() + JOIN_PAUSE_MS;
  }

  /** @param ranges what is left to fetch; null for everything */
  #fetch(base: ChainBase, work: bigint, prover: Session | null, ranges: readonly KeyRange[] | null): void {
    const { host, checks } = this.#ports;
    const block = base.headers.at(-1)!;
    const accounts: AccountDownload = new AccountDownload(this.#context, checks, block, ranges, (added, left) => {
      this.#triedSince = accounts.progressAt;
      try {
        host.add(added, progressText({ work, ranges: left }));
      } catch (error) {
        // The sender is not to blame.
        this.#end(errorCode(error), prover);
      }
    });
    this.#download = { accounts, work, prover };
    // Before the work is proven, a mere claim must not stop the sync of a node that is not behind.
    this.#syncs.inUse.held = block.header.height > this.#context.chain.tip().height;
    this.#continue(this.#download);
  }

  #continue({ accounts, prover }: Download): void {
    if (accounts.done) {
      this.#finishing = true;
      return this.#context.later(() => this.#finish());
    }
    accounts.schedule();
    const failure = accounts.failure();
    if (failure === null) return;
    // Peers serve only the newest snapshots. One that they served until now took too long, and so would the next.
    if (failure === 'unserved' && accounts.wasServed) this.#pause();
    if (failure === 'unserved') return this.#end(failure, prover);
    this.#download = null;
    this.#failed(failure, prover);
  }

  /** Gives up the begun chain. */
  #end(reason: string, prover: Session | null): void {
    this.#download = null;
    this.#ports.host.abandon();
    this.#failed(reason, prover);
  }

  async #finish(): Promise<void> {
    const { host } = this.#ports;
    const download = this.#download;
    this.#download = null;
    this.#syncs.inUse.held = false;
    try {
      // Meanwhile the chain in use may have got more work, or was replaced, or the person chose otherwise.
      if (download && host.wanted() && download.work > this.#context.chain.tip().work) {
        await host.finish();
        this.#entered = { work: download.work, until: this.#context.clock.monotonic() + CLAIM_RETRY_MS };
        this.#triedSince = null;
        this.#context.log('info', 'join/finished');
      }
    } catch (error) {
      this.#end(errorCode(error), download!.prover);
    } finally {
      this.#finishing = false;
    }
  }
}

function byWork(a: Session, b: Session): number {
  return a.claim!.work < b.claim!.work ? 1 : -1;
}
