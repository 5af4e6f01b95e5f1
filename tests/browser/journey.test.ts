import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPython, verifyExport } from '../interop/verifier.ts';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

/** 2^18 expected hashes at the lowest difficulty: three tabs on two cores find a block in a second or two. */
const POW_LIMIT_BITS = 0x1e3fffff;
const STAMP_BITS = 0x1e7fffff;
const PASSPHRASE = 'correct horse battery';
const NAMES = ['alex', 'ming', 'wu'] as const;

/** The story of one class, in order: each test continues where the one before ended. */
describe.sequential('three tabs, three accounts', () => {
  let server: TestServer;
  let browser: Chromium;
  let url: string;
  const tabs = new Map<string, Tab<Page>>();
  const tab = (name: string): Tab<Page> => tabs.get(name)!;
  const all = (): Tab<Page>[] => [...tabs.values()];

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    url = server.url + testNetworkLink('journey', { blockTimeMs: 2_000, powLimitBits: POW_LIMIT_BITS, stampBits: STAMP_BITS });
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  test('all register, and each finds the others', async () => {
    for (const name of NAMES) tabs.set(name, await browser.openTab(name, url));
    await waitUntil(all(), 'a full mesh', (statuses) =>
      statuses.every(({ peers }) => peers.filter((p) => p.state === 'ready').length === 2),
    );
    for (const name of NAMES) {
      const account = await tab(name).call('register', { name, passphrase: PASSPHRASE });
      expect(account).toMatchObject({ name, registration: 'pending', locked: false, keyFileSaved: false });
      expect(account.address).toMatch(/^tab1[a-z0-9]{38}$/);
      expect(account.publicKey).toContain('BEGIN PUBLIC KEY');
    }
  });

  test('one mines, all three registrations are confirmed, and all agree', async () => {
    await tab('alex').call('mine', true, { threads: 1 });
    await waitUntil(
      all(),
      'registrations confirmed',
      (statuses) => agree(statuses) && statuses.every((s) => s.account?.registration === 'confirmed'),
    );
    const [status] = await waitUntil([tab('alex')], 'coins to spend', ([s]) => Number(s!.spendable) > 100);
    expect(status!.mining).toMatchObject({ on: true, threads: 1 });
    expect(status!.mining.blocks).toBeGreaterThan(0);
  });

  test('alex pays ming by name: pending, then confirmed, everywhere the same', async () => {
    const before = await tab('ming').status();
    const { txid } = await tab('alex').call('transfer', { to: 'ming', amount: '12.5', fee: '0.01', memo: '午餐 🍱' });
    await expect.poll(async () => (await tab('ming').call('transaction', txid))?.status, { timeout: 20_000 }).toMatch(/pending|confirmed/);
    await expect
      .poll(async () => (await tab('ming').call('transaction', txid))?.confirmations, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(2);
    await expect
      .poll(() => tab('wu').call('transaction', txid), { timeout: 30_000 })
      .toMatchObject({
        status: 'confirmed',
        kind: 'transfer',
        amount: '12.5',
        fee: '0.01',
        memo: '午餐 🍱',
        sealed: false,
        from: { name: 'alex' },
        to: { name: 'ming' },
      });
    const after = await tab('ming').status();
    expect(Number(after.balance) - Number(before.balance)).toBeCloseTo(12.5, 6);
    const [entry] = await tab('ming').call('history', { limit: 5 });
    expect(entry).toMatchObject({ txid, change: '+12.5', direction: 'in', status: 'confirmed' });
  });

  test('only the recipient can read a sealed memo', async () => {
    // "All of it" leaves room for the fee of a longer transaction.
    const memo = { memo: 'only for wu', sealed: true };
    const amount = await tab('ming').call('maximumAmount', memo);
    expect(Number(amount)).toBeGreaterThan(0);
    expect(await tab('ming').call('previewTransfer', { to: 'wu', amount, ...memo })).toMatchObject({ amount, balanceAfter: '0' });
    const { txid } = await tab('alex').call('transfer', { to: 'wu', amount: '3', ...memo });
    await expect.poll(async () => (await tab('wu').call('transaction', txid))?.status, { timeout: 60_000 }).toBe('confirmed');
    expect(await tab('wu').call('transaction', txid)).toMatchObject({ sealed: true, memo: 'only for wu' });
    // ming may learn of the block a moment later.
    await expect.poll(() => tab('ming').call('transaction', txid), { timeout: 30_000 }).toMatchObject({ sealed: true, memo: null });
  });

  test('a fourth tab joins late and reaches the same tip', async () => {
    const late = await browser.openTab('late', url);
    tabs.set('late', late);
    await waitUntil(all(), 'the late tab to agree', (statuses) => agree(statuses) && statuses[0]!.height > 3);
    const status = await late.status();
    expect(status.account).toBeNull();
    expect(status.persisted.memoryOnly).toBe(true);
  });

  test('the same account cannot be open twice', async () => {
    await expect(tab('late').call('login', { name: 'alex', passphrase: PASSPHRASE })).rejects.toMatchObject({ code: 'account-in-use' });
    await tab('late').close();
    tabs.delete('late');
  });

  test('every tab is closed and reopened, and nothing is lost', async () => {
    await tab('alex').call('mine', false);
    const [before] = await waitUntil(
      all(),
      'all on one tip, on disk',
      (statuses) => agree(statuses) && statuses.every((s) => s.persisted.tip === s.tip),
    );
    const balances = await Promise.all(NAMES.map(async (name) => (await tab(name).status()).balance));
    for (const open of all()) await open.close();
    await browser.stop();
    await browser.start();
    for (const name of NAMES) {
      const again = await browser.openTab(name, url);
      tabs.set(name, again);
      const account = await again.call('login', { name, passphrase: PASSPHRASE });
      expect(account).toMatchObject({ name, registration: 'confirmed', locked: false });
    }
    const statuses = await waitUntil(all(), 'all on the old tip', agree);
    expect(statuses[0]!.height).toBeGreaterThanOrEqual(before!.height);
    expect(statuses.map(({ balance }) => balance)).toEqual(balances);
  });

  test('a disconnected tab mines its own branch and returns, and the losing branch gives its transactions back', async () => {
    const wu = tab('wu');
    await wu.call('disconnect');
    await waitUntil([wu], 'wu alone', ([s]) => s!.peers.length === 0 && s!.sync.state === 'offline');
    const { txid } = await wu.call('transfer', { to: 'ming', amount: '1', memo: 'from the island' });
    await wu.call('mine', true, { threads: 1 });
    await expect.poll(async () => (await wu.call('transaction', txid))?.status, { timeout: 60_000 }).toBe('confirmed');
    await wu.call('mine', false);
    // Read only now, because on a busy machine another block may come before mining ends.
    const island = await wu.status();
    await tab('alex').call('mine', true, { threads: 1 });
    await waitUntil([tab('alex')], 'more work on the mainland', ([s]) => BigInt(s!.work) > BigInt(island.work), 120_000);
    await tab('alex').call('mine', false);
    await wu.call('connect');
    await waitUntil(all(), 'wu to reorganise', agree);
    const block = await wu.call('block', island.tip);
    expect(block).toMatchObject({ active: false });
    // The transaction went back to the mempool, and from there to the others.
    await expect.poll(async () => (await tab('alex').call('transaction', txid))?.status, { timeout: 30_000 }).toBe('pending');
    await tab('alex').call('mine', true);
    await expect.poll(async () => (await wu.call('transaction', txid))?.status, { timeout: 60_000 }).toBe('confirmed');
    await tab('alex').call('mine', false);
    await waitUntil(all(), 'all to have the last block', agree);
  });

  test('the exported file answers the sqlite3 shell', async () => {
    const bytes = await tab('ming').call('exportDatabase');
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-export-'));
    try {
      const file = join(folder, 'chain.sqlite');
      writeFileSync(file, bytes);
      const ask = (sql: string): unknown => JSON.parse(execFileSync('sqlite3', ['-json', file, sql], { encoding: 'utf8' }) || '[]');
      expect(ask('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      const [best] = ask('SELECT name, blocks FROM miners LIMIT 1') as { name: string; blocks: number }[];
      const { mining } = await tab('alex').status();
      expect(best).toEqual({ name: 'alex', blocks: mining.blocks });
      const transfers = ask("SELECT recipient_name, coins, memo FROM transfers WHERE sender_name = 'alex' ORDER BY id") as object[];
      expect(transfers[0]).toEqual({ recipient_name: 'ming', coins: 12.5, memo: '午餐 🍱' });
      const joined = ask(
        'SELECT s.name AS sender, r.name AS recipient, t.amount FROM transactions t JOIN accounts s ON s.id = t.sender JOIN accounts r ON r.id = t.recipient ORDER BY t.id LIMIT 1',
      );
      expect(joined).toEqual([{ sender: 'alex', recipient: 'ming', amount: 12_500_000 }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.runIf(hasPython)('the independent verifier accepts the exported file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-export-'));
    try {
      const file = join(folder, 'chain.sqlite');
      writeFileSync(file, await tab('ming').call('exportDatabase'));
      const { height, tip } = await tab('ming').status();
      const { status, output } = verifyExport(file, 'all');
      expect(output).toContain(`valid: height ${height}, tip ${tip}, `);
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('no tab saw an unexpected error', () => {
    for (const { name, problems } of all()) expect(problems, name).toEqual([]);
  });
});
