import type { DecodedTransaction } from '../protocol/transaction.ts';
import { MAX_INVENTORY, type InventoryKind } from '../protocol/wire.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import { BoundedSet } from './bounded.ts';
import type { NetContext } from './context.ts';
import {
  MAX_ALTERNATIVE_SOURCES,
  MAX_OWN_IDS,
  MAX_REFUSED_IDS,
  MAX_TRANSACTIONS_IN_FLIGHT,
  OWN_ANNOUNCE_MS,
  TRANSACTION_TIMEOUT_MS,
} from './limits.ts';
import type { Session } from './session.ts';

/**
 * Rules that a transaction breaks by itself, whatever the accounts are: no honest node ever passes such a one on. All other refusals
 * depend on the chain's state or this mempool's limits, and blame nobody.
 */
const PROVABLE_BREACHES: ReadonlySet<string> = new Set([
  'transaction-other-network',
  'name-invalid',
  'modulus-invalid',
  'stamp-invalid',
  'amount-not-positive',
  'amount-too-large',
  'memo-invalid',
  'signature-invalid',
]);

interface Fetch {
  session: Session;
  askedAt: number;
  readonly alternatives: Set<Session>;
}

/** Tells a peer of ids, in as few messages as they fit. */
export function sendInventory(session: Session, kind: InventoryKind, ids: readonly string[]): void {
  for (let i = 0; i < ids.length; i += MAX_INVENTORY) {
    const part = ids.slice(i, i + MAX_INVENTORY);
    for (const id of part) session.known.add(id);
    session.send({ type: 'inventory', kind, ids: part });
  }
}

/** Spreads transactions: announced by id to those that have not heard of them, fetched once. */
export class Gossip {
  readonly #context: NetContext;
  /** Announced at the next flush. */
  readonly #outgoing = new Set<string>();
  readonly #own = new BoundedSet(MAX_OWN_IDS);
  #ownAnnouncedAt = -Infinity;
  readonly #fetches = new Map<string, Fetch>();
  readonly #inFlight = new Map<Session, number>();
  readonly #refused = new BoundedSet(MAX_REFUSED_IDS);
  /** Peers that announced more than may be fetched at a time. */
  readonly #cutShort = new Set<Session>();

  constructor(context: NetContext) {
    this.#context = context;
  }

  remove(session: Session): void {
    this.#inFlight.delete(session);
    this.#cutShort.delete(session);
    for (const [id, fetch] of this.#fetches) {
      fetch.alternatives.delete(session);
      if (fetch.session === session) this.#askNext(id, fetch);
    }
  }

  /** What was refused may be valid now. */
  tipChanged(): void {
    this.#refused.clear();
  }

  /** Forgets everything but the peers: the chain was exchanged. */
  reset(): void {
    this.#outgoing.clear();
    this.#own.clear();
    this.#fetches.clear();
    this.#inFlight.clear();
    this.#refused.clear();
    this.#cutShort.clear();
  }

  /** @param own announced again and again until it has left the mempool */
  announce(id: string, own: boolean): void {
    this.#outgoing.add(id);
    if (own) this.#own.add(id);
  }

  /** Sends what was gathered to everybody who has not heard of it. */
  flush(): void {
    const ids = [...this.#outgoing].filter((id) => this.#context.mempool.has(id));
    this.#outgoing.clear();
    if (ids.length === 0) return;
    for (const session of this.#context.ready()) {
      const news = ids.filter((id) => !session.known.has(id));
      sendInventory(session, 'transaction', news);
    }
  }

  onInventory(session: Session, ids: readonly string[]): void {
    const { mempool } = this.#context;
    const asks: string[] = [];
    for (const id of ids) {
      session.known.add(id);
      if (mempool.has(id) || this.#refused.has(id)) continue;
      const fetch = this.#fetches.get(id);
      if (fetch) {
        if (fetch.session !== session && fetch.alternatives.size < MAX_ALTERNATIVE_SOURCES) fetch.alternatives.add(session);
      } else if ((this.#inFlight.get(session) ?? 0) < MAX_TRANSACTIONS_IN_FLIGHT) {
        this.#begin(id, { session, askedAt: this.#context.clock.monotonic(), alternatives: new Set() });
        asks.push(id);
      } else {
        this.#cutShort.add(session);
      }
    }
    if (asks.length > 0) session.send({ type: 'getData', kind: 'transaction', ids: asks });
  }

  /** Peers, each told once, that announced more than was fetched, and of whom most of that has come: what they have is worth asking again. */
  takeCutShort(): Session[] {
    const sessions = [...this.#cutShort].filter((session) => (this.#inFlight.get(session) ?? 0) < MAX_TRANSACTIONS_IN_FLIGHT / 2);
    for (const session of sessions) this.#cutShort.delete(session);
    return sessions;
  }

  /**
   * Takes a transaction. The node announces it when the mempool has taken it.
   * @throws TabchainError when the sender must have known that it is invalid
   */
  async onTransaction(session: Session, transaction: DecodedTransaction): Promise<void> {
    session.known.add(transaction.id);
    this.#end(transaction.id);
    if (this.#context.mempool.has(transaction.id) || this.#refused.has(transaction.id)) return;
    try {
      await this.#context.mempool.accept(transaction, false);
    } catch (error) {
      if (!(error instanceof TabchainError) || PROVABLE_BREACHES.has(error.code)) throw error;
      this.#refused.add(transaction.id);
      this.#context.log('debug', 'gossip', 'A transaction was not taken.', { id: transaction.id, code: errorCode(error) });
    }
  }

  notFound(session: Session, ids: readonly string[]): void {
    for (const id of ids) {
      const fetch = this.#fetches.get(id);
      if (fetch?.session === session) this.#askNext(id, fetch);
    }
  }

  tick(): void {
    const now = this.#context.clock.monotonic();
    for (const [id, fetch] of this.#fetches) {
      if (now - fetch.askedAt > TRANSACTION_TIMEOUT_MS) this.#askNext(id, fetch);
    }
    if (now - this.#ownAnnouncedAt >= OWN_ANNOUNCE_MS) {
      this.#ownAnnouncedAt = now;
      this.#announceOwn();
    }
  }

  #announceOwn(): void {
    for (const id of [...this.#own]) {
      if (!this.#context.mempool.has(id)) this.#own.delete(id);
    }
    // To all, told before or not: they may have dropped it.
    const ids = [...this.#own];
    for (const session of this.#context.ready()) sendInventory(session, 'transaction', ids);
  }

  #begin(id: string, fetch: Fetch): void {
    this.#fetches.set(id, fetch);
    this.#inFlight.set(fetch.session, (this.#inFlight.get(fetch.session) ?? 0) + 1);
  }

  #end(id: string): void {
    const fetch = this.#fetches.get(id);
    if (!fetch) return;
    this.#fetches.delete(id);
    const count = this.#inFlight.get(fetch.session);
    if (count !== undefined) this.#inFlight.set(fetch.session, count - 1);
  }

  /** Moves on to the next peer that announced it, or forgets it. */
  #askNext(id: string, fetch: Fetch): void {
    this.#end(id);
    for (const session of fetch.alternatives) {
      fetch.alternatives.delete(session);
      if (!session.ready) continue;
      this.#begin(id, { session, askedAt: this.#context.clock.monotonic(), alternatives: fetch.alternatives });
      session.send({ type: 'getData', kind: 'transaction', ids: [id] });
      return;
    }
  }
}
