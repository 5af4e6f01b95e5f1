import type { Status } from '../../../src/api/api.ts';
import { testNetworkLink } from '../../browser/harness/network-link.ts';
import type { Tab } from '../../browser/harness/tab.ts';
import type { Lab } from '../lab.ts';
import { isAlone, isLinked, pause, secondsUntil, secondsUntilAll, type Figure } from '../scenario.ts';

const FROZEN_SECONDS = 150;
const SETTLE_MS = 32_000;

export const title = `direct link: the page of a miner stands still for ${FROZEN_SECONDS} s, as on a sleeping phone`;

export async function run(lab: Lab): Promise<Figure[]> {
  const [school, host, other] = lab.hosts(3);
  await school!.server();
  const link = `${school!.url}${testNetworkLink('netlab-frozen')}`;
  const { browser, tab: alex } = await host!.tab(link);
  const { tab: ming } = await other!.tab(link);
  await secondsUntilAll([alex, ming], isLinked('direct'));
  for (const tab of [alex, ming]) {
    await tab.call('register', { name: tab === alex ? 'alex' : 'ming', passphrase: 'correct horse battery' });
    await tab.call('mine', true, { threads: 1 });
  }
  await pause(SETTLE_MS);
  const resume = await browser.standStill('renderer');
  const { height: frozenAt } = await ming.status();
  const noticed = await secondsUntil(ming, isAlone);
  await pause(FROZEN_SECONDS * 1000);
  const { height } = await ming.status();
  resume();
  const resumedMs = Date.now();
  const since = (tab: Tab, holds: (status: Status) => boolean): Promise<number> => secondsUntil(tab, holds, resumedMs);
  const [alexBack, mingBack, caughtUp, mines] = await Promise.all([
    since(alex, isLinked()),
    // Ming's status tells the truth about both ends: alex believes in its old link until somebody answers.
    since(ming, isLinked()),
    since(alex, (status) => status.height >= height),
    since(alex, (status) => status.height >= height && status.mining.waiting === null && status.mining.hashrate > 0),
  ]);
  const { blocks } = (await alex.status()).mining;
  const found = await secondsUntil(alex, ({ mining }) => mining.blocks > blocks);
  await pause(10_000);
  const stays = isLinked()(await alex.status()) && isLinked()(await ming.status());
  return [
    { what: 'the other tab notices', value: noticed, unit: 's', atMost: 5 },
    { what: 'blocks made meanwhile', value: height - frozenAt, unit: '', atLeast: 1 },
    { what: 'both ends ready after it goes on', value: Math.max(alexBack, mingBack), unit: 's', atMost: 3 },
    { what: 'the missed blocks are there', value: caughtUp, unit: 's', atMost: 5 },
    { what: 'it mines again by itself', value: mines, unit: 's', atMost: 5 },
    { what: 'then until its next block', value: found, unit: 's' },
    { what: 'the link stays', value: stays ? 1 : 0, unit: '', atLeast: 1 },
  ];
}
