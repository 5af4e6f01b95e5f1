import type { Lab } from '../lab.ts';
import { outage, settledPair } from '../outage.ts';
import type { Figure } from '../scenario.ts';

export const title = 'direct link: a cable carries nothing for 60 s, and no machine is told';

export async function run(lab: Lab): Promise<Figure[]> {
  const pair = await settledPair(lab, 'direct', 'silent');
  return outage(pair, 'direct', 60, (isOut) => pair.host.setSilent(isOut), { noticed: 5, back: 3 });
}
