import type { SqlValue } from 'sql.js';
import { parseAddress } from '../../crypto/address.ts';
import { NO_MEMO, type Memo } from '../../protocol/memo.ts';
import { encodeTransaction, isKind, type DecodedTransaction, type Kind, type TransactionOf } from '../../protocol/transaction.ts';
import { REGISTRATION_BYTES } from '../../protocol/transactions/registration.ts';
import { TRANSFER_BYTES } from '../../protocol/transactions/transfer.ts';
import { fromUtf8 } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import type { Row } from './database.ts';

/** The columns of one kind of transaction in the table `transactions`. */
interface RowFormat<K extends Kind> {
  /** Values of {@link OWN_COLUMNS}. */
  write(transaction: TransactionOf<K>): SqlValue[];
  /** @param row of {@link STORED} */
  read(row: Row, networkTag: number): TransactionOf<K>;
  /** Length of the canonical encoding, as an SQL expression over `t` (the row) and `s` (its sender's account). */
  readonly size: string;
}

/** The columns that only some kinds use. */
export const OWN_COLUMNS = 'nonce, memo, sealed_memo, stamp';

/** The columns from which a transaction is rebuilt: of `transactions t`, its sender `s` and its recipient `r`. */
// The memo is read as bytes: the decoder that sql.js uses for text drops a leading U+FEFF, and the block would change.
export const STORED = `t.kind, t.txid, s.address, r.address, t.amount, t.fee, t.nonce, CAST(t.memo AS BLOB), t.sealed_memo, t.stamp, t.signature,
    s.name, s.signing_key, s.encryption_key`;

const ROW_FORMATS: { readonly [K in Kind]: RowFormat<K> } = {
  transfer: {
    write: ({ nonce, memo }) => [nonce, memo.kind === 'plain' ? memo.text : null, memo.kind === 'sealed' ? memo.ciphertext : null, null],
    read: ([, , sender, recipient, amount, fee, nonce, memo, sealedMemo, , signature], networkTag) => ({
      kind: 'transfer',
      networkTag,
      sender: parseAddress(sender as string),
      recipient: parseAddress(recipient as string),
      amount: amount as number,
      fee: fee as number,
      nonce: nonce as number,
      memo: memoOf(memo as Uint8Array | null, sealedMemo as Uint8Array | null),
      signature: signature as Uint8Array,
    }),
    size: `${TRANSFER_BYTES} + coalesce(1 + length(CAST(t.memo AS BLOB)), length(t.sealed_memo), 0)`,
  },
  registration: {
    write: ({ stamp }) => [null, null, null, stamp],
    read: ([, , , , , , , , , stamp, signature, name, signingKey, encryptionKey], networkTag) => ({
      kind: 'registration',
      networkTag,
      name: name as string,
      signingModulus: signingKey as Uint8Array,
      encryptionModulus: encryptionKey as Uint8Array,
      stamp: stamp as Uint8Array,
      signature: signature as Uint8Array,
    }),
    size: `${REGISTRATION_BYTES} + length(s.name)`,
  },
};

/** Length of the canonical encoding, as an SQL expression over `t` and `s`. */
export const SIZE = `CASE t.kind ${Object.entries(ROW_FORMATS)
  .map(([kind, { size }]) => `WHEN '${kind}' THEN ${size}`)
  .join(' ')} END`;

/** Values of {@link OWN_COLUMNS}. */
export function ownColumns<K extends Kind>(transaction: TransactionOf<K>): SqlValue[] {
  return ROW_FORMATS[transaction.kind].write(transaction);
}

/** @throws TabchainError `storage-damaged` */
export function kindOf(word: SqlValue | undefined): Kind {
  if (isKind(word)) return word;
  throw new TabchainError('storage-damaged', 'A stored transaction is of no known kind: the database was altered.', { kind: String(word) });
}

/**
 * Rebuilds the transaction of a row.
 * @param row of {@link STORED}
 * @throws TabchainError `storage-damaged`, `encoding-*`, `address-invalid`, `invariant-broken` where the row was altered
 */
export function transactionOfRow(row: Row, networkTag: number): DecodedTransaction {
  const [kind, txid] = row;
  const decoded = encodeTransaction(ROW_FORMATS[kindOf(kind)].read(row, networkTag));
  if (decoded.id === txid) return decoded;
  throw new TabchainError('storage-damaged', 'A stored transaction does not match its id: the database was altered.', {
    txid: String(txid),
  });
}

function memoOf(text: Uint8Array | null, ciphertext: Uint8Array | null): Memo {
  if (text) return { kind: 'plain', text: fromUtf8(text) };
  return ciphertext ? { kind: 'sealed', ciphertext } : NO_MEMO;
}
