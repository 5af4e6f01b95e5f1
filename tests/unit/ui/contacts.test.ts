import { describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { MAX_CONTACTS } from '../../../src/api/limits.ts';
import { Contacts, MAX_PROPOSALS, proposalsFor } from '../../../src/ui/features/transfer/contacts.svelte.ts';
import { MemoryStorage } from '../util/support/memory-storage.ts';

const address = (n: number): string => addressText(n.toString(16).padStart(40, '0'));

function opened(storage: Storage, network = 'one'): Contacts {
  const contacts = new Contacts(() => storage);
  contacts.open(network);
  return contacts;
}

describe('the contacts of this device', () => {
  test('outlive the page, for their own network', () => {
    const storage = new MemoryStorage();
    const contacts = opened(storage);
    contacts.set(address(1), ' Anna ');
    contacts.set(address(2), '王小明');
    contacts.set(address(1), 'Anna from class');
    expect(opened(storage).list).toEqual([
      { address: address(1), label: 'Anna from class' },
      { address: address(2), label: '王小明' },
    ]);
    expect(opened(storage, 'two').list).toEqual([]);
    contacts.remove(address(1));
    expect([opened(storage).labelOf(address(1)), opened(storage).labelOf(address(2))]).toEqual([null, '王小明']);
  });

  test('are found by their labels, in any case of letters, unless several have one', () => {
    const contacts = opened(new MemoryStorage());
    contacts.set(address(1), 'Anna');
    contacts.set(address(2), 'Bob');
    contacts.set(address(3), 'bob');
    expect([contacts.addressOf(' anna '), contacts.addressOf('Bob'), contacts.addressOf('An')]).toEqual([address(1), null, null]);
  });

  test('are not lost when two tabs add some', () => {
    const storage = new MemoryStorage();
    const [here, there] = [opened(storage), opened(storage)];
    here.set(address(1), 'Anna');
    there.set(address(2), 'Bob');
    expect(opened(storage).list).toHaveLength(2);
  });

  test('refuse a wrong label and more than they can keep, and change nothing', () => {
    const storage = new MemoryStorage();
    const contacts = opened(storage);
    expect(() => contacts.set(address(1), '\u202eannA')).toThrow(expect.objectContaining({ code: 'contact-label-invalid' }));
    for (let i = 0; i < MAX_CONTACTS; i++) contacts.set(address(i), '🍱'.repeat(40));
    expect(() => contacts.set(address(MAX_CONTACTS), 'one more')).toThrow(expect.objectContaining({ code: 'contacts-full' }));
    expect(opened(storage).list).toHaveLength(MAX_CONTACTS);
  });

  test('take those of a file, and keep their own labels', () => {
    const other = opened(new MemoryStorage());
    other.set(address(1), 'Anna');
    other.set(address(2), 'Bob');
    const contacts = opened(new MemoryStorage());
    contacts.set(address(1), 'Annie');
    expect(contacts.take(other.file())).toBe(1);
    expect(contacts.list.map(({ label }) => label)).toEqual(['Annie', 'Bob']);
    expect(() => contacts.take('{}')).toThrow(expect.objectContaining({ code: 'contacts-file-invalid' }));
    expect(contacts.list).toHaveLength(2);
  });

  test('are kept as long as the page where storage is forbidden', () => {
    const contacts = new Contacts(() => {
      throw new DOMException('forbidden');
    });
    contacts.open('one');
    contacts.set(address(1), 'Anna');
    contacts.set(address(2), 'Bob');
    expect(contacts.list.map(({ label }) => label)).toEqual(['Anna', 'Bob']);
  });
});

test('proposals are contacts first, then names, without doubles, and few', () => {
  const contacts = [
    { address: address(1), label: 'Anna' },
    { address: address(2), label: 'Treasurer' },
  ];
  const names = [
    { address: address(2), name: 'anton' },
    { address: address(3), name: 'andy' },
  ];
  expect(proposalsFor(' AN', contacts, names)).toEqual([
    { address: address(1), label: 'Anna', name: null },
    { address: address(2), label: 'Treasurer', name: 'anton' },
    { address: address(3), label: null, name: 'andy' },
  ]);
  expect(proposalsFor('', contacts, [])).toHaveLength(2);
  const many = Array.from({ length: 20 }, (_, i) => ({ address: address(i), label: `x${i}` }));
  expect(proposalsFor('x', many, names)).toHaveLength(MAX_PROPOSALS);
});
