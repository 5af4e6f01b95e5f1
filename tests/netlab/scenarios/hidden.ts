import { formatNetworkLink } from '../../../src/protocol/network.ts';
import { benchNetwork, buildChain } from '../../bench/chain-builder.ts';
import { createFeedChain, Feeder, prepareFeeding } from '../../browser/harness/feeder.ts';
import type { Lab } from '../lab.ts';
import { pause, secondsUntil, type Figure } from '../scenario.ts';

/** Chromium holds the timers of a page back to one a minute after it was hidden for five minutes. */
const HIDDEN_SECONDS = 320;
/** For a long chain on a busy machine. */
const PATIENCE_MS = 120_000;
const PLAN = { blocks: 100, transactionsPerBlock: 180, accounts: 50, network: { label: 'netlab-hidden' } };

export const title = `relayed link: a tab that was hidden for ${HIDDEN_SECONDS} s serves a chain`;

export async function run(lab: Lab): Promise<Figure[]> {
  lab.blockUdp();
  const [school, host, other] = lab.hosts(3);
  await school!.server();
  const network = benchNetwork(PLAN.network);
  const chain = await createFeedChain(network, buildChain(PLAN));
  const { id } = chain.chain.tip();
  const link = `${school!.url}${formatNetworkLink(network)}`;
  const browser = await host!.plainBrowser();
  const alex = await browser.newTab('alex');
  await prepareFeeding(alex.page);
  await alex.open(link);
  const feeder = await Feeder.prepare(alex.page, chain);
  await feeder.open();
  await secondsUntil(alex, ({ tip }) => tip === id, Date.now(), PATIENCE_MS);
  await feeder.close();
  // Another tab in front hides this one.
  const front = await browser.newTab('front');
  await front.page.goto('about:blank');
  await front.page.bringToFront();
  const isHidden = await alex.page.evaluate(() => document.hidden);
  await pause(HIDDEN_SECONDS * 1000);
  const ming = await (await other!.browser()).newTab('ming');
  await ming.open(link);
  const startedMs = Date.now();
  const seconds = await secondsUntil(ming, ({ tip }) => tip === id, startedMs, PATIENCE_MS);
  const received = (await ming.status()).peers.reduce((sum, peer) => sum + peer.received, 0);
  return [
    { what: 'the tab is hidden', value: isHidden ? 1 : 0, unit: '', atLeast: 1 },
    { what: 'served', value: received / 1e6, unit: 'MB' },
    { what: 'rate, from the first look for peers to the tip', value: received / 1e3 / seconds, unit: 'kB/s', atLeast: 500 },
  ];
}
