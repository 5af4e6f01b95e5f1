import { testNetworkLink } from '../../browser/harness/network-link.ts';
import type { Lab } from '../lab.ts';
import { isLinked, secondsUntil, type Figure } from '../scenario.ts';
import { journey } from '../journey.ts';

const SLOWER = 6;
const ONE_WAY_MS = 150;
const LOSS_PERCENT = 2;

export const title = `a phone: processor ${SLOWER} × slower, round trip ${2 * ONE_WAY_MS} ms, ${LOSS_PERCENT} % of the packets lost`;

export async function run(lab: Lab): Promise<Figure[]> {
  const [school, host, phone] = lab.hosts(3);
  await school!.server();
  const link = `${school!.url}${testNetworkLink('netlab-phone')}`;
  const { tab: alex } = await host!.tab(link);
  await phone!.impair(ONE_WAY_MS, LOSS_PERCENT);
  const ming = await (await phone!.browser({ viewport: { width: 360, height: 740 } })).newTab('ming');
  const session = await ming.page.context().newCDPSession(ming.page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  const startedMs = Date.now();
  await ming.open(link);
  const inSync = await secondsUntil(ming, (status) => isLinked()(status) && status.sync.state === 'synced', startedMs);
  return [{ what: 'from page load to in sync', value: inSync, unit: 's' }, ...(await journey(alex, ming))];
}
