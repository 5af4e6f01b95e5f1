import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };

/** Three real tabs with an account each: who is on the chain, what an account did, and a real fork. */
describe.sequential('people and branches', () => {
  let server: TestServer;
  let browser: Chromium;
  let alex: Tab<Page>;
  let ming: Tab<Page>;
  let tabs: Tab<Page>[];

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    // Hard enough that a tab can stop before it finds a second block too many.
    const url = server.url + testNetworkLink('people', { powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    const open = async (name: string): Promise<Tab<Page>> => {
      const tab = await browser.newTab(name, { apart: true });
      await tab.open(url);
      await tab.page.emulateMedia({ reducedMotion: 'reduce' });
      return tab;
    };
    tabs = [await open('alex'), await open('ming'), await open('wu_wei')];
    [alex, ming] = tabs as [Tab<Page>, Tab<Page>];
    await linked();
    for (const tab of tabs) await tab.call('register', { name: tab.name, passphrase: PASSPHRASE });
    for (const tab of tabs) await tab.call('keyFileSaved');
    await mine(alex, 3);
    await mine(ming, 1);
    await alex.call('transfer', { to: 'ming', amount: '20', memo: 'lunch' });
    await alex.call('transfer', { to: 'wu_wei', amount: '12.5' });
    await ming.call('transfer', { to: 'alex', amount: '5' });
    await mine(alex, 1);
    await waitUntil(tabs, 'the payments', (all) => agree(all) && all.every(({ mempool }) => mempool.count === 0));
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const linked = (): Promise<unknown> =>
    waitUntil(tabs, 'links of every two tabs', (all) =>
      all.every(({ peers }) => peers.filter(({ state }) => state === 'ready').length === 2),
    );

  /** Mines at least so many blocks, and waits until the tabs that are connected have them. */
  async function mine(tab: Tab<Page>, blocks: number, alone = false): Promise<void> {
    const { height } = await tab.status();
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], `${blocks} blocks`, ([status]) => status!.height >= height + blocks);
    await tab.call('mine', false);
    if (!alone) await waitUntil(tabs, 'the blocks everywhere', agree);
  }

  const rows = (tab: Tab<Page>) => tab.page.getByRole('table').getByRole('row');
  /** The names in the list, from top to bottom. */
  const names = (tab: Tab<Page>): Promise<string[]> => tab.page.locator('td.name a').allInnerTexts();
  const heading = (tab: Tab<Page>) => tab.page.getByRole('heading', { level: 1 });

  test('everybody stands in the list, with balance, mined blocks and the time they were last seen', async () => {
    await alex.page.getByRole('link', { name: 'People' }).first().click();
    await expect.poll(() => heading(alex).textContent()).toBe('People');
    await expect.poll(() => names(alex)).toEqual(['alex', 'ming', 'wu_wei']);
    const wuRow = rows(alex).filter({ hasText: 'wu_wei' });
    expect(await wuRow.innerText()).toMatch(/12\.5\s+0\s+.*ago/);
    expect(await rows(alex).filter({ hasText: 'you' }).innerText()).toContain('alex');
    expect(await alex.page.locator('td.name svg').count()).toBe(3);
  });

  test('the list is sorted by each column, and the address keeps the order', async () => {
    const sort = (name: string) => alex.page.getByRole('columnheader', { name }).getByRole('button').click();
    await sort('Balance');
    // A tab may mine a block too many before it stops, so only the node knows who is first.
    const { people } = await alex.call('people');
    type Figure = (person: (typeof people)[number]) => number;
    const shown = async (figure: Figure): Promise<number[]> =>
      (await names(alex)).map((name) => figure(people.find((person) => person.name === name)!));
    const sorted = (figure: Figure): number[] => people.map(figure).sort((one, other) => other - one);
    const balance: Figure = (person) => Number(person.balance);
    const blocks: Figure = (person) => person.blocksMined;
    await expect.poll(() => shown(balance)).toEqual(sorted(balance));
    expect(await alex.page.getByRole('columnheader', { name: 'Balance' }).getAttribute('aria-sort')).toBe('descending');
    await sort('Blocks mined');
    await expect.poll(() => shown(blocks)).toEqual(sorted(blocks));
    await sort('Last seen');
    await expect.poll(async () => (await names(alex))[0]).toBe('alex');
    await alex.reload();
    await alex.call('login', { passphrase: PASSPHRASE });
    await expect.poll(() => alex.page.getByLabel('Sort by').inputValue()).toBe('seen');
  });

  test('a beginning of a name finds people, and no other text does', async () => {
    const field = alex.page.getByRole('searchbox', { name: 'Find by name' });
    await field.fill('WU');
    await expect.poll(() => names(alex)).toEqual(['wu_wei']);
    await field.fill('x');
    await expect.poll(() => alex.page.locator('main').innerText()).toContain('No name begins like this');
    await field.fill('');
    await expect.poll(() => names(alex)).toHaveLength(3);
  });

  test('on a phone each person is a card, and nothing is wider than the screen', async () => {
    await alex.page.setViewportSize(PHONE);
    await expect.poll(() => names(alex)).toHaveLength(3);
    expect(await alex.page.locator('thead').isVisible()).toBe(false);
    expect(await alex.page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
    const pay = alex.page.getByRole('link', { name: 'Pay ming' });
    expect((await pay.boundingBox())!.height).toBeGreaterThanOrEqual(40);
    await pay.click();
    await expect.poll(() => heading(alex).textContent()).toBe('Transfer');
    expect(await alex.page.getByLabel('Recipient').inputValue()).toBe('ming');
    await alex.page.setViewportSize(DESK);
  });

  test('an account shows its balance over time, and with whom it exchanged coins', async () => {
    await go(ming, '/people');
    await ming.page.getByRole('link', { name: 'alex', exact: true }).first().click();
    await expect.poll(() => heading(ming).textContent()).toBe('alex');
    const { balance } = (await ming.call('account', 'alex'))!;
    const curve = ming.page.getByRole('img', { name: /^Balance over time/ });
    await expect.poll(() => curve.getAttribute('aria-label')).toContain(`now ${balance}, between 0 and`);
    const counterparties = ming.page.getByRole('region', { name: 'Exchanged coins with' });
    const row = (name: string): Promise<string> => counterparties.getByRole('row').filter({ hasText: name }).innerText();
    expect(await row('ming')).toMatch(/−20\s+\+5\s+2/);
    expect(await row('wu_wei')).toMatch(/−12\.5\s+0\s+1/);
    await expect.poll(() => ming.page.locator('main').innerText()).toContain('entries of its history.');
  });

  test('a real fork: both branches are drawn, the loser struck through, and one sentence says what it cost', async () => {
    await go(alex, '/forks');
    await expect
      .poll(() => alex.page.locator('main').innerText())
      .toContain('Since this page was opened, no block of this tab was replaced.');
    await Promise.all([alex.call('disconnect'), ming.call('disconnect')]);
    await waitUntil([alex, ming], 'no links', (all) => all.every(({ peers }) => peers.length === 0));
    const { height: fork } = await alex.status();
    await alex.call('transfer', { to: 'wu_wei', amount: '1' });
    await mine(alex, 2, true);
    const lost = (await alex.call('blocks', { limit: (await alex.status()).height - fork })).map(({ id }) => id);
    await mine(ming, lost.length + 3, true);
    await Promise.all([alex.call('connect'), ming.call('connect')]);
    await waitUntil(tabs, 'one chain again', agree);

    const { blocks, reorganisations } = await alex.call('forks');
    const [event] = reorganisations;
    expect(event).toMatchObject({ fork, replaced: lost.length, ownRewards: event!.rewards, returned: 1 });
    expect(blocks.filter(({ standing }) => standing === 'side').map(({ id }) => id)).toEqual(lost);

    const main = alex.page.locator('main');
    await expect.poll(() => main.innerText()).toMatch(new RegExp(`${lost.length} blocks replaced by \\d+; −[\\d,.]+ coins of rewards\\.`));
    expect(await main.innerText()).toContain('All of them were yours. 1 transaction had to wait for a block again.');
    const tree = alex.page.getByRole('region', { name: /^Tree of all branches/ });
    const replaced = tree.getByRole('link', {
      name: /mined by alex.*replaced or never counted, its reward of 50[.\d]* coins does not count/,
    });
    await expect.poll(() => replaced.count()).toBe(lost.length);
    const rewards = tree.locator('s');
    expect(await rewards.count()).toBe(lost.length);
    expect(await rewards.first().evaluate((each) => getComputedStyle(each).textDecorationLine)).toBe('line-through');
    await expect
      .poll(() => tree.getByRole('link', { name: /your newest block/ }).getAttribute('aria-label'))
      .toContain('other tabs are here');
    // By keyboard, a block of the lost branch leads to its page.
    await replaced.first().focus();
    await alex.page.keyboard.press('Enter');
    await expect.poll(() => alex.page.locator('main').innerText()).toContain('another branch has more work');
  });

  test('ming, who won, lost nothing', async () => {
    await go(ming, '/forks');
    await expect
      .poll(() => ming.page.locator('main').innerText())
      .toContain('Since this page was opened, no block of this tab was replaced.');
  });

  test('the loser’s blocks are still known after a reload, and a phone shows the fork without scrolling sideways', async () => {
    await alex.reload();
    await alex.page.setViewportSize(PHONE);
    await go(alex, '/forks');
    const losers = alex.page.locator('a.block.side');
    await expect.poll(() => losers.count()).toBeGreaterThanOrEqual(2);
    expect(await alex.page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
    await alex.page.setViewportSize(DESK);
  });

  test('the strip of blocks draws the other branch below the branch that counts', async () => {
    await go(alex, '/blocks');
    const rivals = alex.page.getByRole('link', { name: /^Block [\d,]+ of another branch, mined by alex/ });
    await expect.poll(() => rivals.count()).toBeGreaterThanOrEqual(2);
    await alex.screenshot('strip-of-a-fork');
    await rivals.first().click();
    await expect.poll(() => heading(alex).textContent()).toBe('Branches');
  });

  test('the network leads to the branches, and no page had an error', async () => {
    await go(alex, '/network');
    await alex.page.getByRole('link', { name: 'See branches' }).click();
    await expect.poll(() => heading(alex).textContent()).toBe('Branches');
    expect(tabs.flatMap(({ problems }) => problems)).toEqual([]);
  });
});
