import type { Lab } from '../lab.ts';
import { outage, settledPair } from '../outage.ts';
import type { Figure } from '../scenario.ts';

export const title = 'relayed link: the network card is off for 30 s, as in flight mode';

export async function run(lab: Lab): Promise<Figure[]> {
  const pair = await settledPair(lab, 'relayed', 'flight');
  return outage(pair, 'relayed', 30, (isOut) => pair.host.setUp(!isOut), { back: 3 });
}
