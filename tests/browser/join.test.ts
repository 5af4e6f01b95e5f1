import type { Page } from 'playwright-core';
import initSqlJs from 'sql.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatNetworkLink } from '../../src/protocol/network.ts';
import { canonicalDump } from '../../src/storage/sql/dump.ts';
import { SqlChainStore } from '../../src/storage/sql/store.ts';
import { benchNetwork, buildChain } from '../bench/chain-builder.ts';
import { Chromium } from './harness/chromium.ts';
import { createFeedChain } from './harness/feeder.ts';
import { go } from './harness/go.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

const LABEL = 'joining';
const PASSPHRASE = 'correct horse battery';
const PLAN = { blocks: 420, transactionsPerBlock: 3, accounts: 20, network: { label: LABEL } };

/** A chain that is long enough for a newcomer to begin near its tip. */
describe.sequential('a newcomer to a long chain', () => {
  const network = benchNetwork({ label: LABEL });
  let server: TestServer;
  let browsers: Chromium[];
  let old: Tab<Page>;
  let late: Tab<Page>;
  let url: string;
  let height: number;

  beforeAll(async () => {
    server = await TestServer.start();
    browsers = [await Chromium.launch(), await Chromium.launch()];
    url = `${server.url}${formatNetworkLink(network)}`;
    const { store, chain } = await createFeedChain(network, buildChain(PLAN));
    ({ height } = chain.tip());
    late = await browsers[1]!.openTab('late', url);
    await go(late, '/network');
    await late.page.getByLabel('This device keeps').selectOption('recent');
    await waitUntil([late], 'the choice', ([s]) => s!.chain.choice === 'recent');
    old = await browsers[0]!.openTab('old', url);
    const file = Buffer.from(store.export());
    await go(old, '/database');
    await old.page
      .locator('main input[type=file]')
      .setInputFiles({ name: 'long.sqlite', mimeType: 'application/vnd.sqlite3', buffer: file });
    await old.page.getByText('long.sqlite is a valid chain.').waitFor();
    await old.page.getByRole('button', { name: 'Use its blocks' }).click();
    await waitUntil([old], 'the whole chain', ([s]) => s!.height === height);
  });

  afterAll(async () => {
    for (const browser of browsers ?? []) await browser.dispose();
    await server?.kill();
  });

  async function dumpOf(tab: Tab): Promise<string> {
    const store = SqlChainStore.open(await initSqlJs(), network, await tab.call('exportDatabase'));
    const dump = canonicalDump(store.sql);
    store.close();
    return dump;
  }

  test('that keeps recent blocks only is up to date, and says what it has verified', async () => {
    const [status] = await waitUntil([late], 'the recent chain', ([s]) => s!.height === height && s!.chain.base > 0);
    expect(status!.chain).toMatchObject({ choice: 'recent', behind: null, joining: null });
    expect(status!.chain.verified).not.toBe('all');
    expect(status!.tip).toBe((await old.status()).tip);
    await late.page.getByText('are not on this device').waitFor();
    await late.screenshot('join-recent-en');
    const { rows } = await late.call('query', 'SELECT min(height), count(*) FROM blocks');
    expect(rows).toEqual([[status!.chain.base + 1, height - status!.chain.base]]);
  });

  test('takes part at once: registers, mines, pays, and has all of it after a reload', async () => {
    const { address } = await late.call('register', { name: 'late', passphrase: PASSPHRASE });
    await late.call('mine', true, { threads: 1 });
    await waitUntil([late, old], 'a block of the newcomer', ([s]) => Number(s!.balance) > 0 && s!.account?.registration === 'confirmed');
    await late.call('mine', false);
    const { txid } = await late.call('transfer', { to: address, amount: '1' });
    const again = await late.reload();
    expect(again.chain).toMatchObject({ choice: 'recent' });
    expect(again.chain.base).toBeGreaterThan(0);
    expect(await late.call('transaction', txid)).toMatchObject({ status: 'pending' });
  });

  test('that wants all blocks verifies them behind the recent chain, and then has what a full replay gives', async () => {
    await go(late, '/network');
    await late.page.getByLabel('This device keeps').selectOption('whole');
    await late.page.getByText('Every block from the first block on').waitFor({ timeout: 60_000 });
    await late.screenshot('join-whole-en');
    const { chain } = await late.status();
    expect(chain).toEqual({ choice: 'whole', base: 0, verified: 'all', behind: null, joining: null });
    await late.call('mine', false);
    await waitUntil([late, old], 'one tip', agree);
    expect(await dumpOf(late)).toBe(await dumpOf(old));
    expect((await late.reload()).chain.verified).toBe('all');
    expect([...late.problems, ...old.problems]).toEqual([]);
  });
});
