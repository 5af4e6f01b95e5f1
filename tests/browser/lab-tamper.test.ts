import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../src/ui/i18n/languages.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { expectNoSidewaysScroll } from './harness/looks.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

/** The tamper lab by clicks alone: anna lies to two honest tabs, one of which mines. */
describe.sequential('the tamper lab', () => {
  const link = testNetworkLink('tamper', { blockTimeMs: 1_500, grant: 100_000_000 });
  const passphrase = 'correct horse battery';
  let server: TestServer;
  let browsers: Chromium[] = [];
  let anna: Tab<Page>;
  let ming: Tab<Page>;
  let lin: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browsers = await Promise.all([Chromium.launch(), Chromium.launch(), Chromium.launch()]);
    const names = ['anna', 'ming', 'lin'];
    [anna, ming, lin] = (await Promise.all(browsers.map((browser, i) => browser.openTab(names[i]!, server.url + link)))) as [
      Tab<Page>,
      Tab<Page>,
      Tab<Page>,
    ];
    await Promise.all([anna.call('register', { name: 'anna', passphrase }), ming.call('register', { name: 'ming', passphrase })]);
    await ming.call('mine', true, { threads: 1 });
    await waitUntil([anna, ming], 'both registered', ([a, b]) => [a, b].every((s) => s!.account?.registration === 'confirmed'));
    await anna.call('keyFileSaved');
    await ming.call('transfer', { to: 'anna', amount: '7', fee: '0.01' });
    await waitUntil([anna, lin], 'the payment', ([a, l]) => a!.balance === '107' && l!.height === a!.height);
    await waitUntil([anna, ming, lin], 'a mesh', (all) =>
      all.every(({ peers }) => peers.filter(({ state }) => state === 'ready').length === 2),
    );
  });

  afterAll(async () => {
    for (const browser of browsers) await browser.dispose();
    await server?.kill();
  });

  const done = () => anna.page.locator('main ol > li.done').count();
  /** When each link of a tab was opened: a link that was cut and made again is younger. */
  const linksOf = async (tab: Tab<Page>): Promise<string[]> =>
    (await tab.call('neighbourhood')).links.map(({ peer, outgoing, kind }) => `${peer} ${outgoing} ${kind}`).sort();

  /** Offers until both peers have answered: a peer that is a block behind at this moment gives no verdict. */
  async function offer(button: string, answered: () => Promise<boolean>): Promise<void> {
    await expect
      .poll(
        async () => {
          await anna.page.getByRole('button', { name: button }).click();
          return expect
            .poll(answered, { timeout: 7_000 })
            .toBe(true)
            .then(
              () => true,
              () => false,
            );
        },
        { timeout: 40_000, interval: 1_000 },
      )
      .toBe(true);
  }

  test('every peer refuses with the rule, shows who runs an experiment, and keeps its link', async () => {
    const before = await Promise.all([anna, ming, lin].map(linksOf));
    const { page } = anna;
    await go(anna, '/lab');
    await page.getByRole('link', { name: /^Tamper/ }).click();
    await page.getByRole('button', { name: 'Begin' }).click();
    await expect.poll(done).toBe(1);
    await page.getByLabel('Balance in your copy').fill('1000000');
    await page.getByRole('button', { name: 'Write it into the copy' }).click();
    await expect.poll(done).toBe(2);
    await offer('Offer a payment of 1,000,000 coins', () => page.getByText('2 of 2 tabs refused it.').isVisible());
    // The own node, and both peers.
    expect(await page.getByText('balance-insufficient', { exact: true }).count()).toBe(3);
    await expect.poll(done).toBe(3);
    await anna.screenshot('lab-tamper');

    const ways = [
      ['As a payment, with its old signature', 'nonce-already-used'],
      ['Inside its block, whose header stays', 'transaction-root-wrong'],
      ['Inside its block, with a new transaction root in the header', 'seal-above-target'],
    ] as const;
    for (const [how, code] of ways) {
      await page.getByLabel(how).check();
      await offer('Offer the altered payment', async () => (await page.getByText(code, { exact: true }).count()) === 3);
    }
    await expect.poll(done).toBe(4);
    await anna.screenshot('lab-tamper-old');

    await page.getByRole('button', { name: 'Throw the copy away' }).click();
    await page
      .getByRole('strong')
      .getByText(/^Your balance is 107, proven by the state root of block/)
      .waitFor();
    await page.getByText('All steps are done.').waitFor({ timeout: 30_000 });
    await page
      .getByText(/^You offered 1,000,000 coins; the databases of the others say 107\. Answers: balance-insufficient × 2\./)
      .waitFor();
    expect(await page.getByText(/^A payment of block \d+, altered\./).count()).toBe(3);

    await ming.page.getByRole('button', { name: /^Events/ }).click();
    await ming.page
      .getByText(/^anna runs an experiment and offers an invalid block\. Your node refuses it: .*\(seal-above-target\)/)
      .waitFor();
    await ming.screenshot('lab-tamper-seen');
    expect(await Promise.all([anna, ming, lin].map(linksOf))).toEqual(before);
  });

  test('afterwards all tabs have one tip, and each database equals a replay from genesis', async () => {
    await ming.call('mine', false);
    const [status] = await waitUntil([anna, ming, lin], 'one tip', agree);
    for (const tab of [anna, ming, lin]) {
      const report = await tab.page.evaluate(async () => {
        type Api = { exportFile(): Promise<Blob>; checkFile(file: Blob): Promise<{ valid: boolean; tip: string }> };
        const { tabchain } = window as unknown as { tabchain: Api };
        const { valid, tip } = await tabchain.checkFile(await tabchain.exportFile());
        return { valid, tip };
      });
      expect(report, tab.name).toEqual({ valid: true, tip: status!.tip });
      expect((await tab.status()).mempool.count).toBe(0);
      expect((await tab.status()).peers.map(({ state }) => state)).toEqual(['ready', 'ready']);
    }
    const { rows } = await anna.call('query', "SELECT balance / 1e6 FROM accounts WHERE name = 'anna'");
    expect(rows).toEqual([[107]]);
  });

  test('fits a phone in every language, and causes no errors', async () => {
    await anna.page.setViewportSize({ width: 360, height: 740 });
    for (const language of LANGUAGES) {
      await speak(anna, language);
      await go(anna, '/lab/tamper');
      await anna.page.getByRole('heading', { level: 1 }).waitFor();
      await expectNoSidewaysScroll(anna, language);
      await anna.page.screenshot({ path: `test-results/lab-tamper-${language}-phone.png`, fullPage: true });
    }
    expect([anna, ming, lin].flatMap(({ problems }) => problems).filter((problem) => !/WebSocket/.test(problem))).toEqual([]);
  });
});
