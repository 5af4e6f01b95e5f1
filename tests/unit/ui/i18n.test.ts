import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_MEMO_BYTES, MIN_PASSPHRASE_CHARACTERS } from '../../../src/api/limits.ts';
import { en } from '../../../src/ui/i18n/en/messages.ts';
import { enWorkbench } from '../../../src/ui/i18n/en/workbench.ts';
import { errorsEn } from '../../../src/ui/i18n/en/errors.ts';
import { isLanguage, languageFor, LANGUAGES, packOf } from '../../../src/ui/i18n/languages.ts';
import { codeText, errorText } from '../../../src/ui/i18n/error-text.ts';
import { ERROR_CODES } from '../../../src/util/error-codes.ts';

type Tree = { [key: string]: unknown };

function leaves(tree: Tree, path = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? leaves(value as Tree, `${path}${key}.`)
      : [[path + key, value] as [string, unknown]],
  );
}

const HAN = /\p{Script=Han}/u;
/** Texts that are the same in every language. */
const SAME = new Set(['sentenceGap', 'map.factGap', 'forks.factGap', 'home.percent', 'block.nonce']);

const english = leaves(en);

describe.each(LANGUAGES.filter((language) => language !== 'en'))('the catalogue of %s', (language) => {
  const { messages, errors } = packOf(language);
  const texts = new Map(leaves(messages));

  it('has the keys and the kinds of the English catalogue', () => {
    expect([...texts.keys()].sort()).toEqual(english.map(([key]) => key).sort());
    for (const [key, value] of english) expect(typeof texts.get(key), key).toBe(typeof value);
    expect(messages.history.csvColumns).toHaveLength(en.history.csvColumns.length);
  });

  it('leaves nothing untranslated', () => {
    const left = english.filter(([key, value]) => !SAME.has(key) && String(texts.get(key)) === String(value));
    expect(left.map(([key]) => key)).toEqual([]);
    expect(ERROR_CODES.filter((code) => String(errors[code]) === String(errorsEn[code]))).toEqual([]);
  });
});

it('Chinese texts are Chinese, and English texts are not', () => {
  const chinese = new Map(leaves(packOf('zh-Hant').messages));
  for (const [key, value] of english.filter(([each]) => !SAME.has(each))) {
    expect([HAN.test(String(value)), HAN.test(String(chinese.get(key)))], key).toEqual([false, true]);
  }
  for (const code of ERROR_CODES) {
    expect([HAN.test(codeText('en', code)), HAN.test(codeText('zh-Hant', code))], code).toEqual([false, true]);
  }
});

it.each(LANGUAGES)('the texts in %s explain every error code, in the order of the list', (language) => {
  expect(Object.keys(packOf(language).errors)).toEqual(ERROR_CODES);
  for (const code of ERROR_CODES) {
    const text = codeText(language, code);
    expect(text.length, code).toBeGreaterThan(5);
    expect(text, code).not.toMatch(/undefined|NaN/);
  }
});

it.each(LANGUAGES)('the texts in %s name the limits that hold', (language) => {
  const { messages } = packOf(language);
  expect(codeText(language, 'memo-too-long')).toContain(` ${MAX_MEMO_BYTES} `);
  expect(codeText(language, 'passphrase-too-short')).toContain(` ${MIN_PASSPHRASE_CHARACTERS} `);
  expect(messages.register.passphraseHint).toContain(` ${MIN_PASSPHRASE_CHARACTERS} `);
});

describe('errorText', () => {
  it('uses the figures that the error carries', () => {
    expect(errorText('en', { code: 'fee-too-low', details: { minimum: '0.001' } })).toContain('0.001');
    expect(errorText('en', { code: 'fee-too-low' })).not.toContain('undefined');
    const start = { code: 'network-invalid', details: { field: 'start', easiest: '1e0fffff' } };
    expect(errorText('en', start)).toMatch(/1e0fffff\. Remove “start”/);
    expect(errorText('zh-Hant', start)).toMatch(/1e0fffff.*拿掉「start」/);
    expect(errorText('en', { code: 'query-failed', message: 'x', details: { sqlite: 'near "foo"' } })).toBe('SQLite says: near "foo"');
  });

  it('falls back to the message for an unknown code, and to a text for a value that is not an error', () => {
    expect(errorText('en', { code: 'quite-new', message: 'A later rule.' })).toBe('A later rule.');
    expect(errorText('en', new Error('boom'))).toBe(errorsEn.internal({}));
    expect(errorText('en', null)).toBe(errorsEn.internal({}));
    expect(errorText('en', { code: 'toString', message: 'no' })).toBe('no');
  });
});

it('chooses the language that the browser asks for', () => {
  expect(['zh-TW', 'zh-Hant-HK', 'zh', 'ZH-cn', 'en-US', 'de', 'zha', ''].map(languageFor)).toEqual([
    'zh-Hant',
    'zh-Hant',
    'zh-Hant',
    'zh-Hant',
    'en',
    'en',
    'en',
    'en',
  ]);
  expect(isLanguage('fr')).toBe(false);
  expect(isLanguage(null)).toBe(false);
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
