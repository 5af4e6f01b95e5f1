import { bigIntToBytes } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import type { Random, TimerId, Timers } from '../util/ports.ts';
import { nonceOf, type SearchJob } from './kernel/kernel.ts';
import type { MinerPort, MinerReport } from './messages.ts';
import type { ThreadSource } from './thread-source.ts';

/** Random bytes of the nonce: no two threads of the whole network ever search the same 2^32 words. */
const NONCE_BASE_BYTES = 16;

/** A thread with work reports at least every 2.5 s (at 1 % throttle). A thread silent for this long is dead, and is replaced. */
export const SILENCE_LIMIT_MS = 20_000;

/** Percent of the time that the node's own thread searches for a stamp: the user waits for the stamp, but the node must still answer. */
const LOCAL_THROTTLE = 50;

/** A random start for a thread's search. */
export function newNonceBase(random: Random): Uint8Array {
  return random.bytes(NONCE_BASE_BYTES);
}

/** The target in the kernels' form: 32 bytes, big-endian. */
export function targetBytes(target: bigint): Uint8Array {
  return bigIntToBytes(target, 32);
}

export interface FindSealOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of seals tried so far, about four times a second. */
  onProgress?(hashes: number): void;
}

export interface SealSearchPorts {
  readonly source: ThreadSource;
  readonly random: Random;
  readonly timers: Timers;
}

/** One search in its own thread, until it finds a seal. A thread that falls silent is replaced. */
export class SealSearch {
  readonly #ports: SealSearchPorts;
  readonly #headerHash: Uint8Array;
  readonly #target: Uint8Array;
  readonly #options: FindSealOptions;
  #port: MinerPort | null = null;
  #works = false;
  #nonceBase: Uint8Array = new Uint8Array(0);
  #hashes = 0;
  #watchdog: TimerId | null = null;
  #settle: { resolve(nonce: Uint8Array): void; reject(error: TabchainError): void } | null = null;

  constructor(ports: SealSearchPorts, headerHash: Uint8Array, target: bigint, options: FindSealOptions = {}) {
    this.#ports = ports;
    this.#headerHash = headerHash;
    this.#target = targetBytes(target);
    this.#options = options;
  }

  /** Call once. @returns the 20-byte nonce @throws TabchainError `search-cancelled` if the signal aborts */
  run(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      const { signal } = this.#options;
      if (signal?.aborted) return this.#cancel();
      signal?.addEventListener('abort', this.#cancel);
      this.#spawn();
    });
  }

  #spawn(): void {
    const port = this.#ports.source.spawn();
    this.#port = port;
    this.#works = false;
    port.onMessage((report) => {
      if (this.#port === port) this.#receive(report);
    });
    this.#search();
    this.#watch();
  }

  #search(): void {
    this.#nonceBase = newNonceBase(this.#ports.random);
    const job: SearchJob = { headerHash: this.#headerHash, nonceBase: this.#nonceBase, target: this.#target };
    this.#port!.post({ type: 'work', tag: 0, throttle: this.#ports.source.isLocal ? LOCAL_THROTTLE : 100, job });
  }

  #watch(): void {
    const { timers } = this.#ports;
    if (this.#watchdog !== null) timers.clear(this.#watchdog);
    this.#watchdog = timers.set(() => this.#replace(), SILENCE_LIMIT_MS);
  }

  #replace(): void {
    this.#port?.terminate();
    if (!this.#works) this.#ports.source.noteFailed();
    this.#spawn();
  }

  #receive(report: MinerReport): void {
    if (report.type === 'failed') return this.#replace();
    this.#watch();
    if (report.type === 'ready') return;
    this.#works = true;
    this.#ports.source.noteWorking();
    if (report.type === 'progress') this.#options.onProgress?.((this.#hashes += report.hashes));
    if (report.type === 'exhausted') this.#search();
    if (report.type !== 'found') return;
    this.#end();
    this.#settle!.resolve(nonceOf(this.#nonceBase, report.word));
  }

  readonly #cancel = (): void => {
    this.#end();
    this.#settle!.reject(new TabchainError('search-cancelled', 'The search was cancelled.'));
  };

  #end(): void {
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    if (this.#watchdog !== null) this.#ports.timers.clear(this.#watchdog);
    this.#port?.terminate();
    this.#port = null;
  }
}
