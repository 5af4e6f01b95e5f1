import { describe, expect, test } from 'vitest';
import { isMemoText } from '../../../src/protocol/memo.ts';
import texts from '../../vectors/texts.json' with { type: 'json' };

describe('memo characters', () => {
  test('exactly the listed code points are refused', () => {
    const refused = new Set(texts.memoRefusedRanges.flatMap(([low, high]) => range(Number.parseInt(low!, 16), Number.parseInt(high!, 16))));
    const wrong = range(0, 0x10ffff).filter((code) => isMemoText(String.fromCodePoint(code)) === refused.has(code));
    expect(wrong).toEqual([]);
  });

  test('agrees with this Node’s Unicode data about control characters', () => {
    const wrong = range(0, 0x10ffff).filter((code) => {
      const character = String.fromCodePoint(code);
      return /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u.test(character) === isMemoText(character);
    });
    expect(wrong).toEqual([]);
  });

  test.each(['lunch', '午餐 🍜', 'Ünïcödé', '👩‍👩‍👧', 'a\u00a0b', '\ufeff', 'x'.repeat(1000)])('allows %j', (text) => {
    expect(isMemoText(text)).toBe(true);
  });

  test.each(['a\nb', 'a\tb', '\0', 'pay \u202e001', 'x\u2066', '\ud800', 'a\udc00', '\udc00\ud800', '\u2028'])('refuses %j', (text) => {
    expect(isMemoText(text)).toBe(false);
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
