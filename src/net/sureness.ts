import type { NetContext } from './context.ts';
import { UNSURE_MS } from './peer-limits.ts';
import type { Session } from './session.ts';

/**
 * Whether this node knows roughly the others' chains: once a peer has answered or claims nothing unknown, and in any case
 * {@link UNSURE_MS} after the first hello.
 */
export class Sureness {
  readonly #context: NetContext;
  #isSure = false;
  /** Since when there are peers; null without peers. */
  #since: number | null = null;

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

  /** A peer has answered a request for headers. */
  answered(): void {
    this.#isSure = true;
  }

  update(sessions: Iterable<Session>): void {
    if (this.#isSure) return;
    const { chain, clock } = this.#context;
    const claims = [...sessions].flatMap(({ ready, claim }) => (ready && claim ? [claim] : []));
    if (claims.length === 0) return;
    this.#since ??= clock.monotonic();
    const isFamiliar = claims.some(({ work, tip }) => work <= chain.tip().work || chain.hasHeader(tip));
    if (isFamiliar || clock.monotonic() - this.#since >= UNSURE_MS) this.#isSure = true;
  }
}
