import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';

/** What a person does and sees. Controls are found by their accessible names, as a screen reader finds them. */
describe.sequential('the interface', () => {
  let server: TestServer;
  let browser: Chromium;
  let url: string;
  let alex: Tab<Page>;
  let ming: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    url = server.url + testNetworkLink('interface', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  async function register(tab: Tab<Page>, name: string): Promise<void> {
    const { page } = tab;
    await page
      .getByRole('link', { name: 'Register', exact: true })
      .or(page.getByRole('button', { name: 'Register', exact: true }))
      .first()
      .click();
    await page.getByLabel('User name', { exact: true }).fill(name);
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByLabel('Repeat passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await expect.poll(async () => (await tab.status()).account?.name, { timeout: 30_000 }).toBe(name);
  }

  test('register: an invalid name and a short passphrase are explained at their fields', async () => {
    alex = await browser.openTab('alex', url);
    const { page } = alex;
    await page
      .getByRole('link', { name: 'Register', exact: true })
      .or(page.getByRole('button', { name: 'Register', exact: true }))
      .first()
      .click();
    await page.getByLabel('User name', { exact: true }).fill('Alex!');
    await page.getByLabel('Passphrase', { exact: true }).fill('short');
    await page.getByLabel('Repeat passphrase', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await expect.poll(() => page.getByRole('alert').count()).toBeGreaterThan(0);
    expect((await alex.status()).account).toBeNull();
    await go(alex, '/');
  });

  test('register, see the result, download the key file', async () => {
    await register(alex, 'alex');
    const { page } = alex;
    await expect.poll(() => page.getByText(/tab1[a-z0-9]+/).count()).toBeGreaterThan(0);
    const download = page.waitForEvent('download');
    await page
      .getByRole('button', { name: /key file/i })
      .first()
      .click();
    expect((await download).suggestedFilename()).toMatch(/alex.*\.pem$/);
    // A browser inside another app drops downloads silently, so only the person knows.
    expect((await alex.status()).account?.keyFileSaved).toBe(false);
    await page.getByRole('button', { name: 'I have seen the saved file', exact: true }).click();
    await expect.poll(async () => (await alex.status()).account?.keyFileSaved).toBe(true);
    await alex.screenshot('interface-register-result');
  });

  test('mine, and see coins arrive', async () => {
    await go(alex, '/');
    await alex.page.getByRole('button', { name: 'Start mining', exact: true }).click();
    await waitUntil([alex], 'coins', ([status]) => Number(status!.balance) >= 100);
    await alex.page.getByRole('button', { name: 'Stop mining', exact: true }).waitFor();
    await alex.screenshot('interface-home');
  });

  test('transfer to a name, and watch it confirm', async () => {
    ming = await browser.openTab('ming', url);
    await waitUntil([ming], 'ming synced', ([status]) => status!.height > 1);
    await register(ming, 'ming');
    await waitUntil([ming], 'ming registered', ([status]) => status!.account?.registration === 'confirmed');
    await go(alex, '/transfer');
    const { page } = alex;
    await page.getByLabel('Recipient', { exact: true }).fill('ming');
    await page.getByLabel('Amount', { exact: true }).fill('1000000');
    await expect.poll(() => page.getByRole('alert').count()).toBeGreaterThan(0);
    await page.getByLabel('Amount', { exact: true }).fill('12.5');
    await page.getByLabel('Memo', { exact: true }).fill('午餐 🍱');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
    await alex.screenshot('interface-transfer-preview');
    // A press at once has no effect, because no one can have read the check yet.
    await page.waitForTimeout(600);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect.poll(async () => (await ming.status()).balance, { timeout: 60_000 }).toBe('12.5');
    await alex.screenshot('interface-transfer-sent');
  });

  test('history, blocks, network, database', async () => {
    for (const [path, name] of [
      ['/history', 'history'],
      ['/blocks', 'blocks'],
      ['/blocks/1', 'block'],
      ['/network', 'network'],
      ['/database', 'database'],
      ['/settings', 'settings'],
    ] as const) {
      await go(alex, path);
      await alex.page.waitForTimeout(500);
      await alex.screenshot(`interface-${name}`);
    }
    await go(alex, '/database');
    const download = alex.page.waitForEvent('download');
    await alex.page.getByRole('button', { name: 'Export database', exact: true }).click();
    expect((await download).suggestedFilename()).toMatch(/\.sqlite$/);
  });

  test('log out, a wrong passphrase, log in again', async () => {
    await alex.page.getByRole('button', { name: 'Log out', exact: true }).first().click();
    await expect.poll(async () => (await alex.status()).account).toBeNull();
    await go(alex, '/login');
    const { page } = alex;
    await page.getByLabel('Passphrase', { exact: true }).fill('not my passphrase');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await expect.poll(() => page.getByRole('alert').count(), { timeout: 20_000 }).toBeGreaterThan(0);
    expect((await alex.status()).account).toBeNull();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await expect.poll(async () => (await alex.status()).account, { timeout: 20_000 }).toMatchObject({ name: 'alex', locked: false });
  });

  test('payments that wait while nobody mines: the page says since when, and a button starts mining', async () => {
    await alex.call('mine', false);
    await alex.call('transfer', { to: 'ming', amount: '1' });
    await go(alex, '/history');
    const { page } = alex;
    // Six minutes later, but only by the page's clock.
    await page.evaluate(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + 6 * 60_000;
    });
    await page
      .getByText(/Nobody has found a block for \d minutes; 1 transaction is waiting\. Start mining to put it in a block\./)
      .waitFor();
    await alex.screenshot('interface-nobody-mines');
    await page.getByRole('button', { name: 'Start mining', exact: true }).click();
    await waitUntil([alex], 'the payment in a block', ([status]) => status!.mining.on && status!.mempool.count === 0);
    await page.getByRole('button', { name: 'Start mining', exact: true }).waitFor({ state: 'detached' });
    await alex.call('mine', false);
    await alex.reload();
    expect(await alex.call('login', { passphrase: PASSPHRASE })).toMatchObject({ locked: false });
  });

  test('a clock that is set back while mining is reported; mining waits, and goes on when the clock is right', async () => {
    const tab = await browser.newTab('clock');
    // The clocks of the page and of its workers follow messages on a channel.
    const prefix = `if (!globalThis.testClock) {
      const now = Date.now.bind(Date);
      globalThis.testClock = new BroadcastChannel('test-clock');
      let shift = 0;
      testClock.onmessage = ({ data }) => { shift = data; };
      Date.now = () => now() + shift;
    }\n`;
    await tab.page.route('**/assets/*.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: prefix + (await response.text()) });
    });
    await tab.open(server.url + testNetworkLink('clock', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff }));
    const turn = (shiftMs: number): Promise<void> =>
      tab.page.evaluate((shift) => {
        const channel = new BroadcastChannel('test-clock');
        channel.postMessage(shift);
        channel.close();
      }, shiftMs);
    await tab.call('register', { name: 'clock', passphrase: PASSPHRASE });
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], 'three blocks', ([status]) => status!.height >= 3 && status!.mining.hashrate > 0);
    await turn(-10 * 60_000);
    await waitUntil([tab], 'mining to wait', ([status]) => status!.mining.waiting === 'clock');
    await tab.page.getByText(/By this device’s clock, the last block was found \d+ minutes in the future/).waitFor();
    await tab.page.getByText('Mining is paused: by this device’s clock, the last block is in the future.', { exact: false }).waitFor();
    await tab.screenshot('interface-clock-behind');
    const { height } = await tab.status();
    await turn(0);
    await waitUntil([tab], 'mining again', ([status]) => status!.mining.waiting === null && status!.height > height);
    await tab.page.getByText(/By this device’s clock, the last block/).waitFor({ state: 'detached' });
    expect(tab.problems).toEqual([]);
    await tab.close();
  });

  test('mining is throttled on battery, and at full intensity again on mains power', async () => {
    const tab = await browser.newTab('laptop');
    await tab.page.addInitScript(() => {
      const battery = Object.assign(new EventTarget(), { charging: false });
      Object.assign(navigator, { getBattery: () => Promise.resolve(battery) });
    });
    await tab.open(url);
    await register(tab, 'laptop');
    await go(tab, '/');
    await tab.page.getByRole('button', { name: 'Start mining', exact: true }).click();
    await tab.page.getByText('Slowed down: this device is running on battery.').waitFor();
    await tab.screenshot('interface-battery');
    await waitUntil([tab], 'a hash rate', ([status]) => status!.mining.eased === 'battery' && status!.mining.hashrate > 0);
    await go(tab, '/settings');
    const choice = tab.page.getByRole('checkbox', { name: 'Slow down mining while this device runs on battery' });
    await tab.screenshot('interface-settings-mining');
    await choice.uncheck();
    await waitUntil([tab], 'full intensity by choice', ([status]) => status!.mining.eased === null);
    await choice.check();
    await waitUntil([tab], 'eased again', ([status]) => status!.mining.eased === 'battery');
    await tab.page.evaluate(async () => {
      const battery = await (navigator as unknown as { getBattery(): Promise<EventTarget & { charging: boolean }> }).getBattery();
      battery.charging = true;
      battery.dispatchEvent(new Event('chargingchange'));
    });
    await waitUntil([tab], 'full intensity at the mains', ([status]) => status!.mining.eased === null && status!.mining.on);
    expect(tab.problems).toEqual([]);
    await tab.close();
  });

  test('no error occurred behind the page', () => {
    expect(alex.problems).toEqual([]);
    expect(ming.problems).toEqual([]);
  });
});
