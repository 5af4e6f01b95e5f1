import { TabchainError } from '../util/errors.ts';
import type { MinerPort } from './messages.ts';

/** After this many threads in a row that ended before they searched, their script counts as blocked. */
const FAILURES_ALLOWED = 2;

export interface ThreadSourcePorts {
  /** A new mining thread. */
  spawn(): MinerPort;
  /** A search in the node's own thread, for use where no mining thread can be loaded; absent if not supported. */
  readonly spawnLocal?: (() => MinerPort) | undefined;
}

type BlockedListener = (error: TabchainError) => void;

/**
 * Makes mining threads. Their script may not load, because content blockers block mining scripts, or because a page may be older than its
 * server. Then the node's own thread searches, so a registration does not wait for its stamp forever.
 */
export class ThreadSource {
  readonly #ports: ThreadSourcePorts;
  readonly #listeners = new Set<BlockedListener>();
  #failures = 0;

  constructor(ports: ThreadSourcePorts) {
    this.#ports = ports;
  }

  /** Whether the node's own thread searches, because the mining threads' script cannot be loaded. */
  get isLocal(): boolean {
    return this.#failures >= FAILURES_ALLOWED && this.#ports.spawnLocal !== undefined;
  }

  spawn(): MinerPort {
    return this.isLocal ? this.#ports.spawnLocal!() : this.#ports.spawn();
  }

  /** A thread has searched. */
  noteWorking(): void {
    if (!this.isLocal) this.#failures = 0;
  }

  /** A thread has ended, or was replaced, before it searched. */
  noteFailed(): void {
    if (this.isLocal) return;
    this.#failures++;
    if (!this.isLocal) return;
    const error = new TabchainError('miner-blocked', 'The mining code could not be loaded; the node searches itself, slowly.');
    for (const listener of this.#listeners) listener(error);
  }

  /** Calls `listener` once the script counts as blocked, until the returned function is called. */
  onBlocked(listener: BlockedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
