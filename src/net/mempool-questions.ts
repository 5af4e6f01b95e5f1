import type { NetContext } from './context.ts';
import type { Gossip } from './gossip.ts';
import { MEMPOOL_QUESTION_MS } from './peer-limits.ts';
import type { Session } from './session.ts';
import type { Syncs } from './syncs.ts';

/** Asks each peer for its mempool's ids: once when this node has caught up, and again if announced transactions were not fetched. */
export class MempoolQuestions {
  readonly #context: NetContext;
  readonly #syncs: Syncs;
  readonly #gossip: Gossip;
  /** Peers whose mempool this node has asked for. */
  readonly #known = new Set<Session>();
  readonly #askedAt = new Map<Session, number>();

  constructor(context: NetContext, syncs: Syncs, gossip: Gossip) {
    this.#context = context;
    this.#syncs = syncs;
    this.#gossip = gossip;
  }

  /** Forgets which peers were asked, because the mempool was replaced. */
  reset(): void {
    this.#known.clear();
  }

  remove(session: Session): void {
    this.#known.delete(session);
    this.#askedAt.delete(session);
  }

  /** Asks the peers that are due. */
  update(): void {
    // Announcements are ignored meanwhile, so ask again afterwards.
    if (!this.#syncs.inUse.judgesTransactions()) return this.#known.clear();
    for (const session of this.#gossip.takeCutShort()) this.#known.delete(session);
    const now = this.#context.clock.monotonic();
    for (const session of this.#context.ready()) {
      if (this.#known.has(session)) continue;
      // The peer may silently ignore an earlier question.
      if (now - (this.#askedAt.get(session) ?? -Infinity) < MEMPOOL_QUESTION_MS) continue;
      this.#known.add(session);
      this.#askedAt.set(session, now);
      session.send({ type: 'getMempool' });
    }
  }
}
