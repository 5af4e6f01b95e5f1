import type { LinkMode } from '../api/service.ts';
import type { PeerStatus } from '../net/transport.ts';
import { TEAM_WORD } from '../protocol/team.ts';
import type { Clock } from '../util/ports.ts';

/** A hello says so long after a return that its tab comes from a team. A larger class needs seconds until all links are open. */
const RETURN_MS = 60_000;

/**
 * The mark of the 51 % experiment. A secret branch is valid, so no rule can tell an experiment from an attack, and nobody is blamed for either.
 * So a tab of a team says so in its hellos, also after its return: the word is for people, and changes no decision of a node.
 */
export class SecretBranch {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  #mode: LinkMode = 'open';
  /** Whether this tab was in a team and has not returned to the network since. */
  #away = false;
  #returnedAt = -Infinity;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  get mode(): LinkMode {
    return this.#mode;
  }

  /** Follows the links of this tab. */
  set mode(mode: LinkMode) {
    this.#mode = mode;
    if (mode === 'team') this.#away = true;
    if (mode !== 'open' || !this.#away) return;
    this.#away = false;
    this.#returnedAt = this.#clock.monotonic();
  }

  /** The end of the agent in this tab's hellos. */
  get words(): string {
    return this.#mode === 'team' || this.#returns ? ` ${TEAM_WORD}` : '';
  }

  /** Whether a branch that comes now is probably that of a team: this tab's own, or that of a peer that has just come. */
  isBack(peers: readonly Pick<PeerStatus, 'team' | 'connectedAt'>[]): boolean {
    if (this.#mode !== 'open') return false;
    const now = this.#clock.now();
    return this.#returns || peers.some(({ team, connectedAt }) => team && now - connectedAt < RETURN_MS);
  }

  get #returns(): boolean {
    return this.#mode === 'open' && this.#clock.monotonic() - this.#returnedAt < RETURN_MS;
  }
}
