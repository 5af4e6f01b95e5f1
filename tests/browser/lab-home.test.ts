import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

/** A student saves the class in one step, and opens it at home on another device, without any server. */
describe.sequential('the file for home', () => {
  const link = testNetworkLink('home', { blockTimeMs: 1_000, grant: 100_000_000 });
  const passphrase = 'correct horse battery';
  let server: TestServer;
  let school: Chromium;
  let home: Chromium;
  let folder: string;
  let anna: Tab<Page>;
  let atHome: Tab<Page>;
  let files: Record<string, Uint8Array>;
  let left: { tip: string; height: number; balance: string };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tabchain-home-'));
    server = await TestServer.start();
    [school, home] = await Promise.all([Chromium.launch(), Chromium.launch({ serviceWorkers: true })]);
    anna = await school.openTab('anna', server.url + link);
    await anna.call('register', { name: 'anna', passphrase });
    await anna.call('mine', true, { threads: 1 });
    await waitUntil([anna], 'some blocks', ([s]) => s!.account?.registration === 'confirmed' && s!.height > 5);
    await anna.call('mine', false);
    const { tip, height, balance } = await anna.status();
    left = { tip, height, balance: balance! };
  });

  afterAll(async () => {
    await school?.dispose();
    await home?.dispose();
    await server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('one click saves key file, chain, receipt and a text in one .zip', async () => {
    await go(anna, '/lab');
    const arriving = anna.page.waitForEvent('download');
    await anna.page.getByRole('button', { name: 'Save everything for home' }).click();
    const download = await arriving;
    expect(download.suggestedFilename()).toMatch(/^tabchain-.*-anna\.zip$/);
    const path = join(folder, 'home.zip');
    await download.saveAs(path);
    files = unzipSync(new Uint8Array(readFileSync(path)));
    const names = Object.keys(files);
    expect(names).toHaveLength(4);
    expect(names.map((name) => name.replace(/^.*\./, '')).sort()).toEqual(['pem', 'sqlite', 'tabchain-receipt', 'txt']);
    const text = strFromU8(files['how-to-open.txt']!);
    expect(text).toContain(left.tip);
    expect(text).toContain(`The newest block when you saved: ${left.height}`);
    await anna.page.getByRole('button', { name: 'I have found the file on this device' }).click();
    await expect.poll(async () => (await anna.status()).account!.keyFileSaved).toBe(true);
    await anna.page.getByText('How to open it at home').scrollIntoViewIfNeeded();
    await anna.page.getByText('How to open it at home').click();
    await anna.screenshot('lab-home');
  });

  const part = (ending: string) => {
    const [name, bytes] = Object.entries(files).find(([each]) => each.endsWith(ending))!;
    return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
  };

  test('at home, without any server, the page checks the chain of the class from genesis', async () => {
    // Another network of the same page: the device at home has nothing of the class.
    atHome = await home.openTab('home', server.url + testNetworkLink('elsewhere', { blockTimeMs: 1_000 }));
    const worker = () => atHome.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state);
    await expect.poll(worker, { timeout: 60_000 }).toBe('activated');
    await server.kill();
    await atHome.page.reload();
    await atHome.call('ready');
    await go(atHome, '/database');
    await atHome.page.getByLabel('SQLite file of somebody else').setInputFiles(part('.sqlite'));
    await atHome.page.getByText(/is a valid chain\./).waitFor({ timeout: 60_000 });
    await atHome.page
      .getByText(new RegExp(`^${left.tip.slice(0, 8)}`))
      .first()
      .waitFor();
    await atHome.screenshot('lab-home-check');
  });

  test('the receipt proves the balance to a tab that trusts the block of the text, and the key file opens the account', async () => {
    // A change of the fragment alone would make the page reload itself, at a moment that the test does not know.
    await atHome.page.goto('about:blank');
    await atHome.page.goto(`${server.url}${link}`);
    await atHome.call('ready');
    await go(atHome, '/receipt');
    await atHome.page.locator('main input[type=file]').setInputFiles(part('.tabchain-receipt'));
    await atHome.page.getByText('Do you trust its block?').waitFor();
    const check = await atHome.call('checkReceipt', Buffer.from(part('.tabchain-receipt').buffer).toString('base64url'), left.tip);
    expect(check).toMatchObject({ standing: 'trusted', account: { name: 'anna', balance: left.balance } });
    await go(atHome, '/login');
    await atHome.page.locator('main input[type=file]').setInputFiles(part('.pem'));
    await atHome.page.getByLabel('Passphrase').fill(passphrase);
    await atHome.page.getByRole('button', { name: 'Log in', exact: true }).last().click();
    await expect.poll(async () => (await atHome.status()).account?.name, { timeout: 30_000 }).toBe('anna');
  });
});
