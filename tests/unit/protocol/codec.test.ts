import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reader, Writer } from '../../../src/protocol/codec.ts';
import { fromHex, toHex, utf8 } from '../../../src/util/bytes.ts';
import { bytesOf } from './support/arbitraries.ts';

const failsWith = (code: string): unknown => expect.objectContaining({ code });

describe('writer and reader', () => {
  const field = fc.oneof(
    fc.nat({ max: 0xff }).map((value) => ({ kind: 'u8' as const, value })),
    fc.nat({ max: 0xffff }).map((value) => ({ kind: 'u16' as const, value })),
    fc.nat({ max: 0xffffffff }).map((value) => ({ kind: 'u32' as const, value })),
    fc.maxSafeNat().map((value) => ({ kind: 'u53' as const, value })),
    fc.uint8Array({ maxLength: 700 }).map((value) => ({ kind: 'bytes16' as const, value })),
    fc.string({ unit: 'binary', maxLength: 60 }).map((value) => ({ kind: 'text8' as const, value })),
    bytesOf(32).map((value) => ({ kind: 'raw' as const, value })),
  );

  test('are inverse whatever the initial capacity', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 20 }), fc.nat({ max: 64 }), (fields, capacity) => {
        const writer = new Writer(capacity);
        for (const { kind, value } of fields) (writer[kind] as (value: unknown) => Writer)(value);
        const reader = new Reader(writer.finish());
        for (const { kind, value } of fields) {
          const read =
            kind === 'raw'
              ? reader.take(32)
              : kind === 'bytes16'
                ? reader.bytes16(700)
                : kind === 'text8'
                  ? reader.text8(255)
                  : reader[kind]();
          expect(read).toEqual(value);
        }
        reader.end();
      }),
    );
  });

  test('integers are big-endian of fixed width', () => {
    expect(
      toHex(
        new Writer(0)
          .u8(1)
          .u16(2)
          .u32(3)
          .u53(2 ** 53 - 1)
          .finish(),
      ),
    ).toBe('01000200000003001fffffffffffff');
  });

  test('read bytes are a copy, also from a Node Buffer', () => {
    const buffer = Buffer.from([1, 2, 3, 4]);
    const taken = new Reader(buffer).take(2);
    buffer.fill(9);
    expect([...taken]).toEqual([1, 2]);
  });

  test.each([
    ['u8', -1],
    ['u8', 256],
    ['u16', 65_536],
    ['u32', 2 ** 32],
    ['u53', 2 ** 53],
    ['u53', 0.5],
    ['u53', NaN],
  ] as const)('%s does not hold %d', (kind, value) => {
    expect(() => new Writer()[kind](value)).toThrow(failsWith('integer-out-of-range'));
  });

  test.each([
    ['an integer past 2^53 - 1', '0020000000000000', (r: Reader) => r.u53(), 'encoding-non-canonical'],
    ['eight bytes of ones', 'ffffffffffffffff', (r: Reader) => r.u53(), 'encoding-non-canonical'],
    ['a short integer', '000000', (r: Reader) => r.u32(), 'encoding-truncated'],
    ['a length past the end', '000501', (r: Reader) => r.bytes16(5), 'encoding-truncated'],
    ['a length past the limit', '0005ffffffffff', (r: Reader) => r.bytes16(4), 'encoding-too-long'],
    ['a text past the limit', '0361626300', (r: Reader) => r.text8(2), 'encoding-too-long'],
    ['overlong UTF-8', '02c080', (r: Reader) => r.text8(2), 'encoding-non-canonical'],
    ['an encoded surrogate', '03eda080', (r: Reader) => r.text8(3), 'encoding-non-canonical'],
  ])('refuses: %s', (_, hex, read, code) => {
    expect(() => read(new Reader(fromHex(hex)))).toThrow(failsWith(code));
  });

  test('refuses trailing bytes', () => {
    const reader = new Reader(fromHex('0000'));
    reader.u8();
    expect(() => reader.end()).toThrow(failsWith('encoding-trailing'));
  });

  test('never writes a text that the reader refuses', () => {
    expect(() => new Writer().text8('\ud800')).toThrow(failsWith('encoding-non-canonical'));
    expect(() => new Writer().text8('abc', 2)).toThrow(failsWith('encoding-too-long'));
    expect(() => new Writer().text8('x'.repeat(256))).toThrow(failsWith('encoding-too-long'));
    expect(() => new Writer().fixed(utf8('abc'), 2)).toThrow(failsWith('invariant-broken'));
  });
});
