import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { Firefox, hasFirefox } from './harness/firefox.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';
/** Without WebCrypto, keys and their file take seconds on an idle machine, and much longer beside other programs. */
const SLOW_MS = 120_000;

/** A LAN address over plain http, as a phone in the classroom opens it: not a secure context. */
describe.sequential('plain http on a LAN address', () => {
  let server: TestServer;
  let browser: Chromium;
  let url: string;
  let alex: Tab<Page>;
  let ming: Tab<Page>;
  let firefox: Firefox | null = null;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    const { lanUrl } = server;
    if (lanUrl === null) throw new Error('This machine has no address but loopback; give it one to run this test.');
    url = lanUrl + testNetworkLink('plain', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
  });

  afterAll(async () => {
    await firefox?.dispose();
    await browser?.dispose();
    await server?.kill();
  });

  test('there is no WebCrypto, and the node says what is slower', async () => {
    alex = await browser.openTab('alex', url);
    expect(await alex.page.evaluate(() => [isSecureContext, typeof crypto.subtle, typeof navigator.locks])).toEqual([
      false,
      'undefined',
      'undefined',
    ]);
    expect(await alex.status()).toMatchObject({ secure: false, slow: ['keys', 'signatures'] });
  });

  test('register with keys made by BigInt, mine, pay with a sealed memo', async () => {
    await alex.call('register', { name: 'alex', passphrase: PASSPHRASE });
    ming = await browser.openTab('ming', url);
    await ming.call('register', { name: 'ming', passphrase: PASSPHRASE });
    await alex.call('mine', true, { threads: 1 });
    await waitUntil(
      [alex, ming],
      'both registered',
      (statuses) => agree(statuses) && statuses.every((s) => s.account?.registration === 'confirmed'),
      SLOW_MS,
    );
    const { txid } = await alex.call('transfer', { to: 'ming', amount: '7', memo: 'sealed without WebCrypto', sealed: true });
    await expect.poll(async () => (await ming.call('transaction', txid))?.memo, { timeout: 60_000 }).toBe('sealed without WebCrypto');
    await expect.poll(async () => (await ming.status()).balance, { timeout: 60_000 }).toBe('7');
    await alex.call('mine', false);
  });

  test('the key file opens in openssl', async () => {
    const pem = await ming.call('keyFile');
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-key-'));
    try {
      writeFileSync(join(folder, 'ming.pem'), pem);
      const text = execFileSync('openssl', ['pkey', '-in', join(folder, 'ming.pem'), '-passin', `pass:${PASSPHRASE}`, '-pubout'], {
        encoding: 'utf8',
      });
      expect(text.trim()).toBe((await ming.status()).account!.publicKey.trim());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('one tab per account, also without Web Locks', async () => {
    const second = await browser.openTab('second', url);
    expect((await second.status()).account).toBeNull();
    await expect(second.call('login', { name: 'alex', passphrase: PASSPHRASE })).rejects.toMatchObject({ code: 'account-in-use' });
    expect((await second.call('accounts')).map(({ name, inUse }) => [name, inUse]).sort()).toEqual([
      ['alex', true],
      ['ming', true],
    ]);
    await second.close();
  });

  test('after a reload the chain is available at once, the key after logging in', async () => {
    const before = await waitUntil([alex], 'all on disk', ([s]) => s!.persisted.tip === s!.tip);
    const after = await alex.reload();
    expect(after.height).toBeGreaterThanOrEqual(before[0]!.height);
    expect(after.account).toMatchObject({ name: 'alex', locked: true });
    await expect(alex.call('transfer', { to: 'ming', amount: 1 })).rejects.toMatchObject({ code: 'locked' });
    await expect(alex.call('login', { passphrase: 'not my passphrase' })).rejects.toMatchObject({ code: 'passphrase-wrong' });
    expect(await alex.call('login', { passphrase: PASSPHRASE })).toMatchObject({ name: 'alex', locked: false });
    expect(await alex.call('query', 'SELECT name FROM accounts WHERE name IS NOT NULL ORDER BY name')).toMatchObject({
      columns: ['name'],
      rows: [['alex'], ['ming']],
    });
  });

  test('the page that opened this tab cannot move it to another network without consent', async () => {
    // Over plain http no browser separates a tab from the page that opened it.
    const opener = await browser.newTab('opener');
    await opener.page.goto('about:blank');
    const opened = opener.page.context().waitForEvent('page');
    await opener.page.evaluate((address) => void ((window as unknown as { theirs: Window | null }).theirs = window.open(address)), url);
    const victim = await opened;
    const call = <T>(code: string): Promise<T> => victim.evaluate(`tabchain.${code}`) as Promise<T>;
    await victim.waitForFunction(() => 'tabchain' in window);
    await call('ready()');
    await victim.evaluate((passphrase) => {
      const { tabchain } = window as unknown as { tabchain: { register(request: object): Promise<unknown> } };
      return tabchain.register({ name: 'vera', passphrase });
    }, PASSPHRASE);
    const { networkId } = await call<{ networkId: string }>('status()');
    await opener.page.evaluate(
      (address) => {
        (window as unknown as { theirs: Window }).theirs.location.href = address;
      },
      `${url.split('#')[0]}#net=evil`,
    );
    await victim.getByText('The address was changed to another network', { exact: false }).waitFor();
    expect(await victim.evaluate(() => location.hash)).toContain('net=plain');
    expect(await call('status()')).toMatchObject({ networkId, account: { name: 'vera', locked: false } });
    await victim.screenshot({ path: 'test-results/plain-http-opener.png' });
    await victim.getByRole('button', { name: 'Stay here', exact: true }).click();
    await victim.getByText('The address was changed to another network', { exact: false }).waitFor({ state: 'detached' });
    await victim.close();
    await opener.close();
  });

  test.runIf(hasFirefox)('Firefox joins them', async () => {
    firefox = await Firefox.launch();
    const fox = await firefox.openTab('fox', url);
    await waitUntil([alex, fox], 'Firefox to agree', agree, SLOW_MS);
    await fox.call('register', { name: 'wu', passphrase: PASSPHRASE });
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([fox], 'wu registered', ([s]) => s!.account?.registration === 'confirmed', SLOW_MS);
    await alex.call('transfer', { to: 'wu', amount: '2.5' });
    await waitUntil([fox], 'the payment', ([s]) => s!.balance === '2.5', SLOW_MS);
    await alex.call('mine', false);
    await waitUntil([alex, ming, fox], 'all to agree', agree, SLOW_MS);
  });

  test('no tab saw an unexpected error', () => {
    for (const { name, problems } of [alex, ming]) expect(problems, name).toEqual([]);
  });
});
