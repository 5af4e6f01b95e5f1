import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBlock,
  encodeBlock,
  encodeHeader,
  encodeSealedHeader,
  HEADER_BYTES,
  readSealedHeader,
  SEALED_HEADER_BYTES,
  sealBlock,
  sealHeader,
  transactionRoot,
} from '../../../src/protocol/block.ts';
import { Reader } from '../../../src/protocol/codec.ts';
import { encodeTransaction } from '../../../src/protocol/transaction.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';
import { merkleRoot, seal, sha256 } from '../consensus/support/second-implementation.ts';
import { bytesOf, headers, registrations, transfers } from './support/arbitraries.ts';

const MAX_BYTES = 256 * 1024;
const failsWith = (code: string): unknown => expect.objectContaining({ code });
const encoding = expect.objectContaining({ code: expect.stringMatching(/^encoding-/) as string });
const blocks = fc
  .tuple(
    headers,
    bytesOf(20),
    fc.array(
      fc.oneof(transfers, registrations).map((t) => encodeTransaction(t)),
      { maxLength: 4 },
    ),
  )
  .map(([header, nonce, transactions]) => sealBlock(header, nonce, transactions));

describe('header codec', () => {
  test('is inverse, of fixed length, and its id is the seal digest reversed', () => {
    fc.assert(
      fc.property(headers, bytesOf(20), (header, nonce) => {
        const sealed = sealHeader(header, nonce);
        const bytes = encodeSealedHeader(sealed);
        expect(bytes.length).toBe(SEALED_HEADER_BYTES);
        const reader = new Reader(bytes);
        expect(readSealedHeader(reader)).toEqual(sealed);
        reader.end();
        expect(sealed.id).toBe(seal(sha256(encodeHeader(header)), toHex(nonce)));
      }),
    );
  });

  test('every byte of header and nonce changes the id', () => {
    fc.assert(
      fc.property(
        headers,
        bytesOf(20),
        fc.nat({ max: SEALED_HEADER_BYTES - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (header, nonce, at, flip) => {
          const sealed = sealHeader(header, nonce);
          const bytes = encodeSealedHeader(sealed);
          bytes[at]! ^= flip;
          let other;
          try {
            other = readSealedHeader(new Reader(bytes));
          } catch (error) {
            expect(error).toEqual(encoding);
            return;
          }
          expect(other.id).not.toBe(sealed.id);
          expect(encodeSealedHeader(other)).toEqual(bytes);
        },
      ),
    );
  });

  test('fields of another width never reach the encoding', () => {
    const [header] = fc.sample(headers, { numRuns: 1, seed: 3 });
    expect(encodeHeader(header!).length).toBe(HEADER_BYTES);
    for (const wrong of [{ previous: 'ab' }, { miner: '' }, { stateRoot: new Uint8Array(31) }, { transactionRoot: new Uint8Array(33) }]) {
      expect(() => encodeHeader({ ...header!, ...wrong })).toThrow(failsWith('invariant-broken'));
    }
    expect(() => sealHeader(header!, new Uint8Array(19))).toThrow(failsWith('invariant-broken'));
  });
});

describe('block codec', () => {
  test('is inverse, and the size is the length', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        const bytes = encodeBlock(block);
        expect(bytes.length).toBe(block.size);
        expect(decodeBlock(bytes, MAX_BYTES)).toEqual(block);
        expect(toHex(transactionRoot(block.transactions))).toBe(merkleRoot(block.transactions.map((t) => fromHex(t.id))).toString('hex'));
      }),
    );
  });

  test('any changed, missing or added byte is refused or gives another block', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.integer({ min: 1, max: 255 }), (block, at, flip) => {
        const original = encodeBlock(block);
        const changed = original.slice();
        changed[at % changed.length]! ^= flip;
        for (const bytes of [changed, original.subarray(0, at % original.length), Buffer.concat([original, Buffer.of(flip)])]) {
          let decoded;
          try {
            decoded = decodeBlock(bytes, MAX_BYTES);
          } catch (error) {
            expect(error).toEqual(encoding);
            continue;
          }
          expect(toHex(encodeBlock(decoded))).toBe(toHex(bytes));
          expect(toHex(bytes)).not.toBe(toHex(original));
        }
      }),
      { numRuns: 500 },
    );
  });

  const [block] = fc.sample(blocks, { numRuns: 1, seed: 5 });

  test('refuses more bytes than the network allows before reading them', () => {
    const bytes = encodeBlock(block!);
    expect(() => decodeBlock(bytes, bytes.length)).not.toThrow();
    expect(() => decodeBlock(bytes, bytes.length - 1)).toThrow(failsWith('block-oversized'));
  });

  test('refuses a count that the remaining bytes cannot hold, before allocating memory', () => {
    const bytes = encodeBlock(block!);
    bytes.fill(0xff, SEALED_HEADER_BYTES, SEALED_HEADER_BYTES + 4);
    // The count in the details tells this refusal from one while reading a transaction.
    expect(() => decodeBlock(bytes, MAX_BYTES)).toThrow(
      expect.objectContaining({ code: 'encoding-truncated', details: { count: 0xffffffff } }),
    );
  });
});
