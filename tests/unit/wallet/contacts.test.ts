import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import {
  contactLabel,
  contactsFile,
  MAX_CONTACTS,
  MAX_CONTACTS_FILE_BYTES,
  readContacts,
  readContactsFile,
} from '../../../src/wallet/contacts.ts';

const NETWORK = 'ab'.repeat(32);
const addresses = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => addressText(toHex(bytes)));
const labels = fc
  .stringMatching(/^[A-Za-z王小明🍱' .-]{1,40}$/u)
  .filter((label) => label.trim() === label && !/ {2}/.test(label) && [...label].length <= 40);
const contacts = fc.uniqueArray(fc.record({ address: addresses, label: labels }), { selector: ({ address }) => address, maxLength: 20 });
const address = addressText('11'.repeat(20));
const coded = (code: string) => expect.objectContaining({ code });

describe('a contacts file', () => {
  test('gives back what was saved, also with the longest list', () => {
    fc.assert(
      fc.property(contacts, (list) => {
        expect(readContactsFile(contactsFile(NETWORK, list), NETWORK)).toEqual(list);
      }),
    );
    const longest = Array.from({ length: MAX_CONTACTS }, (_, i) => ({
      address: addressText(i.toString(16).padStart(40, '0')),
      label: '王'.repeat(40),
    }));
    const file = contactsFile(NETWORK, longest);
    expect(new TextEncoder().encode(file).length).toBeLessThan(MAX_CONTACTS_FILE_BYTES);
    expect(readContactsFile(file, NETWORK)).toEqual(longest);
  });

  const file = (change: object): string =>
    JSON.stringify({ ...(JSON.parse(contactsFile(NETWORK, [{ address, label: 'Anna' }])) as object), ...change });

  test.each<[code: string, what: string, text: string]>([
    ['contacts-file-invalid', 'nothing', ''],
    ['contacts-file-invalid', 'no object', 'null'],
    ['contacts-file-invalid', 'another format', file({ format: 'contacts' })],
    ['contacts-file-invalid', 'a later version', file({ version: 2 })],
    ['contacts-file-invalid', 'no list', file({ contacts: {} })],
    ['contacts-file-invalid', 'too many', file({ contacts: Array(MAX_CONTACTS + 1).fill({ address, label: 'Anna' }) })],
    [
      'contacts-file-invalid',
      'one account twice',
      file({
        contacts: [
          { address, label: 'Anna' },
          { address, label: 'Bob' },
        ],
      }),
    ],
    [
      'contacts-file-invalid',
      'an address with a wrong letter',
      file({ contacts: [{ address: address.slice(0, -1) + 'b', label: 'Anna' }] }),
    ],
    ['contacts-file-invalid', 'a label that turns text around', file({ contacts: [{ address, label: '\u202eannA' }] })],
    ['contacts-file-invalid', 'an empty label', file({ contacts: [{ address, label: ' ' }] })],
    ['contacts-file-invalid', 'a long label', file({ contacts: [{ address, label: 'x'.repeat(41) }] })],
    ['contacts-file-invalid', 'a megabyte', ' '.repeat(2 ** 20)],
    ['contacts-file-invalid', 'deep nesting', '['.repeat(200_000)],
    ['contacts-file-other-network', 'another network', file({ network: 'cd'.repeat(32) })],
  ])('is refused with %s: %s', (code, _what, text) => {
    expect(() => readContactsFile(text, NETWORK)).toThrow(coded(code));
  });

  test('is read or refused with a code, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          contacts.map((list) => contactsFile(NETWORK, list).slice(0, -5)),
        ),
        (text) => {
          try {
            readContactsFile(text, NETWORK);
          } catch (error) {
            expect(error).toBeInstanceOf(TabchainError);
          }
        },
      ),
    );
  });
});

describe('stored contacts', () => {
  test('lose what another program has damaged, and nothing else', () => {
    const anna = { address, label: 'Anna' };
    expect(readContacts([null, 7, { address }, anna, { address, label: 'again' }, { address: 'tab1x', label: 'x' }])).toEqual([anna]);
    for (const wrong of [null, undefined, {}, 'x']) expect(readContacts(wrong)).toEqual([]);
  });
});

test('a label keeps one space between words, and none around', () => {
  expect(contactLabel('  Anna \t from   class ')).toBe('Anna from class');
});
