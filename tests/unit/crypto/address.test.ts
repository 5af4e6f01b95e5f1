import { createHash } from 'node:crypto';
import { bech32m } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADDRESS_PREFIX, addressFingerprint, addressOfModulus, addressText, parseAddress } from '../../../src/crypto/address.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';
import bip350 from '../../vectors/bip350.json' with { type: 'json' };
import { bech32mEncode } from '../consensus/support/second-implementation.ts';

const addresses = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex);
const invalid = expect.objectContaining({ code: 'address-invalid' });

describe('BIP-350 vectors', () => {
  test.each(bip350.valid)('the library accepts %s, and our parser refuses it', (text) => {
    const decoded = bech32m.decode(text as `${string}1${string}`);
    expect(bech32m.encode(decoded.prefix, decoded.words)).toBe(text.toLowerCase());
    expect(bech32mEncode(decoded.prefix, decoded.words)).toBe(text.toLowerCase());
    expect(() => parseAddress(text)).toThrow(invalid);
  });

  test.each(bip350.invalid)('$reason: $text', ({ text }) => {
    expect(bech32m.decodeUnsafe(text as `${string}1${string}`)).toBeUndefined();
    expect(() => parseAddress(text)).toThrow(invalid);
  });

  test.each(bip350.addresses)('bytes of $text, and our parser refuses it', ({ text, script }) => {
    const { words } = bech32m.decode(text as `${string}1${string}`);
    expect(toHex(bech32m.fromWords(words.slice(1)))).toBe(script.slice(4));
    expect(() => parseAddress(text)).toThrow(invalid);
  });
});

describe('addresses', () => {
  test('text and bytes are inverse, and agree with the reference encoder', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const text = addressText(address);
        expect(text).toBe(bech32mEncode(ADDRESS_PREFIX, bech32m.toWords(fromHex(address))));
        expect(text).toMatch(/^tab1[02-9ac-hj-np-z]{38}$/);
        expect(parseAddress(text)).toBe(address);
        expect(parseAddress(text.toUpperCase())).toBe(address);
      }),
    );
  });

  test('any one or two changed characters are detected', () => {
    const character = fc.constantFrom(...'qpzry9x8gf2tvdw0s3jn54khce6mua7l');
    fc.assert(
      fc.property(
        addresses,
        fc.array(fc.tuple(fc.integer({ min: 4, max: 41 }), character), { minLength: 1, maxLength: 2 }),
        (address, edits) => {
          const text = addressText(address);
          const characters = [...text];
          for (const [at, to] of edits) characters[at] = to;
          const edited = characters.join('');
          fc.pre(edited !== text);
          expect(() => parseAddress(edited)).toThrow(invalid);
        },
      ),
    );
  });

  const alex = addressText('00'.repeat(20));
  test.each([
    ['empty', ''],
    ['mixed case', 'T' + alex.slice(1)],
    ['space before', ' ' + alex],
    ['space after', alex + ' '],
    ['one short', alex.slice(0, -1)],
    ['another prefix', bech32m.encode('tac', bech32m.toWords(new Uint8Array(20)))],
    ['bech32 instead of bech32m', bech32mEncode('tab', bech32m.toWords(new Uint8Array(20)), 1)],
    ['19 bytes', bech32m.encode('tab', bech32m.toWords(new Uint8Array(19)))],
    ['21 bytes', bech32m.encode('tab', bech32m.toWords(new Uint8Array(21)))],
    ['19 bytes under a longer prefix of the same total', bech32m.encode('tabx', bech32m.toWords(new Uint8Array(19)))],
    ['hexadecimal', '00'.repeat(20)],
  ])('refuses: %s', (_, text) => {
    expect(() => parseAddress(text)).toThrow(invalid);
  });

  test('is the start of SHA-256d of the modulus', () => {
    const modulus = fromHex('c3'.repeat(256));
    const once = createHash('sha256').update(modulus).digest();
    const twice = createHash('sha256').update(once).digest('hex');
    expect(addressOfModulus(modulus)).toBe(twice.slice(0, 40));
  });

  test('fingerprint is four groups of the digest of the address', () => {
    const address = '0123456789'.repeat(4);
    const digest = createHash('sha256').update(Buffer.from(address, 'hex')).digest('hex');
    expect(addressFingerprint(address)).toBe([0, 4, 8, 12].map((i) => digest.slice(i, i + 4)).join(' '));
  });
});
