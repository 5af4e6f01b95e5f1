import { createHash, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pbkdf2Sha256, referenceSha256, sha256, sha256d } from '../../../src/crypto/hash.ts';
import { createShortHasher, MAX_MESSAGE_BYTES } from '../../../src/crypto/sha256-wasm.ts';
import { concatBytes, toHex, utf8 } from '../../../src/util/bytes.ts';

const openssl = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const twice = (bytes: Uint8Array): string => createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest('hex');
const message = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 167 + length) & 0xff);

describe('SHA-256', () => {
  // FIPS 180-4, examples of NIST.
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
  ])('of "%s"', (text, digest) => {
    expect(toHex(sha256(utf8(text)))).toBe(digest);
    expect(toHex(referenceSha256([utf8(text)]))).toBe(digest);
  });

  test('of every length up to five blocks, once and twice, by all implementations', () => {
    const short = createShortHasher();
    for (let length = 0; length <= 320; length++) {
      const bytes = message(length);
      expect(toHex(sha256(bytes))).toBe(openssl(bytes));
      expect(toHex(sha256d(bytes))).toBe(twice(bytes));
      expect(toHex(short.once([bytes], length))).toBe(openssl(bytes));
      expect(toHex(short.twice([bytes], length))).toBe(twice(bytes));
      expect(toHex(referenceSha256([bytes]))).toBe(openssl(bytes));
    }
  });

  test.each([MAX_MESSAGE_BYTES - 1, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES + 1, 300_000])('of %i bytes', (length) => {
    const bytes = message(length);
    expect(toHex(sha256(bytes))).toBe(openssl(bytes));
    expect(toHex(sha256d(bytes))).toBe(twice(bytes));
  });

  test('of any parts equals the hash of their concatenation, after any earlier hash', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (parts) => {
        const whole = concatBytes(...parts);
        expect(toHex(sha256(...parts))).toBe(openssl(whole));
        expect(toHex(sha256d(...parts))).toBe(twice(whole));
      }),
    );
  });

  test('digests do not change later', () => {
    const first = sha256(utf8('first'));
    const before = toHex(first);
    // A digest as part of the next messages.
    sha256(first, first);
    sha256d(utf8('second'));
    expect(toHex(first)).toBe(before);
    expect(toHex(sha256(first.subarray(3, 9)))).toBe(openssl(first.subarray(3, 9)));
  });
});

describe('PBKDF2 with HMAC-SHA-256', () => {
  const openssl32 = (password: Uint8Array, salt: Uint8Array, iterations: number): string =>
    pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('hex');

  // RFC 7914 §11, the first 32 of 64 bytes.
  test.each([
    ['passwd', 'salt', 1, '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc'],
    ['Password', 'NaCl', 80_000, '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56'],
  ])('of "%s" and "%s", %i rounds', (password, salt, iterations, key) => {
    expect(toHex(pbkdf2Sha256(utf8(password), utf8(salt), iterations))).toBe(key);
  });

  test('agrees with OpenSSL, and does not disturb later hashes', () => {
    const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
    fc.assert(
      fc.property(bytes(200), bytes(64), fc.integer({ min: 1, max: 20 }), (password, salt, iterations) => {
        expect(toHex(pbkdf2Sha256(password, salt, iterations))).toBe(openssl32(password, salt, iterations));
        expect(toHex(sha256(salt))).toBe(openssl(salt));
      }),
    );
    const long = message(MAX_MESSAGE_BYTES + 1);
    expect(toHex(pbkdf2Sha256(long, message(8), 2))).toBe(openssl32(long, message(8), 2));
  });
});
