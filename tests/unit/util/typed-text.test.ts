import { describe, expect, it } from 'vitest';
import { insideSentence } from '../../../src/util/typed-text.ts';

describe('a text of a stranger inside a sentence', () => {
  it.each([
    ['class.sqlite', 'class.sqlite'],
    ['班級 3B.sqlite', '班級 3B.sqlite'],
    ['<b>.sqlite', '<b>.sqlite'],
    ['exe\u202egnp.sqlite', 'exe gnp.sqlite'],
    ['two\nlines\u0000\u200b.pem', 'two lines .pem'],
    ['\ud800alone', 'alone'],
    ['\u200b\u200b', '…'],
    ['שלום.sqlite', '\u2068שלום.sqlite\u2069'],
    ['\u0627\u0628', '\u2068\u0627\u0628\u2069'],
    ['résumé', 'résumé'],
  ])('%j is shown as %j', (given, shown) => expect(insideSentence(given)).toBe(shown));

  it('cuts stacked marks and long texts', () => {
    expect(insideSentence(`a${'\u0301'.repeat(5_000)}b`)).toBe(`a${'\u0301'.repeat(3)}`);
    expect(insideSentence('字'.repeat(10 << 20))).toBe(`${'字'.repeat(80)}…`);
    expect(insideSentence('🍵'.repeat(81))).toBe(`${'🍵'.repeat(80)}…`);
  });
});
