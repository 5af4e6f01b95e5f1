import type { LinkMode } from '../api/service.ts';
import type { ChainStatus, Status, SyncStatus } from '../api/api.ts';
import type { PeerNetworkStatus } from '../net/peer-status.ts';
import type { CurrentLedger } from './current-ledger.ts';
import type { Env } from './env.ts';
import type { MiningState } from './mining.ts';
import { StatusPusher } from './status-pusher.ts';
import { buildStatus, TipFacts } from './status.ts';

export interface StatusSources {
  readonly current: CurrentLedger;
  net(): PeerNetworkStatus;
  mining(): MiningState;
  chain(net: PeerNetworkStatus): ChainStatus;
}

/** Facts that only the page knows. */
interface PageFacts {
  signaling: SyncStatus['signaling'];
  links: LinkMode;
  secure: boolean;
}

/** Builds the status, and pushes it to the page after a change. */
export class StatusReporter {
  readonly page: PageFacts = { signaling: 'connecting', links: 'open', secure: true };
  readonly #sources: StatusSources;
  readonly #pusher: StatusPusher;
  readonly #tipFacts = new TipFacts();
  #revision = 0;

  constructor(env: Env, sources: StatusSources, push: () => void) {
    this.#sources = sources;
    this.#pusher = new StatusPusher(env, push);
  }

  start(): void {
    this.#pusher.start();
  }

  /** Must be called after a change that a list on the screen could show. */
  changed(): void {
    this.#revision++;
    this.soon();
  }

  /** Must be called after any other change of the status. */
  soon(): void {
    if (this.#sources.current.isOpen) this.#pusher.soon();
  }

  /** The present status. Must be called inside the mailbox. */
  now(): Status {
    const { ledger, behind, account } = this.#sources.current;
    const net = this.#sources.net();
    return buildStatus({
      ...this.page,
      ledger,
      behind,
      account,
      tipFacts: this.#tipFacts,
      net,
      mining: this.#sources.mining(),
      chain: this.#sources.chain(net),
      revision: this.#revision,
    });
  }
}
