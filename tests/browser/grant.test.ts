import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';
const GRANT = 100_000_000;

/** A class whose network gives every new account 100 coins: the teacher's tab mines, and a pupil pays without mining. */
describe.sequential('a class with a grant', () => {
  let server: TestServer;
  let browser: Chromium;
  let teacher: Tab<Page>;
  let pupil: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    const url = server.url + testNetworkLink('grant', { grant: GRANT, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    teacher = await browser.openTab('teacher', url);
    await teacher.call('register', { name: 'teacher', passphrase: PASSPHRASE });
    await teacher.call('mine', true, { threads: 1 });
    pupil = await browser.openTab('pupil', url);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const text = (tab: Tab<Page>): Promise<string> => tab.page.getByRole('main').innerText();

  test('a newcomer reads how many coins an account gets', async () => {
    await go(pupil, '/register');
    await expect.poll(() => text(pupil)).toContain('gives every new account 100 coins');
    await pupil.screenshot('grant-register');
    const { page } = pupil;
    await page.getByLabel('User name', { exact: true }).fill('ming');
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByLabel('Repeat passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await waitUntil([pupil], 'the registration in a block', ([status]) => status!.account?.registration === 'confirmed');
    expect(await pupil.status()).toMatchObject({ balance: '100', spendable: '100', mining: { blocks: 0 } });
  });

  test('the newcomer pays without having mined, and the history explains the balance', async () => {
    const { txid } = await pupil.call('transfer', { to: 'teacher', amount: '2.5', fee: '0.01' });
    await expect.poll(async () => (await pupil.call('transaction', txid))?.status, { timeout: 60_000 }).toBe('confirmed');
    expect(await pupil.status()).toMatchObject({ balance: '97.49', mining: { blocks: 0 } });
    await go(pupil, '/history');
    await expect.poll(() => text(pupil)).toMatch(/−2\.51[^]*\+100/);
    await pupil.screenshot('grant-history');
    const registrations = await pupil.call('query', 'SELECT name, granted_coins FROM registrations ORDER BY name');
    expect(registrations.rows).toEqual([
      ['ming', 100],
      ['teacher', 100],
    ]);
  });

  test('the page of the network warns that coins cost only a name', async () => {
    await go(pupil, '/network');
    await expect.poll(() => text(pupil)).toMatch(/Coins for a new account\n100\s*coins\n+Coins cost only a name here\./);
    await pupil.page.getByText('Coins cost only a name here.').scrollIntoViewIfNeeded();
    await pupil.screenshot('grant-network');
  });
});
