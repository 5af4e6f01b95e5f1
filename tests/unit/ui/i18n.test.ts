import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_MEMO_BYTES, MIN_PASSPHRASE_CHARACTERS } from '../../../src/api/limits.ts';
import { english } from '../../../src/ui/i18n/en/index.ts';
import { errorText } from '../../../src/ui/i18n/error-text.ts';
import { fetchPack, isLanguage, languageFor, LANGUAGES, type Language } from '../../../src/ui/i18n/languages.ts';
import { traditionalChinese } from '../../../src/ui/i18n/zh-Hant/index.ts';
import type { ErrorTexts } from '../../../src/ui/i18n/language-pack.ts';
import { ERROR_CODES, type ErrorCode } from '../../../src/util/error-codes.ts';

type Tree = { [key: string]: unknown };

function leaves(tree: Tree, path = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? leaves(value as Tree, `${path}${key}.`)
      : [[path + key, value] as [string, unknown]],
  );
}

/** Texts that are the same in every language. */
const SAME = new Set([
  'messages.sentenceGap',
  'messages.map.factGap',
  'messages.forks.factGap',
  'messages.home.percent',
  'messages.block.nonce',
  'workbench.query',
  'workbench.nullValue',
]);
/** A letter of the language's own script in each text. */
const SCRIPTS: Readonly<Record<Language, RegExp>> = {
  'zh-Hant': /\p{Script=Han}/u,
  en: /\p{Script=Latin}/u,
  ja: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u,
};
const OTHER_SCRIPTS: Readonly<Record<Language, RegExp>> = {
  'zh-Hant': /[\p{Script=Hiragana}\p{Script=Katakana}]/u,
  en: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u,
  ja: /\p{Script=Bopomofo}|[麼這們嗎沒讓說點]/u,
};

const packs = await Promise.all(LANGUAGES.map(async (language) => ({ language, pack: await fetchPack(language) })));
const englishTexts = leaves({ ...english, schema: {} });
const { messages: en, errors: errorsEn, workbench: enWorkbench } = english;
const codeText = (errors: ErrorTexts, code: ErrorCode): string => errors[code]({});

describe.each(packs)('the texts in $language', ({ language, pack }) => {
  const texts = new Map(leaves({ ...pack, schema: {} }));

  it('have the keys and the kinds of the English texts', () => {
    expect([...texts.keys()].sort()).toEqual(englishTexts.map(([key]) => key).sort());
    for (const [key, value] of englishTexts) expect(typeof texts.get(key), key).toBe(typeof value);
    expect(pack.messages.history.csvColumns).toHaveLength(en.history.csvColumns.length);
  });

  it('are in their own script', () => {
    for (const [key, value] of texts) {
      if (SAME.has(key)) continue;
      expect([SCRIPTS[language].test(String(value)), OTHER_SCRIPTS[language].test(String(value))], key).toEqual([true, false]);
    }
  });

  it('explain every error code, in the order of the list', () => {
    expect(Object.keys(pack.errors)).toEqual(ERROR_CODES);
    for (const code of ERROR_CODES) {
      const text = codeText(pack.errors, code);
      expect(text.length, code).toBeGreaterThan(5);
      expect(text, code).not.toMatch(/undefined|NaN/);
    }
  });

  it('name the limits that hold', () => {
    expect(codeText(pack.errors, 'memo-too-long')).toContain(` ${MAX_MEMO_BYTES} `);
    expect(codeText(pack.errors, 'passphrase-too-short')).toContain(` ${MIN_PASSPHRASE_CHARACTERS} `);
    expect(pack.messages.register.passphraseHint).toContain(` ${MIN_PASSPHRASE_CHARACTERS} `);
  });
});

it.each(packs.filter(({ language }) => language !== 'en'))('the texts in $language leave nothing untranslated', ({ pack }) => {
  const texts = new Map(leaves({ ...pack, schema: {} }));
  const left = englishTexts.filter(([key, value]) => !SAME.has(key) && String(texts.get(key)) === String(value));
  expect(left.map(([key]) => key)).toEqual([]);
});

describe('errorText', () => {
  it('uses the figures that the error carries', () => {
    expect(errorText(errorsEn, { code: 'fee-too-low', details: { minimum: '0.001' } })).toContain('0.001');
    expect(errorText(errorsEn, { code: 'fee-too-low' })).not.toContain('undefined');
    const start = { code: 'network-invalid', details: { field: 'start', easiest: '1e0fffff' } };
    expect(errorText(errorsEn, start)).toMatch(/1e0fffff\. Remove “start”/);
    expect(errorText(traditionalChinese.errors, start)).toMatch(/1e0fffff.*拿掉「start」/);
    expect(errorText(errorsEn, { code: 'query-failed', message: 'x', details: { sqlite: 'near "foo"' } })).toBe('SQLite says: near "foo"');
  });

  it('falls back to the message for an unknown code, and to a text for a value that is not an error', () => {
    expect(errorText(errorsEn, { code: 'quite-new', message: 'A later rule.' })).toBe('A later rule.');
    expect(errorText(errorsEn, new Error('boom'))).toBe(errorsEn.internal({}));
    expect(errorText(errorsEn, null)).toBe(errorsEn.internal({}));
    expect(errorText(errorsEn, { code: 'toString', message: 'no' })).toBe('no');
  });
});

it('chooses the language that the browser asks for', () => {
  expect(['zh-TW', 'zh-Hant-HK', 'zh', 'ZH-cn', 'en-US', 'ja-JP', 'JA', 'de', 'zha', 'jav', ''].map(languageFor)).toEqual([
    'zh-Hant',
    'zh-Hant',
    'zh-Hant',
    'zh-Hant',
    'en',
    'ja',
    'ja',
    'en',
    'en',
    'en',
    'en',
  ]);
  expect(isLanguage('fr')).toBe(false);
  expect(isLanguage(null)).toBe(false);
});

it('each language has one formatter of numbers', () => {
  const folder = new URL('../../../src/ui/i18n/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const formatting = files.filter((name) => /NumberFormat|toLocaleString/.test(readFileSync(new URL(name, folder), 'utf8')));
  expect(formatting.sort()).toEqual(LANGUAGES.map((language) => `${language}/numbers.ts`).sort());
});

it('the accessible names that other programs rely on', () => {
  expect([en.welcome.register, en.register.submit, en.register.name, en.login.name, en.register.passphrase, en.login.passphrase]).toEqual([
    'Register',
    'Register',
    'User name',
    'User name',
    'Passphrase',
    'Passphrase',
  ]);
  expect([en.login.submit, en.welcome.login, en.nav.logout, en.home.start, en.home.stop]).toEqual([
    'Log in',
    'Log in',
    'Log out',
    'Start mining',
    'Stop mining',
  ]);
  const { recipient, amount, fee, memo, submit } = en.transfer;
  expect([recipient, amount, fee, memo, submit, enWorkbench.export]).toEqual([
    'Recipient',
    'Amount',
    'Fee',
    'Memo',
    'Send',
    'Export database',
  ]);
});

it('no component contains its own text', () => {
  const folder = new URL('../../../src/ui/', import.meta.url);
  const components = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.svelte'));
  expect(components.length).toBeGreaterThan(50);
  for (const file of components) {
    const source = readFileSync(new URL(file, folder), 'utf8')
      .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
      .replace(/<!--[\s\S]*?-->/g, '');
    const text = source.replace(/<svelte:head>[\s\S]*?<\/svelte:head>/g, '').replace(/\{[^{}]*\}/g, '');
    const words = [...text.matchAll(/>([^<>{}]*\p{L}{3,}[^<>{}]*)</gu)].map((match) => match[1]!.trim());
    expect(
      words.filter((word) => !/^(Tabchain|RSA-2048)$/.test(word) && !/[=)(;]/.test(word)),
      file,
    ).toEqual([]);
  }
});
