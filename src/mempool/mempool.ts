import { MAX_REGISTRATIONS_PER_BLOCK } from '../consensus/transactions/registration.ts';
import { RuleError } from '../consensus/errors.ts';
import { checkTransaction, signatureItem } from '../consensus/transaction.ts';
import type { StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import {
  decodeTransaction,
  recipientOf,
  senderOf,
  type DecodedTransaction,
  type Kind,
  type TransactionOf,
} from '../protocol/transaction.ts';
import type { ChainStore, OwnTransaction } from '../storage/port.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import type { WallClock } from '../util/ports.ts';
import { costOf, type PoolEntry } from './account-queue.ts';
import type { ChainChange } from '../chain/chain.ts';
import { FOREIGN_EXPIRY_MS, MAX_MEMPOOL_BYTES } from './limits.ts';
import { OwnTransactions } from './own-transactions.ts';
import type { MempoolPort } from '../chain/port.ts';
import type { Leaving, Pool } from './pool.ts';
import { RegistrationPool, type RegistrationEntry } from './registration-pool.ts';
import { selectForBlock } from './selection.ts';
import { TransferPool } from './transfer-pool.ts';

export type MempoolEvent =
  /** `waits`: no block can take it yet, because a nonce or coins are missing. */
  | { readonly type: 'added'; readonly entry: PoolEntry; readonly returned: boolean; readonly waits: boolean }
  /** What it waited for has come. */
  | { readonly type: 'executable'; readonly entry: PoolEntry }
  /** It left without getting into a block; `code` says why: `replaced`, `expired`, `evicted` or a rule's code. */
  | { readonly type: 'dropped'; readonly id: string; readonly code: string; readonly own: boolean };

export interface MempoolOptions {
  readonly network: Network;
  /** The chain whose tip it follows. */
  readonly chain: { readonly view: StateView; tip(): { height: number }; subscribe(listener: (change: ChainChange) => void): () => void };
  readonly store: ChainStore;
  readonly verifier: SignatureVerifier;
  readonly clock: WallClock;
}

/**
 * Transactions that wait for a block. A sender may spend only what the chain says it has, less what it has waiting; so
 * any choice that takes each sender's transfers in order is valid, and one sender's fate never hangs on another's.
 */
export class Mempool implements MempoolPort {
  readonly #network: Network;
  readonly #view: StateView;
  readonly #verifier: SignatureVerifier;
  readonly #clock: WallClock;
  readonly #own: OwnTransactions;
  readonly #byId = new Map<string, PoolEntry>();
  readonly #transfers: TransferPool;
  readonly #registrations: RegistrationPool;
  /** Where each kind waits. */
  readonly #pools: { readonly [K in Kind]: Pool<TransactionOf<K>> };
  /** Own ones read from the disk, where they may have been altered: their signatures are looked at as soon as the key is known. */
  readonly #unchecked = new Set<PoolEntry | null>();
  readonly #listeners = new Set<(event: MempoolEvent) => void>();
  readonly #unsubscribe: () => void;
  #bytes = 0;

  /** Takes up this tab's own transactions of earlier sessions. */
  constructor({ network, chain, store, verifier, clock }: MempoolOptions) {
    this.#network = network;
    this.#view = chain.view;
    this.#verifier = verifier;
    this.#clock = clock;
    this.#transfers = new TransferPool(chain.view, clock);
    this.#registrations = new RegistrationPool(chain.view, network);
    this.#pools = { transfer: this.#transfers, registration: this.#registrations };
    this.#own = new OwnTransactions(store);
    const waiting = this.#own.all().filter(({ id, status }) => status === 'pending' && store.transactionHeight(id) === null);
    for (const { bytes } of waiting) this.#unchecked.add(this.#restore(decodeTransaction(bytes)));
    this.revalidate();
    this.#unsubscribe = chain.subscribe((change) => this.#follow(change));
  }

  /** Stops following the chain. */
  close(): void {
    this.#unsubscribe();
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

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): DecodedTransaction | null {
    return this.#byId.get(id)?.decoded ?? null;
  }

  entry(id: string): PoolEntry | null {
    return this.#byId.get(id) ?? null;
  }

  /** Registrations first, own ones before the others and then by their work; then transfers by fee per byte, executable ones first. */
  entries(): PoolEntry[] {
    return [...this.#registrations.entries(), ...this.#transfers.entries()];
  }

  ids(): string[] {
    return this.entries().map(({ decoded }) => decoded.id);
  }

  /** Whether the next block could take it (`pending`) or something is missing first (`queued`); null when it is not here. */
  status(id: string): 'pending' | 'queued' | null {
    if (!this.#byId.has(id)) return null;
    return this.#transfers.isParked(id) ? 'queued' : 'pending';
  }

  /** The waiting registration of an account. */
  registrationOf(address: Address): DecodedTransaction | null {
    return this.#registrations.of(address)?.decoded ?? null;
  }

  /** The waiting registration of a name. */
  registrationOfName(name: string): DecodedTransaction | null {
    return this.#registrations.ofName(name)?.decoded ?? null;
  }

  /** The waiting transfer of an account with this number. */
  transferOf(address: Address, nonce: number): DecodedTransaction | null {
    return this.#transfers.queue(address)?.at(nonce)?.decoded ?? null;
  }

  /** What the seal of a new stamp should not exceed, so that the nodes have a place for the registration. */
  stampTarget(): bigint {
    return this.#registrations.stampTarget();
  }

  /** What this tab has sent and the chain has not buried yet, oldest first; `dropped` ones with their reason. */
  ownTransactions(): OwnTransaction[] {
    return this.#own.all();
  }

  /** The account's balance less what it has waiting, at least 0; smallest units. */
  spendable(address: Address): number {
    const balance = this.#view.account(address)?.balance ?? 0;
    return Math.max(0, balance - (this.#transfers.queue(address)?.cost() ?? 0));
  }

  /** The number that the account's next transfer should have. */
  nextNonce(address: Address): number {
    const nonce = this.#view.account(address)?.nonce ?? 0;
    return this.#transfers.queue(address)?.freeNonce(nonce) ?? nonce;
  }

  select(maxBytes: number, maxRegistrations: number = MAX_REGISTRATIONS_PER_BLOCK): DecodedTransaction[] {
    return selectForBlock(this.#registrations.entries().slice(0, maxRegistrations), this.#transfers.executable(), maxBytes);
  }

  async accept(decoded: DecodedTransaction, own: boolean): Promise<'added' | 'queued' | 'known'> {
    if (this.#byId.has(decoded.id)) return 'known';
    checkTransaction(this.#network, decoded);
    const entry: PoolEntry = { decoded, own, firstSeenMs: this.#clock.now(), patient: own };
    const pool = this.#poolOf(entry);
    const leaving = pool.check(entry, this.#room());
    await this.#checkSignature(decoded);
    leaving.push(...pool.victimsOf(entry, this.#room()));
    if (own) this.#own.add(decoded.id, decoded.bytes, entry.firstSeenMs);
    this.#enter(entry, leaving);
    return this.status(decoded.id) === 'queued' ? 'queued' : 'added';
  }

  /** Takes over what waited in the mempool of another copy of this chain, whose signatures that one has checked; ids that it took are returned. */
  inherit(entries: readonly PoolEntry[]): string[] {
    return entries.filter((entry) => this.#inherit(entry)).map(({ decoded }) => decoded.id);
  }

  #inherit({ decoded, firstSeenMs }: PoolEntry): boolean {
    if (this.#byId.has(decoded.id)) return false;
    const entry: PoolEntry = { decoded, own: false, firstSeenMs, patient: false };
    try {
      const pool = this.#poolOf(entry);
      this.#enter(entry, [...pool.check(entry, this.#room()), ...pool.victimsOf(entry, this.#room())]);
      return true;
    } catch (error) {
      if (error instanceof TabchainError) return false;
      throw error;
    }
  }

  /** Drops what has expired or can no longer become valid: everything, whatever has changed. */
  revalidate(): void {
    this.expire();
    for (const entry of this.#registrations.entries()) this.#revalidateRegistration(entry);
    for (const address of this.#transfers.senders()) this.#revalidateQueue(address);
    this.#dropAll(this.#transfers.overdue(), 'evicted');
  }

  /** Drops other people's transactions that no block took in time. Worth calling now and then, since no event says so. */
  expire(): void {
    const oldestMs = this.#clock.now() - FOREIGN_EXPIRY_MS;
    const expired = [...this.#byId.values()].filter(({ own, firstSeenMs }) => !own && firstSeenMs < oldestMs);
    this.#dropAll(new Set([...expired, ...this.#transfers.expired()]), 'expired');
  }

  #revalidateRegistration(entry: RegistrationEntry): void {
    const { transaction } = entry.decoded;
    if (this.#view.account(senderOf(transaction))?.registration) this.#drop(entry, 'already-registered');
    else if (this.#view.addressOfName(transaction.name) !== undefined) this.#drop(entry, 'name-taken');
  }

  /** After any change of an account or its queue. */
  #revalidateQueue(address: Address): void {
    const account = this.#view.account(address);
    let left = account?.balance ?? 0;
    for (const entry of [...(this.#transfers.queue(address)?.entries() ?? [])]) {
      if (account && entry.decoded.transaction.nonce < account.nonce) {
        this.#drop(entry, 'nonce-already-used');
        continue;
      }
      if (account?.registration && this.#unchecked.delete(entry) && !this.#isSigned(entry.decoded)) {
        this.#drop(entry, 'signature-invalid');
        continue;
      }
      left -= costOf(entry);
      if (entry.patient) continue;
      if (!account?.registration) this.#drop(entry, 'sender-not-registered');
      else if (left < 0) this.#drop(entry, 'balance-insufficient');
    }
    this.#settle(address);
  }

  #settle(address: Address): void {
    for (const entry of this.#transfers.settle(address)) this.#emit({ type: 'executable', entry });
  }

  /** Takes out what was confirmed, puts back what a reorganisation has set free, and drops what the new tip rules out. */
  #follow({ connected, disconnected, tip }: ChainChange): void {
    const confirmed = new Set(connected.flatMap((block) => block.transactions.map(({ id }) => id)));
    for (const id of confirmed) {
      const entry = this.#byId.get(id);
      if (entry) this.#remove(entry);
      const own = this.#own.get(id);
      if (own?.status === 'dropped') this.#own.add(id, own.bytes, own.firstSeenMs);
    }
    const free = disconnected.flatMap((block) => block.transactions).filter(({ id }) => !confirmed.has(id));
    const restored = free.map((transaction) => this.#restore(transaction)).filter((entry) => entry !== null);
    for (const entry of this.#registrations.entries()) this.#revalidateRegistration(entry);
    for (const address of addressesOf([...connected, ...disconnected])) this.#revalidateQueue(address);
    for (const entry of restored) if (this.#byId.has(entry.decoded.id)) this.#announce(entry, true);
    this.#dropAll(this.#transfers.overdue(), 'evicted');
    this.#own.forgetBuried(tip.height);
  }

  /**
   * Puts back a transaction that was valid once: no policy, no second look at the signature; revalidation judges the rest.
   * @returns null where there is no place for it
   */
  #restore(decoded: DecodedTransaction): PoolEntry | null {
    if (this.#byId.has(decoded.id)) return null;
    const own = this.#own.get(decoded.id);
    const entry: PoolEntry = { decoded, own: own !== undefined, firstSeenMs: own?.firstSeenMs ?? this.#clock.now(), patient: true };
    if (!entry.own && decoded.bytes.length > this.#room()) return null;
    try {
      const leaving = this.#poolOf(entry).readmit(entry);
      if (!leaving) return null;
      for (const [old, code] of leaving) this.#drop(old, code);
    } catch (error) {
      this.#own.drop(decoded.id, errorCode(error));
      this.#emit({ type: 'dropped', id: decoded.id, code: errorCode(error), own: entry.own });
      return null;
    }
    this.#put(entry);
    return entry;
  }

  #poolOf<K extends Kind>({ decoded }: PoolEntry<TransactionOf<K>>): Pool<TransactionOf<K>> {
    return this.#pools[decoded.transaction.kind];
  }

  #room(): number {
    return MAX_MEMPOOL_BYTES - this.#bytes;
  }

  async #checkSignature(decoded: DecodedTransaction): Promise<void> {
    const item = signatureItem(this.#network, decoded, this.#view);
    if (item) await this.#verifier.prefetch([item]);
    if (!this.#isSigned(decoded)) throw new RuleError('signature-invalid', { txid: decoded.id });
  }

  #isSigned(decoded: DecodedTransaction): boolean {
    const item = signatureItem(this.#network, decoded, this.#view);
    return item !== null && this.#verifier.verify(item);
  }

  #enter(entry: PoolEntry, leaving: readonly Leaving[]): void {
    for (const [old, code] of leaving) this.#drop(old, code);
    for (const address of sendersOf(leaving.map(([old]) => old))) this.#settle(address);
    this.#put(entry);
    const sender = senderOf(entry.decoded.transaction);
    const unlocked = this.#transfers.settle(sender);
    this.#announce(entry, false);
    for (const each of unlocked) this.#emit({ type: 'executable', entry: each });
    this.#revalidateQueue(sender);
  }

  /** Call {@link #settle} for its sender after it. */
  #put(entry: PoolEntry): void {
    this.#poolOf(entry).add(entry);
    this.#byId.set(entry.decoded.id, entry);
    this.#bytes += entry.decoded.bytes.length;
  }

  #announce(entry: PoolEntry, returned: boolean): void {
    this.#emit({ type: 'added', entry, returned, waits: this.#transfers.isParked(entry.decoded.id) });
  }

  /** Call {@link #settle} for its sender after it. */
  #remove(entry: PoolEntry): void {
    this.#poolOf(entry).remove(entry);
    this.#byId.delete(entry.decoded.id);
    this.#bytes -= entry.decoded.bytes.length;
  }

  #dropAll(entries: Iterable<PoolEntry>, code: string): void {
    const dropped = [...entries];
    for (const entry of dropped) this.#drop(entry, code);
    for (const address of sendersOf(dropped)) this.#settle(address);
  }

  /** Call {@link #settle} for its sender after it. */
  #drop(entry: PoolEntry, code: string): void {
    this.#remove(entry);
    this.#own.drop(entry.decoded.id, code);
    this.#emit({ type: 'dropped', id: entry.decoded.id, code, own: entry.own });
  }

  #emit(event: MempoolEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function sendersOf(entries: readonly PoolEntry[]): Set<Address> {
  return new Set(entries.map(({ decoded }) => senderOf(decoded.transaction)));
}

/** All whose accounts these blocks can have changed. */
function addressesOf(blocks: readonly DecodedBlock[]): Set<Address> {
  const addresses = new Set<Address>();
  for (const { header, transactions } of blocks) {
    addresses.add(header.miner);
    for (const { transaction } of transactions) {
      addresses.add(senderOf(transaction));
      const recipient = recipientOf(transaction);
      if (recipient !== null) addresses.add(recipient);
    }
  }
  return addresses;
}
