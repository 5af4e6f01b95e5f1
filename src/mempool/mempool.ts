import type { Chain } from '../chain/chain.ts';
import type { MempoolPort } from '../chain/port.ts';
import { RuleError } from '../consensus/rule-error.ts';
import { checkTransaction, signatureItem } from '../consensus/transaction.ts';
import { MAX_REGISTRATIONS_PER_BLOCK } from '../consensus/transactions/registration.ts';
import type { StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import type { Network } from '../protocol/network.ts';
import { senderOf, type DecodedTransaction } from '../protocol/transaction.ts';
import type { ChainStore, OwnTransaction } from '../storage/port.ts';
import { TabchainError } from '../util/errors.ts';
import type { WallClock } from '../util/ports.ts';
import { costOf, type PoolEntry, type TransferEntry } from './account-queue.ts';
import { ChainFollower } from './chain-follower.ts';
import type { Leaving } from './pool.ts';
import { selectForBlock } from './selection.ts';
import { WaitingTransactions, type MempoolEvent } from './waiting-transactions.ts';

export type { MempoolEvent } from './waiting-transactions.ts';

export interface MempoolOptions {
  readonly network: Network;
  /** The chain whose tip the mempool follows. */
  readonly chain: Pick<Chain, 'view' | 'subscribe'>;
  readonly store: ChainStore;
  readonly verifier: SignatureVerifier;
  readonly clock: WallClock;
}

/**
 * The transactions that wait for a block. A sender may spend only its balance on the chain, less its waiting transfers. So any selection
 * that takes each sender's transfers in order is valid, and senders do not depend on each other.
 *
 *     accept() ─▶ checks and signature ─┐
 *                                       ├─▶ WaitingTransactions ─▶ TransferPool, RegistrationPool ─▶ select()
 *     chain ────▶ ChainFollower ────────┘
 */
export class Mempool implements MempoolPort {
  readonly #network: Network;
  readonly #view: StateView;
  readonly #verifier: SignatureVerifier;
  readonly #clock: WallClock;
  readonly #waiting: WaitingTransactions;
  readonly #follower: ChainFollower;
  readonly #unsubscribe: () => void;

  /** Begins with this tab's own pending transactions of earlier sessions. */
  constructor({ network, chain, store, verifier, clock }: MempoolOptions) {
    const { view } = chain;
    this.#network = network;
    this.#view = view;
    this.#verifier = verifier;
    this.#clock = clock;
    this.#waiting = new WaitingTransactions({ network, view, store, clock });
    this.#follower = new ChainFollower({ network, view, verifier, clock, waiting: this.#waiting });
    this.#follower.takeUpOwn(store);
    this.#unsubscribe = chain.subscribe((change) => this.#follower.follow(change));
  }

  /** Stops following the chain. */
  close(): void {
    this.#unsubscribe();
  }

  subscribe(listener: (event: MempoolEvent) => void): () => void {
    return this.#waiting.subscribe(listener);
  }

  get count(): number {
    return this.#waiting.count;
  }

  get bytes(): number {
    return this.#waiting.bytes;
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  get(id: string): DecodedTransaction | null {
    return this.#waiting.get(id)?.decoded ?? null;
  }

  entry(id: string): PoolEntry | null {
    return this.#waiting.get(id) ?? null;
  }

  /** Registrations (own first, then by work), then transfers (executable first, then by fee per byte). */
  entries(): PoolEntry[] {
    return [...this.#waiting.registrations.entries(), ...this.#waiting.transfers.entries()];
  }

  ids(): string[] {
    return this.entries().map(({ decoded }) => decoded.id);
  }

  /** `pending`: the next block could take the transaction. `queued`: a nonce or coins are missing. Null when the mempool lacks it. */
  status(id: string): 'pending' | 'queued' | null {
    if (!this.#waiting.has(id)) return null;
    return this.#waiting.transfers.isParked(id) ? 'queued' : 'pending';
  }

  /** The waiting registration of an account. */
  registrationOf(address: Address): DecodedTransaction | null {
    return this.#waiting.registrations.of(address)?.decoded ?? null;
  }

  /** The waiting registration of a name. */
  registrationOfName(name: string): DecodedTransaction | null {
    return this.#waiting.registrations.ofName(name)?.decoded ?? null;
  }

  /** The waiting transfer of an account with this nonce. */
  transferOf(address: Address, nonce: number): DecodedTransaction | null {
    return this.#waiting.transfers.queue(address)?.at(nonce)?.decoded ?? null;
  }

  /** The waiting transfer of an account with this id. */
  transferWaiting(address: Address, id: string): TransferEntry | null {
    return this.#waiting.transfers.find(address, id) ?? null;
  }

  /**
   * The waiting transactions that the next blocks would take: the bytes of registrations, and the transfers by fee per byte.
   * @param except id of a transfer to leave out
   */
  line(except: string | null = null): { registrationBytes: number; transfers: { readonly rate: number; readonly bytes: number }[] } {
    const registrationBytes = this.#waiting.registrations.entries().reduce((sum, { decoded }) => sum + decoded.bytes.length, 0);
    return { registrationBytes, transfers: this.#waiting.transfers.places(except) };
  }

  /** What a replacement of the waiting `entry` may cost, so that the account's other waiting transfers stay covered; smallest units. */
  spendableInPlaceOf(entry: TransferEntry): number {
    const { sender } = entry.decoded.transaction;
    const others = (this.#waiting.transfers.queue(sender)?.cost() ?? 0) - costOf(entry);
    return Math.max(0, (this.#view.account(sender)?.balance ?? 0) - others);
  }

  /** The target for the seal of a new stamp, so that other nodes have a place for the registration. */
  stampTarget(): bigint {
    return this.#waiting.registrations.stampTarget();
  }

  /** The transactions that this tab sent, until they are deep in the chain, oldest first. A `dropped` transaction has a reason. */
  ownTransactions(): OwnTransaction[] {
    return this.#waiting.own.all();
  }

  /** The account's balance less the cost of its waiting transfers, at least 0; smallest units. */
  spendable(address: Address): number {
    const balance = this.#view.account(address)?.balance ?? 0;
    return Math.max(0, balance - (this.#waiting.transfers.queue(address)?.cost() ?? 0));
  }

  /** What waiting transfers of other accounts pay to this account, as far as a block could take them now; smallest units. */
  incoming(address: Address): number {
    return this.#waiting.transfers.incoming(address);
  }

  /** The nonce that the account's next transfer should have. */
  nextNonce(address: Address): number {
    const nonce = this.#view.account(address)?.nonce ?? 0;
    return this.#waiting.transfers.queue(address)?.freeNonce(nonce) ?? nonce;
  }

  select(maxBytes: number, maxRegistrations: number = MAX_REGISTRATIONS_PER_BLOCK): DecodedTransaction[] {
    return selectForBlock(this.#waiting.registrations.entries().slice(0, maxRegistrations), this.#waiting.transfers.executable(), maxBytes);
  }

  async accept(decoded: DecodedTransaction, own: boolean): Promise<'added' | 'queued' | 'known'> {
    if (this.#waiting.has(decoded.id)) return 'known';
    checkTransaction(this.#network, decoded);
    const entry: PoolEntry = { decoded, own, firstSeenMs: this.#clock.now(), patient: own };
    const pool = this.#waiting.poolOf(entry);
    const leaving = pool.check(entry, this.#waiting.room);
    await this.#checkSignature(decoded);
    leaving.push(...pool.victimsOf(entry, this.#waiting.room));
    if (own) this.#waiting.own.add(decoded.id, decoded.bytes, entry.firstSeenMs);
    this.#enter(entry, leaving);
    return this.status(decoded.id) === 'queued' ? 'queued' : 'added';
  }

  /**
   * Takes the entries of another mempool on the same chain. That mempool has checked the signatures.
   * @returns the ids of the entries that this mempool took
   */
  inherit(entries: readonly PoolEntry[]): string[] {
    return entries.filter((entry) => this.#inherit(entry)).map(({ decoded }) => decoded.id);
  }

  #inherit({ decoded, firstSeenMs }: PoolEntry): boolean {
    if (this.#waiting.has(decoded.id)) return false;
    const entry: PoolEntry = { decoded, own: false, firstSeenMs, patient: false };
    try {
      const pool = this.#waiting.poolOf(entry);
      this.#enter(entry, [...pool.check(entry, this.#waiting.room), ...pool.victimsOf(entry, this.#waiting.room)]);
      return true;
    } catch (error) {
      if (error instanceof TabchainError) return false;
      throw error;
    }
  }

  /** Checks all waiting transactions, and drops those that expired or can no longer become valid. */
  revalidate(): void {
    this.#follower.revalidate();
  }

  /** Drops other accounts' transactions that no block took in time. Should be called periodically, because no event triggers it. */
  expire(): void {
    this.#follower.expire();
  }

  async #checkSignature(decoded: DecodedTransaction): Promise<void> {
    const item = signatureItem(this.#network, decoded, this.#view);
    if (item) await this.#verifier.prefetch([item]);
    if (!this.#follower.isSigned(decoded)) throw new RuleError('signature-invalid', { txid: decoded.id });
  }

  #enter(entry: PoolEntry, leaving: readonly Leaving[]): void {
    this.#waiting.enter(entry, leaving);
    this.#follower.revalidateQueue(senderOf(entry.decoded.transaction));
  }
}
