import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { Firefox, hasFirefox } from './harness/firefox.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';
import { hasWebKit, WebKit } from './harness/webkit.ts';

const PASSPHRASE = 'correct horse battery';
/** Three browsers on two cores need their time. */
const LONG_MS = 120_000;

/** Pays `amount` from one tab to the account of another, and waits until it is confirmed there. @returns the transaction's id */
async function pay(from: Tab, to: Tab, amount: string, memo: { memo: string; sealed: boolean }): Promise<string> {
  const { txid } = await from.call('transfer', { to: (await to.status()).account!.name, amount, ...memo });
  await expect.poll(async () => (await to.call('transaction', txid))?.status, { timeout: LONG_MS }).toBe('confirmed');
  expect(await to.call('transaction', txid)).toMatchObject({ amount, ...memo });
  return txid;
}

const registered = (statuses: readonly { account: { registration: string } | null }[]): boolean =>
  statuses.every(({ account }) => account?.registration === 'confirmed');

/** Safari's engine together with other browsers, in a secure context and without. */
describe.skipIf(!hasWebKit).sequential('WebKit', () => {
  let server: TestServer;
  let chromium: Chromium;
  let firefox: Firefox | null = null;
  let webkit: WebKit;
  let wk: Tab;
  let alex: Tab;
  const network = { powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff };
  const links = { secure: testNetworkLink('webkit', network), plain: testNetworkLink('webkit-plain', network) };

  beforeAll(async () => {
    server = await TestServer.start();
    chromium = await Chromium.launch();
    webkit = await WebKit.launch();
  });

  afterAll(async () => {
    await webkit?.dispose();
    await firefox?.dispose();
    await chromium?.dispose();
    await server?.kill();
  });

  test('registers and mines beside Chromium', async () => {
    wk = await webkit.openTab('wk', server.url + links.secure);
    alex = await chromium.openTab('alex', server.url + links.secure);
    await wk.call('register', { name: 'wk', passphrase: PASSPHRASE });
    await alex.call('register', { name: 'alex', passphrase: PASSPHRASE });
    await wk.call('mine', true, { threads: 1 });
    await waitUntil([wk, alex], 'both registered', (now) => agree(now) && registered(now), LONG_MS);
    await waitUntil([wk], 'coins to spend', ([now]) => Number(now!.spendable) > 50, LONG_MS);
    expect((await wk.status()).mining).toMatchObject({ on: true, kernel: expect.stringMatching(/^wasm-simd-/) as string });
  });

  test('pays Chromium with a sealed memo, and is paid', async () => {
    const txid = await pay(wk, alex, '20', { memo: '午餐 🍱', sealed: true });
    expect(await alex.call('transaction', txid)).toMatchObject({ sealed: true });
    await pay(alex, wk, '2.5', { memo: 'change', sealed: false });
  });

  test.runIf(hasFirefox)('pays Firefox, and is paid', async () => {
    firefox = await Firefox.launch();
    const fox = await firefox.openTab('fox', server.url + links.secure);
    await fox.call('register', { name: 'fox', passphrase: PASSPHRASE });
    await waitUntil([fox, wk], 'Firefox registered', (now) => agree(now) && registered(now), LONG_MS);
    await pay(wk, fox, '5', { memo: 'hello, Firefox', sealed: false });
    await pay(fox, wk, '1', { memo: 'for WebKit only', sealed: true });
    await firefox.dispose();
    firefox = null;
  });

  test('keeps account and chain over a reload, answers SQL, and exports the database', async () => {
    await wk.call('mine', false);
    const [before] = await waitUntil([wk, alex], 'one tip, on disk', (now) => agree(now) && now[0]!.persisted.tip === now[0]!.tip, LONG_MS);
    const after = await wk.reload();
    expect(after.height).toBeGreaterThanOrEqual(before!.height);
    expect(after.account).toMatchObject({ name: 'wk', locked: true });
    expect(await wk.call('login', { passphrase: PASSPHRASE })).toMatchObject({ name: 'wk', locked: false });
    expect((await wk.status()).balance).toBe(before!.balance);
    const { rows } = await wk.call('query', "SELECT count(*) FROM accounts WHERE name IN ('alex', 'wk')");
    expect(rows).toEqual([[2]]);
    const file = await wk.call('exportDatabase');
    expect(new TextDecoder().decode(file.subarray(0, 15))).toBe('SQLite format 3');
    expect(wk.problems).toEqual([]);
  });

  test('registers, mines and pays on plain http at a LAN address', async () => {
    const { lanUrl } = server;
    if (lanUrl === null) throw new Error('This machine has no address but loopback; give it one to run this test.');
    await alex.close();
    alex = await chromium.openTab('alex', lanUrl + links.plain);
    await wk.open(lanUrl + links.plain);
    expect(await wk.status()).toMatchObject({ secure: false, slow: ['keys', 'signatures'] });
    await Promise.all([alex, wk].map((tab) => tab.call('register', { name: tab.name, passphrase: PASSPHRASE })));
    await wk.call('mine', true, { threads: 1 });
    await waitUntil([wk, alex], 'both registered', (now) => agree(now) && registered(now), LONG_MS);
    await waitUntil([wk], 'coins to spend', ([now]) => Number(now!.spendable) > 50, LONG_MS);
    await pay(wk, alex, '7', { memo: 'sealed without WebCrypto', sealed: true });
    await pay(alex, wk, '3', { memo: 'back', sealed: false });
    for (const { name, problems } of [wk, alex]) expect(problems, name).toEqual([]);
  });
});
