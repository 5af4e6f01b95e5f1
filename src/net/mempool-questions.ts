import type { NetContext } from './context.ts';
import type { Gossip } from './gossip.ts';
import { MEMPOOL_QUESTION_MS } from './peer-limits.ts';
import type { Session } from './session.ts';
import type { Sync } from './sync.ts';

/** Asks each peer what its mempool holds: once when this node has caught up with it, and again where what it announced was not taken. */
export class MempoolQuestions {
  readonly #context: NetContext;
  readonly #sync: Sync;
  readonly #gossip: Gossip;
  /** Peers whose mempool this node knows, or will when they have answered. */
  readonly #known = new Set<Session>();
  readonly #askedAt = new Map<Session, number>();

  constructor(context: NetContext, sync: Sync, gossip: Gossip) {
    this.#context = context;
    this.#sync = sync;
    this.#gossip = gossip;
  }

  /** The mempool was exchanged. */
  reset(): void {
    this.#known.clear();
  }

  remove(session: Session): void {
    this.#known.delete(session);
    this.#askedAt.delete(session);
  }

  /** Asks whom it is time to ask. */
  update(): void {
    // What is announced meanwhile is not taken, and has to be asked for afterwards.
    if (!this.#sync.judgesTransactions()) return this.#known.clear();
    for (const session of this.#gossip.takeCutShort()) this.#known.delete(session);
    const now = this.#context.clock.monotonic();
    for (const session of this.#context.ready()) {
      if (this.#known.has(session)) continue;
      // Earlier it may be ignored, without a word.
      if (now - (this.#askedAt.get(session) ?? -Infinity) < MEMPOOL_QUESTION_MS) continue;
      this.#known.add(session);
      this.#askedAt.set(session, now);
      session.send({ type: 'getMempool' });
    }
  }
}
