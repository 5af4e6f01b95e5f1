import { testNetworkLink } from '../../browser/harness/network-link.ts';
import type { Lab } from '../lab.ts';
import { isLinked, pause, secondsUntilAll, type Figure } from '../scenario.ts';

const REDIS_PORT = 6379;

export const title = 'two signaling processes on Redis: tabs on either meet, and one process is killed';

export async function run(lab: Lab): Promise<Figure[]> {
  const [first, second, one, two, three] = lab.hosts(5);
  lab.start(first!, process.env['REDIS_PATH'] ?? 'redis-server', '--port', String(REDIS_PORT), '--protected-mode', 'no', '--save', '');
  await pause(1_000);
  // The page of one server opens a socket to the other.
  const env = { REDIS_URL: `redis://${first!.address}:${REDIS_PORT}`, ALLOWED_HOSTS: '*' };
  await first!.server(env);
  const killed = await second!.server(env);
  const network = testNetworkLink('netlab-redis');
  const socket = (url: string): string => `&signal=${encodeURIComponent(`${url.replace('http', 'ws')}signal`)}`;
  // Every page comes from the first server. The second tab meets the others through the second server.
  const tabs = [];
  for (const [host, server] of [[one!, first!] as const, [two!, second!] as const, [three!, first!] as const])
    tabs.push((await host.tab(`${first!.url}${network}${socket(server.url)}`)).tab);
  const met = await secondsUntilAll(tabs, ({ peers }) => peers.filter(({ state }) => state === 'ready').length === 2);
  await killed.kill();
  await pause(10_000);
  const counts = await Promise.all(tabs.map(async (tab) => (await tab.status()).peers.filter(({ state }) => state === 'ready').length));
  const late = (await three!.tab(`${first!.url}${network}${socket(first!.url)}`)).tab;
  const joined = await secondsUntilAll([late], isLinked());
  return [
    { what: 'all tabs linked with both others', value: met, unit: 's', atMost: 3 },
    { what: 'links that each tab keeps without the second process', value: Math.min(...counts), unit: '', atLeast: 2 },
    { what: 'a newcomer is linked', value: joined, unit: 's', atMost: 3 },
  ];
}
