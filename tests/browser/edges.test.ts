import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';
/** Some seconds of work for one thread: time enough to be interrupted in. */
const SLOW_STAMP_BITS = 0x1e00ffff;

/** What people do that no story foresees, on the page itself. */
describe.sequential('edges of the interface', () => {
  let server: TestServer;
  let browser: Chromium;
  let alex: Tab<Page>;
  let url: string;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    url = server.url + testNetworkLink('edges', { powLimitBits: 0x1e3fffff, stampBits: SLOW_STAMP_BITS });
    alex = await browser.openTab('alex', url);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const button = (name: string) => alex.page.getByRole('button', { name, exact: true });
  const field = (name: string) => alex.page.getByLabel(name, { exact: true });

  test('a link with a network that makes no sense is called so, and leads to one that does', async () => {
    const { page } = await browser.newTab('lost');
    await page.goto(`${server.url}#net=Bad!`);
    await expect.poll(() => page.getByRole('heading', { level: 1 }).innerText()).toBe('The node could not start');
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('Ask for the link again');
    await page.getByRole('link', { name: 'Open the main network' }).click();
    await expect.poll(() => page.getByRole('heading', { level: 1 }).innerText()).toBe('A blockchain that lives in this tab');
    await page.close();
  });

  test('a registration cut off by a reload is finished with the same keys', async () => {
    await alex.page.getByRole('link', { name: 'Register', exact: true }).click();
    await field('User name').fill('alex');
    await field('Passphrase').fill(PASSPHRASE);
    await field('Repeat passphrase').fill(PASSPHRASE);
    await button('Register').click();
    const [before] = await waitUntil([alex], 'the keys, before the stamp', ([status]) => status!.account !== null);
    expect(before!.account!.registration).toBe('none');
    const after = await alex.reload();
    expect(after.account).toMatchObject({ address: before!.account!.address, registration: 'none', locked: true });

    await alex.page.getByRole('link', { name: 'Log in', exact: true }).first().click();
    await field('Passphrase').fill(PASSPHRASE);
    await button('Log in').click();
    await alex.page.getByRole('link', { name: 'Register', exact: true }).click();
    await expect.poll(() => field('User name').inputValue()).toBe('alex');
    await field('Passphrase').fill(PASSPHRASE);
    await button('Register').click();
    const [done] = await waitUntil([alex], 'the registration', ([status]) => status!.account?.registration === 'pending');
    expect(done!.account).toMatchObject({ name: 'alex', address: before!.account!.address });
    await expect.poll(() => alex.page.getByRole('heading', { level: 1 }).innerText()).toBe('Welcome, alex');
  });

  test('a storm of own blocks is one toast', async () => {
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([alex], 'five blocks', ([status]) => status!.mining.blocks >= 5);
    await alex.call('mine', false);
    const toasts = alex.page.getByRole('status', { name: 'Notifications' });
    await expect.poll(() => toasts.innerText(), { timeout: 10_000 }).toMatch(/blocks are yours/);
    expect(await toasts.getByRole('button', { name: 'Dismiss' }).count()).toBe(1);
  });

  test('a payment link opened before logging in still leads to the payment', async () => {
    await button('Log out').click();
    await expect.poll(async () => (await alex.status()).account).toBeNull();
    await alex.page.evaluate(() => (location.hash += '&at=/transfer?to=alex&amount=3'));
    await alex.page.getByRole('heading', { name: 'Transfer' }).waitFor();
    await alex.page.getByRole('main').getByRole('link', { name: 'Open an account', exact: true }).click();
    await alex.page.getByRole('link', { name: 'Log in', exact: true }).click();
    await field('Passphrase').fill(PASSPHRASE);
    await button('Log in').click();
    await expect.poll(() => field('Recipient').inputValue(), { timeout: 30_000 }).toBe('alex');
    expect(alex.problems).toEqual([]);
  });
});
