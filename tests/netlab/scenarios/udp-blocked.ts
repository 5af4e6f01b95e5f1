import { testNetworkLink } from '../../browser/harness/network-link.ts';
import type { Lab } from '../lab.ts';
import { isLinked, secondsUntil, type Figure } from '../scenario.ts';
import { journey } from '../journey.ts';

export const title = 'no UDP between the machines: the journey over the relay';

export async function run(lab: Lab): Promise<Figure[]> {
  lab.blockUdp();
  const [school, alexHost, mingHost] = lab.hosts(3);
  await school!.server();
  const link = `${school!.url}${testNetworkLink('netlab-udp')}`;
  const { tab: alex } = await alexHost!.tab(link);
  const browser = await mingHost!.browser();
  const ming = await browser.newTab('ming');
  const startedMs = Date.now();
  await ming.open(link);
  const inSync = await secondsUntil(ming, (status) => isLinked('relayed')(status) && status.sync.state === 'synced', startedMs);
  return [{ what: 'from page load to in sync', value: inSync, unit: 's', atMost: 2 }, ...(await journey(alex, ming))];
}
