import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import type { TabNode } from '../../../src/node/tab-node.ts';
import { MemoryMedium } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import { loadSqlJs } from '../../fuzz/support/node.ts';
import { testAccount } from '../../scenarios/support/builders.ts';
import { boundTo, Browser, keysOf, TestTab } from './support.ts';

/** In the populated chain, alex and ming are registered, and a transfer of alex waits. */
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
const POPULATED_HEIGHT = 4;

let sqlJs: SqlJsStatic;
let browser: Browser;
let tab: TestTab;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(() => {
  browser = new Browser();
  tab = new TestTab(sqlJs, browser);
});

async function openAlex(): Promise<void> {
  await browser.populate(sqlJs, alex);
  await tab.open(alex);
}

describe('a tab without an account', () => {
  test('is a full node in memory, and stores nothing', async () => {
    expect(await tab.open(null)).toMatchObject({
      height: 0,
      account: null,
      balance: null,
      spendable: null,
      persisted: { height: -1, error: null, memoryOnly: true },
    });
    expect(browser.databases).toBe(0);
  });

  test.each<[what: string, call: (node: TabNode) => Promise<unknown>]>([
    ['a transfer', (node) => node.transfer({ to: 'ming', amount: 1 })],
    ['a preview of a transfer', (node) => node.reads.previewTransfer({ to: 'ming', amount: 1 })],
    ['the largest amount', (node) => node.reads.maximumAmount()],
    ['its own history', (node) => node.reads.history()],
    ['mining', (node) => node.mine(true)],
    ['a registration', (node) => node.announceRegistration()],
    ['unlocking', (node) => node.unlock(keysOf(alex))],
    ['locking', (node) => node.lock()],
    ['noting that the key file is saved', (node) => node.keyFileSaved(true)],
  ])('refuses %s with no-account', async (_what, call) => {
    await tab.open(null);
    await expect(call(tab.node)).rejects.toMatchObject({ code: 'no-account' });
  });

  test('answers no call before it is open, and opens after an unreadable link', async () => {
    const calls = [tab.node.status(), tab.node.reads.blocks(), tab.node.checkName('wu'), tab.node.beginExport()];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'internal' });
    await expect(tab.node.open({ fragment: '#net=!', binding: null, chainChoice: 'whole', secure: true })).rejects.toMatchObject({
      code: 'network-invalid',
    });
    expect(await tab.open(null)).toMatchObject({ height: 0 });
  });
});

describe('registering', () => {
  test('opens the account unlocked, and ends when the disk has the registration', async () => {
    await tab.open(null);
    expect(await tab.node.bind(boundTo(wu, false), 'this tab', keysOf(wu))).toEqual({
      name: 'wu',
      address: addressText(wu.address),
      fingerprint: expect.stringMatching(/^\w{4}( \w{4}){3}$/),
      publicKey: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----/),
      registration: 'none',
      registrationError: null,
      locked: false,
      keyFileSaved: false,
      keyKept: true,
    });
    const { txid } = await tab.during(tab.node.announceRegistration());
    expect(tab.steps).toEqual([
      ['stamp', null],
      ['sign', null],
      ['save', null],
    ]);
    expect((await tab.node.status()).account).toMatchObject({ registration: 'pending' });
    const reloaded = new TestTab(sqlJs, browser);
    await reloaded.open(wu, 'reloaded');
    expect(await reloaded.node.reads.transaction(txid)).toMatchObject({ status: 'pending', name: 'wu' });
  });

  test('is confirmed by the next block, which this account may mine itself', async () => {
    await tab.open(null);
    await tab.node.bind(boundTo(wu), 'this tab', keysOf(wu));
    await tab.during(tab.node.announceRegistration());
    await tab.mine();
    expect(await tab.node.status()).toMatchObject({
      account: { registration: 'confirmed' },
      balance: '50',
      mining: { blocks: 1 },
      persisted: { height: 1 },
    });
  });

  test('moves the chain in memory into the database of the account', async () => {
    await openAlex();
    await tab.node.unbind();
    await tab.node.bind(boundTo(wu), 'this tab', keysOf(wu));
    expect(await tab.node.status()).toMatchObject({ height: POPULATED_HEIGHT, account: { name: 'wu', registration: 'none' } });
    expect(browser.disk(wu).control).toMatchObject({ owner: 'this tab', head: { height: POPULATED_HEIGHT } });
  });

  test('refuses the keys of another account, and stays a guest', async () => {
    await tab.open(null);
    await expect(tab.node.bind(boundTo(wu), 'this tab', keysOf(alex))).rejects.toMatchObject({ code: 'key-file-invalid' });
    expect(await tab.node.status()).toMatchObject({ account: null, persisted: { memoryOnly: true } });
    expect(browser.databases).toBe(0);
  });

  test('knows which names are taken', async () => {
    await openAlex();
    await expect(tab.node.checkName('ming')).rejects.toMatchObject({ code: 'name-taken', details: { pending: false } });
    await expect(tab.node.checkName('A')).rejects.toMatchObject({ code: 'name-invalid' });
    await tab.node.checkName('wu');
  });

  test.each<[what: string, next: () => Promise<unknown>]>([
    ['logs out', () => tab.node.unbind()],
    ['opens another account', () => tab.node.bind(boundTo(ming), 'next', keysOf(ming))],
  ])('is abandoned when the person %s during the search for the stamp', async (_what, next) => {
    await tab.open(null);
    await tab.node.bind(boundTo(wu), 'this tab', keysOf(wu));
    const registering = tab.node.announceRegistration();
    registering.catch(() => undefined);
    // The search does not end, because no time passes.
    await next();
    await expect(tab.during(registering)).rejects.toMatchObject({ code: 'no-account' });
    expect((await tab.node.status()).mempool.count).toBe(0);
  });

  test('of the account that is open only unlocks it', async () => {
    await openAlex();
    expect((await tab.node.status()).account).toMatchObject({ locked: true });
    expect(await tab.node.bind(boundTo(alex), 'another token', keysOf(alex))).toMatchObject({ locked: false });
    expect(browser.disk(alex).control).toMatchObject({ owner: 'this tab' });
    expect((await tab.node.status()).mempool.count).toBe(1);
  });

  test('goes on in memory, and reports this, if no database is available', async () => {
    tab = new TestTab(sqlJs, browser, { openDisk: () => Promise.reject(new TabchainError('storage-unavailable', 'No.')) });
    await tab.open(null);
    await tab.node.bind(boundTo(wu), 'this tab', keysOf(wu));
    expect(tab.problems()).toEqual(['storage-unavailable']);
    await tab.during(tab.node.announceRegistration());
    expect(await tab.node.status()).toMatchObject({
      account: { registration: 'pending' },
      persisted: { memoryOnly: true, error: 'storage-unavailable' },
    });
  });
});

describe('logging in', () => {
  test('finds the chain and waiting transactions, and pays no one until the keys are present', async () => {
    await browser.populate(sqlJs, alex);
    expect(await tab.open(alex)).toMatchObject({
      height: POPULATED_HEIGHT,
      account: { name: 'alex', registration: 'confirmed', locked: true },
      persisted: { height: POPULATED_HEIGHT, error: null, memoryOnly: false },
      mempool: { count: 1 },
    });
    await expect(tab.node.transfer({ to: 'ming', amount: 1 })).rejects.toMatchObject({ code: 'locked' });
    await expect(tab.node.unlock(keysOf(ming))).rejects.toMatchObject({ code: 'key-file-invalid' });
    await expect(tab.node.transfer({ to: 'ming', amount: 1 })).rejects.toMatchObject({ code: 'locked' });
    expect(await tab.node.unlock(keysOf(alex))).toMatchObject({ locked: false });
    const { txid } = await tab.node.transfer({ to: 'ming', amount: 1 });
    expect(await tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending', amount: '1' });
  });

  test('creates a database if this browser has none of the account, and reports what is on disk', async () => {
    await tab.open(wu);
    await tab.time.advance(0);
    expect((await tab.node.status()).persisted).toMatchObject({ height: 0, memoryOnly: false });
    await tab.mine(2);
    await tab.time.advance(0);
    const { tip } = await tab.node.status();
    expect(tab.saved.at(-1)).toEqual([addressText(wu.address), { sequence: expect.any(Number), height: 2, tip }]);
    const sequences = tab.saved.map(([, { sequence }]) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  test('replaces one account by another', async () => {
    await openAlex();
    await tab.node.unlock(keysOf(alex));
    await tab.mine();
    expect(await tab.open(ming)).toMatchObject({ height: 0, account: { name: 'ming', locked: true } });
    expect(browser.disk(alex).control).toMatchObject({ head: { height: POPULATED_HEIGHT + 1 } });
    expect(await tab.open(alex)).toMatchObject({ height: POPULATED_HEIGHT + 1, account: { name: 'alex', locked: true } });
  });

  test('reports when the disk holds less than it had acknowledged', async () => {
    await browser.populate(sqlJs, alex);
    await tab.open(alex, 'this tab', { lastSaved: { sequence: 99, height: 9, tip: 'ff' } });
    expect(tab.problems()).toEqual(['storage-rolled-back']);
  });

  test.each(['storage-unavailable', 'storage-silent'] as const)('goes on in memory if the disk answers %s', async (code) => {
    let answerLate = (): void => undefined;
    tab = new TestTab(sqlJs, browser, {
      openDisk: (_name, _token, onLate) => {
        answerLate = onLate;
        return Promise.reject(new TabchainError(code, 'No.'));
      },
    });
    expect(await tab.open(alex)).toMatchObject({ height: 0, account: { name: 'alex' }, persisted: { memoryOnly: true, error: code } });
    answerLate();
    expect(tab.problems()).toEqual([code, 'storage-answered-late']);
  });

  test('remembers that the key file was saved', async () => {
    await tab.open(alex, 'this tab', { account: boundTo(alex, false) });
    expect((await tab.node.status()).account).toMatchObject({ keyFileSaved: false });
    await tab.node.keyFileSaved(true);
    expect((await tab.node.status()).account).toMatchObject({ keyFileSaved: true });
    // Another passphrase needs another file.
    await tab.node.keyFileSaved(false);
    expect((await tab.node.status()).account).toMatchObject({ keyFileSaved: false });
  });
});

describe('locking', () => {
  test('forgets the key alone: mining goes on, and paying needs the key again', async () => {
    await openAlex();
    await tab.node.unlock(keysOf(alex));
    await tab.node.mine(true);
    await tab.node.lock();
    expect(await tab.node.status()).toMatchObject({ account: { name: 'alex', locked: true }, mining: { on: true } });
    await expect(tab.node.transfer({ to: 'ming', amount: 1 })).rejects.toMatchObject({ code: 'locked' });
    await tab.time.advance(5_000);
    expect((await tab.node.status()).height).toBeGreaterThan(POPULATED_HEIGHT);
    await tab.node.mine(false);
    await tab.node.unlock(keysOf(alex));
    await tab.node.transfer({ to: 'ming', amount: 1 });
  });
});

describe('logging out', () => {
  test('stops mining, forgets the key, and goes on with the chain in memory', async () => {
    await openAlex();
    await tab.node.unlock(keysOf(alex));
    await tab.node.mine(true);
    await tab.node.unbind();
    const { height, ...status } = await tab.node.status();
    expect(height).toBe(POPULATED_HEIGHT);
    expect(status).toMatchObject({ account: null, balance: null, mining: { on: false, blocks: 0 }, persisted: { memoryOnly: true } });
    await expect(tab.node.transfer({ to: 'ming', amount: 1 })).rejects.toMatchObject({ code: 'no-account' });
    await tab.time.advance(5_000);
    expect((await tab.node.status()).height).toBe(POPULATED_HEIGHT);
  });

  test('first writes what is not yet on disk', async () => {
    await openAlex();
    await tab.node.unlock(keysOf(alex));
    const { txid } = await tab.node.transfer({ to: 'ming', amount: 3 });
    await tab.node.unbind();
    expect(await tab.open(alex)).toMatchObject({ mempool: { count: 2 } });
    expect(await tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending' });
  });
});

describe('a disk that fails on closing', () => {
  test.each<[what: string, leave: () => Promise<unknown>, next: object]>([
    ['logging out', () => tab.node.unbind(), { account: null }],
    ['registering another account', () => tab.node.bind(boundTo(wu), 'next', keysOf(wu)), { account: { name: 'wu' } }],
  ])('does not prevent %s, and the chain stays in memory', async (_what, leave, next) => {
    tab = new TestTab(sqlJs, browser, {
      openDisk: async (name, fencingToken) => {
        const close = (): never => {
          throw new TabchainError('storage-failed', 'No.');
        };
        return Object.assign(await PageDisk.open(new MemoryMedium(browser.named(name)), fencingToken), { close });
      },
    });
    await openAlex();
    await leave();
    expect(await tab.node.status()).toMatchObject({ ...next, height: POPULATED_HEIGHT });
    expect(tab.logged).toContain('storage/close-failed');
  });
});

describe('another tab that opens the same account', () => {
  test('takes the database over: the first tab is told once, and writes no more', async () => {
    await openAlex();
    const second = new TestTab(sqlJs, browser);
    expect(await second.open(alex, 'second tab')).toMatchObject({ height: POPULATED_HEIGHT });
    await tab.mine(2);
    await tab.time.advance(120_000);
    expect(await tab.node.status()).toMatchObject({
      height: POPULATED_HEIGHT + 2,
      persisted: { height: POPULATED_HEIGHT, error: 'storage-not-owner' },
    });
    expect(tab.problems()).toEqual(['storage-not-owner']);
    expect(browser.disk(alex).control).toMatchObject({ owner: 'second tab', head: { height: POPULATED_HEIGHT } });
    await second.mine();
    expect(browser.disk(alex).control).toMatchObject({ owner: 'second tab', head: { height: POPULATED_HEIGHT + 1 } });
    expect(second.problems()).toEqual([]);
  });
});
