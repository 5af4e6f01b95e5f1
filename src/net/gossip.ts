import type { DecodedTransaction } from '../protocol/transaction.ts';
import { MAX_INVENTORY, type InventoryKind } from '../protocol/wire.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import { BoundedSet } from './bounded.ts';
import type { NetContext } from './context.ts';
import {
  ANNOUNCE_DELAY_MS,
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
 * Rules that a transaction breaks independently of the chain's state, so no honest node passes the transaction on. All other refusals
 * depend on the chain's state or this mempool's limits, and blame no peer.
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
  /** Peers that were asked and have not answered. */
  readonly asked: Set<Session>;
  /** When a peer was last asked. */
  askedAt: number;
  /** Other peers that announced the transaction. */
  readonly alternatives: Set<Session>;
}

/** Announces ids to a peer, in as few messages as possible. */
export function sendInventory(session: Session, kind: InventoryKind, ids: readonly string[]): void {
  for (const id of ids) session.known.add(id);
  sendIds(session, 'inventory', kind, ids);
}

function sendIds(session: Session, type: 'inventory' | 'getData', kind: InventoryKind, ids: readonly string[]): void {
  for (let i = 0; i < ids.length; i += MAX_INVENTORY) session.send({ type, kind, ids: ids.slice(i, i + MAX_INVENTORY) });
}

/** Relays transactions: announces ids to peers that do not know them, and fetches each announced transaction once. */
export class Gossip {
  readonly #context: NetContext;
  /** Ids to announce together, a moment after the first. */
  readonly #outgoing = new Set<string>();
  readonly #own = new BoundedSet(MAX_OWN_IDS);
  #ownAnnouncedAt = -Infinity;
  readonly #fetches = new Map<string, Fetch>();
  readonly #inFlight = new Map<Session, number>();
  readonly #refused = new BoundedSet(MAX_REFUSED_IDS);
  /** Peers that did not deliver their last announced transaction, or not in time. Others are asked first. */
  readonly #barren = new Set<Session>();
  /** Peers that announced more transactions than may be fetched at a time. */
  readonly #cutShort = new Set<Session>();
  /** Requests to send at the end of the present task, because a message for each id would cost the page more time than the sender. */
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

  /** Forgets refused ids, because the transactions may be valid on the new tip. */
  tipChanged(): void {
    this.#refused.clear();
  }

  /** Forgets all state except the peers, because the chain was replaced. */
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

  /**
   * Announces a transaction together with the others of its burst.
   * @param own whether to announce the transaction repeatedly until it has left the mempool
   */
  announce(id: string, own: boolean): void {
    if (this.#outgoing.size === 0) this.#context.later(async () => this.#flush(), ANNOUNCE_DELAY_MS);
    this.#outgoing.add(id);
    if (own) this.#own.add(id);
  }

  /** Announces the gathered ids to each peer that does not know them. */
  #flush(): void {
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
        // Ask this peer at once if all peers asked so far have failed to deliver before.
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

  /** Returns, once each, peers that announced more than was fetched and have delivered most of it. Their mempool is worth asking again. */
  takeCutShort(): Session[] {
    const sessions = [...this.#cutShort].filter((session) => (this.#inFlight.get(session) ?? 0) < this.#mostInFlight(session) / 2);
    for (const session of sessions) this.#cutShort.delete(session);
    return sessions;
  }

  /**
   * Takes a transaction. The node announces it when the mempool has taken it.
   * @throws TabchainError if the sender must have known that the transaction is invalid
   */
  async onTransaction(session: Session, transaction: DecodedTransaction): Promise<void> {
    session.known.add(transaction.id);
    if (this.#fetches.get(transaction.id)?.asked.has(session)) this.#barren.delete(session);
    this.#end(transaction.id);
    if (this.#context.mempool.has(transaction.id) || this.#refused.has(transaction.id)) return;
    try {
      const outcome = await this.#context.mempool.accept(transaction, false);
      if (outcome !== 'known') session.broughtTransaction();
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
    // Announce to all peers, even if they know the ids, because they may have dropped the transactions.
    const ids = [...this.#own];
    for (const session of this.#context.ready()) sendInventory(session, 'transaction', ids);
  }

  /** A peer that withheld an announced transaction may prove itself again with a few. */
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

  /** A peer will not answer: asks the next peer, unless another answer is due. */
  #failed(id: string, fetch: Fetch, session: Session): void {
    if (!fetch.asked.has(session)) return;
    this.#awaitNoMore(fetch, session);
    if (fetch.asked.size > 0) return;
    this.#askMore(id, fetch, 1);
    if (fetch.asked.size === 0) this.#fetches.delete(id);
  }

  /**
   * Asks `count` more of the peers that announced the transaction; peers that delivered before come first.
   * @returns whether there was a peer to ask
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
