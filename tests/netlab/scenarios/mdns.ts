import { testNetworkLink } from '../../browser/harness/network-link.ts';
import type { Lab } from '../lab.ts';
import { isLinked, secondsUntil, type Figure } from '../scenario.ts';

export const title = 'machines apart whose browsers hide their addresses (mDNS): a direct link';

export async function run(lab: Lab): Promise<Figure[]> {
  const [school, host, other] = lab.hosts(3);
  await school!.server();
  const link = `${school!.url}${testNetworkLink('netlab-mdns')}`;
  await host!.tab(link);
  const ming = await (await other!.browser()).newTab('ming');
  const startedMs = Date.now();
  await ming.open(link);
  const inSync = await secondsUntil(ming, (status) => isLinked()(status) && status.sync.state === 'synced', startedMs);
  const direct = await secondsUntil(ming, isLinked('direct'), startedMs);
  return [
    { what: 'from page load to in sync', value: inSync, unit: 's', atMost: 2 },
    { what: 'from page load to a direct link', value: direct, unit: 's', atMost: 3 },
  ];
}
