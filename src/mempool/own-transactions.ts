import type { ChainStore, OwnTransaction } from '../storage/port.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { MAX_DROPPED_KEPT, OWN_BURIAL_BLOCKS } from './policy.ts';

/** The transactions that this tab sent, in memory and in the store, until they are deep in the chain. */
export class OwnTransactions {
  readonly #store: ChainStore;
  readonly #byId: Map<string, OwnTransaction>;

  constructor(store: ChainStore) {
    this.#store = store;
    this.#byId = new Map(store.ownTransactions().map((own) => [own.id, own]));
  }

  get(id: string): OwnTransaction | undefined {
    return this.#byId.get(id);
  }

  /** Oldest first. */
  all(): OwnTransaction[] {
    return [...this.#byId.values()];
  }

  add(id: string, bytes: Uint8Array, firstSeenMs: number): void {
    this.#put({ id, bytes, firstSeenMs, status: 'pending', reason: null });
  }

  /** Marks a transaction that can no longer enter the chain, with the reason for its owner. */
  drop(id: string, reason: ErrorCode): void {
    const own = this.#byId.get(id);
    if (!own) return;
    this.#put({ ...own, status: 'dropped', reason });
    const dropped = this.all().filter(({ status }) => status === 'dropped');
    for (const old of dropped.slice(0, -MAX_DROPPED_KEPT)) this.#delete(old.id);
  }

  /** Deletes the transactions that are at least {@link OWN_BURIAL_BLOCKS} below the tip. */
  forgetBuried(tipHeight: number): void {
    for (const { id, status } of this.all()) {
      if (status !== 'pending') continue;
      const height = this.#store.transactionHeight(id);
      if (height !== null && tipHeight - height >= OWN_BURIAL_BLOCKS) this.#delete(id);
    }
  }

  #put(own: OwnTransaction): void {
    this.#byId.set(own.id, own);
    this.#store.atomically(() => this.#store.putOwnTransaction(own));
  }

  #delete(id: string): void {
    this.#byId.delete(id);
    this.#store.atomically(() => this.#store.deleteOwnTransaction(id));
  }
}
