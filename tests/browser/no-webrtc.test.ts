import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatNetworkLink } from '../../src/protocol/network.ts';
import { benchNetwork, buildChain } from '../bench/chain-builder.ts';
import { Chromium } from './harness/chromium.ts';
import { createFeedChain, Feeder, prepareFeeding } from './harness/feeder.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const LABEL = 'no-webrtc';
const PLAN = { blocks: 40, transactionsPerBlock: 100, accounts: 50, network: { label: LABEL } };

/** Chromium then offers no address to the other end, as on a network that lets no UDP through. */
const NO_UDP = ['--webrtc-ip-handling-policy=disable_non_proxied_udp'];

interface HiddenWindow {
  timersHeld: boolean;
}

/** Lets a test hold back the page's timers, as browsers do for hidden pages: Chromium runs them once a minute. */
async function prepareHiding(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const hidden = window as unknown as HiddenWindow;
    const setTimer = window.setTimeout.bind(window);
    const hold = (run: () => void): void => void (hidden.timersHeld ? setTimer(() => hold(run), 1_000) : run());
    window.setTimeout = ((callback: () => void, delayMs?: number) => setTimer(() => hold(callback), delayMs)) as typeof setTimeout;
  });
}

/** Two browsers, because the tabs of one browser need no server. */
describe.sequential('tabs without UDP', () => {
  const network = benchNetwork({ label: LABEL });
  let server: TestServer;
  let url: string;
  const browsers: Chromium[] = [];
  let alex: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    url = `${server.url}${formatNetworkLink(network)}`;
    for (let i = 0; i < 2; i++) browsers.push(await Chromium.launch({ flags: NO_UDP }));
    alex = await browsers[0]!.newTab('alex');
    await prepareHiding(alex.page);
    await prepareFeeding(alex.page);
    await alex.open(url);
  });

  afterAll(async () => {
    for (const browser of browsers) await browser.dispose();
    await server?.kill();
  });

  test('a newcomer gets the whole chain through the server from a tab whose timers are held back', async () => {
    const chain = await createFeedChain(network, buildChain(PLAN));
    const { height, id } = chain.chain.tip();
    const feeder = await Feeder.prepare(alex.page, chain);
    await feeder.open();
    await waitUntil([alex], 'the chain', ([status]) => status!.tip === id);
    await feeder.close();
    await alex.page.evaluate(() => ((window as unknown as HiddenWindow).timersHeld = true));

    const ming = await browsers[1]!.openTab('ming', url);
    const [status] = await waitUntil([ming], 'the chain', ([now]) => now!.tip === id && now!.sync.state === 'synced');
    expect(status!.height).toBe(height);
    expect(status!.peers.map(({ kind, state }) => [kind, state])).toEqual([['relayed', 'ready']]);
    expect(ming.problems).toEqual([]);
  });
});
