import fc from 'fast-check';
import type { BlockHeader } from '../../../../src/protocol/block.ts';
import type { AccountState } from '../../../../src/protocol/state-root.ts';
import type { Memo } from '../../../../src/protocol/memo.ts';
import type { Kind, Registration, Transaction, TransactionOf, Transfer } from '../../../../src/protocol/transaction.ts';
import { toHex, utf8 } from '../../../../src/util/bytes.ts';

/** Random values that have an encoding, whether or not a rule allows them. */

export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
export const addresses = bytesOf(20).map(toHex);
export const amounts = fc.maxSafeNat();
const u32 = fc.nat({ max: 0xffffffff });

const memos: fc.Arbitrary<Memo> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 60 })
    .filter((text) => utf8(text).length <= 140)
    .map((text) => ({ kind: 'plain' as const, text })),
  bytesOf(256).map((ciphertext) => ({ kind: 'sealed' as const, ciphertext })),
);

export const transfers: fc.Arbitrary<Transfer> = fc.record({
  kind: fc.constant('transfer' as const),
  networkTag: u32,
  sender: addresses,
  recipient: addresses,
  amount: amounts,
  fee: amounts,
  nonce: u32,
  memo: memos,
  signature: bytesOf(256),
});

export const registrations: fc.Arbitrary<Registration> = fc.record({
  kind: fc.constant('registration' as const),
  networkTag: u32,
  name: fc.string({ maxLength: 20 }),
  signingModulus: bytesOf(256),
  encryptionModulus: bytesOf(256),
  stamp: bytesOf(20),
  signature: bytesOf(256),
});

const BY_KIND: { readonly [K in Kind]: fc.Arbitrary<TransactionOf<K>> } = { transfer: transfers, registration: registrations };

/** Transactions of every kind. */
export const transactions: fc.Arbitrary<Transaction> = fc.oneof(...Object.values(BY_KIND));

export const headers: fc.Arbitrary<BlockHeader> = fc.record({
  version: u32,
  height: u32,
  previous: bytesOf(32).map(toHex),
  historyRoot: bytesOf(32),
  transactionRoot: bytesOf(32),
  stateRoot: bytesOf(32),
  timeMs: amounts,
  bits: u32,
  supply: amounts,
  miner: addresses,
});

/** Existing accounts. Names are derived from addresses, so different accounts have different names. */
export const accounts: fc.Arbitrary<AccountState> = fc
  .record({ address: addresses, balance: amounts, nonce: u32, registered: fc.boolean(), modulus: bytesOf(256) })
  .map(({ address, balance, nonce, registered, modulus }) =>
    registered
      ? { address, balance, nonce, registration: { name: `n${address.slice(0, 19)}`, signingModulus: modulus, encryptionModulus: modulus } }
      : { address, balance: Math.max(1, balance), nonce: 0, registration: null },
  );
