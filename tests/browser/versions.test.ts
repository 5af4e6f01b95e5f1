import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookup } from 'mrmime';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../src/ui/i18n/languages.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { OtherVersion } from './harness/other-version.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const ACCOUNT = { name: 'alex', passphrase: 'correct horse battery' };
/** Newer than any version that this project will reach. */
const NEWER = 60_000;

/** Takes a picture of the page in each language, at the size of a desktop and of a phone. Afterwards the page speaks English. */
async function pictures(tab: Tab<Page>, name: string): Promise<void> {
  for (const language of LANGUAGES) {
    await speak(tab, language);
    await tab.page.evaluate(() => window.scrollTo(0, 0));
    await tab.screenshot(`${name}-${language}`);
    await tab.page.setViewportSize({ width: 390, height: 844 });
    await tab.screenshot(`${name}-${language}-phone`);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
  }
  await speak(tab, 'en');
}

/** A release with a new version of the protocol, and a new chain, meets the tabs that are still open. */
describe.sequential('two versions', () => {
  const link = testNetworkLink('versions', { blockTimeMs: 1_000 });
  let newer: OtherVersion;
  let server: TestServer;
  let browser: Chromium;
  let elsewhere: Chromium;
  let tab: Tab<Page>;
  let stranger: Tab<Page>;
  let address: string;
  let keyFile: string;

  beforeAll(async () => {
    newer = OtherVersion.ofProtocol(NEWER);
    server = await TestServer.start();
    browser = await Chromium.launch();
    // Chromium takes the page below for a page of the Internet, which may open no socket to this machine.
    elsewhere = await Chromium.launch({ flags: ['--disable-features=LocalNetworkAccessChecks'] });
    tab = await browser.openTab('older', server.url + link);
    ({ address } = await tab.call('register', ACCOUNT));
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], 'a stored chain', ([s]) => s!.account?.registration === 'confirmed' && s!.persisted.height > 2);
    await tab.call('mine', false);
    keyFile = await tab.call('keyFile');
    await tab.call('keyFileSaved');
  });

  afterAll(async () => {
    await browser?.dispose();
    await elsewhere?.dispose();
    await server?.kill();
    newer?.dispose();
  });

  const reload = () => tab.page.getByRole('alert').getByRole('button', { name: 'Reload', exact: true });
  const claims = (older: number, newer: number) => expect.objectContaining({ older, newer });

  test('meet in one room, and tell each other apart without a quarrel', async () => {
    stranger = await elsewhere.newTab('newer');
    // The stranger's tab comes from another host, and uses the same signaling server.
    await stranger.page.route(`${server.url}**`, (route) => {
      const path = new URL(route.request().url()).pathname.slice(1);
      const body = newer.file(path);
      return route.fulfill(body === null ? { status: 404 } : { body, contentType: lookup(path) ?? 'text/html' });
    });
    await stranger.open(server.url + link);
    const [older, later] = await waitUntil([tab, stranger], 'the hellos', ([a, b]) => a!.protocol.newer === 1 && b!.protocol.older === 1);
    expect(later!.protocol.version).toBe(NEWER);
    expect(later!.networkId).not.toBe(older!.networkId);
    expect(older!.protocol).toEqual(claims(0, 1));
    expect(later!.protocol).toEqual(claims(1, 0));
    expect([...older!.peers, ...later!.peers].filter(({ state }) => state === 'ready')).toEqual([]);
  });

  test('a claim that the tab’s own server does not confirm frightens nobody', async () => {
    await go(tab, '/network');
    await tab.page.getByText('One tab says that it runs a newer version. The server of this page offers none.').waitFor();
    await pictures(tab, 'versions-claim');
    expect(await reload().count()).toBe(0);
    await go(stranger, '/network');
    await stranger.page.getByText('One tab runs an older version. That tab must be reloaded before it can connect.').waitFor();
    await pictures(stranger, 'versions-older-tab');
    expect(await stranger.page.getByRole('alert').count()).toBe(0);
  });

  test('the older tab asks for a reload once its server has the newer page, and survives a server that is gone', async () => {
    await go(tab, '/');
    await server.restart(newer.project);
    await reload().waitFor({ timeout: 120_000 });
    await pictures(tab, 'versions-outdated');
    await server.kill();
    await reload().click();
    await tab.page.getByText('The server of this page does not answer, so this tab stays open. Try again later.').waitFor();
    expect((await tab.status()).account).toMatchObject({ address });
    await server.restart(newer.project);
    await reload().click();
    await tab.page.getByRole('heading', { name: 'Register your name again' }).waitFor();
    expect((await tab.status()).protocol.version).toBe(NEWER);
  });

  test('the same key registers the name on the new chain', async () => {
    expect(await tab.call('accounts')).toEqual([expect.objectContaining({ name: 'alex', address, earlier: true, keyFileSaved: true })]);
    await pictures(tab, 'versions-again');
    await tab.page.getByRole('link', { name: 'Register alex again' }).click();
    await tab.page.getByText('This browser has the key of alex from the earlier chain.').waitFor();
    await pictures(tab, 'versions-register');
    const passphrase = tab.page.getByLabel('Passphrase', { exact: true });
    const submit = tab.page.getByRole('main').getByRole('button', { name: 'Register', exact: true });
    await passphrase.fill('another passphrase');
    await submit.click();
    await tab.page.getByText('The passphrase does not open').waitFor();
    expect(await tab.call('accounts')).toHaveLength(1);
    await passphrase.fill(ACCOUNT.passphrase);
    await submit.click();
    await tab.page.getByText('Your registration is waiting for the next block.').waitFor();
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], 'the name on the new chain', ([s]) => s!.account?.registration === 'confirmed');
    await tab.call('mine', false);
    expect((await tab.status()).account).toMatchObject({ name: 'alex', address, keyFileSaved: true });
    expect(await tab.call('accounts')).toEqual([expect.objectContaining({ name: 'alex', address, earlier: false })]);
  });

  test('the old chain stays until its owner deletes it', async () => {
    await go(tab, '/settings');
    await tab.page.getByRole('heading', { name: 'Chains of an earlier version' }).waitFor();
    await pictures(tab, 'versions-old-chain');
    const downloading = tab.page.waitForEvent('download');
    await tab.page.getByRole('button', { name: 'Save as a SQLite file' }).click();
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-old-chain-'));
    try {
      const file = join(folder, 'old.sqlite');
      await (await downloading).saveAs(file);
      const rows = execFileSync('sqlite3', [file, 'PRAGMA integrity_check; SELECT name FROM accounts WHERE name IS NOT NULL'], {
        encoding: 'utf8',
      });
      expect(rows.split('\n')).toEqual(['ok', 'alex', '']);
    } finally {
      rmSync(folder, { recursive: true });
    }
    await tab.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => tab.call('earlierChains')).toEqual([]);
    expect((await tab.reload()).account).toMatchObject({ address, registration: 'confirmed' });
  });

  test('a key file from before opens without a question', async () => {
    const account = await stranger.call('importKeyFile', { pem: keyFile, passphrase: ACCOUNT.passphrase });
    expect(account).toMatchObject({ name: 'alex', address });
  });
});
