import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bigIntToBytes,
  bytesToBigInt,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  fromUtf8,
  reversedBytes,
  toHex,
  utf8,
} from '../../../src/util/bytes.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
const failsWith = (code: string): unknown => expect.objectContaining({ code });

describe('hexadecimal', () => {
  test('is inverse and agrees with Buffer', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
        expect(fromHex(toHex(value))).toEqual(value);
        expect(fromHex(toHex(value).toUpperCase())).toEqual(value);
      }),
    );
  });

  test.each([4_095, 4_096, 4_097, 300_001])('of %i bytes agrees with Buffer', (length) => {
    const value = Uint8Array.from({ length }, (_, i) => i * 251);
    expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
  });

  test.each(['0', '0g', ' 00', '0x00', '00\n', '٠٠'])('refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(failsWith('hex-invalid'));
  });
});

describe('byte arrays', () => {
  test('order agrees with memcmp', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(equalBytes(a, b)).toBe(Buffer.from(a).equals(b));
      }),
    );
  });

  test('concatenation', () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        expect(toHex(concatBytes(...parts))).toBe(parts.map(toHex).join(''));
      }),
    );
  });

  test('reversing leaves the original alone, a Node Buffer too', () => {
    const buffer = Buffer.from([1, 2, 3]);
    expect([...reversedBytes(buffer)]).toEqual([3, 2, 1]);
    expect([...buffer]).toEqual([1, 2, 3]);
  });
});

describe('big integers', () => {
  test('are inverse at any width that holds them', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => {
        expect(bytesToBigInt(bigIntToBytes(value, 8))).toBe(value);
        expect(toHex(bigIntToBytes(value, 9))).toBe('00' + toHex(bigIntToBytes(value, 8)));
      }),
    );
    expect(bytesToBigInt(new Uint8Array())).toBe(0n);
  });

  test.each([-1n, 256n])('%s does not fit one byte', (value) => {
    expect(() => bigIntToBytes(value, 1)).toThrow(failsWith('integer-out-of-range'));
  });
});

describe('UTF-8', () => {
  test('is inverse for every well-formed text, byte order marks kept', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text);
      }),
    );
    expect(fromUtf8(utf8('\ufeffx'))).toBe('\ufeffx');
  });

  test.each([
    ['overlong', 'c080'],
    ['surrogate', 'eda080'],
    ['cut short', 'e282'],
    ['past U+10FFFF', 'f4908080'],
    ['stray continuation', '80'],
  ])('refuses %s', (_, hex) => {
    expect(() => fromUtf8(fromHex(hex))).toThrow(failsWith('utf8-invalid'));
  });
});
