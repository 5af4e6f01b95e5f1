import type { StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { Network } from '../protocol/network.ts';
import { senderOf, type Kind, type TransactionOf } from '../protocol/transaction.ts';
import type { ChainStore } from '../storage/port.ts';
import type { WallClock } from '../util/ports.ts';
import type { PoolEntry } from './account-queue.ts';
import { MAX_MEMPOOL_BYTES } from './policy.ts';
import { OwnTransactions } from './own-transactions.ts';
import type { Leaving, Pool } from './pool.ts';
import { RegistrationPool } from './registration-pool.ts';
import { TransferPool } from './transfer-pool.ts';

export type MempoolEvent =
  /** `waits`: no block can take it yet, because a nonce or coins are missing. */
  | { readonly type: 'added'; readonly entry: PoolEntry; readonly returned: boolean; readonly waits: boolean }
  /** What it waited for has come. */
  | { readonly type: 'executable'; readonly entry: PoolEntry }
  /** It left without getting into a block; `code` says why: `replaced`, `expired`, `evicted` or a rule's code. */
  | { readonly type: 'dropped'; readonly id: string; readonly code: string; readonly own: boolean };

export interface WaitingOptions {
  readonly network: Network;
  readonly view: StateView;
  readonly store: ChainStore;
  readonly clock: WallClock;
}

/**
 * The transactions that wait, each in the pool of its kind. Pools, index, bytes and own transactions change together, and listeners
 * are told.
 */
export class WaitingTransactions {
  readonly transfers: TransferPool;
  readonly registrations: RegistrationPool;
  readonly own: OwnTransactions;
  /** Where each kind waits. */
  readonly #pools: { readonly [K in Kind]: Pool<TransactionOf<K>> };
  readonly #byId = new Map<string, PoolEntry>();
  readonly #listeners = new Set<(event: MempoolEvent) => void>();
  #bytes = 0;

  constructor({ network, view, store, clock }: WaitingOptions) {
    this.transfers = new TransferPool(view, clock);
    this.registrations = new RegistrationPool(view, network);
    this.#pools = { transfer: this.transfers, registration: this.registrations };
    this.own = new OwnTransactions(store);
  }

  subscribe(listener: (event: MempoolEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get count(): number {
    return this.#byId.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes left; below 0 where own transactions have overfilled the mempool. */
  get room(): number {
    return MAX_MEMPOOL_BYTES - this.#bytes;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): PoolEntry | undefined {
    return this.#byId.get(id);
  }

  /** In order of arrival. */
  all(): Iterable<PoolEntry> {
    return this.#byId.values();
  }

  poolOf<K extends Kind>({ decoded }: PoolEntry<TransactionOf<K>>): Pool<TransactionOf<K>> {
    return this.#pools[decoded.transaction.kind];
  }

  /** Puts a newcomer in the place of what has to leave for it, and announces what waited for the newcomer. */
  enter(entry: PoolEntry, leaving: readonly Leaving[]): void {
    for (const [old, code] of leaving) this.drop(old, code);
    for (const address of sendersOf(leaving.map(([old]) => old))) this.settle(address);
    this.put(entry);
    const unlocked = this.transfers.settle(senderOf(entry.decoded.transaction));
    this.announce(entry, false);
    for (const each of unlocked) this.#emit({ type: 'executable', entry: each });
  }

  /** Call {@link settle} for its sender after it. */
  put(entry: PoolEntry): void {
    this.poolOf(entry).add(entry);
    this.#byId.set(entry.decoded.id, entry);
    this.#bytes += entry.decoded.bytes.length;
  }

  /** @param returned a reorganisation has set it free */
  announce(entry: PoolEntry, returned: boolean): void {
    this.#emit({ type: 'added', entry, returned, waits: this.transfers.isParked(entry.decoded.id) });
  }

  /** Call {@link settle} for its sender after it. */
  remove(entry: PoolEntry): void {
    this.poolOf(entry).remove(entry);
    this.#byId.delete(entry.decoded.id);
    this.#bytes -= entry.decoded.bytes.length;
  }

  dropAll(entries: Iterable<PoolEntry>, code: string): void {
    const dropped = [...entries];
    for (const entry of dropped) this.drop(entry, code);
    for (const address of sendersOf(dropped)) this.settle(address);
  }

  /** Call {@link settle} for its sender after it. */
  drop(entry: PoolEntry, code: string): void {
    this.remove(entry);
    this.refuse(entry, code);
  }

  /** Tells that a transaction has no place here, and why. */
  refuse({ decoded, own }: PoolEntry, code: string): void {
    this.own.drop(decoded.id, code);
    this.#emit({ type: 'dropped', id: decoded.id, code, own });
  }

  /** Works out again which transfers of a sender are executable, and announces those that were parked. */
  settle(address: Address): void {
    for (const entry of this.transfers.settle(address)) this.#emit({ type: 'executable', entry });
  }

  #emit(event: MempoolEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function sendersOf(entries: readonly PoolEntry[]): Set<Address> {
  return new Set(entries.map(({ decoded }) => senderOf(decoded.transaction)));
}
