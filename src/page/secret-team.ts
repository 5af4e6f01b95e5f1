import type { SecretTeamInfo, Status } from '../api/api.ts';
import type { TeamFrame } from '../webrtc/control-frames.ts';
import type { PageLinks } from '../webrtc/rtc-transport.ts';
import type { LinkBridge } from './link-bridge.ts';

export { parseTeamName, teamKey } from '../protocol/team.ts';

/** How often the members tell each other their hash rates. */
const TELL_MS = 1_000;
/** Time for the last word to leave before the links close. */
const LAST_WORD_MS = 300;

export interface SecretTeamPorts {
  /** Opens the links of the team's room. */
  open(onTeam: (peer: string, frame: TeamFrame) => void): PageLinks;
  bridge(links: PageLinks): LinkBridge;
  status(): Promise<Pick<Status, 'mining'>>;
  /** Another member ends the team. */
  ended(): void;
}

/**
 * The links of this tab while it belongs to a team. They take the place of the network's links, so the node's own messages carry the secret
 * blocks, and only the team gets them. A node that withheld blocks from some peers was considered, but it would need a second rule in every
 * message that names a block or a tip. The branch becomes public as soon as one member returns with it; so all return together.
 */
export class SecretTeam {
  readonly name: string;
  readonly links: PageLinks;
  readonly bridge: LinkBridge;
  readonly #ports: SecretTeamPorts;
  readonly #told = new Map<string, TeamFrame>();
  readonly #joined: { readonly before: number; readonly tip: string };
  #timer: number | null = null;

  /** @param joined the status just before this tab left the network */
  constructor(name: string, joined: Pick<Status, 'tip' | 'mining'>, ports: SecretTeamPorts) {
    this.name = name;
    this.#ports = ports;
    this.#joined = { before: joined.mining.hashrate, tip: joined.tip };
    this.links = ports.open((peer, frame) => {
      if (this.#timer === null) return;
      if (frame.back) ports.ended();
      else this.#told.set(peer, frame);
    });
    this.bridge = ports.bridge(this.links);
  }

  start(): void {
    this.bridge.start();
    this.#timer = window.setInterval(() => void this.#tell(), TELL_MS);
  }

  /** Closes the links. @param publish the branch comes to the network now, so the other members return as well */
  async end(publish: boolean): Promise<void> {
    if (this.#timer !== null) window.clearInterval(this.#timer);
    this.#timer = null;
    if (publish) {
      this.links.tellTeam({ type: 'team', rate: 0, ...this.#joined, back: true });
      await new Promise((resolve) => setTimeout(resolve, LAST_WORD_MS));
    }
    this.bridge.stop();
  }

  /** The members with an open link that have told their rates. */
  info(): SecretTeamInfo {
    const members = this.links.neighbourhood().links.flatMap(({ peer }) => {
      const told = this.#told.get(peer);
      return told ? [{ peer, hashrate: told.rate, before: told.before, tip: told.tip }] : [];
    });
    return { name: this.name, members };
  }

  async #tell(): Promise<void> {
    const { mining } = await this.#ports.status();
    if (this.#timer !== null) this.links.tellTeam({ type: 'team', rate: mining.hashrate, ...this.#joined, back: false });
  }
}
