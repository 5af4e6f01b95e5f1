import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';
/** A few seconds of work for one thread: enough time for an interruption. */
const SLOW_STAMP_BITS = 0x1e00ffff;

/** Unusual actions of people, on the page itself. */
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

  test('a link with an invalid network is reported, and leads to a valid one', async () => {
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

  test('a storm of own blocks is one line behind the bell, and no toast', async () => {
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([alex], 'five blocks', ([status]) => status!.mining.blocks >= 5);
    await alex.call('mine', false);
    await alex.page.getByRole('button', { name: /^Events: / }).click();
    const events = alex.page.getByRole('region', { name: 'Last events' });
    await expect.poll(() => events.getByRole('listitem').allInnerTexts()).toEqual([expect.stringMatching(/^You mined \d+ blocks/)]);
    await alex.page.keyboard.press('Escape');
    await alex.page.getByRole('button', { name: 'Events', exact: true }).waitFor();
    expect(await alex.page.getByRole('status', { name: 'Notifications' }).innerText()).toBe('');
  });

  test('on a phone a toast lets the last card be reached, and Escape closes it', async () => {
    const { page } = alex;
    await page.setViewportSize({ width: 390, height: 844 });
    // The answer to what the user has asked for is a toast.
    await go(alex, '/history');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    const close = page.getByRole('status', { name: 'Notifications' }).getByRole('button', { name: 'Dismiss' });
    await close.waitFor();
    // A toast under the pointer stays.
    await close.hover();
    for (const [at, lastToCome] of Object.entries({ '/': 'Registration', '/transfer': 'Check', '/settings': 'Mining code' })) {
      await go(alex, at);
      await page.getByRole('main').getByText(lastToCome, { exact: true }).last().waitFor();
      const gapBelowLastCard = (): Promise<number> =>
        page.evaluate(() => {
          window.scrollTo(0, document.documentElement.scrollHeight);
          const ends = [...document.querySelectorAll('main *')].map((element) => element.getBoundingClientRect().bottom);
          return document.querySelector('.toast:last-child')!.getBoundingClientRect().top - Math.max(...ends);
        });
      await expect.poll(gapBelowLastCard).toBeGreaterThanOrEqual(0);
      await alex.screenshot(`edges-toast-390${at.replace('/', '-')}`);
    }
    await page.getByRole('heading', { level: 1 }).focus();
    await page.keyboard.press('Escape');
    await close.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('a name that waits for its block in another tab is not shown as free', async () => {
    const room = server.url + testNetworkLink('race', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    const holder = await browser.openTab('holder', room);
    const rival = await browser.openTab('rival', room);
    await waitUntil([holder, rival], 'a link', (statuses) =>
      statuses.every((status) => status.peers.some(({ state }) => state === 'ready')),
    );
    await holder.call('register', { name: 'sam', passphrase: PASSPHRASE });
    await waitUntil([rival], 'the waiting registration', ([status]) => status!.mempool.count === 1);
    await go(rival, '/register');
    const { page } = rival;
    await page.getByLabel('User name', { exact: true }).fill('sam');
    await expect.poll(() => page.getByRole('alert').allInnerTexts()).toContainEqual(expect.stringContaining('already has this name'));
    expect(await page.getByText('is free', { exact: false }).count()).toBe(0);
    await rival.screenshot('edges-name-waits');
    await page.getByLabel('User name', { exact: true }).fill('sam2');
    await page.getByText('“sam2” is free.').waitFor();
    expect(await page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0);
    await holder.close();
    await rival.close();
  });

  test('a name lost to another branch can be registered again, with the same keys', async () => {
    const room = server.url + testNetworkLink('lost', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    const loser = await browser.openTab('loser', room);
    const winner = await browser.openTab('winner', room);
    // The branches differ by work, and the loser mines on until its tab hears `mine(false)`.
    let work = 0n;
    for (const tab of [loser, winner]) {
      await tab.call('disconnect');
      await tab.call('register', { name: 'lee', passphrase: PASSPHRASE });
      await tab.call('mine', true, { threads: 1 });
      await waitUntil(
        [tab],
        'a branch with more work and its own registration',
        ([status]) => BigInt(status!.work) > work && status!.account?.registration === 'confirmed',
      );
      await tab.call('mine', false);
      work = BigInt((await tab.status()).work);
    }
    const { address } = (await loser.status()).account!;
    await go(loser, '/');
    await winner.call('connect');
    await loser.call('connect');
    await waitUntil([loser, winner], 'the better branch', agree);
    const { page } = loser;
    await page.getByText('lee belongs to someone else now. Choose another name; your coins are safe.').waitFor();
    expect((await loser.status()).account).toMatchObject({ registration: 'none', registrationError: 'name-taken' });
    expect(await page.locator('body').innerText()).not.toMatch(/on its way|not registered/);
    await loser.screenshot('edges-name-lost');
    await page.getByRole('link', { name: 'Choose a name', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Choose another name' }).waitFor();
    expect(await page.getByLabel('User name', { exact: true }).inputValue()).toBe('');
    await loser.screenshot('edges-name-lost-form');
    await page.getByLabel('User name', { exact: true }).fill('lee');
    await expect.poll(() => page.getByRole('alert').allInnerTexts()).toContainEqual(expect.stringContaining('already has this name'));
    await page.getByLabel('User name', { exact: true }).fill('leo');
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Welcome, leo' }).waitFor({ timeout: 60_000 });
    expect((await loser.status()).account).toMatchObject({ name: 'leo', address, registration: 'pending', registrationError: null });
    await loser.close();
    await winner.close();
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
