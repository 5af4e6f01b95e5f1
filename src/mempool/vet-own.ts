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
  /** The account that the database belongs to, where the caller knows it. */
  readonly owner?: Address | undefined;
}

/**
 * Removes rows of `own_transactions` that their owner cannot have made. Other programs reach the database, and the node announces these
 * transactions to all peers and shows them as the owner's.
 * Signatures are checked on this thread: there are usually few rows, and WebCrypto takes longer to be ready.
 * @returns the number of removed rows
 */
export function vetOwnTransactions({ network, store, verifier, owner }: Vetting): number {
  const rows = store.ownTransactions();
  const read = rows.map((row) => ({ row, decoded: readable(network, row, owner) }));
  const decoded = read.flatMap((each) => each.decoded ?? []);
  const known = { account: (address: Address) => keyOf(store, decoded, address) };
  const isSigned = (each: DecodedTransaction): boolean => {
    const item = signatureItem(network, each, known);
    // The signature cannot be checked before the sender's key is known. The mempool checks it when the chain has the key.
    return !item || verifier.verify(item);
  };
  const junk = read.filter((each) => !each.decoded || !isSigned(each.decoded));
  if (junk.length > 0) store.atomically(() => junk.forEach(({ row }) => store.deleteOwnTransaction(row.id)));
  return junk.length;
}

/** Decodes a row's transaction. Null where this program cannot have written the row for this owner. */
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

/** The account with its keys, from the chain or from a pending registration among `decoded`. */
function keyOf(store: ChainStore, decoded: readonly DecodedTransaction[], address: Address): AccountState | undefined {
  const account = store.account(address);
  if (account?.registration) return account;
  for (const { transaction } of decoded) {
    const registration = registrationIn(transaction);
    if (registration && senderOf(transaction) === address) return { address, balance: 0, nonce: 0, registration };
  }
  return undefined;
}
