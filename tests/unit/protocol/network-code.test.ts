import { describe, expect, test } from 'vitest';
import { networkCode, parseNetworkCode, readCodeMessage, roomOfCode } from '../../../src/protocol/network-code.ts';

describe('the code of a network', () => {
  // Made by Python's hashlib.scrypt from PROTOCOL.md.
  test.each([
    ['#net=main', 'GYBVHT'],
    ['#net=class-3b', 'SPPRSG'],
    ['#net=class-3b&T=5000', 'DVJWEV'],
  ])('of %s is %s', async (link, code) => expect(await networkCode(link)).toBe(code));

  test('is the same on every device, and depends on the whole link', async () => {
    const code = await networkCode('#net=class-3b');
    expect(code).toMatch(/^[A-HJKMNP-TV-Z]{6}$/);
    expect(code).toBe(await networkCode('#net=class-3b'));
    expect(code).not.toBe(await networkCode('#net=class-3b&T=5000'));
  });

  test.each([
    ['BCDFGH', 'BCDFGH'],
    [' bcd fgh ', 'BCDFGH'],
    ['bcd-fgh', 'BCDFGH'],
    ['ＢＣＤ　ｆｇｈ', 'BCDFGH'],
    ['BCD\u200bFGH', 'BCDFGH'],
  ])('is read from %j', (typed, code) => expect(parseNetworkCode(typed)).toBe(code));

  test.each(['', 'BCDFG', 'BCDFGHJ', 'BCDFG1', 'BCDFGI', '#net=demo', '班級班級班級', 'x'.repeat(100_000)])('is not %j', (typed) => {
    expect(() => parseNetworkCode(typed)).toThrow(expect.objectContaining({ code: 'code-invalid' }));
  });

  test('names a room that does not show the code', () => {
    expect(roomOfCode('BCDFGH')).toMatch(/^[0-9a-f]{64}$/);
    expect(roomOfCode('BCDFGH')).not.toBe(roomOfCode('BCDFGJ'));
  });

  test.each([null, 7, 'ask', [], { ask: 'all' }, { link: 7 }, { link: 'x'.repeat(401) }])('is no subject of the message %j', (data) => {
    expect(readCodeMessage(data)).toBeNull();
  });
});
