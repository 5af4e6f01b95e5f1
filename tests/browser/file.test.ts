import initSqlJs from 'sql.js';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };

/** A chain leaves one browser as a file, and arrives in another browser without any other tab. */
describe.sequential('an exported file', () => {
  let server: TestServer;
  let browser: Chromium;
  let page: Page;
  let fresh: Tab<Page>;
  let file: Buffer;
  let height: number;

  beforeAll(async () => {
    server = await TestServer.start();
    const first = await Chromium.launch();
    const url = server.url + testNetworkLink('file', { blockTimeMs: 1_000 });
    const alex = await first.openTab('alex', url);
    const { address } = await alex.call('register', { name: 'alex', passphrase: PASSPHRASE });
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([alex], 'alex with coins', ([s]) => s!.account?.registration === 'confirmed' && Number(s!.balance) >= 100);
    await alex.call('transfer', { to: address, amount: '1', memo: 'to myself' });
    await waitUntil([alex], 'the transfer in a block', ([s]) => s!.mempool.count === 0);
    await alex.call('mine', false);
    file = Buffer.from(await alex.call('exportDatabase'));
    ({ height } = await alex.status());
    await first.dispose();
    browser = await Chromium.launch({ viewport: DESKTOP });
    fresh = await browser.openTab('fresh', url);
    page = fresh.page;
    await go(fresh, '/database');
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const choose = (name: string, buffer: Buffer): Promise<void> =>
    page.locator('main input[type=file]').setInputFiles({ name, mimeType: 'application/vnd.sqlite3', buffer });

  async function altered(sql: string): Promise<Buffer> {
    // A copy, because sql.js would write to the memory of a Buffer.
    const database = new (await initSqlJs()).Database(new Uint8Array(file));
    database.run(sql);
    return Buffer.from(database.export());
  }

  test('that is valid says what it holds', async () => {
    expect((await fresh.status()).height).toBe(0);
    await choose('class.sqlite', file);
    await page.getByText('class.sqlite is a valid chain.').waitFor();
    await page.getByText(`The file has ${height} blocks more than your chain.`).waitFor();
    await page.getByText('Coins').last().scrollIntoViewIfNeeded();
    await fresh.screenshot('file-valid-en');
    expect((await fresh.status()).height).toBe(0);
  });

  test('that was altered says where, and which rule is broken', async () => {
    await choose('rich.sqlite', await altered(`UPDATE accounts SET balance = 999000000 WHERE name = 'alex'`));
    await page.getByText('rich.sqlite is not a valid chain.').waitFor();
    await page.getByText('balance is 999000000 in the file.').waitFor();
    await page.getByText('file-row-differs').scrollIntoViewIfNeeded();
    await fresh.screenshot('file-balance-en');
    await choose('amount.sqlite', await altered(`UPDATE transactions SET amount = 5000000 WHERE kind = 'transfer'`));
    await page.getByText(/^Block \d+, transaction \d+: the row was altered/).waitFor();
    await choose('notes.txt', Buffer.from('Buy milk'));
    await page.getByText('This is not a SQLite file.').waitFor();
  });

  test('can be dropped anywhere on the page, also in Chinese on a phone', async () => {
    await speak(fresh, 'zh-Hant');
    await page.setViewportSize(PHONE);
    const transfer = await page.evaluateHandle(
      ({ base64, name }) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], name));
        return data;
      },
      { base64: (await altered(`DELETE FROM blocks WHERE height = 2`)).toString('base64'), name: '少一個.sqlite' },
    );
    await page.locator('h1').dispatchEvent('drop', { dataTransfer: transfer });
    await page.getByText('少一個.sqlite 不是有效的鏈。').waitFor();
    await page.getByText('區塊 2：少了一列。').waitFor();
    await page.getByText('file-row-missing').scrollIntoViewIfNeeded();
    await fresh.screenshot('file-missing-zh');
    await choose('class.sqlite', file);
    await page.getByText('class.sqlite 是有效的鏈。').waitFor();
    await page.getByText('帳戶', { exact: true }).last().scrollIntoViewIfNeeded();
    await fresh.screenshot('file-valid-zh');
    await page.setViewportSize(DESKTOP);
    await speak(fresh, 'en');
  });

  test('of another network is not taken', async () => {
    const other = await browser.openTab('other', server.url + testNetworkLink('another'));
    const code = await other.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const { tabchain } = globalThis as unknown as { tabchain: { takeFile(file: Blob): Promise<unknown> } };
      return tabchain.takeFile(new Blob([bytes])).catch((error: { code: string }) => error.code);
    }, file.toString('base64'));
    expect(code).toBe('file-other-network');
    expect((await other.status()).height).toBe(0);
    await other.close();
  });

  test('gives its blocks to a tab that has no link', async () => {
    await fresh.call('disconnect');
    await choose('class.sqlite', file);
    await page.getByRole('button', { name: 'Use its blocks' }).click();
    await page.getByText(`${height} blocks were taken. Your chain is now at height ${height}.`).waitFor();
    await fresh.screenshot('file-taken-en');
    expect(await fresh.status()).toMatchObject({ height, peers: [] });
    expect(await fresh.call('account', 'alex')).toMatchObject({ name: 'alex' });
    await choose('class.sqlite', file);
    await page.getByText('The same chain, up to the same block.').waitFor();
    expect(await page.getByRole('button', { name: 'Use its blocks' }).count()).toBe(0);
  });

  test('that is cancelled leaves nothing', async () => {
    const code = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const ending = new AbortController();
      const { tabchain } = globalThis as unknown as { tabchain: { checkFile(file: Blob, options: object): Promise<unknown> } };
      const progress = (): void => ending.abort();
      return tabchain.checkFile(new Blob([bytes]), { signal: ending.signal, progress }).catch((error: { code: string }) => error.code);
    }, file.toString('base64'));
    expect(code).toBe('cancelled');
    expect(fresh.problems).toEqual([]);
  });
});
