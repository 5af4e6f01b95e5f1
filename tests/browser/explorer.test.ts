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

/** A person looks at a real chain: blocks, transactions, the strip, charts and the search, by clicks. */
describe.sequential('the explorer', () => {
  let server: TestServer;
  let browser: Chromium;
  let alex: Tab<Page>;
  let page: Page;
  let url: string;
  let txid: string;
  let registration: string;
  let height: number;

  beforeAll(async () => {
    server = await TestServer.start();
    url = server.url + testNetworkLink('explorer', { blockTimeMs: 1_000 });
    browser = await Chromium.launch({ viewport: DESKTOP });
    alex = await browser.openTab('alex', url);
    ({ page } = alex);
    ({ txid: registration } = await alex.call('register', { name: 'alex', passphrase: PASSPHRASE }));
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([alex], 'coins', ([status]) => status!.account?.registration === 'confirmed' && Number(status!.spendable) >= 100);
    await alex.call('mine', false);
    await waitUntil([alex], 'a pause', ([status]) => !status!.mining.on);
    const { address } = (await alex.status()).account!;
    for (const amount of ['1', '20', '3']) ({ txid } = await alex.call('transfer', { to: address, amount, memo: `午餐 ${amount}` }));
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([alex], 'the payments', ([status]) => status!.mempool.count === 0);
    height = (await alex.call('transaction', txid))!.height!;
    await waitUntil([alex], 'later blocks', ([status]) => status!.height >= height + 4);
    await alex.call('mine', false);
    await waitUntil([alex], 'an end', ([status]) => !status!.mining.on);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const card = (title: string | RegExp) => page.getByRole('region', { name: title });
  const noOverflow = async (): Promise<void> => {
    const [wide, fits] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth] as const);
    expect(wide).toBeLessThanOrEqual(fits);
  };

  test('shows a block between its neighbours, and its header byte by byte', async () => {
    await go(alex, `/blocks/${height}`);
    const around = page.getByRole('navigation', { name: 'This block and its neighbours' });
    await around.getByRole('link', { name: /^Next block/ }).click();
    await page.getByRole('heading', { name: `Block ${height + 1}` }).waitFor();
    await around.getByRole('link', { name: /^Previous block/ }).click();
    await page.getByRole('heading', { name: `Block ${height}`, exact: true }).waitFor();
    const header = card('The header, byte by byte');
    await header.getByRole('button', { name: /^Height/ }).hover();
    await header.getByText('How many blocks lie before this block.').waitFor();
    await header.getByRole('button', { name: /^Bits/ }).focus();
    await header.getByText('A number, big-endian: the highest byte comes first.').waitFor();
    await header.getByText('The target in short form').waitFor();
    await header.getByRole('button', { name: 'Change it' }).click();
    const field = card('What if somebody changed it?').getByLabel('New value');
    await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await field.inputValue()).toBe((await alex.call('block', height))!.bits);
    const { id } = (await alex.call('block', height))!;
    expect((await header.textContent())!.replaceAll(/\s/g, '')).toContain(id);
    await card('The proof of work').getByText('As a number, the hash is not above the target.').waitFor();
    await alex.screenshot('explorer-block-en');
  });

  test('lights the way of any transaction to the root', async () => {
    const tree = card('The tree of its transactions');
    await tree.getByText('The root is the one in the header.').waitFor();
    await tree.getByRole('img', { name: /^The way from transaction 1 to the root: 2 steps/ }).waitFor();
    await tree.getByRole('button', { name: 'transaction 3' }).click();
    await tree.getByRole('img', { name: /^The way from transaction 3 to the root: 1 step/ }).waitFor();
    await tree.getByText('The root is the one in the header.').waitFor();
    await tree.scrollIntoViewIfNeeded();
    await alex.screenshot('explorer-tree-en');
  });

  test('says which rule refuses a changed copy of the block', async () => {
    const trial = card('What if somebody changed it?');
    await trial.getByText('Nothing is changed yet, and all rules hold.').waitFor();
    const before = (await alex.status()).tip;
    await trial.getByLabel('Change').selectOption('supply');
    await trial.getByLabel('New value').fill('1000000');
    await trial.getByText('Every node refuses this block.').waitFor();
    await trial
      .getByRole('listitem')
      .filter({ hasText: /The coins in existence are counted correctly\s*: broken/ })
      .waitFor();
    await trial.getByText(/names the old id\. So it and all \d+ later blocks would no longer follow\./).waitFor();
    await trial.getByLabel('Change').selectOption('0');
    await trial.getByLabel('New value').fill('99');
    await trial
      .getByRole('listitem')
      .filter({ hasText: /The transaction root covers the transactions\s*: broken/ })
      .getByText('transaction-root-wrong')
      .waitFor();
    await trial.getByLabel('Write the new transaction root').check();
    await trial
      .getByRole('listitem')
      .filter({ hasText: /The sender signed this transaction\s*: broken/ })
      .waitFor();
    await trial
      .getByRole('listitem')
      .filter({ hasText: /The transaction root covers the transactions\s*: holds/ })
      .waitFor();
    await trial.scrollIntoViewIfNeeded();
    await alex.screenshot('explorer-trial-en');
    await trial.getByLabel('New value').fill('much');
    await trial.getByText('Every node refuses this block.').waitFor({ state: 'detached' });
    expect((await alex.status()).tip).toBe(before);
  });

  test.each<[what: string, id: () => string, field: string]>([
    ['transfer', () => txid, 'Recipient'],
    ['registration', () => registration, 'Key for sealed memos'],
  ])('computes the signature of a %s before your eyes', async (_what, id, field) => {
    await go(alex, `/tx/${id()}`);
    const check = card('The signature, checked before your eyes');
    await check.getByText('Both are equal: the signature is valid.').waitFor();
    await check.getByText(field, { exact: true }).waitFor();
    await check.getByText('FF, 202 times').waitFor();
    const slider = check.getByLabel('Power of s');
    await slider.focus();
    await page.keyboard.press('Home');
    await check.getByText('s^1 mod n', { exact: true }).waitFor();
    await page.keyboard.press('ArrowRight');
    await check.getByText('s^2 mod n', { exact: true }).waitFor();
    await page.keyboard.press('End');
    await check.getByText('s^65,537 mod n', { exact: true }).waitFor();
    await card(/^The way of the (payment|registration)$/)
      .getByText(/^\d+ deep$/)
      .waitFor();
    await page.evaluate(() => window.scrollTo(0, 0));
    await alex.screenshot(`explorer-${_what}-en`);
  });

  test('draws the newest blocks with their transactions, live, and what waits', async () => {
    await go(alex, '/blocks');
    const strip = page.getByRole('region', { name: 'The newest blocks' });
    const { height: tip } = await alex.status();
    await strip.getByRole('link', { name: new RegExp(`^${tip}\\s+alex\\b`) }).waitFor();
    const { address } = (await alex.status()).account!;
    const sent = await alex.call('transfer', { to: address, amount: '7' });
    await strip.getByRole('link', { name: /^Next .*\b1 transaction\b/ }).waitFor();
    await alex.screenshot('explorer-strip-en');
    await page.getByRole('link', { name: 'Home' }).first().click();
    // Slowly, because the strip has only the newest blocks: at full pace, thirty come in a second.
    await alex.call('mine', true, { threads: 1, throttle: 1 });
    await waitUntil([alex], 'the payment', ([status]) => status!.mempool.count === 0);
    const { height: at } = (await alex.call('transaction', sent.txid))!;
    expect(at).toBeGreaterThan(tip);
    await strip.getByRole('link', { name: new RegExp(`^${at}\\s+alex\\b.*\\b1 transaction,`) }).waitFor();
    await page.getByRole('button', { name: 'Stop mining' }).first().click();
  });

  test('charts the chain over a chosen window', async () => {
    await go(alex, '/blocks');
    const charts = card('The chain in numbers');
    await charts.getByRole('img', { name: /^Difficulty of \d+ blocks/ }).waitFor();
    for (const name of ['Hash rate', 'Coins in existence', 'Fees', 'Times between blocks']) {
      await charts.getByRole('radio', { name }).check();
      await charts.getByRole('img', { name: new RegExp(`^${name} of \\d+ blocks`) }).waitFor();
    }
    await charts.getByText(/^How often each time.*the network aims at 1 s/).waitFor();
    await charts.getByLabel('Over').selectOption('all');
    await charts.getByRole('img', { name: /^Times between blocks of \d+ blocks/ }).hover();
    await charts.getByText(/observed \d+ · by pure chance/).waitFor();
    await alex.screenshot('explorer-charts-en');
  });

  test('finds heights, beginnings, names and links, and says what it did not find', async () => {
    const search = page.getByRole('search');
    const ask = async (text: string): Promise<void> => {
      await search.getByRole('searchbox').fill(text);
      await page.keyboard.press('Enter');
    };
    const title = (name: string | RegExp): Promise<void> => page.getByRole('heading', { level: 1, name }).waitFor();
    await ask(`＃${height}`);
    await title(`Block ${height}`);
    await ask(txid.slice(0, 12));
    await title('Transfer');
    await ask('＠Ａｌｅｘ');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('/account/tab1');
    await ask(`${url}&at=/transfer?to=alex&amount=5`);
    await page.getByLabel('Amount', { exact: true }).waitFor();
    expect(await page.getByLabel('Amount', { exact: true }).inputValue()).toBe('5');
    await ask('1,234,567');
    await search.getByText('There is no block 1,234,567 yet.').waitFor();
    await ask('nobody');
    await search.getByText('Nobody on this chain is called “nobody”.').waitFor();
    await ask('tab1qqqq');
    await search.getByText('No address on this chain begins with “tab1qqqq”.').waitFor();
    await alex.screenshot('explorer-search-en');
    await page.keyboard.press('Escape');
    await search.getByText('No address on this chain').waitFor({ state: 'hidden' });
  });

  test('fits on a phone, in Chinese', async () => {
    await speak(alex, 'zh-Hant');
    await page.setViewportSize(PHONE);
    for (const [at, name] of [
      [`/blocks/${height}`, 'block'],
      [`/tx/${txid}`, 'transaction'],
      [`/tx/${registration}`, 'registration'],
      ['/blocks', 'blocks'],
    ] as const) {
      await go(alex, at);
      await page.locator('main h2').nth(1).waitFor();
      await noOverflow();
      await alex.screenshot(`explorer-${name}-zh`);
    }
    expect(alex.problems).toEqual([]);
  });
});
