import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

let server: TestServer;
let browser: Chromium;
let tab: Tab<Page>;

beforeAll(async () => {
  server = await TestServer.start();
  browser = await Chromium.launch();
  tab = await browser.openTab('found', server.url + testNetworkLink('found', { blockTimeMs: 500 }));
  await tab.call('register', { name: 'page', passphrase: 'correct horse battery' });
  await tab.call('mine', true, { threads: 1 });
  await waitUntil([tab], 'two pages of blocks', ([status]) => status!.height > 45);
  await tab.call('mine', false);
});

afterAll(async () => {
  await browser?.dispose();
  await server?.kill();
});

test('History and Blocks are restored as they were left: search, page and scroll position', async () => {
  const { page } = tab;
  await go(tab, '/history');
  const rows = page.getByRole('main').locator('li');
  const search = page.getByLabel('Search my history', { exact: true });
  await search.fill('page');
  await expect.poll(() => page.evaluate(() => decodeURIComponent(location.hash))).toContain('q=page');
  await rows.getByRole('link').last().click();
  await page.getByRole('heading', { level: 1, name: 'Registration' }).waitFor();
  await page.goBack();
  await expect.poll(() => search.inputValue()).toBe('page');
  await expect.poll(() => rows.count()).toBe(1);
  await search.fill('');
  await page.getByLabel('Direction', { exact: true }).selectOption('mined');
  await expect.poll(() => rows.count()).toBe(25);
  await expect.poll(() => page.evaluate(() => decodeURIComponent(location.hash))).not.toContain('q=page');
  const firstEntry = () => rows.first().getByRole('link').last().getAttribute('href');
  const newest = await firstEntry();
  await page.getByRole('button', { name: 'Older', exact: true }).click();
  await page.getByRole('button', { name: 'Newer', exact: true }).waitFor();
  // The button comes before the rows of the next page.
  await expect.poll(firstEntry).not.toBe(newest);
  const shown = await firstEntry();
  await page.evaluate(() => window.scrollTo(0, 400));
  const left = await page.evaluate(() => window.scrollY);
  expect(left).toBeGreaterThan(100);
  await rows.nth(8).getByRole('link').last().click();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
  await page.goBack();
  await expect.poll(firstEntry).toBe(shown);
  expect(await page.getByLabel('Direction', { exact: true }).inputValue()).toBe('mined');
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(left);
  await tab.screenshot('page-history-back');
  await tab.reload();
  await expect.poll(firstEntry).toBe(shown);

  await go(tab, '/blocks');
  const table = page.getByRole('main').locator('table');
  await table.waitFor();
  const entry = table.getByRole('link').nth(9);
  await entry.scrollIntoViewIfNeeded();
  const deep = await page.evaluate(() => window.scrollY);
  expect(deep).toBeGreaterThan(100);
  await entry.click();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
  await page.goBack();
  await table.waitFor();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(deep);
});

test('a page whose code comes late does not move the page to which the user has gone back', async () => {
  const { page } = tab;
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/\/LessonsPage-/, async (route) => {
    await held;
    await route.continue();
  });
  await tab.reload();
  await go(tab, '/blocks');
  await page.getByRole('main').locator('table').waitFor();
  await page.evaluate(() => window.scrollTo(0, 300));
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(300);
  const late = page.waitForResponse(/\/LessonsPage-.*\.js/);
  await go(tab, '/lessons');
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
  await page.goBack();
  await page.getByRole('main').locator('table').waitFor();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(300);
  release();
  // Resolves when the code has run; the page draws afterwards.
  await page.evaluate(`import(${JSON.stringify((await late).url())}).then(() => new Promise((resolve) => setTimeout(resolve, 500)))`);
  expect(await page.evaluate(() => window.scrollY)).toBe(300);
});
