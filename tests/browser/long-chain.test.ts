import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatNetworkLink } from '../../src/protocol/network.ts';
import { benchNetwork, buildChain } from '../bench/chain-builder.ts';
import { Chromium } from './harness/chromium.ts';
import { createFeedChain, Feeder, prepareFeeding } from './harness/feeder.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const LABEL = 'long-chain';
const PLAN = { blocks: 40, transactionsPerBlock: 100, accounts: 50, network: { label: LABEL } };

/** `npm run bench -- import` measures how long the page's tasks take meanwhile. */
describe.sequential('a long chain comes in', () => {
  const network = benchNetwork({ label: LABEL });
  let server: TestServer;
  let browser: Chromium;
  let tab: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    tab = await browser.newTab('reader');
    await prepareFeeding(tab.page);
    await tab.open(`${server.url}${formatNetworkLink(network)}`);
    await tab.call('register', { name: 'reader', passphrase: 'correct horse battery' });
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  test('whole and onto the disk, while the page follows', async () => {
    await tab.page.getByRole('link', { name: 'Blocks', exact: true }).first().click();
    await expect.poll(() => tab.page.getByRole('heading', { level: 1 }).innerText()).toBe('Blocks');
    const chain = await createFeedChain(network, buildChain(PLAN));
    const { height, id } = chain.chain.tip();
    const feeder = await Feeder.prepare(tab.page, chain);
    await feeder.open();
    await waitUntil(
      [tab],
      'the whole chain on disk',
      ([s]) => s!.persisted.tip === id && !s!.persisted.memoryOnly && s!.sync.state === 'synced',
    );
    await expect.poll(() => tab.page.locator('main').innerText()).toContain(height.toLocaleString('en-GB'));
    await feeder.close();

    const again = await tab.reload();
    expect(again).toMatchObject({ height, tip: id });
    expect(tab.problems).toEqual([]);
  });
});
