import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';

/** A payment reaches a person who looks at something else. */
describe.sequential('notifications of the system', () => {
  const link = testNetworkLink('notices', { blockTimeMs: 1_000, grant: 100_000_000 });
  let server: TestServer;
  let browser: Chromium;
  let alex: Tab<Page>;
  let ming: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch({ serviceWorkers: true });
    alex = await browser.newTab('alex');
    ming = await browser.newTab('ming', { apart: true });
    for (const tab of [alex, ming]) {
      await tab.open(server.url + link);
      await tab.call('register', { name: tab.name, passphrase: PASSPHRASE });
      await tab.call('keyFileSaved');
    }
    await ming.call('mine', true, { threads: 1 });
    await waitUntil([alex, ming], 'both registered', (all) => all.every(({ account }) => account?.registration === 'confirmed'));
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const choice = () => alex.page.getByRole('checkbox', { name: /^Notify me of payments/ });
  const shown = () =>
    alex.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return ((await registration?.getNotifications()) ?? []).map(({ title, body, tag }) => ({ title, body, tag }));
    });
  const lookAway = (away: boolean) =>
    alex.page.evaluate((value) => {
      Object.defineProperty(document, 'hasFocus', { value: () => !value, configurable: true });
    }, away);

  test('a browser that refuses them says so, and the choice stays off', async () => {
    await go(alex, '/settings');
    await choice().click();
    await alex.page.getByText('Your browser blocks notifications of this page.').waitFor();
    expect(await choice().isChecked()).toBe(false);
    await alex.page.getByRole('region', { name: 'Notifications' }).scrollIntoViewIfNeeded();
    await alex.screenshot('notices-blocked');
  });

  test('a payment is announced once, and only to a person who looks away', async () => {
    await alex.page.context().grantPermissions(['notifications']);
    await alex.reload();
    await alex.call('login', { name: 'alex', passphrase: PASSPHRASE });
    await go(alex, '/settings');
    await choice().click();
    expect(await choice().isChecked()).toBe(true);
    await expect
      .poll(() => alex.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state), { timeout: 60_000 })
      .toBe('activated');

    await ming.call('transfer', { to: 'alex', amount: '1' });
    await waitUntil([alex], 'the first payment', ([status]) => Number(status!.balance) >= 101);
    expect(await shown()).toEqual([]);

    await lookAway(true);
    const { txid } = await ming.call('transfer', { to: 'alex', amount: '2.5', memo: 'lunch' });
    await waitUntil([alex], 'the second payment', ([status]) => Number(status!.balance) >= 103.5);
    await expect.poll(shown).toEqual([{ title: 'alex', body: expect.stringMatching(/ming.*2\.5/), tag: txid }]);
  });

  test('a click leads the page to the payment', async () => {
    // What the service worker tells the page after a click; headless browsers have no place to click.
    const [{ data }] = (await alex.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return (await registration!.getNotifications()).map(({ data }) => ({ data: data as { notice: { at: string } } }));
    })) as [{ data: { notice: { at: string } } }];
    await alex.page.evaluate((notice) => navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: notice })), data.notice);
    await expect.poll(() => decodeURIComponent(alex.page.url())).toContain(data.notice.at);
    await alex.page.getByRole('main').getByText('lunch').first().waitFor();
    expect(alex.problems).toEqual([]);
  });
});
