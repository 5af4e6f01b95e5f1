import { checkTransaction, signatureItem } from '../consensus/transaction.ts';
import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import type { Network } from '../protocol/network.ts';
import type { AccountState } from '../protocol/state-root.ts';
import { decodeTransaction, registrationIn, senderOf, type DecodedTransaction } from '../protocol/transaction.ts';
import type { ChainStore, OwnTransaction } from '../storage/port.ts';

const REASON = /^[a-z][a-z-]{0,63}$/;

export interface Vetting {
  readonly network: Network;
  readonly store: ChainStore;
  readonly verifier: SignatureVerifier;
  /** Whose database this is; absent where nobody said. */
  readonly owner?: Address | undefined;
}

/**
 * Removes rows of `own_transactions` that their owner cannot have made: a database lies where other programs reach it, and what stands in
 * this table is announced to everybody and shown as the owner's.
 * Signatures are checked on this thread: for the few rows that there mostly are, WebCrypto is slower to be ready.
 * @returns how many were removed
 */
export function vetOwnTransactions({ network, store, verifier, owner }: Vetting): number {
  const rows = store.ownTransactions();
  const read = rows.map((row) => ({ row, decoded: readable(network, row, owner) }));
  const decoded = read.flatMap((each) => each.decoded ?? []);
  const known = { account: (address: Address) => keyOf(store, decoded, address) };
  const isSigned = (each: DecodedTransaction): boolean => {
    const item = signatureItem(network, each, known);
    // Without the sender's key nobody can tell yet; the mempool looks once the chain knows it.
    return !item || verifier.verify(item);
  };
  const junk = read.filter((each) => !each.decoded || !isSigned(each.decoded));
  if (junk.length > 0) store.atomically(() => junk.forEach(({ row }) => store.deleteOwnTransaction(row.id)));
  return junk.length;
}

/** What a row holds; null where it cannot be one that this program wrote for this owner. */
function readable(
  network: Network,
  { id, bytes, firstSeenMs, status, reason }: OwnTransaction,
  owner?: Address,
): DecodedTransaction | null {
  if (!Number.isSafeInteger(firstSeenMs) || (status !== 'pending' && status !== 'dropped')) return null;
  if (reason !== null && !(typeof reason === 'string' && REASON.test(reason))) return null;
  try {
    const decoded = decodeTransaction(bytes);
    checkTransaction(network, decoded);
    return decoded.id === id && (owner === undefined || senderOf(decoded.transaction) === owner) ? decoded : null;
  } catch {
    return null;
  }
}

/** The account with its keys, which the chain knows, or a registration that waits in the same table. */
function keyOf(store: ChainStore, decoded: readonly DecodedTransaction[], address: Address): AccountState | undefined {
  const account = store.account(address);
  if (account?.registration) return account;
  for (const { transaction } of decoded) {
    const registration = registrationIn(transaction);
    if (registration && senderOf(transaction) === address) return { address, balance: 0, nonce: 0, registration };
  }
  return undefined;
}
