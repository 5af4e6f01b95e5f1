import { offerId, type ExperimentMessage, type Offer, type VerdictMessage } from '../protocol/wire-experiment.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { TabchainError } from '../util/errors.ts';
import { TokenBucket } from '../util/token-bucket.ts';
import type { NetContext } from './context.ts';
import { ALL_EXPERIMENTS, EXPERIMENT_PATIENCE_MS, PEER_EXPERIMENTS } from './peer-limits.ts';
import type { Session } from './session.ts';

/** What the node must do for experiments. */
export interface ExperimentPort {
  /**
   * What this node's rules say about an offer. The offer changes nothing.
   * @param peerId of the tab that makes the offer
   * @returns the code of the first broken rule, null where none is broken; undefined where the account's signature cannot be verified, so the
   *   offer deserves no answer
   */
  judge(message: ExperimentMessage, peerId: string): Promise<ErrorCode | null | undefined>;
  /** A peer has made an experiment, which this node has judged. */
  seen(message: ExperimentMessage, peerId: string, code: ErrorCode | null): void;
}

/** What the peers say about an offer. */
export interface Answers {
  /** By peer id; an empty code means that no rule is broken. */
  readonly verdicts: ReadonlyMap<string, string>;
  /** Peers that were asked and have not answered in time. */
  readonly silent: readonly string[];
  /** Number of peers that do not know experiments. */
  readonly others: number;
}

interface OpenOffer {
  readonly id: string;
  readonly asked: Set<Session>;
  readonly verdicts: Map<string, string>;
  readonly silent: string[];
  finish(): void;
}

/**
 * Experiments: a peer offers something that breaks a rule, says so, and gets the code of the rule. What is marked like that is judged by the
 * same rules as anything else, is never taken, and blames nobody. Each peer has a small number of experiments a minute; more are dropped.
 */
export class Experiments {
  readonly #context: NetContext;
  readonly #port: ExperimentPort | null;
  readonly #buckets = new Map<Session, TokenBucket>();
  readonly #all: TokenBucket;
  readonly #own: TokenBucket;
  #open: OpenOffer | null = null;

  constructor(context: NetContext, port: ExperimentPort | null) {
    this.#context = context;
    this.#port = port;
    const now = context.clock.monotonic();
    this.#all = TokenBucket.of(ALL_EXPERIMENTS, now);
    this.#own = TokenBucket.of(PEER_EXPERIMENTS, now);
  }

  remove(session: Session): void {
    this.#buckets.delete(session);
    if (!this.#open?.asked.delete(session)) return;
    this.#open.silent.push(session.peerId);
    this.#settle();
  }

  /**
   * Sends an offer to all peers that know experiments, and waits some seconds for their verdicts.
   * @throws TabchainError `experiment-too-soon`: another offer is open, or the peers would drop this offer
   */
  offer(message: ExperimentMessage): Promise<Answers> {
    if (this.#open || !this.#own.take(this.#context.clock.monotonic())) {
      throw new TabchainError('experiment-too-soon', 'Wait some seconds before the next experiment.');
    }
    const ready = this.#context.ready();
    const asked = new Set(ready.filter(({ takesExperiments }) => takesExperiments));
    const others = ready.length - asked.size;
    const verdicts = new Map<string, string>();
    const silent: string[] = [];
    return new Promise((resolve) => {
      const open = { id: offerId(message), asked, verdicts, silent, finish: () => resolve({ verdicts, silent, others }) };
      this.#open = open;
      for (const session of asked) session.send(message);
      this.#context.later(async () => this.#expire(open), EXPERIMENT_PATIENCE_MS);
      this.#settle();
    });
  }

  #expire(open: OpenOffer): void {
    if (this.#open !== open) return;
    for (const { peerId } of open.asked) open.silent.push(peerId);
    open.asked.clear();
    this.#settle();
  }

  #settle(): void {
    if (!this.#open || this.#open.asked.size > 0) return;
    this.#open.finish();
    this.#open = null;
  }

  /** Judges a peer's offer and answers. Drops the offer beyond the limits, and where its signature cannot be verified. */
  async onExperiment(session: Session, message: ExperimentMessage): Promise<void> {
    if (!this.#port || !this.#takes(session)) return;
    const code = await this.#port.judge(message, session.peerId);
    if (code === undefined) return;
    session.send({ type: 'verdict', offer: offerId(message satisfies Offer), code: code ?? '' });
    this.#port.seen(message, session.peerId, code);
  }

  #takes(session: Session): boolean {
    const now = this.#context.clock.monotonic();
    const bucket = this.#buckets.get(session) ?? TokenBucket.of(PEER_EXPERIMENTS, now);
    this.#buckets.set(session, bucket);
    return bucket.take(now) && this.#all.take(now);
  }

  /** Takes the first verdict of each peer that was asked about the open offer. */
  onVerdict(session: Session, { offer, code }: VerdictMessage): void {
    if (this.#open?.id !== offer || !this.#open.asked.delete(session)) return;
    this.#open.verdicts.set(session.peerId, code);
    this.#settle();
  }
}
