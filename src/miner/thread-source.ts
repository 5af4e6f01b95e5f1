import { TabchainError } from '../util/errors.ts';
import type { MinerPort } from './messages.ts';

/** Threads in a row that ended before they could search, after which their script counts as kept away. */
const FAILURES_ALLOWED = 2;

export interface ThreadSourcePorts {
  /** A new mining thread. */
  spawn(): MinerPort;
  /** A search in the node's own thread, for where no other can be had; absent where there is no such thing. */
  readonly spawnLocal?: (() => MinerPort) | undefined;
}

type BlockedListener = (error: TabchainError) => void;

/**
 * Makes mining threads. Content blockers keep scripts away that look like a miner's, and a page may be older than its server; then the node's own
 * thread searches, so that nobody waits for a registration's stamp for ever.
 */
export class ThreadSource {
  readonly #ports: ThreadSourcePorts;
  readonly #listeners = new Set<BlockedListener>();
  #failures = 0;

  constructor(ports: ThreadSourcePorts) {
    this.#ports = ports;
  }

  /** Whether threads are none, because their script cannot be had. */
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

  /** A thread has ended, or was given up, before it searched. */
  noteFailed(): void {
    if (this.isLocal) return;
    this.#failures++;
    if (!this.isLocal) return;
    const error = new TabchainError('miner-blocked', 'The mining code could not be loaded; the node searches itself, slowly.');
    for (const listener of this.#listeners) listener(error);
  }

  /** Calls back once the script counts as kept away, until the returned function is called. */
  onBlocked(listener: BlockedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
