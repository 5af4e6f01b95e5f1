import { choosePoints } from '../../protocol/sample-points.ts';
import { MAX_SAMPLE_POINTS, type ChainTail, type WorkSamples } from '../../protocol/work-proof.ts';
import type { TipClaim } from '../../protocol/wire.ts';
import type { NetContext } from '../context.ts';
import { JOIN_PATIENCE_MS } from '../peer-limits.ts';
import type { Session } from '../session.ts';
import type { CheckedTail, JoinChecks, JoinStatus } from './port.ts';

/** `failed`: the peer cannot prove its claim. That is no provable breach, because its chain may have changed since. */
type Outcome = 'open' | 'proven' | 'failed';

/** Lets one peer prove the work that it claims: by the newest headers, and by samples of the work below them. */
export class WorkProof {
  readonly session: Session;
  readonly #context: NetContext;
  readonly #checks: Pick<JoinChecks, 'tail' | 'samples'>;
  readonly #claim: TipClaim;
  #checked: CheckedTail | null = null;
  /** They are chosen after the peer has committed itself to its whole history by the tail. */
  #points: readonly bigint[] = [];
  /** Number of points that samples have covered. */
  #covered = 0;
  #askedAt = -Infinity;

  constructor(context: NetContext, checks: Pick<JoinChecks, 'tail' | 'samples'>, session: Session, claim: TipClaim) {
    this.#context = context;
    this.#checks = checks;
    this.session = session;
    this.#claim = claim;
  }

  status(): JoinStatus {
    if (!this.#checked) return { phase: 'tail', fraction: 0 };
    return { phase: 'samples', fraction: this.#covered / this.#points.length };
  }

  /** The proven tail. */
  get checked(): CheckedTail | null {
    return this.#checked;
  }

  get isOverdue(): boolean {
    return this.#context.clock.monotonic() - this.#askedAt >= JOIN_PATIENCE_MS;
  }

  askTail(): void {
    this.#askedAt = this.#context.clock.monotonic();
    this.session.send({ type: 'getTail', tip: this.#claim.tip });
  }

  #askSamples(before: string): Outcome {
    if (this.#covered === this.#points.length) return 'proven';
    this.#askedAt = this.#context.clock.monotonic();
    this.session.send({ type: 'getSamples', before, points: this.#asked() });
    return 'open';
  }

  /** The points of the open request. */
  #asked(): readonly bigint[] {
    return this.#points.slice(this.#covered, this.#covered + MAX_SAMPLE_POINTS);
  }

  awaitsTail(tip: string): boolean {
    return this.#checked === null && tip === this.#claim.tip;
  }

  awaitsSamples(before: string): boolean {
    return this.#checked?.first.id === before;
  }

  /** @throws TabchainError if the headers break a rule or do not belong together */
  onTail(tail: ChainTail | null): Outcome {
    if (tail === null) return 'failed';
    const { chain, random } = this.#context;
    const { tip, work, height } = this.#claim;
    const checked = this.#checks.tail(chain.network, tip, tail);
    if (checked === null) return 'failed';
    if (checked.work !== work || checked.tip.header.height !== height) return 'failed';
    const points = choosePoints(random, checked);
    // The tail has too little of the work for samples to show the rest.
    if (!points) return 'failed';
    this.#checked = checked;
    this.#points = points;
    return this.#askSamples(checked.first.id);
  }

  /** @throws TabchainError if the samples do not belong to the history, or lack its work */
  onSamples(samples: WorkSamples | null): Outcome {
    if (samples === null) return 'failed';
    const { first } = this.#checked!;
    const points = this.#asked();
    this.#checks.samples(this.#context.chain.network, first, points, samples);
    this.#covered += points.length;
    return this.#askSamples(first.id);
  }
}
