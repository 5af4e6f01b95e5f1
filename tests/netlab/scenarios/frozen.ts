import { testNetworkLink } from '../../browser/harness/network-link.ts';
import type { Lab } from '../lab.ts';
import { isLinked, pause, secondsUntil, secondsUntilAll, type Figure } from '../scenario.ts';

const FROZEN_SECONDS = 150;
const SETTLE_MS = 32_000;

export const title = `direct link: a page stands still for ${FROZEN_SECONDS} s, as on a sleeping phone`;

export async function run(lab: Lab): Promise<Figure[]> {
  const [school, host, other] = lab.hosts(3);
  await school!.server();
  const link = `${school!.url}${testNetworkLink('netlab-frozen')}`;
  const { browser, tab: alex } = await host!.tab(link);
  const { tab: ming } = await other!.tab(link);
  await secondsUntilAll([alex, ming], isLinked('direct'));
  await pause(SETTLE_MS);
  const resume = await browser.standStill('renderer');
  await pause(FROZEN_SECONDS * 1000);
  resume();
  const resumedMs = Date.now();
  // Ming's status tells the truth about both ends: alex believes in its old link until somebody answers.
  const back = Math.max(...(await Promise.all([alex, ming].map((tab) => secondsUntil(tab, isLinked(), resumedMs)))));
  await pause(10_000);
  const stays = isLinked()(await alex.status()) && isLinked()(await ming.status());
  return [
    { what: 'both ends ready after it goes on', value: back, unit: 's', atMost: 3 },
    { what: 'the link stays', value: stays ? 1 : 0, unit: '', atLeast: 1 },
  ];
}
