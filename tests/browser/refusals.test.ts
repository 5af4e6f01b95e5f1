import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TransferRequest } from '../../src/api/api.ts';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';

/** Mistakes in a class: each is refused with a clear code, and nothing is changed or lost. */
describe.sequential('refusals', () => {
  let server: TestServer;
  let browser: Chromium;
  let url: string;
  let alex: Tab<Page>;
  let ming: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    url = server.url + testNetworkLink('refusals', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    alex = await browser.openTab('alex', url);
    await alex.call('register', { name: 'alex', passphrase: PASSPHRASE });
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([alex], 'alex registered with coins', ([s]) => s!.account?.registration === 'confirmed' && Number(s!.balance) >= 100);
    await alex.call('mine', false);
    ming = await browser.openTab('ming', url);
    await waitUntil([alex, ming], 'ming in sync', agree);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  /** State that a refusal must not change. */
  const facts = async (tab: Tab): Promise<unknown> => {
    const { height, stateRoot, balance, spendable, account, mempool, mining } = await tab.status();
    return { height, stateRoot, balance, spendable, account, mempool, mining: mining.on, accounts: (await tab.call('accounts')).length };
  };

  const refuses = async (tab: Tab, code: string, work: () => Promise<unknown>): Promise<void> => {
    const before = await facts(tab);
    await expect(work()).rejects.toMatchObject({ code, message: expect.stringMatching(/^[A-Z].{10,}/) });
    expect(await facts(tab)).toEqual(before);
  };

  test.each([
    ['name-taken', 'alex', PASSPHRASE],
    ['name-invalid', 'Alex', PASSPHRASE],
    ['name-invalid', 'a', PASSPHRASE],
    ['name-invalid', '小明', PASSPHRASE],
    ['name-invalid', 'a'.repeat(21), PASSPHRASE],
    ['passphrase-too-short', 'ming', 'short'],
  ])('register: %s for %j', async (code, name, passphrase) => {
    await refuses(ming, code, () => ming.call('register', { name, passphrase }));
  });

  test.each([
    ['passphrase-wrong', { name: 'alex', passphrase: 'not my passphrase' }],
    ['account-unknown', { name: 'nobody', passphrase: PASSPHRASE }],
    ['argument-invalid', { name: 'alex' } as { name: string; passphrase: string }],
  ])('log in: %s', async (code, request) => {
    await refuses(alex, code, () => alex.call('login', request));
  });

  const valid: TransferRequest = { to: 'alex', amount: '1' };
  test.each<[string, TransferRequest]>([
    ['recipient-unknown', { ...valid, to: 'nobody' }],
    ['recipient-invalid', { ...valid, to: 'No Body!' }],
    ['recipient-invalid', { ...valid, to: '' }],
    ['address-invalid', { ...valid, to: 'tab1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq' }],
    ['amount-not-positive', { ...valid, amount: 0 }],
    ['amount-not-positive', { ...valid, amount: '-1' }],
    ['amount-invalid', { ...valid, amount: Number.NaN }],
    ['amount-invalid', { ...valid, amount: Number.POSITIVE_INFINITY }],
    ['amount-invalid', { ...valid, amount: 'ten' }],
    ['amount-too-precise', { ...valid, amount: '0.0000001' }],
    ['amount-too-large', { ...valid, amount: '99999999999999999' }],
    ['balance-insufficient', { ...valid, amount: '1000000' }],
    ['fee-too-low', { ...valid, fee: '0.000001' }],
    ['fee-invalid', { ...valid, fee: '-1' }],
    ['fee-invalid', { ...valid, fee: 'free' }],
    ['memo-too-long', { ...valid, memo: '午'.repeat(47) }],
    ['memo-invalid', { ...valid, memo: 'evil \u202e memo' }],
  ])('transfer: %s for %j', async (code, request) => {
    await refuses(alex, code, () => alex.call('transfer', request));
  });

  test('transfer without an account', async () => {
    await refuses(ming, 'no-account', () => ming.call('transfer', valid));
    await refuses(ming, 'no-account', () => ming.call('mine', true));
  });

  test('a damaged key file, and a missing one', async () => {
    const pem = await alex.call('keyFile');
    const middle = Math.floor(pem.length / 2);
    const damaged = pem.slice(0, middle) + (pem[middle] === 'A' ? 'B' : 'A') + pem.slice(middle + 1);
    await refuses(ming, 'key-file-invalid', () => ming.call('importKeyFile', { pem: damaged, passphrase: PASSPHRASE }));
    await refuses(ming, 'key-file-invalid', () => ming.call('importKeyFile', { pem: 'hello', passphrase: PASSPHRASE }));
    await refuses(ming, 'passphrase-wrong', () => ming.call('importKeyFile', { pem, passphrase: 'not my passphrase' }));
  });

  test('SQL that writes, fails or never ends', async () => {
    await refuses(alex, 'query-write', () => alex.call('query', 'UPDATE accounts SET balance = 1'));
    await refuses(alex, 'query-failed', () => alex.call('query', 'SELEKT 1'));
    await refuses(alex, 'query-failed', () => alex.call('query', 'SELECT 1; SELECT 2'));
    await refuses(alex, 'query-timeout', () =>
      alex.call('query', 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'),
    );
    expect(await alex.call('query', 'SELECT name FROM accounts WHERE name = ?', ['alex'])).toMatchObject({ rows: [['alex']] });
  });

  test('meaningless console arguments', async () => {
    await refuses(alex, 'argument-invalid', () => alex.call('history', { limit: -1 }));
    await refuses(alex, 'argument-invalid', () => alex.call('transaction', 5 as unknown as string));
    await refuses(alex, 'threads-invalid', () => alex.call('mine', true, { threads: 0.5 }));
    await refuses(alex, 'throttle-invalid', () => alex.call('mine', true, { throttle: 500 }));
    expect(await alex.call('block', 10_000_000)).toBeNull();
    expect(await alex.call('transaction', 'ff')).toBeNull();
  });

  test('the signaling server dies: the tabs stay linked, and say so', async () => {
    await server.kill();
    await waitUntil([alex, ming], 'signaling unreachable', (statuses) => statuses.every((s) => s.sync.signaling === 'unreachable'));
    const { height } = await ming.status();
    await alex.call('mine', true, { threads: 1 });
    await waitUntil(
      [alex, ming],
      'two more blocks for both',
      (statuses) => agree(statuses) && statuses.every((s) => s.height >= height + 2),
    );
    await alex.call('mine', false);
    await server.restart();
    await waitUntil([alex, ming], 'signaling connected', (statuses) => statuses.every((s) => s.sync.signaling === 'connected'));
  });

  test('a full disk: the node goes on, reports this, and catches up when there is space', async () => {
    const session = await alex.page.context().newCDPSession(alex.page);
    const origin = new URL(url).origin;
    await waitUntil([alex], 'everything on disk', ([s]) => s!.persisted.tip === s!.tip);
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    await alex.call('mine', true, { threads: 1 });
    const [full] = await waitUntil([alex], 'the disk to refuse', ([s]) => s!.persisted.error !== null);
    expect(full!.persisted.error).toBe('storage-full');
    const [later] = await waitUntil([alex], 'blocks in memory', ([s]) => s!.height > full!.persisted.height + 2);
    expect(later!.persisted.height).toBeLessThan(later!.height);
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    await alex.call('mine', false);
    await waitUntil([alex], 'everything on disk again', ([s]) => s!.persisted.tip === s!.tip && s!.persisted.error === null, 90_000);
  });
});
