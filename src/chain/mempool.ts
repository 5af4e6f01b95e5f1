import { MAX_REGISTRATIONS_PER_BLOCK } from '../consensus/block.ts';
import { RuleError } from '../consensus/errors.ts';
import { checkTransaction, signatureItem } from '../consensus/transaction.ts';
import type { StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import { formatCoins } from '../protocol/amount.ts';
import type { Network } from '../protocol/network.ts';
import { decodeTransaction, senderOf, type DecodedTransaction } from '../protocol/transaction.ts';
import type { ChainStore, OwnTransaction } from '../storage/port.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import type { WallClock } from '../util/ports.ts';
import { AccountQueue, costOf, feeRate, type PoolEntry, type TransferEntry } from './account-queue.ts';
import type { ChainChange } from './chain.ts';
import {
  FOREIGN_EXPIRY_MS,
  MAX_ACCOUNT_TRANSACTIONS,
  MAX_MEMPOOL_BYTES,
  MAX_NONCE_GAP,
  MIN_FEE_PER_BYTE,
  REPLACEMENT_FEE_PERCENT,
} from './mempool-limits.ts';
import { OwnTransactions } from './own-transactions.ts';
import type { MempoolPort } from './port.ts';
import { RegistrationPool, type RegistrationEntry } from './registration-pool.ts';
import { selectForBlock } from './selection.ts';

export type MempoolEvent =
  | { readonly type: 'added'; readonly entry: PoolEntry; readonly returned: boolean }
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
  readonly #queues = new Map<Address, AccountQueue>();
  readonly #registrations = new RegistrationPool();
  readonly #listeners = new Set<(event: MempoolEvent) => void>();
  readonly #unsubscribe: () => void;
  #bytes = 0;

  /** Takes up this tab's own transactions of earlier sessions. */
  constructor({ network, chain, store, verifier, clock }: MempoolOptions) {
    this.#network = network;
    this.#view = chain.view;
    this.#verifier = verifier;
    this.#clock = clock;
    this.#own = new OwnTransactions(store);
    const waiting = this.#own.all().filter(({ id, status }) => status === 'pending' && store.transactionHeight(id) === null);
    for (const { bytes } of waiting) this.#restore(decodeTransaction(bytes), false);
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

  /** Registrations, which pay nothing, first in order of arrival; then by fee per byte. */
  entries(): PoolEntry[] {
    const transfers = [...this.#queues.values()].flatMap((queue) => queue.entries());
    return [...this.#registrations.entries(), ...transfers.sort((a, b) => feeRate(b) - feeRate(a))];
  }

  ids(): string[] {
    return this.entries().map(({ decoded }) => decoded.id);
  }

  /** Whether the next block could take it (`pending`) or something is missing first (`queued`); null when it is not here. */
  status(id: string): 'pending' | 'queued' | null {
    const entry = this.#byId.get(id);
    if (!entry) return null;
    if (!isTransfer(entry)) return 'pending';
    const { sender } = entry.decoded.transaction;
    return this.#queues.get(sender)!.executable(this.#view.account(sender)).includes(entry) ? 'pending' : 'queued';
  }

  /** What this tab has sent and the chain has not buried yet, oldest first; `dropped` ones with their reason. */
  ownTransactions(): OwnTransaction[] {
    return this.#own.all();
  }

  /** The account's balance less what it has waiting, at least 0; smallest units. */
  spendable(address: Address): number {
    const balance = this.#view.account(address)?.balance ?? 0;
    return Math.max(0, balance - (this.#queues.get(address)?.cost() ?? 0));
  }

  /** The number that the account's next transfer should have. */
  nextNonce(address: Address): number {
    const nonce = this.#view.account(address)?.nonce ?? 0;
    return this.#queues.get(address)?.freeNonce(nonce) ?? nonce;
  }

  select(maxBytes: number, maxRegistrations: number = MAX_REGISTRATIONS_PER_BLOCK): DecodedTransaction[] {
    const ready = [...this.#queues].map(([address, queue]) => queue.executable(this.#view.account(address)));
    return selectForBlock(this.#registrations.entries().slice(0, maxRegistrations), ready, maxBytes);
  }

  async accept(decoded: DecodedTransaction, own: boolean): Promise<'added' | 'queued' | 'known'> {
    if (this.#byId.has(decoded.id)) return 'known';
    checkTransaction(this.#network, decoded);
    const entry: PoolEntry = { decoded, own, firstSeenMs: this.#clock.now(), patient: own };
    const evicted = isTransfer(entry) ? this.#checkTransfer(entry) : this.#checkRegistration(entry as RegistrationEntry);
    await this.#checkSignature(decoded);
    for (const [old, code] of evicted) this.#drop(old, code);
    if (own) this.#own.add(decoded.id, decoded.bytes, entry.firstSeenMs);
    this.#insert(entry, false);
    if (isTransfer(entry)) this.#revalidateQueue(entry.decoded.transaction.sender);
    return this.status(decoded.id) === 'queued' ? 'queued' : 'added';
  }

  /** Drops what has expired or can no longer become valid. Follows every new tip; worth calling now and then without one. */
  revalidate(): void {
    const oldestMs = this.#clock.now() - FOREIGN_EXPIRY_MS;
    for (const entry of this.#byId.values()) {
      if (!entry.own && entry.firstSeenMs < oldestMs) this.#drop(entry, 'expired');
    }
    for (const entry of this.#registrations.entries()) {
      const { transaction } = entry.decoded;
      if (this.#view.account(senderOf(transaction))?.registration) this.#drop(entry, 'already-registered');
      else if (this.#view.addressOfName(transaction.name) !== undefined) this.#drop(entry, 'name-taken');
    }
    for (const address of this.#queues.keys()) this.#revalidateQueue(address);
  }

  #revalidateQueue(address: Address): void {
    const queue = this.#queues.get(address)!;
    const account = this.#view.account(address);
    let left = account?.balance ?? 0;
    for (const entry of queue.entries()) {
      if (account && entry.decoded.transaction.nonce < account.nonce) {
        this.#drop(entry, 'nonce-already-used');
        continue;
      }
      left -= costOf(entry);
      if (entry.patient) continue;
      if (!account?.registration) this.#drop(entry, 'sender-not-registered');
      else if (left < 0) this.#drop(entry, 'balance-insufficient');
    }
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
    for (const transaction of disconnected.flatMap((block) => block.transactions)) {
      if (!confirmed.has(transaction.id)) this.#restore(transaction, true);
    }
    this.revalidate();
    this.#own.forgetBuried(tip.height);
  }

  /** Puts back a transaction that was valid once: no policy, no second look at the signature; revalidation judges the rest. */
  #restore(decoded: DecodedTransaction, returned: boolean): void {
    if (this.#byId.has(decoded.id)) return;
    const own = this.#own.get(decoded.id);
    const entry: PoolEntry = { decoded, own: own !== undefined, firstSeenMs: own?.firstSeenMs ?? this.#clock.now(), patient: true };
    // What has taken its place meanwhile was seen later but is what its sender wants now.
    if (isTransfer(entry) && this.#queues.get(entry.decoded.transaction.sender)?.at(entry.decoded.transaction.nonce)) return;
    if (!isTransfer(entry)) {
      try {
        this.#registrations.check((entry as RegistrationEntry).decoded.transaction, senderOf(decoded.transaction), entry.own);
      } catch (error) {
        this.#own.drop(decoded.id, errorCode(error));
        this.#emit({ type: 'dropped', id: decoded.id, code: errorCode(error), own: entry.own });
        return;
      }
    }
    if (!entry.own && this.#bytes + decoded.bytes.length > MAX_MEMPOOL_BYTES) return;
    this.#insert(entry, returned);
  }

  #checkRegistration({ decoded, own }: RegistrationEntry): [PoolEntry, string][] {
    const { transaction } = decoded;
    const address = senderOf(transaction);
    const { registration } = this.#view.account(address) ?? {};
    if (registration) throw new RuleError('already-registered', { name: registration.name });
    if (this.#view.addressOfName(transaction.name) !== undefined) throw new RuleError('name-taken', { name: transaction.name });
    this.#registrations.check(transaction, address, own);
    return [];
  }

  /** @returns what has to leave for it */
  #checkTransfer(entry: TransferEntry): [PoolEntry, string][] {
    const { transaction, bytes } = entry.decoded;
    const { sender, nonce, fee } = transaction;
    requireFee(fee, bytes.length * MIN_FEE_PER_BYTE, 'fee-too-low');
    const account = this.#view.account(sender);
    if (!account?.registration) throw new RuleError('sender-not-registered');
    if (nonce < account.nonce) throw new RuleError('nonce-already-used', { nonce, next: account.nonce });
    const queue = this.#queues.get(sender) ?? new AccountQueue();
    const replaced = queue.at(nonce);
    if (replaced) requireFee(fee, Math.ceil((replaced.decoded.transaction.fee * REPLACEMENT_FEE_PERCENT) / 100), 'replacement-fee-too-low');
    const next = queue.freeNonce(account.nonce);
    if (nonce > next + MAX_NONCE_GAP) throw new RuleError('nonce-gap', { nonce, next });
    if (!replaced && queue.size >= MAX_ACCOUNT_TRANSACTIONS) throw full();
    // What comes after it must not keep it out, for that may wait for it.
    const spendable = account.balance - queue.cost(nonce);
    if (costOf(entry) > spendable) {
      throw new RuleError('balance-insufficient', { spendable: formatCoins(Math.max(0, spendable)), needed: formatCoins(costOf(entry)) });
    }
    const freed = replaced?.decoded.bytes.length ?? 0;
    const evicted = this.#evictFor(entry, bytes.length - freed).map((old): [PoolEntry, string] => [old, 'evicted']);
    return replaced ? [[replaced, 'replaced'], ...evicted] : evicted;
  }

  /**
   * The cheapest last transfers of other senders that make room for `size` more bytes; none while there is room.
   * @throws TabchainError `mempool-full` when they pay no less than the newcomer
   */
  #evictFor(entry: TransferEntry, size: number): PoolEntry[] {
    const victims: PoolEntry[] = [];
    let excess = this.#bytes + size - MAX_MEMPOOL_BYTES;
    if (excess <= 0 || entry.own) return victims;
    const queues = [...this.#queues].filter(([address]) => address !== entry.decoded.transaction.sender);
    const rows = queues.map(([, queue]) => queue.entries());
    while (excess > 0) {
      // Only a sender's last transfer can go without leaving a gap.
      const tails = rows.filter((row) => row.length > 0 && !row.at(-1)!.own);
      const cheapest = tails.sort((a, b) => feeRate(a.at(-1)!) - feeRate(b.at(-1)!))[0];
      if (!cheapest || feeRate(cheapest.at(-1)!) >= feeRate(entry)) throw full();
      const victim = cheapest.pop()!;
      victims.push(victim);
      excess -= victim.decoded.bytes.length;
    }
    return victims;
  }

  async #checkSignature(decoded: DecodedTransaction): Promise<void> {
    const item = signatureItem(this.#network, decoded, this.#view);
    if (item) await this.#verifier.warm([item]);
    if (!item || !this.#verifier.verify(item)) throw new RuleError('signature-invalid', { txid: decoded.id });
  }

  #insert(entry: PoolEntry, returned: boolean): void {
    if (isTransfer(entry)) {
      const { sender } = entry.decoded.transaction;
      let queue = this.#queues.get(sender);
      if (!queue) this.#queues.set(sender, (queue = new AccountQueue()));
      queue.set(entry);
    } else {
      this.#registrations.add(entry as RegistrationEntry);
    }
    this.#byId.set(entry.decoded.id, entry);
    this.#bytes += entry.decoded.bytes.length;
    this.#emit({ type: 'added', entry, returned });
  }

  #remove(entry: PoolEntry): void {
    if (isTransfer(entry)) {
      const { sender, nonce } = entry.decoded.transaction;
      const queue = this.#queues.get(sender)!;
      queue.delete(nonce);
      if (queue.size === 0) this.#queues.delete(sender);
    } else {
      this.#registrations.delete(entry as RegistrationEntry);
    }
    this.#byId.delete(entry.decoded.id);
    this.#bytes -= entry.decoded.bytes.length;
  }

  #drop(entry: PoolEntry, code: string): void {
    this.#remove(entry);
    this.#own.drop(entry.decoded.id, code);
    this.#emit({ type: 'dropped', id: entry.decoded.id, code, own: entry.own });
  }

  #emit(event: MempoolEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function isTransfer(entry: PoolEntry): entry is TransferEntry {
  return entry.decoded.transaction.kind === 'transfer';
}

function requireFee(fee: number, minimum: number, code: 'fee-too-low' | 'replacement-fee-too-low'): void {
  if (fee >= minimum) return;
  const message =
    code === 'fee-too-low' ? 'The fee is lower than any node passes on.' : 'A replacement must pay a tenth more than what it replaces.';
  throw new TabchainError(code, message, { minimum: formatCoins(minimum) });
}

function full(): TabchainError {
  return new TabchainError('mempool-full', 'Too many transactions are waiting. Raise the fee or try again after the next block.');
}
