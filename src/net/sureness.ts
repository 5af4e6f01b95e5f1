import type { TipClaim } from '../protocol/wire.ts';
import type { NetContext } from './context.ts';
import { STALE_PATIENCE_MS, UNSURE_MS } from './peer-limits.ts';
import type { Session } from './session.ts';

export interface SurenessStatus {
  /** Whether there are peers, but no claim of theirs is checked yet. */
  unsure: boolean;
  /** Whether all peers claim longer chains, of which they have only the newest blocks: nobody has the blocks that come next here. */
  cutOff: boolean;
}

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

  status(sessions: Iterable<Session>): SurenessStatus {
    return { unsure: !this.#isSure && this.#since !== null, cutOff: this.#isCutOff(claimsOf(sessions)) };
  }

  /** One peer with a chain that this node can follow is enough: a false claim must not hide that peer. */
  #isCutOff(claims: readonly TipClaim[]): boolean {
    const { chain } = this.#context;
    const { work } = chain.tip();
    return claims.length > 0 && claims.every((claim) => claim.work > work && claim.base > chain.bestHeader().height);
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
    const claims = claimsOf(sessions, this.#doubtedAt);
    if (claims.length === 0) return;
    this.#since ??= now;
    const isFamiliar = claims.some(({ work, tip }) => work <= chain.tip().work || chain.hasHeader(tip));
    if (isFamiliar || now - this.#since >= UNSURE_MS) this.#isSure = true;
  }
}

/** The claims of ready peers that are newer than a time of the monotonic clock. */
function claimsOf(sessions: Iterable<Session>, sinceMs = -Infinity): TipClaim[] {
  return [...sessions].flatMap(({ ready, claim, claimedAt }) => (ready && claim && claimedAt > sinceMs ? [claim] : []));
}
