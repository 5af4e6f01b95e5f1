import { networkCode, parseNetworkCode, readCodeMessage, roomOfCode, type CodeMessage } from '../protocol/network-code.ts';
import { TabchainError } from '../util/errors.ts';
import type { TimerId, Timers } from '../util/ports.ts';
import type { Rendezvous, RendezvousEvents } from './rendezvous.ts';

/**
 * A search ends when nothing has come for so long: neither a tab of the room nor an answer. A connection to the server takes a second on a
 * slow phone, and an answer takes a round trip; a tab that opens the page for a whole class at once takes longer.
 */
export const FIND_MS = 10_000;
/** Tabs of the room that are asked. Any tab that shows the code answers, and an attacker who joins the room first must not be all of them. */
const MAX_ASKED = 24;
/** Different answers that are checked, each by a slow hash. */
const MAX_CHECKED = 12;

export interface CodeDeskPorts {
  /** Opens a connection to each signaling server in use, in this room and under a new identity. */
  open(room: string): readonly Rendezvous[];
  readonly timers: Timers;
}

/** Gives the link of this tab's network to tabs that type its code, and finds the link of a code (protocol/network-code.ts). */
export class CodeDesk {
  readonly #ports: CodeDeskPorts;
  #shown: { code: string; connections: readonly Rendezvous[] } | null = null;

  constructor(ports: CodeDeskPorts) {
    this.#ports = ports;
  }

  /** Answers tabs that type the code of `link`, until {@link hide}. @returns the code */
  async show(link: string): Promise<string> {
    const code = await networkCode(link);
    if (this.#shown?.code === code) return code;
    this.hide();
    const connections = this.#ports.open(roomOfCode(code));
    this.#shown = { code, connections };
    for (const connection of connections) {
      const answer = (from: string): void => connection.signal(from, { link } satisfies CodeMessage);
      connection.start(hearing({ signal: (from, message) => 'ask' in message && answer(from) }));
    }
    return code;
  }

  hide(): void {
    for (const connection of this.#shown?.connections ?? []) connection.stop();
    this.#shown = null;
  }

  /**
   * The link of a network by its code.
   * @throws TabchainError `code-invalid`, `code-unknown` if no tab that shows this code answers in time
   */
  async find(typed: string): Promise<string> {
    const code = parseNetworkCode(typed);
    const connections = this.#ports.open(roomOfCode(code));
    let timer: TimerId | null = null;
    try {
      return await new Promise<string>((resolve, reject) => {
        const wait = (): void => {
          if (timer !== null) this.#ports.timers.clear(timer);
          const unknown = new TabchainError('code-unknown', 'No tab with this code is open now.', { code });
          timer = this.#ports.timers.set(() => reject(unknown), FIND_MS);
        };
        wait();
        const search = new Search(code, resolve, wait);
        for (const connection of connections) connection.start(search.eventsOf(connection));
      });
    } finally {
      if (timer !== null) this.#ports.timers.clear(timer);
      for (const connection of connections) connection.stop();
    }
  }
}

/** Asks the tabs in the room of a code, and takes the first link with this code. */
class Search {
  readonly #code: string;
  readonly #found: (link: string) => void;
  /** The search goes on. At most twice for each asked tab, so no crowd keeps a search alive. */
  readonly #progress: () => void;
  readonly #asked = new Set<string>();
  readonly #checked = new Set<string>();

  constructor(code: string, found: (link: string) => void, progress: () => void) {
    this.#code = code;
    this.#found = found;
    this.#progress = progress;
  }

  eventsOf(connection: Rendezvous): RendezvousEvents {
    return hearing({
      present: (peer) => {
        if (this.#asked.has(peer) || this.#asked.size >= MAX_ASKED) return;
        this.#asked.add(peer);
        this.#progress();
        connection.signal(peer, { ask: 'link' } satisfies CodeMessage);
      },
      signal: (from, message) => {
        // Each asked tab has one answer, so one tab cannot use up the checks of the others.
        if (!('link' in message) || !this.#asked.delete(from)) return;
        this.#progress();
        void this.#check(message.link);
      },
    });
  }

  async #check(link: string): Promise<void> {
    if (this.#checked.has(link) || this.#checked.size >= MAX_CHECKED) return;
    this.#checked.add(link);
    if ((await networkCode(link)) === this.#code) this.#found(link);
  }
}

/** The events of a rendezvous that matter in the room of a code, which carries no links. */
function hearing({
  present,
  signal,
}: {
  present?: (peer: string) => void;
  signal: (from: string, message: CodeMessage) => void;
}): RendezvousEvents {
  return {
    present: (peer) => present?.(peer),
    absent: () => undefined,
    signal: (from, data) => {
      const message = readCodeMessage(data);
      if (message) signal(from, message);
    },
    relayed: () => undefined,
    drained: () => undefined,
    lost: () => undefined,
  };
}
