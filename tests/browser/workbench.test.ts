import { readFileSync } from 'node:fs';
import initSqlJs from 'sql.js';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatNetworkLink, type Network } from '../../src/protocol/network.ts';
import { exportChain, grantNetwork, type ExportedChain } from '../interop/exported-chain.ts';
import { feed, loadSqlJs, openNode } from '../unit/chain/support.ts';
import { testAccount } from '../scenarios/support/builders.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const LENGTH = 60;
/** The block after which the chain of somebody else goes its own way. */
const PARTING = 50;

/** The SQL workbench, by clicks and keys, on a chain with several accounts. */
describe.sequential('the workbench', () => {
  let server: TestServer;
  let browser: Chromium;
  let tab: Tab<Page>;
  let page: Page;
  let network: Network;
  let chain: ExportedChain;
  let theirs: Buffer;

  beforeAll(async () => {
    server = await TestServer.start();
    network = grantNetwork();
    const sqlJs = await loadSqlJs();
    chain = await exportChain(sqlJs, network, LENGTH);
    const other = await openNode(sqlJs, network);
    const shared = chain.blocks.slice(0, PARTING);
    await feed(other, [...shared, ...chain.builder.extend(shared.at(-1)!, 4, { miner: testAccount('lin'), variant: 1 << 20 })]);
    theirs = Buffer.from(other.store.export());
    browser = await Chromium.launch({ viewport: DESKTOP });
    tab = await browser.openTab('alex', server.url + formatNetworkLink(network));
    page = tab.page;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await takeFile(chain.file);
    await waitUntil([tab], 'the chain', ([s]) => s!.height === LENGTH);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const takeFile = (bytes: Uint8Array): Promise<unknown> =>
    page.evaluate((base64) => {
      const file = new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]);
      return (globalThis as unknown as { tabchain: { takeFile(file: Blob): Promise<unknown> } }).tabchain.takeFile(file);
    }, Buffer.from(bytes).toString('base64'));

  const field = (): Locator => page.getByRole('textbox', { name: 'SQL', exact: true });
  const table = (): Locator => page.getByRole('region', { name: 'Result' });
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  /** A radio button is hidden behind its label. */
  const choice = (name: string, within = page): Locator => within.getByRole('radio', { name, exact: true }).locator('..');

  /** Types a query in place of what stands there. */
  async function type(sql: string): Promise<void> {
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(sql);
  }

  /** Moves the pointer onto a word in the editor. */
  async function pointAt(word: string): Promise<void> {
    const at = await page.evaluate((wanted) => {
      const walker = document.createTreeWalker(document.querySelector('.cm-content')!, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const start = (walker.currentNode as Text).data.indexOf(wanted);
        if (start < 0) continue;
        const range = document.createRange();
        range.setStart(walker.currentNode, start);
        range.setEnd(walker.currentNode, start + wanted.length);
        const { x, y, width, height } = range.getBoundingClientRect();
        return { x: x + width / 2, y: y + height / 2 };
      }
      return { x: 0, y: 0 };
    }, word);
    await page.mouse.move(at.x, at.y, { steps: 3 });
  }

  const text = async (): Promise<string> => (await field().innerText()).replace(/\n$/, '');

  async function look(name: string, full = false): Promise<void> {
    await page.screenshot({ path: `test-results/workbench-${name}.png`, fullPage: full });
  }

  test('answers the first question when the page opens, and explains it', async () => {
    await go(tab, '/database');
    await page.locator('.cm-content').waitFor();
    await page.getByRole('heading', { name: 'What are the newest blocks?' }).waitFor();
    await page.getByText('10 rows in').waitFor();
    expect(
      await table()
        .getByRole('link', { name: String(LENGTH), exact: true })
        .count(),
    ).toBe(1);
    await look('first');
    await button('Next question').click();
    await page.getByRole('heading', { name: 'Who has an account?' }).waitFor();
    await table().getByRole('link', { name: 'ming', exact: true }).waitFor();
  });

  test('completes words from the schema, explains them, and runs by keyboard alone', async () => {
    await type('SELECT name, bal');
    await page.keyboard.press('Control+Space');
    await page.locator('.cm-tooltip-autocomplete').getByText('balance').waitFor();
    await page.locator('.cm-completionInfo').getByText('smallest units').waitFor();
    await look('completion');
    await page.keyboard.press('Tab');
    await page.keyboard.insertText(' FROM accounts ORDER BY balance DESC');
    expect(await text()).toBe('SELECT name, balance FROM accounts ORDER BY balance DESC');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('columnheader', { name: 'balance' }).waitFor();
    await pointAt('accounts');
    await page.locator('.cm-tooltip-hover').getByText('One row for each address').waitFor();
    await page.mouse.move(5, 5);
    // Tab takes a suggestion, and Escape refuses it; then Tab leaves the field in both directions.
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText(' ');
    await page.keyboard.press('Control+Space');
    await page.locator('.cm-tooltip-autocomplete').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.cm-tooltip-autocomplete').waitFor({ state: 'detached' });
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Run');
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => page.evaluate(() => document.activeElement?.classList.contains('cm-content'))).toBe(true);
  });

  test('inserts a name from the list of tables', async () => {
    await type('SELECT  FROM blocks');
    for (let i = 0; i < ' FROM blocks'.length; i++) await page.keyboard.press('ArrowLeft');
    await choice('Tables').click();
    await page
      .locator('summary')
      .filter({ hasText: /^blocks/ })
      .click();
    await page
      .getByText('bytes of the block’s canonical encoding')
      .or(page.getByText("bytes of the block's canonical encoding"))
      .first()
      .waitFor();
    await look('schema');
    await page.locator('details[open]').getByRole('button', { name: 'Insert size' }).click();
    expect(await text()).toBe('SELECT size FROM blocks');
  });

  test('names full-width marks at once, and mends them outside texts only', async () => {
    await type("SELECT name，'王，小明' FROM accounts；");
    await page.getByText('SQL does not understand 「，」 「；」').waitFor();
    await button('Fix it').click();
    expect(await text()).toBe("SELECT name,'王，小明' FROM accounts;");
    await page.getByRole('columnheader', { name: "'王，小明'" }).waitFor();
  });

  test('draws the plan as a tree, in plain words', async () => {
    await type('SELECT a.name FROM blocks AS b JOIN accounts AS a ON a.id = b.miner ORDER BY a.name');
    await button('Plan').click();
    await page.getByText('Finds a row of a by its number').waitFor();
    await page.getByText(/1 step reads from the first row to the last/).waitFor();
    await page.getByText('USE TEMP B-TREE FOR ORDER BY').waitFor();
    await look('plan');
    await choice('Table').click();
    await page.getByRole('columnheader', { name: 'detail' }).waitFor();
  });

  test('draws numbers as a chart', async () => {
    await choice('Questions').click();
    await page.locator('summary').filter({ hasText: 'Window functions' }).click();
    await page.getByRole('button', { name: 'How much time passes between blocks?' }).click();
    await choice('Chart').click();
    await page.getByRole('img', { name: 'seconds over height' }).waitFor();
    await look('chart');
    await choice('Table').click();
    await page.locator('summary').filter({ hasText: 'Count and add up' }).click();
    await page.getByRole('button', { name: 'Who mined the most?' }).click();
    await choice('Chart').click();
    await page.getByRole('table', { name: 'blocks, reward_coins over name' }).waitFor();
    await look('bars');
    await choice('Table').click();
  });

  test('keeps ten thousand rows scrollable, and saves all of them', async () => {
    await type("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 'row ' || i AS text FROM n");
    await page.keyboard.press('Control+Enter');
    await page.getByText('10,000 rows in').waitFor();
    await page.getByText('Only the first rows are shown').waitFor();
    expect(await table().locator('tbody tr').count()).toBeLessThan(100);
    await table().evaluate((element) => (element.scrollTop = element.scrollHeight));
    await table().getByText('row 10000').waitFor();
    for (const [name, start] of [
      ['Save as CSV', '\uFEFF"i","text"\r\n1,"row 1"\r\n'],
      ['Save as JSON', '[\n{"i":1,"text":"row 1"},\n'],
    ] as const) {
      const downloading = page.waitForEvent('download');
      await button(name).click();
      const saved = readFileSync((await (await downloading).path())!, 'utf8');
      expect([saved.startsWith(start), saved.split('\n').length > 10_000]).toEqual([true, true]);
    }
  });

  test('a link in a result leads away, and back leads to the same result', async () => {
    await type('SELECT height, id, miner FROM blocks ORDER BY height LIMIT 3');
    await page.keyboard.press('Control+Enter');
    await page.getByText('3 rows in').waitFor();
    await table().getByRole('link', { name: '2', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Block 2' }).waitFor();
    await page.goBack();
    await page.getByText('3 rows in').waitFor();
    expect(await text()).toBe('SELECT height, id, miner FROM blocks ORDER BY height LIMIT 3');
  });

  test('keeps what was run, and what was saved by name, over a reload', async () => {
    await button('Save').click();
    await page.getByRole('dialog').getByLabel('Name').fill('  three blocks  ');
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await tab.reload();
    await takeFile(chain.file);
    await go(tab, '/database');
    await page.locator('.cm-content').waitFor();
    expect(await text()).toBe('SELECT height, id, miner FROM blocks ORDER BY height LIMIT 3');
    // The query came with the address, so it waits for its reader.
    await page.getByText('This query came with the link.').waitFor();
    expect(await table().count()).toBe(0);
    await choice('Saved').click();
    await look('saved');
    await page.getByRole('button', { name: /WITH RECURSIVE n/ }).click();
    expect(await text()).toContain('WITH RECURSIVE n');
    await page.getByRole('button', { name: /^three blocks/ }).click();
    await button('Run').click();
    await page.getByText('3 rows in').waitFor();
    await button('Delete three blocks').click();
    await page.getByText('Give a query a name to keep it').waitFor();
  });

  test('a shared link shows its query, and runs it only on request', async () => {
    await type("SELECT '王小明' AS name");
    await button('Share').click();
    const link = await page.getByRole('dialog').getByLabel('Link', { exact: true }).inputValue();
    await look('share');
    await page.keyboard.press('Escape');
    const other = await browser.openTab('ming', link.replace(/^.*(?=#)/, `${server.url}`));
    await other.page.locator('.cm-content').waitFor();
    await other.page.getByText('This query came with the link.').waitFor();
    expect(await other.page.getByRole('region', { name: 'Result' }).count()).toBe(0);
    await other.page.getByRole('button', { name: 'Run', exact: true }).click();
    await other.page.getByRole('cell', { name: '王小明' }).waitFor();
    await other.close();
    await type(`SELECT '${'字'.repeat(2_000)}'`);
    await button('Share').click();
    await page.getByText(/many programs cut links after 6,000/).waitFor();
    await page.keyboard.press('Escape');
    expect(tab.problems).toEqual([]);
  });

  test('asks somebody else’s file beside the own chain, and shows where both part', async () => {
    await page
      .locator('main input[type=file]')
      .setInputFiles({ name: 'theirs.sqlite', mimeType: 'application/vnd.sqlite3', buffer: theirs });
    await page.getByText(`The chains part at block ${PARTING + 1}`).waitFor();
    await page.getByText(chain.blocks[PARTING]!.id).waitFor();
    await page.getByText('theirs.sqlite is a valid chain.').waitFor();
    await page.getByText('Your chain has more work.').waitFor();
    await button('Ask by SQL').click();
    await type('SELECT max(height) AS height FROM blocks');
    await page.keyboard.press('Control+Enter');
    await page.getByText('from theirs.sqlite').waitFor();
    await table()
      .getByRole('cell', { name: String(PARTING + 4), exact: true })
      .waitFor();
    await look('file', true);
    await choice('my chain').click();
    await button('Run').click();
    await table()
      .getByRole('link', { name: String(LENGTH), exact: true })
      .waitFor();
  });

  test('survives hostile files', async () => {
    const give = (name: string, buffer: Buffer): Promise<void> =>
      page.locator('main input[type=file]').setInputFiles({ name, mimeType: 'application/vnd.sqlite3', buffer });
    const ask = async (sql: string): Promise<void> => {
      await choice('my chain').waitFor();
      await button('Ask by SQL').click();
      await type(sql);
      await page.keyboard.press('Control+Enter');
    };
    const junk = Buffer.alloc(10 << 20, 7);
    await give('junk.sqlite', junk);
    await page.getByText('This is not a SQLite file.').first().waitFor();
    junk.write('SQLite format 3\0');
    await give('worse.sqlite', junk);
    await ask('SELECT 1');
    await page.getByText('SQLite cannot read this file').first().waitFor();
    const database = new (await initSqlJs()).Database();
    database.run(`
      CREATE TABLE "a<b>\u202e""; DROP TABLE x" ("c<img src=x onerror=alert(1)>" TEXT);
      INSERT INTO "a<b>\u202e""; DROP TABLE x" VALUES ('<script>alert(1)</script>');
      CREATE VIEW gone AS SELECT * FROM "no such table";
      CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n;
      CREATE VIRTUAL TABLE search USING fts4(body);
      CREATE TRIGGER rich AFTER INSERT ON "a<b>\u202e""; DROP TABLE x" BEGIN DELETE FROM "a<b>\u202e""; DROP TABLE x"; END;
    `);
    await give('hostile.sqlite', Buffer.from(database.export()));
    await page.getByText('This SQLite file holds no chain.').waitFor();
    await ask('SELECT * FROM "a<b>\u202e""; DROP TABLE x"');
    await page.getByRole('cell', { name: '<script>alert(1)</script>' }).waitFor();
    await choice('Tables').click();
    await page.locator('summary').filter({ hasText: 'endless' }).waitFor();
    await type('SELECT * FROM gone');
    await page.keyboard.press('Control+Enter');
    await page.getByText('SQLite says: no such table').waitFor();
    await type('SELECT * FROM endless');
    await page.keyboard.press('Control+Enter');
    await page.getByText('This question took too long and was stopped.').waitFor({ timeout: 20_000 });
    await type('DROP VIEW endless');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Only questions are allowed here').waitFor();
    await button('Close the file').click();
    expect(await choice('my chain').count()).toBe(0);
    expect((await tab.status()).height).toBe(LENGTH);
    expect(tab.problems).toEqual([]);
  });

  test('without the editor’s script a plain field serves, also on a phone, in Chinese and in the dark', async () => {
    const bare = await browser.newTab('wu', { apart: true });
    // The service worker would have the script, too.
    await bare.page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined }));
    await bare.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await bare.page.route(/\/editor-[\w-]+\.js/, (route) => route.abort());
    await bare.open(server.url + formatNetworkLink(network));
    await go(bare, '/database');
    await speak(bare, 'zh-Hant');
    await bare.page.setViewportSize(PHONE);
    await bare.page.getByRole('heading', { name: '最新的區塊有哪些？' }).waitFor();
    const plain = bare.page.locator('textarea');
    await plain.fill('SELECT 1 + 1 AS two');
    await plain.press('Control+Enter');
    await bare.page.getByRole('cell', { name: '2', exact: true }).waitFor();
    expect(await bare.page.locator('.cm-content').count()).toBe(0);
    expect(await bare.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
    await bare.close();
  });

  test('looks right on a phone, in Chinese and in the dark', async () => {
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await look('dark', true);
    await speak(tab, 'zh-Hant');
    await page.setViewportSize(PHONE);
    await choice('問題').click();
    await page.locator('summary').filter({ hasText: 'WITH 與遞迴' }).click();
    await page.getByRole('button', { name: '出塊間隔的分布是怎樣？' }).click();
    await choice('圖表').click();
    await look('phone-dark-zh', true);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.getByRole('button', { name: '執行計畫', exact: true }).click();
    await page.getByText('SQLite 怎麼找出答案').waitFor();
    await look('phone-light-zh', true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  });
});
