import type { StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { Network } from '../protocol/network.ts';
import { senderOf, type Kind, type TransactionOf } from '../protocol/transaction.ts';
import type { ChainStore } from '../storage/port.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import type { WallClock } from '../util/ports.ts';
import type { PoolEntry } from './account-queue.ts';
import { MAX_MEMPOOL_BYTES } from './policy.ts';
import { OwnTransactions } from './own-transactions.ts';
import type { Leaving, Pool } from './pool.ts';
import { RegistrationPool } from './registration-pool.ts';
import { TransferPool } from './transfer-pool.ts';

export type MempoolEvent =
  /** `returned`: a reorganisation freed the entry. `waits`: no block can take the entry yet, because a nonce or coins are missing. */
  | { readonly type: 'added'; readonly entry: PoolEntry; readonly returned: boolean; readonly waits: boolean }
  /** The missing nonce or coins of a waiting entry have arrived. */
  | { readonly type: 'executable'; readonly entry: PoolEntry }
  /** A transaction left without entering a block. `code` gives the reason: `replaced`, `expired`, `evicted` or a rule's code. */
  | { readonly type: 'dropped'; readonly id: string; readonly code: ErrorCode; readonly own: boolean };

export interface WaitingOptions {
  readonly network: Network;
  readonly view: StateView;
  readonly store: ChainStore;
  readonly clock: WallClock;
}

/**
 * The waiting transactions, each in the pool of its kind. Changes pools, index, byte count and own transactions together, and calls the
 * listeners.
 */
export class WaitingTransactions {
  readonly transfers: TransferPool;
  readonly registrations: RegistrationPool;
  readonly own: OwnTransactions;
  /** The pool of each kind. */
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

  /** Bytes left; below 0 where own transactions exceed the mempool's limit. */
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

  /** Drops the entries that must leave, adds the new entry, and announces the transfers that waited for it. */
  enter(entry: PoolEntry, leaving: readonly Leaving[]): void {
    for (const [old, code] of leaving) this.drop(old, code);
    for (const address of sendersOf(leaving.map(([old]) => old))) this.settle(address);
    this.put(entry);
    const unlocked = this.transfers.settle(senderOf(entry.decoded.transaction));
    this.announce(entry, false);
    for (const each of unlocked) this.#emit({ type: 'executable', entry: each });
  }

  /** The caller must then call {@link settle} for the sender. */
  put(entry: PoolEntry): void {
    this.poolOf(entry).add(entry);
    this.#byId.set(entry.decoded.id, entry);
    this.#bytes += entry.decoded.bytes.length;
  }

  /** @param returned whether a reorganisation freed the entry */
  announce(entry: PoolEntry, returned: boolean): void {
    this.#emit({ type: 'added', entry, returned, waits: this.transfers.isParked(entry.decoded.id) });
  }

  /** The caller must then call {@link settle} for the sender. */
  remove(entry: PoolEntry): void {
    this.poolOf(entry).remove(entry);
    this.#byId.delete(entry.decoded.id);
    this.#bytes -= entry.decoded.bytes.length;
  }

  dropAll(entries: Iterable<PoolEntry>, code: ErrorCode): void {
    const dropped = [...entries];
    for (const entry of dropped) this.drop(entry, code);
    for (const address of sendersOf(dropped)) this.settle(address);
  }

  /** The caller must then call {@link settle} for the sender. */
  drop(entry: PoolEntry, code: ErrorCode): void {
    this.remove(entry);
    this.refuse(entry, code);
  }

  /** Reports that a transaction left or was not taken, with the reason, and marks an own transaction as dropped. */
  refuse({ decoded, own }: PoolEntry, code: ErrorCode): void {
    this.own.drop(decoded.id, code);
    this.#emit({ type: 'dropped', id: decoded.id, code, own });
  }

  /** Determines again which transfers of a sender are executable, and announces those that were parked. */
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
