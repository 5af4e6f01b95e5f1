import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../src/ui/i18n/languages.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';

/** Experiments by clicks alone, in real tabs of one network. */
describe.sequential('the lab', () => {
  const link = testNetworkLink('lab', { blockTimeMs: 1_000, grant: 100_000_000 });
  let server: TestServer;
  let first: Chromium;
  let second: Chromium;
  let anna: Tab<Page>;
  let ming: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    first = await Chromium.launch();
    second = await Chromium.launch();
    [anna, ming] = await Promise.all([first.openTab('anna', server.url + link), second.openTab('ming', server.url + link)]);
    await Promise.all([
      anna.call('register', { name: 'anna', passphrase: PASSPHRASE }),
      ming.call('register', { name: 'ming', passphrase: PASSPHRASE }),
    ]);
    await ming.call('mine', true, { threads: 1 });
    await waitUntil([anna, ming], 'both registered', ([a, b]) => [a, b].every((s) => s!.account?.registration === 'confirmed'));
    await anna.call('keyFileSaved');
  });

  afterAll(async () => {
    await first?.dispose();
    await second?.dispose();
    await server?.kill();
  });

  const begin = async (lab: string): Promise<void> => {
    await go(anna, `/lab/${lab}`);
    await anna.page.getByRole('button', { name: 'Begin' }).click();
  };
  const steps = () => anna.page.locator('main ol > li.done');
  const finished = () => anna.page.getByText('All steps are done.').waitFor({ timeout: 60_000 });

  test('hash: letters, numbers by hand, and a number that the tab finds', async () => {
    await go(anna, '/lab');
    await anna.page.getByRole('link', { name: /^Hash/ }).click();
    await anna.page.getByRole('button', { name: 'Begin' }).click();
    await anna.page.getByLabel('Text', { exact: true }).pressSequentially('abc');
    for (let i = 0; i < 8; i++) await anna.page.getByRole('button', { name: 'Next number' }).click();
    await expect.poll(() => steps().count()).toBe(2);
    await anna.page.getByRole('button', { name: 'Search for 3 zeros' }).click();
    await anna.page.getByText(/has enough zeros/).waitFor({ timeout: 30_000 });
    await anna.screenshot('lab-hash');
    const { tip } = await anna.call('status');
    await go(anna, `/blocks/${tip}`);
    await anna.page.getByText('All steps are done.').waitFor();
    await anna.page.getByRole('status').getByRole('link', { name: /^Hash/ }).click();
    await expect.poll(() => steps().count()).toBe(4);
  });

  test('fork: the cut tab mines alone, comes back, and all agree', async () => {
    await begin('fork');
    await anna.page.getByRole('button', { name: 'Cut all links' }).click();
    await anna.page.getByRole('button', { name: 'Start mining' }).click();
    await expect.poll(() => steps().count(), { timeout: 60_000 }).toBe(3);
    await anna.page.getByRole('button', { name: 'Stop mining' }).click();
    await anna.page.getByRole('button', { name: 'Link again' }).click();
    await expect.poll(() => steps().count(), { timeout: 60_000 }).toBe(5);
    await anna.screenshot('lab-fork');
    await anna.page.getByRole('link', { name: 'Go there' }).click();
    await anna.page.getByText('All steps are done.').waitFor();
    await waitUntil([anna, ming], 'one tip', ([a, b]) => a!.tip === b!.tip);
  });

  test('detective: wrong answers are wrong, and right answers come from the tables', async () => {
    await begin('detective');
    await anna.call('transfer', { to: 'ming', amount: '7.25', fee: '0.01' });
    await expect.poll(async () => (await anna.call('query', 'SELECT count(*) FROM transfers')).rows[0]![0], { timeout: 30_000 }).toBe(1);
    await ming.call('mine', false);
    await waitUntil([anna, ming], 'one tip', ([a, b]) => a!.tip === b!.tip);
    const answer = async (label: string, text: string): Promise<void> => {
      const form = anna.page.locator('form').filter({ hasText: label });
      await form.getByLabel(label).fill(text);
      await form.getByRole('button', { name: 'Check' }).click();
    };
    const { rows } = await anna.call('query', 'SELECT supply / 1e6 FROM blocks ORDER BY height DESC LIMIT 1');
    await answer('Who found most blocks?', 'nobody');
    await anna.page.getByText('The database says something else.').waitFor();
    await answer('Who found most blocks?', '@Ming');
    await answer('How many coins had the largest payment?', '7.25');
    await answer('How many coins exist now?', Number(rows[0]![0]).toLocaleString('en'));
    await answer('Who made most payments?', 'anna');
    await finished();
    await anna.screenshot('lab-detective');
  });

  test('every experiment and the lesson plans open in every language, on a phone, without sideways scrolling', async () => {
    await anna.page.setViewportSize({ width: 360, height: 740 });
    for (const language of LANGUAGES) {
      await speak(anna, language);
      for (const path of ['/lab', '/lab/privacy', '/lab/fees', '/lab/difficulty', '/lab/proof', '/lessons']) {
        await go(anna, path);
        await anna.page.getByRole('heading', { level: 1 }).waitFor();
        expect(await anna.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${language} ${path}`).toBe(true);
      }
      await anna.screenshot(`lessons-${language}-phone`);
    }
    expect([...anna.problems, ...ming.problems].filter((problem) => !/WebSocket/.test(problem))).toEqual([]);
  });
});
