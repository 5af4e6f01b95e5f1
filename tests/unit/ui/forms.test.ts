import { describe, expect, it } from 'vitest';
import { isName, passphraseStrength, unusualCharacters } from '../../../src/ui/kit/forms.ts';
import { transferFieldOf } from '../../../src/ui/features/transfer/transfer-draft.svelte.ts';

describe('isName', () => {
  it.each(['abc', 'alex', 'a_1', 'a2345678901234567890'])('accepts %s', (name) => expect(isName(name)).toBe(true));
  it.each(['', 'a', '1abc', '_abc', 'Alex', 'al ex', 'álex', '小明明', 'a23456789012345678901', 'alex\n'])('refuses %j', (name) =>
    expect(isName(name)).toBe(false),
  );
});

describe('unusualCharacters', () => {
  it.each([
    ['space', ' eight words'],
    ['space', 'eight words\u3000'],
    ['width', 'ｅｉｇｈｔ words'],
    ['width', 'that’s it all'],
    ['width', 'ｶﾞﾗｽﾉﾊﾟﾝﾀﾞ'],
    [null, 'eight words'],
    [null, '四個隨便想到的詞語'],
    [null, ''],
  ])('%s: %j', (kind, text) => expect(unusualCharacters(text)).toBe(kind));
});

describe('passphraseStrength', () => {
  it('has no opinion below the minimum', () => expect(passphraseStrength('short')).toBeNull());
  it.each(['aaaaaaaaaaaaaaaa', '12345678', 'abcdefghijkl', 'password'])('%s is weak', (text) =>
    expect(passphraseStrength(text)).toBe('weak'),
  );
  it.each(['correct horse battery staple', '四個隨便想到的詞語放在一起'])('%s is good', (text) =>
    expect(passphraseStrength(text)).toBe('good'),
  );
});

it('each failure of a transfer is shown at its field', () => {
  expect(
    [
      'recipient-unknown',
      'address-invalid',
      'name-invalid',
      'amount-not-positive',
      'balance-insufficient',
      'fee-too-low',
      'memo-too-long',
      'locked',
    ].map(transferFieldOf),
  ).toEqual(['to', 'to', 'to', 'amount', 'amount', 'fee', 'memo', 'form']);
});
