import type { Lab } from '../lab.ts';
import { settledPair } from '../outage.ts';
import { isLinked, pause, secondsUntilAll, type Figure } from '../scenario.ts';

const NEW_NUMBER = 99;

export const title = 'relayed link: the machine gets another address (Wi-Fi to mobile)';

export async function run(lab: Lab): Promise<Figure[]> {
  const { host, alex, ming } = await settledPair(lab, 'relayed', 'moved');
  const links = new Set((await alex.status()).peers.map(({ connectedAt }) => connectedAt));
  host.move(NEW_NUMBER);
  // The old link looks alive at first, so only a new link counts.
  const isNew = (connectedAt: number): boolean => [...links].every((old) => Math.abs(old - connectedAt) > 1_000);
  const back = await secondsUntilAll([alex, ming], (status) => isLinked()(status) && status.peers.some((peer) => isNew(peer.connectedAt)));
  await pause(5_000);
  const stays = isLinked()(await ming.status());
  return [
    { what: 'linked again by a new link', value: back, unit: 's', atMost: 5 },
    { what: 'the link stays', value: stays ? 1 : 0, unit: '', atLeast: 1 },
  ];
}
