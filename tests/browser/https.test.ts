import { afterAll, beforeAll, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import { agree, waitUntil } from './harness/wait.ts';

let server: TestServer;
let browser: Chromium;

beforeAll(async () => {
  server = await TestServer.start({ https: true });
  browser = await Chromium.launch();
});

afterAll(async () => {
  await browser?.dispose();
  await server?.kill();
});

test('with --https a LAN address is a secure context, and two tabs meet over wss', async () => {
  const url = server.lanUrl! + testNetworkLink('https', { powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
  const alex = await browser.openTab('alex', url);
  expect(await alex.page.evaluate(() => [isSecureContext, typeof crypto.subtle])).toEqual([true, 'object']);
  await alex.call('register', { name: 'alex', passphrase: 'correct horse battery' });
  await alex.call('mine', true, { threads: 1 });
  const ming = await browser.openTab('ming', url);
  const [status] = await waitUntil([alex, ming], 'both to agree', (statuses) => agree(statuses) && statuses[0]!.height > 1);
  expect(status).toMatchObject({ secure: true, slow: [], sync: { signaling: 'connected' } });
});
