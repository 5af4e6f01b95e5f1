import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

let server: TestServer;
const browsers: Chromium[] = [];
const tabs: Tab<Page>[] = [];

beforeAll(async () => {
  server = await TestServer.start();
  const link = server.url + testNetworkLink('frozen', { blockTimeMs: 500 });
  for (const name of ['alex', 'ming']) {
    const browser = await Chromium.launch();
    browsers.push(browser);
    const tab = await browser.openTab(name, link);
    tabs.push(tab);
    await tab.call('register', { name, passphrase: 'correct horse battery' });
    await tab.call('mine', true, { threads: 1 });
  }
  await waitUntil(tabs, 'two accounts', (statuses) => statuses.every(({ account }) => account?.registration === 'confirmed'));
});

afterAll(async () => {
  for (const browser of browsers) await browser.dispose();
  await server?.kill();
});

test('a miner that was frozen waits until another tab has answered, catches up, and mines on', async () => {
  const [alex, ming] = tabs as [Tab<Page>, Tab<Page>];
  const resumeAlex = await browsers[0]!.standStill('renderer');
  const { height } = await ming.status();
  const [ahead] = await waitUntil(
    [ming],
    'blocks that alex misses, and silence',
    ([status]) => status!.height >= height + 5 && status!.peers.every(({ state }) => state !== 'ready'),
  );
  const resumeMing = await browsers[1]!.standStill('renderer');
  resumeAlex();
  // A browser reports the end of a freeze by this event. Without the event, the node would need a freeze of ten seconds.
  await alex.page.evaluate(() => document.dispatchEvent(new Event('resume')));
  const [stale] = await waitUntil([alex], 'the wait', ([status]) => status!.mining.waiting === 'checking');
  expect(stale!.height).toBeLessThan(ahead!.height);
  resumeMing();
  await waitUntil([alex], 'the missed blocks', ([status]) => status!.height >= ahead!.height && status!.mining.waiting === null);
  await ming.call('mine', false);
  const [caughtUp] = await waitUntil(tabs, 'one tip', ([a, m]) => a!.height >= m!.height && m!.height >= ahead!.height);
  await waitUntil(tabs, "alex's next block", ([a, m]) => m!.height > caughtUp!.height && a!.tip === m!.tip);
});
