import type { Status, SyncStatus } from '../api/api.ts';
import type { PeerNetworkStatus } from '../net/peer-network.ts';
import type { CurrentLedger } from './current-ledger.ts';
import type { Env } from './env.ts';
import type { MiningState } from './mining.ts';
import { StatusPusher } from './status-pusher.ts';
import { buildStatus, TipFacts } from './status.ts';

export interface StatusSources {
  readonly current: CurrentLedger;
  net(): PeerNetworkStatus;
  mining(): MiningState;
}

/** What the page knows better than the node. */
interface PageFacts {
  signaling: SyncStatus['signaling'];
  offline: boolean;
  secure: boolean;
}

/** Puts the status together, and has it pushed to the page after a change. */
export class StatusReporter {
  readonly page: PageFacts = { signaling: 'connecting', offline: false, secure: true };
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

  /** Something changed that a list on screen could show. */
  changed(): void {
    this.#revision++;
    this.soon();
  }

  /** Something else changed. */
  soon(): void {
    if (this.#sources.current.isOpen) this.#pusher.soon();
  }

  /** Call inside the mailbox. */
  now(): Status {
    const { ledger, account } = this.#sources.current;
    return buildStatus({
      ...this.page,
      ledger,
      account,
      tipFacts: this.#tipFacts,
      net: this.#sources.net(),
      mining: this.#sources.mining(),
      revision: this.#revision,
    });
  }
}
