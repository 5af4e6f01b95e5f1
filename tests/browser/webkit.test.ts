import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';
import { hasWebKit, WebKit } from './harness/webkit.ts';

const PASSPHRASE = 'correct horse battery';
const SLOW_MS = 120_000;
/** A second node in one worker answers every other call with a failure: as many calls in a row do not pass by chance. */
const CALLS = 20;

/** Every browser on an iPad is WebKit; a classroom opens the page on a LAN address over plain http. */
describe.runIf(hasWebKit).sequential('WebKit on plain http', () => {
  let server: TestServer;
  let chromium: Chromium;
  let webkit: WebKit;
  let ipad: Tab;
  let neighbour: Tab;

  beforeAll(async () => {
    server = await TestServer.start();
    const url = server.lanUrl! + testNetworkLink('webkit', { powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    [chromium, webkit] = await Promise.all([Chromium.launch(), WebKit.launch()]);
    neighbour = await chromium.openTab('neighbour', url);
    ipad = await webkit.openTab('ipad', url);
  });

  afterAll(async () => {
    await webkit?.dispose();
    await chromium?.dispose();
    await server?.kill();
  });

  test('one node answers every call, before and after the code of node-forge has been loaded', async () => {
    expect(await ipad.status()).toMatchObject({ secure: false, slow: ['keys', 'signatures'], account: null });
    await ipad.call('register', { name: 'ipad', passphrase: PASSPHRASE });
    for (let i = 0; i < CALLS; i++) expect((await ipad.status()).account?.name).toBe('ipad');
  });

  test('it mines, pays over the relay with a sealed memo, and is paid', async () => {
    await neighbour.call('register', { name: 'ming', passphrase: PASSPHRASE });
    await ipad.call('mine', true, { threads: 1 });
    await waitUntil(
      [ipad, neighbour],
      'both registered',
      (statuses) => agree(statuses) && statuses.every(({ account }) => account?.registration === 'confirmed'),
      SLOW_MS,
    );
    const { txid } = await ipad.call('transfer', { to: 'ming', amount: '7', memo: 'from an iPad', sealed: true });
    await expect.poll(async () => (await neighbour.call('transaction', txid))?.memo, { timeout: SLOW_MS }).toBe('from an iPad');
    await waitUntil([neighbour], 'seven coins', ([status]) => status!.balance === '7', SLOW_MS);
    await neighbour.call('transfer', { to: 'ipad', amount: '2' });
    await waitUntil([neighbour], 'the payment back', ([status]) => Number(status!.balance) < 5, SLOW_MS);
    await ipad.call('mine', false);
    expect(await ipad.call('query', 'SELECT name FROM accounts WHERE name IS NOT NULL ORDER BY name')).toMatchObject({
      rows: [['ipad'], ['ming']],
    });
    expect(Buffer.from((await ipad.call('exportDatabase')).subarray(0, 15)).toString()).toBe('SQLite format 3');
  });

  test('after a reload the chain is there, and the passphrase opens the account', async () => {
    const [before] = await waitUntil([ipad], 'all on disk', ([status]) => status!.persisted.tip === status!.tip, SLOW_MS);
    const after = await ipad.reload();
    expect(after.height).toBeGreaterThanOrEqual(before!.height);
    expect(await ipad.call('login', { passphrase: PASSPHRASE })).toMatchObject({ name: 'ipad', locked: false });
  });
});
