import { readFileSync } from 'node:fs';
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

/** A payment's receipt: made on a page, checked in a tab with the chain, then in a tab without it. */
describe.sequential('a receipt', () => {
  let server: TestServer;
  let url: string;
  let browser: Chromium;
  let alex: Tab<Page>;
  let ming: Tab<Page>;
  let stranger: Tab<Page>;
  let txid: string;
  let fragment: string;
  let file: Buffer;
  let anchor: { id: string; height: number };

  beforeAll(async () => {
    server = await TestServer.start();
    url = server.url + testNetworkLink('receipt', { blockTimeMs: 1_000 });
    browser = await Chromium.launch({ viewport: DESKTOP });
    alex = await browser.openTab('alex', url);
    ming = await browser.openTab('ming', url);
    await alex.call('register', { name: 'alex', passphrase: PASSPHRASE });
    await ming.call('register', { name: 'ming', passphrase: PASSPHRASE });
    await alex.call('mine', true, { threads: 1 });
    const registered = (status?: { account: { registration: string } | null }): boolean => status?.account?.registration === 'confirmed';
    await waitUntil([alex, ming], 'two accounts and coins', ([a, m]) => registered(a) && registered(m) && Number(a!.balance) >= 100);
    ({ txid } = await alex.call('transfer', { to: 'ming', amount: '3', memo: '午餐 lunch' }));
    await waitUntil([ming], 'the payment', ([status]) => Number(status!.balance) >= 3);
    const { height } = await alex.status();
    await waitUntil([alex], 'later blocks', ([status]) => status!.height >= height + 3);
    await alex.call('mine', false);
    await waitUntil([alex, ming], 'the same chain', ([a, m]) => !a!.mining.on && a!.tip === m!.tip);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  /** The card that holds the verdict. */
  const verdict = (tab: Tab<Page>, text: string): Promise<void> => tab.page.getByText(text, { exact: true }).waitFor();
  const choose = (buffer: Buffer): Promise<void> =>
    stranger.page.locator('main input[type=file]').setInputFiles({ name: 'payment.tabchain-receipt', mimeType: '', buffer });

  test('of a payment says what it proves, as a code, a link and a file', async () => {
    const { page } = alex;
    await go(alex, `/tx/${txid}`);
    await page.getByRole('button', { name: 'Receipt' }).click();
    const dialog = page.getByRole('dialog', { name: 'Receipt' });
    await dialog.getByText('alex paid ming 3 coins.').waitFor();
    const size = await dialog.getByRole('img', { name: 'QR code of the receipt' }).getAttribute('viewBox');
    // 177 modules and the quiet zone: the largest QR code.
    expect(Number(size!.split(' ')[2])).toBeLessThanOrEqual(177 + 8);
    await alex.screenshot('receipt-en');
    await dialog.getByRole('img').scrollIntoViewIfNeeded();
    await alex.screenshot('receipt-code-en');
    fragment = (await dialog.getByRole('link', { name: 'Open the link' }).getAttribute('href'))!;
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Save as file' }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(/^transaction-\d+\.tabchain-receipt$/);
    file = readFileSync(await saved.path());
    await page.keyboard.press('Escape');
    ({ anchor } = await alex.call('receipt', { transaction: txid }));
  });

  test('is proven by the chain of another tab that opens the link', async () => {
    await ming.page.evaluate((hash) => (location.hash = hash), fragment);
    await verdict(ming, 'Proven');
    await ming.page.getByText('The proof relies on this tab’s own verified chain').waitFor();
    await ming.page.getByText('alex paid ming 3 coins.').waitFor();
    await ming.screenshot('receipt-proven-en');
  });

  test('of a block, and of a balance on a phone in Chinese', async () => {
    const { page } = alex;
    const dialog = page.getByRole('dialog');
    await go(alex, '/blocks/1');
    await page.getByRole('button', { name: 'Receipt' }).click();
    await dialog.getByText(/mined block 1\.$/).waitFor();
    await page.keyboard.press('Escape');
    await speak(alex, 'zh-Hant');
    await page.setViewportSize(PHONE);
    await go(alex, '/account/ming');
    await page.getByRole('button', { name: '收據' }).click();
    await dialog.getByText(/^在區塊 \d+ 之後，ming 有 3 幣。$/).waitFor();
    await dialog.getByRole('img', { name: '收據的 QR Code' }).scrollIntoViewIfNeeded();
    await alex.screenshot('receipt-code-zh');
    await page.keyboard.press('Escape');
  });

  test('proves nothing to a tab without the chain, until the user names a block', async () => {
    expect([...alex.problems, ...ming.problems]).toEqual([]);
    await browser.dispose();
    browser = await Chromium.launch({ viewport: DESKTOP });
    stranger = await browser.openTab('stranger', url);
    const { page } = stranger;
    await go(stranger, '/blocks');
    await page.getByRole('link', { name: 'Check a receipt' }).click();
    await choose(file);
    await verdict(stranger, 'Not proven yet');
    await page.getByText(`everything depends on block ${anchor.height}.`).waitFor();
    expect(await page.getByText(/^Proven/).count()).toBe(0);
    await stranger.screenshot('receipt-unknown-en');
    const field = page.getByLabel('Id of a block that you trust');
    await field.fill('00ab');
    await page.getByText('The id of a block has 64 characters').waitFor();
    await field.fill('0'.repeat(64));
    await page.getByText('The receipt does not lead to this block.').waitFor();
    await verdict(stranger, 'Not proven yet');
    await field.fill(anchor.id);
    await verdict(stranger, 'Proven by the block that you trust');
    await page.getByText(`you said that you trust block ${anchor.height}.`).waitFor();
    await page.getByText(/^tab1\w+…\w+ paid tab1\w+…\w+ 3 coins\.$/).waitFor();
    await stranger.screenshot('receipt-trusted-en');
    expect((await stranger.status()).height).toBe(0);
  });

  test('with an altered byte names the rule that it breaks', async () => {
    const { page } = stranger;
    await choose(Buffer.from(file.with(-2, file.at(-2)! ^ 1)));
    await verdict(stranger, 'The receipt is not valid');
    await page.getByText('the block does not contain the transaction').waitFor();
    await page.getByText('(transaction-root-wrong)').waitFor();
    await stranger.screenshot('receipt-wrong-en');
    // The file is dropped beside the drop zone.
    const transfer = await page.evaluateHandle(
      (bytes) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(bytes)], 'payment.tabchain-receipt'));
        return data;
      },
      [...file.subarray(0, -1)],
    );
    await page.locator('h1').dispatchEvent('drop', { dataTransfer: transfer });
    await page.getByText('This is not a whole receipt.').waitFor();
    await page.getByText('(encoding-truncated)').waitFor();
    await choose(Buffer.from('Buy milk'));
    await verdict(stranger, 'The receipt cannot be checked here');
  });

  test('is checked on a phone, in Chinese, from pasted text', async () => {
    const { page } = stranger;
    await speak(stranger, 'zh-Hant');
    await page.setViewportSize(PHONE);
    await page.getByLabel('收據或收據連結').fill(`老師請看 ${url.split('#')[0]}${fragment}\n`);
    await verdict(stranger, '還沒有得到證明');
    await stranger.screenshot('receipt-unknown-zh');
    await page.getByLabel('你信任的區塊 ID').scrollIntoViewIfNeeded();
    await stranger.screenshot('receipt-trust-zh');
    await page.getByRole('button', { name: '我逐字比對過，兩個 ID 完全相同' }).click();
    await verdict(stranger, '由你信任的區塊證明');
    await stranger.screenshot('receipt-trusted-zh');
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
    expect(stranger.problems).toEqual([]);
  });
});
