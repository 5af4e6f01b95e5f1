import type { DecodedTransaction } from '../protocol/transaction.ts';
import { MAX_INVENTORY, type InventoryKind } from '../protocol/wire.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import { BoundedSet } from './bounded.ts';
import type { NetContext } from './context.ts';
import {
  MAX_ALTERNATIVE_SOURCES,
  MAX_BARREN_IN_FLIGHT,
  MAX_OWN_IDS,
  MAX_REFUSED_IDS,
  MAX_TRANSACTIONS_IN_FLIGHT,
  OWN_ANNOUNCE_MS,
  TRANSACTION_PATIENCE_MS,
  TRANSACTION_TIMEOUT_MS,
} from './peer-limits.ts';
import type { Session } from './session.ts';

/**
 * Rules that a transaction breaks by itself, whatever the accounts are: no honest node ever passes such a one on. All other refusals
 * depend on the chain's state or this mempool's limits, and blame nobody.
 */
const PROVABLE_BREACHES: ReadonlySet<ErrorCode> = new Set([
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
  /** Whose answer is awaited. */
  readonly asked: Set<Session>;
  /** When somebody was last asked. */
  askedAt: number;
  /** Others that announced it. */
  readonly alternatives: Set<Session>;
}

/** Tells a peer of ids, in as few messages as they fit. */
export function sendInventory(session: Session, kind: InventoryKind, ids: readonly string[]): void {
  for (const id of ids) session.known.add(id);
  sendIds(session, 'inventory', kind, ids);
}

function sendIds(session: Session, type: 'inventory' | 'getData', kind: InventoryKind, ids: readonly string[]): void {
  for (let i = 0; i < ids.length; i += MAX_INVENTORY) session.send({ type, kind, ids: ids.slice(i, i + MAX_INVENTORY) });
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
  /** Peers that did not deliver, or not in time, what they had announced last: others are asked first. */
  readonly #barren = new Set<Session>();
  /** Peers that announced more than may be fetched at a time. */
  readonly #cutShort = new Set<Session>();
  /** What is asked of whom at the end of the task under way: a message for each id would keep the page busier than their sender. */
  readonly #asks = new Map<Session, string[]>();

  constructor(context: NetContext) {
    this.#context = context;
  }

  remove(session: Session): void {
    this.#inFlight.delete(session);
    this.#cutShort.delete(session);
    this.#barren.delete(session);
    for (const [id, fetch] of this.#fetches) {
      fetch.alternatives.delete(session);
      this.#failed(id, fetch, session);
    }
    this.#asks.delete(session);
    this.#sendAsks();
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
    this.#barren.clear();
    this.#asks.clear();
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
    for (const id of ids) {
      session.known.add(id);
      if (mempool.has(id) || this.#refused.has(id)) continue;
      const fetch = this.#fetches.get(id);
      if (fetch) {
        if (fetch.asked.has(session) || fetch.alternatives.size >= MAX_ALTERNATIVE_SOURCES) continue;
        fetch.alternatives.add(session);
        // Nothing is expected of those who were asked.
        if (!this.#barren.has(session) && [...fetch.asked].every((asked) => this.#barren.has(asked))) this.#askMore(id, fetch, 1);
      } else if (this.#hasRoom(session)) {
        const begun = { asked: new Set<Session>(), askedAt: this.#context.clock.monotonic(), alternatives: new Set<Session>() };
        this.#fetches.set(id, begun);
        this.#ask(id, begun, session);
      } else {
        this.#cutShort.add(session);
      }
    }
    this.#sendAsks();
  }

  /** Peers, each told once, that announced more than was fetched, and of whom most of that has come: what they have is worth asking again. */
  takeCutShort(): Session[] {
    const sessions = [...this.#cutShort].filter((session) => (this.#inFlight.get(session) ?? 0) < this.#mostInFlight(session) / 2);
    for (const session of sessions) this.#cutShort.delete(session);
    return sessions;
  }

  /**
   * Takes a transaction. The node announces it when the mempool has taken it.
   * @throws TabchainError when the sender must have known that it is invalid
   */
  async onTransaction(session: Session, transaction: DecodedTransaction): Promise<void> {
    session.known.add(transaction.id);
    if (this.#fetches.get(transaction.id)?.asked.has(session)) this.#barren.delete(session);
    this.#end(transaction.id);
    if (this.#context.mempool.has(transaction.id) || this.#refused.has(transaction.id)) return;
    try {
      await this.#context.mempool.accept(transaction, false);
    } catch (error) {
      if (!(error instanceof TabchainError) || PROVABLE_BREACHES.has(error.code)) throw error;
      this.#refused.add(transaction.id);
      this.#context.log('debug', 'gossip/transaction-refused', { id: transaction.id, code: errorCode(error) });
    }
  }

  notFound(session: Session, ids: readonly string[]): void {
    for (const id of ids) {
      const fetch = this.#fetches.get(id);
      if (!fetch?.asked.has(session)) continue;
      this.#barren.add(session);
      this.#failed(id, fetch, session);
    }
    this.#sendAsks();
  }

  tick(): void {
    const now = this.#context.clock.monotonic();
    for (const [id, fetch] of this.#fetches) {
      const waitedMs = now - fetch.askedAt;
      if (waitedMs < TRANSACTION_PATIENCE_MS) continue;
      for (const session of fetch.asked) this.#barren.add(session);
      if (!this.#askMore(id, fetch, fetch.asked.size) && waitedMs > TRANSACTION_TIMEOUT_MS) this.#end(id);
    }
    this.#sendAsks();
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

  /** A peer that withheld what it had announced may prove itself by a few. */
  #mostInFlight(session: Session): number {
    return this.#barren.has(session) ? MAX_BARREN_IN_FLIGHT : MAX_TRANSACTIONS_IN_FLIGHT;
  }

  #hasRoom(session: Session): boolean {
    return (this.#inFlight.get(session) ?? 0) < this.#mostInFlight(session);
  }

  #ask(id: string, fetch: Fetch, session: Session): void {
    fetch.asked.add(session);
    this.#inFlight.set(session, (this.#inFlight.get(session) ?? 0) + 1);
    const asks = this.#asks.get(session);
    if (asks) asks.push(id);
    else this.#asks.set(session, [id]);
  }

  #sendAsks(): void {
    for (const [session, ids] of this.#asks) sendIds(session, 'getData', 'transaction', ids);
    this.#asks.clear();
  }

  #awaitNoMore(fetch: Fetch, session: Session): void {
    fetch.asked.delete(session);
    const count = this.#inFlight.get(session);
    if (count !== undefined) this.#inFlight.set(session, count - 1);
  }

  #end(id: string): void {
    const fetch = this.#fetches.get(id);
    if (!fetch) return;
    this.#fetches.delete(id);
    for (const session of fetch.asked) this.#awaitNoMore(fetch, session);
  }

  /** One of those who were asked will not answer: the next is asked, where no other answer is awaited. */
  #failed(id: string, fetch: Fetch, session: Session): void {
    if (!fetch.asked.has(session)) return;
    this.#awaitNoMore(fetch, session);
    if (fetch.asked.size > 0) return;
    this.#askMore(id, fetch, 1);
    if (fetch.asked.size === 0) this.#fetches.delete(id);
  }

  /**
   * Asks so many more of those that announced it, those first that delivered what they announced before.
   * @returns whether there was somebody to ask
   */
  #askMore(id: string, fetch: Fetch, count: number): boolean {
    const free = [...fetch.alternatives].filter((session) => session.ready && this.#hasRoom(session));
    const order = [...free.filter((session) => !this.#barren.has(session)), ...free.filter((session) => this.#barren.has(session))];
    if (order.length === 0) return false;
    fetch.askedAt = this.#context.clock.monotonic();
    for (const session of order.slice(0, count)) {
      fetch.alternatives.delete(session);
      this.#ask(id, fetch, session);
    }
    return true;
  }
}
