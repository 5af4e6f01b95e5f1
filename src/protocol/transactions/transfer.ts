import { ADDRESS_BYTES, type Address } from '../../crypto/address.ts';
import { fromHex, toHex } from '../../util/bytes.ts';
import { readMemo, skipMemo, writeMemo, type Memo } from '../memo.ts';
import { PREFIX_BYTES, SIGNATURE_BYTES, type TransactionFields, type TransactionFormat } from './format.ts';

/** Moves coins from one account to another. */
export interface Transfer extends TransactionFields {
  readonly kind: 'transfer';
  readonly sender: Address;
  readonly recipient: Address;
  /** Smallest units. */
  readonly amount: number;
  readonly fee: number;
  readonly nonce: number;
  readonly memo: Memo;
}

export type TransferBody = Omit<Transfer, 'signature'>;

/** Addresses, amount, fee and nonce. */
const FIXED_BYTES = 2 * ADDRESS_BYTES + 8 + 8 + 4;

/** Length of a transfer without a memo: 322. */
export const TRANSFER_BYTES = PREFIX_BYTES + FIXED_BYTES + 1 + SIGNATURE_BYTES;

export const transferFormat: TransactionFormat<Transfer> = {
  code: 1,
  minBytes: TRANSFER_BYTES,
  write(writer, { sender, recipient, amount, fee, nonce, memo }) {
    writer.fixed(fromHex(sender), ADDRESS_BYTES).fixed(fromHex(recipient), ADDRESS_BYTES);
    writer.u53(amount).u53(fee).u32(nonce);
    writeMemo(writer, memo);
  },
  read: (reader, networkTag) => ({
    kind: 'transfer',
    networkTag,
    sender: toHex(reader.view(ADDRESS_BYTES)),
    recipient: toHex(reader.view(ADDRESS_BYTES)),
    amount: reader.u53(),
    fee: reader.u53(),
    nonce: reader.u32(),
    memo: readMemo(reader),
    signature: reader.take(SIGNATURE_BYTES),
  }),
  skip(reader) {
    reader.view(FIXED_BYTES);
    skipMemo(reader);
  },
  sender: ({ sender }) => sender,
  recipient: ({ recipient }) => recipient,
  amount: ({ amount }) => amount,
  fee: ({ fee }) => fee,
  registration: () => null,
};
