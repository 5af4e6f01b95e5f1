import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeTransaction,
  encodeTransaction,
  MAX_TRANSACTION_BYTES,
  MIN_TRANSACTION_BYTES,
  signedMessage,
  type DecodedTransaction,
  type Registration,
} from '../../../src/protocol/transaction.ts';
import { stampHash } from '../../../src/protocol/transactions/registration.ts';
import type { Memo } from '../../../src/protocol/memo.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { registrations, transactions, transfers } from './support/arbitraries.ts';

const failsWith = (code: string): unknown => expect.objectContaining({ code });
const encoding = expect.objectContaining({ code: expect.stringMatching(/^encoding-/) as string });
const NETWORK_ID = 'ab'.repeat(32);

/** Expects that decoding `bytes` fails with an encoding code, or gives a value whose encoding is exactly `bytes`. */
function decodesCanonically(bytes: Uint8Array): DecodedTransaction | null {
  let decoded: DecodedTransaction;
  try {
    decoded = decodeTransaction(bytes);
  } catch (error) {
    expect(error).toEqual(encoding);
    return null;
  }
  expect(toHex(encodeTransaction(decoded.transaction).bytes)).toBe(toHex(bytes));
  return decoded;
}

describe('transaction codec', () => {
  test('decode is the inverse of encode', () => {
    fc.assert(
      fc.property(transactions, (transaction) => {
        const encoded = encodeTransaction(transaction);
        expect(decodeTransaction(encoded.bytes)).toEqual(encoded);
        expect(encoded.bytes.length).toBeGreaterThanOrEqual(MIN_TRANSACTION_BYTES);
        expect(encoded.bytes.length).toBeLessThanOrEqual(MAX_TRANSACTION_BYTES);
      }),
    );
  });

  test('any changed byte is refused or gives another value with exactly those bytes', () => {
    fc.assert(
      fc.property(transactions, fc.nat(), fc.integer({ min: 1, max: 255 }), (transaction, at, flip) => {
        const original = encodeTransaction(transaction);
        const bytes = original.bytes.slice();
        bytes[at % bytes.length]! ^= flip;
        const decoded = decodesCanonically(bytes);
        expect(decoded?.transaction).not.toEqual(original.transaction);
        expect(decoded?.id).not.toBe(original.id);
      }),
      { numRuns: 1_000 },
    );
  });

  test('every single byte of a small transfer, to every value of its low bits', () => {
    const [sample] = fc.sample(transfers, { numRuns: 1, seed: 7 });
    const { bytes } = encodeTransaction({ ...sample!, memo: { kind: 'plain', text: 'né' } });
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 2, 3, 0x40, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at]! ^= flip;
        decodesCanonically(changed);
      }
    }
  });

  test('a truncated or lengthened transaction is refused', () => {
    fc.assert(
      fc.property(transactions, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 300 }), (transaction, at, more) => {
        const { bytes } = encodeTransaction(transaction);
        expect(() => decodeTransaction(bytes.subarray(0, at % bytes.length))).toThrow(encoding);
        expect(() => decodeTransaction(Buffer.concat([bytes, more]))).toThrow(encoding);
      }),
    );
  });

  test('arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_100 }), fc.constantFrom(1, 2), (bytes, kind) => {
        if (bytes.length > 0) bytes[0] = kind;
        decodesCanonically(bytes);
      }),
    );
  });

  const transfer = fc.sample(transfers, { numRuns: 1, seed: 1 })[0]!;
  const registration = fc.sample(registrations, { numRuns: 1, seed: 1 })[0]!;
  const withMemo =
    (memo: Memo): (() => unknown) =>
    () =>
      encodeTransaction({ ...transfer, memo });

  test('the encoder makes no transaction that the decoder refuses', () => {
    expect(withMemo({ kind: 'plain', text: 'x'.repeat(140) })).not.toThrow();
    expect(withMemo({ kind: 'plain', text: 'x'.repeat(141) })).toThrow(failsWith('encoding-too-long'));
    expect(withMemo({ kind: 'plain', text: '午'.repeat(47) })).toThrow(failsWith('encoding-too-long'));
    expect(withMemo({ kind: 'plain', text: '' })).toThrow(failsWith('encoding-non-canonical'));
    expect(withMemo({ kind: 'plain', text: '\ud800' })).toThrow(failsWith('encoding-non-canonical'));
    expect(withMemo({ kind: 'sealed', ciphertext: new Uint8Array(255) })).toThrow(failsWith('invariant-broken'));
    expect(() => encodeTransaction({ ...transfer, amount: 2 ** 53 })).toThrow(failsWith('integer-out-of-range'));
    expect(() => encodeTransaction({ ...transfer, amount: -1 })).toThrow(failsWith('integer-out-of-range'));
    expect(() => encodeTransaction({ ...transfer, sender: '00' })).toThrow(failsWith('invariant-broken'));
    expect(() => encodeTransaction({ ...registration, name: 'x'.repeat(21) })).toThrow(failsWith('encoding-too-long'));
    expect(() => encodeTransaction({ ...registration, stamp: new Uint8Array(21) })).toThrow(failsWith('invariant-broken'));
  });

  test.each([
    ['unknown kind', 0, 3],
    ['kind zero', 0, 0],
    ['unknown memo kind', 65, 3],
  ])('refuses: %s', (_, at, value) => {
    const { bytes } = encodeTransaction({ ...transfer, memo: { kind: 'none' } });
    bytes[at] = value;
    expect(() => decodeTransaction(bytes)).toThrow(failsWith('encoding-non-canonical'));
  });

  test('an empty plain memo is refused: none has one encoding', () => {
    const { bytes } = encodeTransaction({ ...transfer, memo: { kind: 'none' } });
    const empty = Buffer.concat([bytes.subarray(0, 65), Buffer.from([1, 0]), bytes.subarray(66)]);
    expect(() => decodeTransaction(empty)).toThrow(failsWith('encoding-non-canonical'));
  });
});

function withProofOf(body: Registration, { stamp, signature }: Registration): Registration {
  return { ...body, stamp, signature };
}

describe('what is signed', () => {
  test('covers every field, the network and the kind, but not the signature', () => {
    fc.assert(
      fc.property(transactions, fc.nat(), fc.integer({ min: 1, max: 255 }), (transaction, at, flip) => {
        const { bytes } = encodeTransaction(transaction);
        const message = toHex(signedMessage(NETWORK_ID, transaction));
        expect(message.endsWith(NETWORK_ID + toHex(bytes.subarray(0, -256)))).toBe(true);
        expect(toHex(signedMessage('cd'.repeat(32), transaction))).not.toBe(message);
        const changed = bytes.slice();
        const position = at % changed.length;
        changed[position]! ^= flip;
        const decoded = decodesCanonically(changed);
        fc.pre(decoded !== null);
        expect(toHex(signedMessage(NETWORK_ID, decoded!.transaction)) === message).toBe(position >= bytes.length - 256);
      }),
    );
  });

  test('a stamp covers network, tag and both keys, but neither itself nor the signature', () => {
    fc.assert(
      fc.property(registrations, registrations, (a, b) => {
        const hash = toHex(stampHash(NETWORK_ID, a));
        expect(toHex(stampHash(NETWORK_ID, withProofOf(a, b)))).toBe(hash);
        expect(toHex(stampHash('cd'.repeat(32), a))).not.toBe(hash);
        for (const field of ['networkTag', 'signingModulus', 'encryptionModulus'] as const) {
          expect(toHex(stampHash(NETWORK_ID, { ...a, [field]: b[field] })) === hash).toBe(String(a[field]) === String(b[field]));
        }
      }),
    );
  });
});
