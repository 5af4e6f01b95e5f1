import type { NetContext } from './context.ts';
import { STALE_PATIENCE_MS, UNSURE_MS } from './peer-limits.ts';
import type { Session } from './session.ts';

/**
 * Whether this node knows roughly the others' chains: once a peer has answered or claims nothing unknown, and in any case
 * {@link UNSURE_MS} after the first hello. After sleep or a change of network this begins again.
 */
export class Sureness {
  readonly #context: NetContext;
  #isSure = false;
  /** Since when there are peers; null without peers. */
  #since: number | null = null;
  /** When doubt about the tip arose: claims before that count no more. */
  #doubtedAt = -Infinity;

  constructor(context: NetContext) {
    this.#context = context;
  }

  get isSure(): boolean {
    return this.#isSure;
  }

  /** Whether there are peers, but no claim of theirs is checked yet. */
  get isPending(): boolean {
    return !this.#isSure && this.#since !== null;
  }

  /** Whether doubt about the tip has not been cleared yet. */
  get isDoubted(): boolean {
    return !this.#isSure && this.#doubtedAt > -Infinity;
  }

  /** A peer has answered a request for headers. */
  answered(): void {
    this.#isSure = true;
  }

  /** The others' chains may have grown unnoticed, so a peer must answer again. Without an answer, the doubt ends after a while. */
  doubt(): void {
    this.#isSure = false;
    this.#since = null;
    this.#doubtedAt = this.#context.clock.monotonic();
  }

  update(sessions: Iterable<Session>): void {
    if (this.#isSure) return;
    const { chain, clock } = this.#context;
    const now = clock.monotonic();
    if (now - this.#doubtedAt >= STALE_PATIENCE_MS && this.isDoubted) return void (this.#isSure = true);
    const claims = [...sessions].flatMap(({ ready, claim, claimedAt }) => (ready && claim && claimedAt > this.#doubtedAt ? [claim] : []));
    if (claims.length === 0) return;
    this.#since ??= now;
    const isFamiliar = claims.some(({ work, tip }) => work <= chain.tip().work || chain.hasHeader(tip));
    if (isFamiliar || now - this.#since >= UNSURE_MS) this.#isSure = true;
  }
}
