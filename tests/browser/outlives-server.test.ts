import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerProcess } from '../unit/signaling/server-process.ts';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

const TABS = 5;

/** The page's server lives on, because a page can also come from a static host or a browser's cache. The signaling server dies. */
let page: TestServer;
let signaling: ServerProcess;
let browser: Chromium;
let url: string;
const tabs: Tab<Page>[] = [];

beforeAll(async () => {
  [page, signaling, browser] = await Promise.all([
    TestServer.start(),
    ServerProcess.start({ ALLOWED_HOSTS: 'localhost' }),
    Chromium.launch(),
  ]);
  url = `${page.url}${testNetworkLink('outlives-server')}&signal=${signaling.url}`;
  for (let i = 0; i < TABS; i++) tabs.push(await browser.newTab(`tab ${i}`, { apart: true }));
  await Promise.all(tabs.map((tab) => tab.open(url)));
});

afterAll(async () => {
  await browser?.dispose();
  await signaling?.end();
  await page?.kill();
});

test('a newcomer that reaches one tab of its browser is linked with the others, long after the server has died', async () => {
  await waitUntil(tabs, 'all links', (all) => all.every(({ peers }) => peers.filter(({ state }) => state === 'ready').length === TABS - 1));
  await signaling.end();
  await waitUntil(tabs, 'the server to be away', (all) => all.every(({ sync }) => sync.signaling !== 'connected'));

  const newcomer = await browser.newTab('newcomer', { beside: tabs[0]! });
  await newcomer.open(url);
  const [status] = await waitUntil(
    [newcomer],
    'links with all',
    ([seen]) => seen!.peers.filter(({ state }) => state === 'ready').length === TABS,
  );
  expect(status!.peers.map(({ met }) => met).sort()).toEqual(['browser', 'peers', 'peers', 'peers', 'peers']);
  const { links, servers, known } = await newcomer.call('neighbourhood');
  expect(links.map(({ neighbours }) => neighbours.length)).toEqual(Array(TABS).fill(TABS - 1));
  expect(links.every(({ sentBytes, receivedBytes }) => sentBytes > 0 && receivedBytes > 0)).toBe(true);
  expect([known, servers.length]).toEqual([TABS, 1]);
  expect(servers[0]!.state).not.toBe('connected');

  await newcomer.call('register', { name: 'newcomer', passphrase: 'correct horse battery' });
  await newcomer.call('mine', true, { threads: 1 });
  await waitUntil([newcomer], 'a block', ([seen]) => seen!.height >= 1);
  await newcomer.call('mine', false);
  await waitUntil([...tabs, newcomer], 'the newcomer’s blocks everywhere', (all) => agree(all) && all[0]!.height >= 1);
  expect((await tabs[4]!.call('block', 1))!.miner.address).toBe((await newcomer.status()).account!.address);
});
