import type { Reorganisation } from '../../../api/api.ts';
import type { Messages } from '../../i18n/en/messages.ts';

/** What a reorganisation did, the main sentence first. */
export function sentencesOf(
  { replaced, by, rewards, ownRewards, returned }: Reorganisation,
  t: Messages['forks'],
  write: (coins: string) => string,
): string[] {
  return [
    t.sentence(replaced, by, write(rewards)),
    ...(ownRewards === '0' ? [] : [ownRewards === rewards ? t.allYours : t.yours(write(ownRewards))]),
    ...(returned === 0 ? [] : [t.returned(returned)]),
  ];
}
