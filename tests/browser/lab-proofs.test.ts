import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchPack, LANGUAGES } from '../../src/ui/i18n/languages.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { expectNoSidewaysScroll } from './harness/looks.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

/** The labs of signature and chain, by clicks alone, in a tab with a chain of its own and a peer. */
describe.sequential('the labs of proofs', () => {
  // Slow enough that no block comes while a form is filled, and enough work that no altered seal holds by luck.
  const link = testNetworkLink('proofs', { blockTimeMs: 1_000, grant: 100_000_000 });
  let server: TestServer;
  let browser: Chromium;
  let second: Chromium;
  let anna: Tab<Page>;
  let ming: Tab<Page>;
  const passphrase = 'correct horse battery';

  beforeAll(async () => {
    server = await TestServer.start();
    [browser, second] = [await Chromium.launch(), await Chromium.launch()];
    [anna, ming] = await Promise.all([browser.openTab('anna', server.url + link), second.openTab('ming', server.url + link)]);
    await Promise.all([anna.call('register', { name: 'anna', passphrase }), ming.call('register', { name: 'ming', passphrase })]);
    await ming.call('mine', true, { threads: 1 });
    await waitUntil([anna, ming], 'both registered', ([a, b]) => [a, b].every((s) => s!.account?.registration === 'confirmed'));
    await anna.call('keyFileSaved');
    await anna.call('transfer', { to: 'ming', amount: '7', fee: '0.01' });
    const { height } = await anna.status();
    await waitUntil([anna, ming], 'some blocks', ([a, b]) => a!.height >= height + 10 && a!.tip === b!.tip);
    await ming.call('mine', false);
    await waitUntil([anna, ming], 'one tip', agree);
  });

  afterAll(async () => {
    await browser?.dispose();
    await second?.dispose();
    await server?.kill();
  });

  const begin = async (lab: RegExp): Promise<void> => {
    await go(anna, '/lab');
    await anna.page.getByRole('link', { name: lab }).click();
    await anna.page.getByRole('button', { name: 'Begin' }).click();
  };
  const done = () => anna.page.locator('main ol > li.done').count();
  /** The saved chain is as before, equals a replay from genesis, and everybody is still linked and on one tip. */
  const nothingChanged = async (tip: string): Promise<void> => {
    const [a, b] = await waitUntil([anna, ming], 'one tip', agree);
    expect([a!.tip, b!.tip]).toEqual([tip, tip]);
    expect([a!.peers, b!.peers].map((peers) => peers.filter(({ state }) => state === 'ready').length)).toEqual([1, 1]);
    const report = await anna.page.evaluate(async () => {
      const { tabchain } = window as unknown as {
        tabchain: { exportFile(): Promise<Blob>; checkFile(file: Blob): Promise<{ valid: boolean; tip: string }> };
      };
      const { valid, tip: of } = await tabchain.checkFile(await tabchain.exportFile());
      return { valid, of };
    });
    expect(report).toEqual({ valid: true, of: tip });
  };

  test('signature: one letter, one bit, and back', async () => {
    const { tip } = await anna.status();
    const { page } = anna;
    await begin(/^Signature/);
    await page.getByLabel('Text to sign').fill('I owe ming 5 coins.');
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByText('Valid: anna signed exactly this text.').waitFor();
    const slider = page.getByRole('slider', { name: 'Power of s' });
    await slider.focus();
    await slider.press('Home');
    await slider.press('End');
    await expect.poll(done).toBe(2);
    await page.getByLabel('Text to sign').fill('I owe ming 6 coins.');
    await page.getByText(/of the 256 bits of its digest have changed/).waitFor();
    await page.getByText('They differ: the signature is not valid.').waitFor();
    await expect.poll(done).toBe(3);
    await anna.screenshot('lab-signature');
    await page.getByRole('button', { name: 'Take everything back' }).click();
    await page.getByLabel(/^Bit of the signature/).fill('2000');
    await page.getByRole('button', { name: 'Turn this bit over' }).click();
    await page.getByText(/Bit 2,000 of the signature is turned over/).waitFor();
    await page.getByText(/refuses it: signature-invalid/).waitFor();
    await expect.poll(done).toBe(4);
    await page.getByRole('button', { name: 'Turn it back' }).click();
    await expect.poll(done).toBe(5);
    await page.getByText(/^With “I owe ming 6 coins\.” the digest from the bytes became/).waitFor();
    const [payment] = await anna.call('history', { limit: 1 });
    await go(anna, `/tx/${payment!.txid}`);
    await page.getByText('All steps are done.').waitFor();
    await nothingChanged(tip);
  });

  test('chain: an old block, its link, the seals above, and back', async () => {
    const { tip, height } = await anna.status();
    const { page } = anna;
    await begin(/^Chain/);
    const [payment] = await anna.call('history', { limit: 1 });
    const at = payment!.height!;
    await page.getByLabel(/^Block, 1 to/).fill(String(at));
    await page.getByLabel('Change', { exact: true }).selectOption({ label: `Amount of transaction ${payment!.position! + 1}` });
    await page.getByLabel('New value').fill('700');
    await page.getByText('transaction-root-wrong', { exact: true }).waitFor();
    await expect.poll(done).toBe(1);
    await page.getByLabel('Write the new transaction root').check();
    await page.getByText('previous-wrong', { exact: true }).waitFor();
    await expect.poll(done).toBe(2);
    await page.getByLabel('Repair the links').check();
    await page
      .getByText(/which is above the target/)
      .first()
      .waitFor();
    await expect.poll(done).toBe(3);
    const later = height - at;
    expect(
      await page
        .getByRole('status')
        .getByText(/^A node refuses/)
        .textContent(),
    ).toContain(`of the ${later} later block`);
    await page.getByText(`${later + 1} blocks`, { exact: true }).waitFor();
    await anna.screenshot('lab-chain');
    await page.getByRole('button', { name: 'Take the change back' }).click();
    await page.getByText('All rules hold.').waitFor();
    await expect.poll(done).toBe(4);
    await page.getByText(`In the altered block ${at}, this rule broke first: transaction-root-wrong.`).waitFor();
    await page.getByText(new RegExp(`^With the links repaired, ${later} of the ${later} later blocks had no seal`)).waitFor();
    await go(anna, '/blocks');
    await page.getByText('All steps are done.').waitFor();
    await nothingChanged(tip);
  });

  test('both fit a phone in every language, and cause no errors', async () => {
    await anna.page.setViewportSize({ width: 360, height: 740 });
    for (const language of LANGUAGES) {
      await speak(anna, language);
      const { start } = (await fetchPack(language)).messages.lab;
      for (const lab of ['signature', 'chain']) {
        await go(anna, `/lab/${lab}`);
        await anna.page.getByRole('button', { name: start, exact: true }).click();
        await expectNoSidewaysScroll(anna, `${language} ${lab}`);
        await anna.screenshot(`lab-${lab}-${language}-phone`);
      }
    }
    expect([...anna.problems, ...ming.problems].filter((problem) => !/WebSocket/.test(problem))).toEqual([]);
  });
});
