import type { ChainChange } from '../chain/chain.ts';
import { signatureItem } from '../consensus/transaction.ts';
import type { StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import { decodeTransaction, recipientOf, senderOf, type DecodedTransaction } from '../protocol/transaction.ts';
import type { ChainStore } from '../storage/port.ts';
import { errorCode } from '../util/errors.ts';
import type { WallClock } from '../util/ports.ts';
import { costOf, type PoolEntry } from './account-queue.ts';
import { FOREIGN_EXPIRY_MS } from './policy.ts';
import type { RegistrationEntry } from './registration-pool.ts';
import type { WaitingTransactions } from './waiting-transactions.ts';

export interface FollowerParts {
  readonly network: Network;
  /** The accounts after the tip. */
  readonly view: StateView;
  readonly verifier: SignatureVerifier;
  readonly clock: WallClock;
  readonly waiting: WaitingTransactions;
}

/** Updates the waiting transactions after each change of the chain: removes those that a block took or that no block can take any more. */
export class ChainFollower {
  readonly #parts: FollowerParts;
  /** Own transactions read from the disk, where they may have been altered. Their signatures are checked once the key is known. */
  readonly #unchecked = new Set<PoolEntry | null>();

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** Adds this tab's own pending transactions of earlier sessions. */
  takeUpOwn(store: ChainStore): void {
    const pending = this.#parts.waiting.own.all().filter(({ id, status }) => status === 'pending' && store.transactionHeight(id) === null);
    for (const { bytes } of pending) this.#unchecked.add(this.#restore(decodeTransaction(bytes)));
    this.revalidate();
  }

  /** Removes confirmed transactions, restores those that a reorganisation freed, and drops those that the new tip makes invalid. */
  follow({ connected, disconnected, tip }: ChainChange): void {
    const { waiting } = this.#parts;
    const { own, registrations, transfers } = waiting;
    const confirmed = new Set(connected.flatMap((block) => block.transactions.map(({ id }) => id)));
    for (const id of confirmed) {
      const entry = waiting.get(id);
      if (entry) waiting.remove(entry);
      const sent = own.get(id);
      if (sent?.status === 'dropped') own.add(id, sent.bytes, sent.firstSeenMs);
    }
    const free = disconnected.flatMap((block) => block.transactions).filter(({ id }) => !confirmed.has(id));
    const restored = free.map((transaction) => this.#restore(transaction)).filter((entry) => entry !== null);
    for (const entry of registrations.entries()) this.#revalidateRegistration(entry);
    for (const address of addressesOf([...connected, ...disconnected])) this.revalidateQueue(address);
    for (const entry of restored) if (waiting.has(entry.decoded.id)) waiting.announce(entry, true);
    waiting.dropAll(transfers.overdue(), 'evicted');
    own.forgetBuried(tip.height);
  }

  /** Checks all waiting transactions, and drops those that expired or can no longer become valid. */
  revalidate(): void {
    const { waiting } = this.#parts;
    this.expire();
    for (const entry of waiting.registrations.entries()) this.#revalidateRegistration(entry);
    for (const address of waiting.transfers.senders()) this.revalidateQueue(address);
    waiting.dropAll(waiting.transfers.overdue(), 'evicted');
  }

  /** Drops other accounts' transactions that no block took in time. */
  expire(): void {
    const { waiting, clock } = this.#parts;
    const oldestMs = clock.now() - FOREIGN_EXPIRY_MS;
    const expired = [...waiting.all()].filter(({ own, firstSeenMs }) => !own && firstSeenMs < oldestMs);
    waiting.dropAll(new Set([...expired, ...waiting.transfers.expired()]), 'expired');
  }

  /** Drops an account's invalid transfers. Must be called after each change of the account or its queue. */
  revalidateQueue(address: Address): void {
    const { view, waiting } = this.#parts;
    const account = view.account(address);
    let left = account?.balance ?? 0;
    for (const entry of [...(waiting.transfers.queue(address)?.entries() ?? [])]) {
      if (account && entry.decoded.transaction.nonce < account.nonce) {
        waiting.drop(entry, 'nonce-already-used');
        continue;
      }
      if (account?.registration && this.#unchecked.delete(entry) && !this.isSigned(entry.decoded)) {
        waiting.drop(entry, 'signature-invalid');
        continue;
      }
      left -= costOf(entry);
      if (entry.patient) continue;
      if (!account?.registration) waiting.drop(entry, 'sender-not-registered');
      else if (left < 0) waiting.drop(entry, 'balance-insufficient');
    }
    waiting.settle(address);
  }

  /** Whether the sender signed the transaction. The key comes from the chain or from the transaction itself. */
  isSigned(decoded: DecodedTransaction): boolean {
    const { network, view, verifier } = this.#parts;
    const item = signatureItem(network, decoded, view);
    return item !== null && verifier.verify(item);
  }

  #revalidateRegistration(entry: RegistrationEntry): void {
    const { view, waiting } = this.#parts;
    const { transaction } = entry.decoded;
    if (view.account(senderOf(transaction))?.registration) waiting.drop(entry, 'already-registered');
    else if (view.addressOfName(transaction.name) !== undefined) waiting.drop(entry, 'name-taken');
  }

  /**
   * Restores a transaction that was valid earlier, without checks of policy or signature. Revalidation checks it against the accounts.
   * @returns null where the transaction has no place
   */
  #restore(decoded: DecodedTransaction): PoolEntry | null {
    const { waiting, clock } = this.#parts;
    if (waiting.has(decoded.id)) return null;
    const own = waiting.own.get(decoded.id);
    const entry: PoolEntry = { decoded, own: own !== undefined, firstSeenMs: own?.firstSeenMs ?? clock.now(), patient: true };
    if (!entry.own && decoded.bytes.length > waiting.room) return null;
    try {
      const leaving = waiting.poolOf(entry).readmit(entry);
      if (!leaving) return null;
      for (const [old, code] of leaving) waiting.drop(old, code);
    } catch (error) {
      waiting.refuse(entry, errorCode(error));
      return null;
    }
    waiting.put(entry);
    return entry;
  }
}

/** Addresses of the accounts that these blocks may have changed. */
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
