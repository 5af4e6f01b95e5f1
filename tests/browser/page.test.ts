import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../src/ui/i18n/languages.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { MinerProxy } from './harness/miner-proxy.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { PAGES } from './harness/pages.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';

const PASSPHRASE = 'correct horse battery';

/** Runs in the page: finds words of letters broken over two lines. Names, ids and typed text may break anywhere. */
function brokenWords(): string[] {
  const broken: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    if (text.parentElement!.closest('[translate="no"], code, .mono, script, style, textarea, .visually-hidden')) continue;
    for (const { index, 0: word } of text.data.matchAll(/[\p{Script=Latin}]{2,}/gu)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const rects = Array.from(range.getClientRects()).filter(({ width }) => width > 0);
      const first = rects[0];
      if (first && rects.some(({ top }) => top > first.top + first.height / 2)) broken.push(word);
    }
  }
  return broken;
}

/** The page around the chain: links, SQL queries, blocked scripts, translators, small screens. */
describe.sequential('the page', () => {
  let server: TestServer;
  let browser: Chromium;
  let url: string;
  let tab: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    url = server.url + testNetworkLink('page', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    tab = await browser.openTab('page', url);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  test('a nearly correct link leads to the intended place, and the page says so', async () => {
    const lost = await browser.newTab('lost');
    for (const [given, label] of [
      ['#NET=class-3b', 'class-3b'],
      ['?net=class-3b', 'class-3b'],
      ['#net%3Dclass-3b', 'class-3b'],
      ['#net=quick&amp;T=5000', 'quick'],
    ] as const) {
      await lost.page.goto('about:blank');
      const status = await lost.open(server.url + given);
      expect(status.network.label).toBe(label);
      await lost.page.getByText(/This link was read as/).waitFor();
    }
    expect((await lost.status()).network.blockTimeMs).toBe(5_000);
    await lost.page.goto('about:blank');
    await lost.page.goto(`${server.url}#net=班級`);
    await expect.poll(() => lost.page.getByRole('alert').innerText()).toContain('1 to 32 characters');
    await lost.screenshot('page-label');
    await lost.close();
  });

  test('asks its host once for the addresses of the page and the servers of the links', async () => {
    const asking = await browser.newTab('asking');
    const asked: string[] = [];
    asking.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await asking.open(url);
    await asking.page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(async () => (await asking.call('neighbourhood')).servers.map(({ state }) => state)).toEqual(['connected']);
    expect(asked.filter((path) => path === '/links.json')).toHaveLength(1);
    await asking.close();
  });

  test('fetches the texts of one language, and keeps it where the texts of another do not arrive', async () => {
    const { page } = await browser.newTab('reader');
    const fetched: string[] = [];
    const ofLanguage = new RegExp(`/((?:${LANGUAGES.join('|')})-[\\w-]+\\.js)$`);
    page.on('request', (request) => fetched.push(...(ofLanguage.exec(request.url())?.slice(1) ?? [])));
    await page.goto(url);
    const choice = page.getByRole('combobox', { name: 'Language of the page' });
    await choice.waitFor();
    expect(fetched.map((name) => name.slice(0, 3))).toEqual(['en-']);
    await page.route(/\/zh-Hant-[\w-]+\.js$/, (route) => route.abort());
    await choice.selectOption('zh-Hant');
    await page.getByText(/^The texts in 繁體中文 did not arrive, so the page keeps its language\./).waitFor();
    expect([await choice.inputValue(), await page.locator('html').getAttribute('lang')]).toEqual(['en', 'en']);
    // The server is back: the same choice works.
    await page.unroute(/\/zh-Hant-[\w-]+\.js$/);
    await choice.selectOption('zh-Hant');
    await page.getByRole('combobox', { name: '網頁的語言' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-Hant');
    await page.reload();
    await page.getByRole('combobox', { name: '網頁的語言' }).waitFor();
    await page.close();
  });

  test('the manifest belongs to the network', async () => {
    const manifest = await tab.page.waitForFunction(() => {
      const { href } = document.querySelector<HTMLLinkElement>('link[rel="manifest"]')!;
      return href.startsWith('data:') ? decodeURIComponent(href.split(',').slice(1).join(',')) : null;
    });
    const { start_url } = JSON.parse((await manifest.jsonValue())!) as { start_url: string };
    expect(start_url).toBe(server.url + (await tab.status()).network.link);
  });

  test('queries that would crash the tab are refused, and the node goes on', async () => {
    for (const sql of ['SELECT hex(zeroblob(200000000))', "SELECT printf('%.*c', 500000000, 'x')"]) {
      await expect(tab.call('query', sql)).rejects.toMatchObject({ code: 'query-too-large' });
    }
    const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)';
    const { rows, truncated } = await tab.call('query', `${endless} SELECT randomblob(100000) FROM n LIMIT 9999`);
    expect([truncated, rows.length < 100]).toEqual([true, true]);
    expect((await tab.status()).height).toBeGreaterThanOrEqual(0);
  });

  test('typed SQL is kept over navigation, and in the address; a tap corrects full-width characters', async () => {
    const { page } = tab;
    await go(tab, '/database');
    await page.locator('.cm-content').waitFor();
    const sql = page.getByRole('textbox', { name: 'SQL', exact: true });
    await sql.fill('SELECT height，id FROM blocks；');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText(/SQL does not understand 「，」 「；」/).waitFor();
    await tab.screenshot('page-sql');
    await page.getByRole('button', { name: 'Fix it' }).click();
    await page.getByRole('columnheader', { name: 'height' }).waitFor();
    expect(await sql.innerText()).toBe('SELECT height,id FROM blocks;');
    await expect.poll(() => page.evaluate(() => decodeURIComponent(decodeURIComponent(location.hash)))).toContain('sql=SELECT+height,id');
    await go(tab, '/blocks');
    await page.getByRole('heading', { level: 1, name: 'Blocks' }).waitFor();
    await page.goBack();
    await expect.poll(() => sql.innerText()).toBe('SELECT height,id FROM blocks;');
    await go(tab, '/network');
    await go(tab, '/database');
    await expect.poll(() => sql.innerText()).toBe('SELECT height,id FROM blocks;');
    await sql.fill("SELECT hex(zeroblob(1000)) AS long, 'x' AS short");
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Show everything' }).click();
    await expect.poll(() => page.getByRole('dialog').getByRole('textbox').inputValue()).toBe('00'.repeat(1_000));
    await page.keyboard.press('Escape');
  });

  test('texts that a translator has replaced are still updated', async () => {
    const { page } = tab;
    await go(tab, '/network');
    const head = page.getByRole('main').locator('header p');
    await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      while (walker.nextNode()) texts.push(walker.currentNode as Text);
      for (const text of texts) {
        if (!text.data.trim() || text.parentElement!.closest('[translate="no"], script, style')) continue;
        const font = document.createElement('font');
        font.textContent = `«${text.data}»`;
        text.replaceWith(font);
      }
    });
    await expect.poll(() => head.innerText()).toContain('«');
    await page.getByRole('button', { name: '«Disconnect»' }).click();
    await expect
      .poll(() => head.innerText())
      .toBe('Every connection is cut, so this tab builds its own branch. When you connect again, the branch with more work wins.');
    await page.reload();
    await tab.call('ready');
    expect(tab.problems).toEqual([]);
  });

  test('nothing is wider than a phone of 320 pixels, in any language', async () => {
    const { page } = tab;
    for (const language of LANGUAGES) {
      await page.evaluate((chosen) => localStorage.setItem('tabchain.preferences', JSON.stringify({ v: 1, language: chosen })), language);
      await tab.reload();
      await page.setViewportSize({ width: 320, height: 640 });
      for (const path of PAGES) {
        await go(tab, path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForTimeout(300);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide, `${language} ${path}`).toBeLessThanOrEqual(320);
        await tab.screenshot(`page-320-${language}${path.replace('/', '-')}`);
      }
    }
    await page.evaluate(() => localStorage.setItem('tabchain.preferences', '{"v":1,"language":"en"}'));
    await page.setViewportSize({ width: 1280, height: 800 });
    await tab.reload();
  });

  test('no word is broken on a phone of 320 pixels, in an account with payments and blocks', async () => {
    const { page } = tab;
    await tab.call('register', { name: 'page', passphrase: PASSPHRASE });
    await tab.call('mine', true, { threads: 1 });
    await expect.poll(async () => (await tab.status()).height, { timeout: 120_000 }).toBeGreaterThan(5);
    await tab.call('mine', false);
    const [{ txid }] = [(await tab.call('history', { mined: false, limit: 1 }))[0]!];
    await page.setViewportSize({ width: 320, height: 640 });
    for (const path of ['/', '/transfer', '/receive', '/history', '/blocks', '/blocks/1', `/tx/${txid}`]) {
      await go(tab, path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.waitForTimeout(300);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
      expect(await page.evaluate(brokenWords), path).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('an input method composes in the name field undisturbed; the name is normalised at the end', async () => {
    const other = await browser.openTab('typist', url);
    const { page } = other;
    await page.evaluate(() => (location.hash += '&at=/register'));
    const name = page.getByLabel('User name', { exact: true });
    await name.focus();
    const session = await page.context().newCDPSession(page);
    const compose = (text: string) =>
      session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    for (const text of ['Ｍ', 'Ｍｉ', 'Ｍｉｎ', 'ＭｉｎＧ']) {
      await compose(text);
      expect(await name.inputValue()).toBe(text);
      expect(await page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0);
    }
    await session.send('Input.insertText', { text: 'ＭｉｎＧ' });
    await expect.poll(() => name.inputValue()).toBe('ming');
    await compose('ｘ');
    expect(await name.inputValue()).toBe('mingｘ');
    await session.send('Input.insertText', { text: 'ｘ' });
    await expect.poll(() => name.inputValue()).toBe('mingx');
    await other.close();
  });

  test('the page can be installed', async () => {
    const session = await tab.page.context().newCDPSession(tab.page);
    const { errors, data } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    expect(JSON.parse(data!)).toMatchObject({ short_name: 'page', display: 'standalone' });
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual([]);
    await session.detach();
  });

  test('blocked scripts for keys and queries are reported, and work again once allowed', async () => {
    const kept = await browser.openTab('kept', url);
    const { page } = kept;
    await expect.poll(async () => (await kept.status()).sync.signaling).toBe('connected');
    await page.evaluate(() => (location.hash += '&at=/register'));
    await page.getByLabel('User name', { exact: true }).waitFor();
    // After the start only these two scripts are loaded.
    const scripts = '**/assets/*.js';
    await page.route(scripts, (route) => route.abort());
    await expect(kept.call('register', { name: 'nora', passphrase: PASSPHRASE })).rejects.toMatchObject({
      code: 'script-blocked',
      details: { role: 'keys' },
    });
    await expect(kept.call('query', 'SELECT 1')).rejects.toMatchObject({ code: 'script-blocked', details: { role: 'query' } });
    expect((await kept.status()).account).toBeNull();
    await page.getByLabel('User name', { exact: true }).fill('nora');
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByLabel('Repeat passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await expect.poll(() => page.getByRole('alert').allInnerTexts()).toContainEqual(expect.stringContaining('could not be loaded'));
    await kept.screenshot('page-script-blocked');
    await page.unroute(scripts);
    expect(await kept.call('query', 'SELECT 1 AS one')).toMatchObject({ rows: [[1]] });
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Welcome, nora' }).waitFor({ timeout: 60_000 });
    await kept.close();
  });

  test('with a blocked interface script, the page says so and the node answers the console', async () => {
    const bare = await browser.newTab('bare');
    const { page } = bare;
    await page.route('**/assets/interface-*.js', (route) => route.abort());
    await bare.open(url);
    await page.getByText('A part of this page could not be loaded. Reload the page.').waitFor();
    expect((await bare.status()).height).toBeGreaterThanOrEqual(0);
    await page.unroute('**/assets/interface-*.js');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await bare.close();
  });

  test('with a blocked script for links, the node goes on alone, and the page says so', async () => {
    const alone = await browser.newTab('alone');
    const { page } = alone;
    const folder = new URL('../../dist/assets/', import.meta.url);
    const links = readdirSync(folder).find(
      (name) => name.endsWith('.js') && readFileSync(new URL(name, folder), 'utf8').includes('createDataChannel'),
    );
    await page.route(`**/assets/${links}`, (route) => route.abort());
    await alone.open(url);
    await page.getByRole('status').getByText('could not be loaded').waitFor();
    expect(await alone.call('query', 'SELECT count(*) FROM blocks')).toMatchObject({ rows: [[expect.any(Number)]] });
    await alone.close();
  });

  test('with a blocked mining script, registering and mining go on, and the page says so', async () => {
    const blocked = await browser.newTab('blocked');
    const blocker = await MinerProxy.start(server.url, () => null);
    await blocked.open(blocker.url + new URL(url).hash);
    await blocked.page.evaluate(() => {
      const node = (window as unknown as { tabchain: { subscribe(listener: (event: { type: string; code?: string }) => void): void } })
        .tabchain;
      node.subscribe((event) => {
        if (event.type === 'problem') document.body.dataset['problem'] = event.code ?? '';
      });
    });
    const account = await blocked.call('register', { name: 'lina', passphrase: 'correct horse battery' });
    expect(account.name).toBe('lina');
    await expect.poll(() => blocked.page.evaluate(() => document.body.dataset['problem'])).toBe('miner-blocked');
    await blocked.close();
    blocker.stop();
  });

  test('a network that opens later says when, and mining waits', async () => {
    const early = await browser.newTab('early');
    await early.open(server.url + testNetworkLink('soon', { genesisTimeMs: Date.now() + 3_600_000, stampBits: 0x1e7fffff }));
    await early.page.getByText(/This network opens on/).waitFor();
    await early.call('register', { name: 'kai', passphrase: 'correct horse battery' });
    await early.call('mine', true, { threads: 1 });
    const { mining } = await early.status();
    expect(mining).toMatchObject({ on: true, waiting: 'not-open' });
    await early.screenshot('page-opens-later');
    await early.close();
  });
});
