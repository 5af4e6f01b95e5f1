/**
 * A team of the lab: tabs that leave the network for a while and mine a secret branch together (PROTOCOL.md §11). They meet in a private room
 * whose key follows from the team's name. So a team needs no server of its own and no list of members, and its blocks travel in the usual
 * messages, on links that lead to the team alone.
 */
import { sha256 } from '../crypto/hash.ts';
import { utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

const MAX_NAME_LENGTH = 24;
const NAME = /^[\p{L}\p{N}]+(?:[ -][\p{L}\p{N}]+)*$/u;
const DOMAIN = utf8('tabchain team 1\n');
const KEY_BYTES = 16;

/** The word in a hello's agent by which a tab says that it is in a team, or has just come from a team. */
export const TEAM_WORD = 'secret-branch';

/**
 * A team's name as a person typed it, in the form in which all its tabs have it.
 * @throws TabchainError `team-name-invalid`
 */
export function parseTeamName(text: string): string {
  const name = text.slice(0, 200).normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
  if (name.length > MAX_NAME_LENGTH || !NAME.test(name)) {
    throw new TabchainError('team-name-invalid', `A team's name has 1 to ${MAX_NAME_LENGTH} letters and digits.`, {
      most: MAX_NAME_LENGTH,
    });
  }
  return name;
}

/**
 * The room key of a team. Anybody who guesses the name can join: a spy is a part of the game. In a private room, only its tabs can join.
 * @param name as {@link parseTeamName} gives it @param roomKey of the network's private room; null without
 */
export function teamKey(name: string, roomKey: Uint8Array | null): Uint8Array {
  return sha256(DOMAIN, roomKey ?? new Uint8Array(), utf8(name)).subarray(0, KEY_BYTES);
}
