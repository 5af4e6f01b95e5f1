import { describe, expect, it } from 'vitest';
import { COMMON_PASSPHRASES } from '../../../src/wallet/common-passphrases.ts';
import { assertNewPassphrase } from '../../../src/wallet/passphrase.ts';

const refused = expect.objectContaining({ code: 'passphrase-common' });

describe('a new passphrase', () => {
  it.each([
    'password',
    'Password1',
    'PASSWORD!!!',
    'p a s s w o r d',
    'ｐａｓｓｗｏｒｄ',
    'passw0rd',
    'qwertyuiop',
    '1qaz2wsx',
    'iloveyou',
    'sunshine2024',
    // Common phrases in numbers, in pinyin and on a bopomofo keyboard.
    'woaini1314',
    '5201314520',
    'ji32k7au4a83',
    '床前明月光，疑是地上霜',
    '一二三四五六七八',
    // One part repeated.
    'aaaaaaaa',
    'abababab',
    'abcabcabca',
    'ha ha ha ha ha',
    '我愛你我愛你我愛你',
    '😀😀😀😀😀😀😀😀',
    // Sequences.
    'abcdefghij',
    '98765432',
    '11223344',
    // The name, and little more.
    'mingming_',
    'alexandrina',
    'Alexandrina!',
    'alexandrina 2026',
    'xalexandrina',
  ])('is not %j', (passphrase) => {
    expect(() => assertNewPassphrase(passphrase, 'alexandrina')).toThrow(refused);
  });

  it.each([
    'correct horse battery',
    'twelve green bottles',
    '四個隨便想到的詞語',
    'alexandrina reads books',
    'Tr0ub4dor&3',
    'wunderbar wunder',
  ])('may be %j', (passphrase) => {
    expect(() => assertNewPassphrase(passphrase, 'alexandrina')).not.toThrow();
    expect(() => assertNewPassphrase(passphrase, 'wu')).not.toThrow();
  });

  it('may contain the name of another account', () => {
    expect(() => assertNewPassphrase('alex_1999_', 'ming')).not.toThrow();
    expect(() => assertNewPassphrase('alex_1999_', 'alex')).toThrow(refused);
    expect(() => assertNewPassphrase('a_b_a_b_', 'a_b')).toThrow(refused);
  });
});

it('the list holds only passphrases of eight characters or more, without capitals', () => {
  expect(COMMON_PASSPHRASES.size).toBeGreaterThan(1_000);
  for (const each of COMMON_PASSPHRASES) {
    expect([...each].length).toBeGreaterThanOrEqual(8);
    expect(each).toBe(each.toLowerCase());
  }
});
