import { TabchainError } from '../util/errors.ts';
import type { MonotonicClock, Random, TimerId, Timers } from '../util/ports.ts';
import { nonceOf } from './kernel/kernel.ts';
import type { MinerPort, MinerReport } from './messages.ts';
import { newNonceBase, SealSearch, SILENCE_LIMIT_MS, targetBytes, type FindSealOptions } from './seal-search.ts';
import { ThreadSource } from './thread-source.ts';

export type { MinerCommand, MinerPort, MinerReport } from './messages.ts';

/** More threads than a browser has cores for. */
export const MAX_THREADS = 64;
/** Time over which the hash rate is measured: steady enough to read, quick enough to follow a change of settings. */
const RATE_WINDOW_MS = 3_000;
/** A thread with work reports several times a second, or at least every 2.5 s (at 1 % throttle). */
const STALLED_MS = 5_000;
/** Percent of the time that a search in the node's own thread may take; blocks and calls need the rest. */
const LOCAL_THROTTLE = 25;

export interface MiningSettings {
  /** 1 … {@link MAX_THREADS}. */
  readonly threads: number;
  /** 1–100: percent of the time that each thread works. */
  readonly throttle: number;
  /** Whether the GPU searches beside the threads. Default false. */
  readonly gpu?: boolean;
}

/** `failed`: the GPU's thread has failed, and stays off until `start` asks for the GPU again. */
export type GpuState = 'off' | 'starting' | 'on' | 'failed';

export interface MiningJob {
  /** 32 bytes: the header's hash. */
  readonly headerHash: Uint8Array;
  /** The largest seal that meets the target. */
  readonly target: bigint;
  /** Different for each job; comes back with the nonce, to identify the job's template. */
  readonly tag: number;
}

export interface MiningPoolPorts {
  /** A new mining thread. */
  spawn(): MinerPort;
  /** A search in this thread, for use where the mining threads' script cannot be loaded. */
  readonly spawnLocal?: (() => MinerPort) | undefined;
  /** The GPU's mining thread; absent without a GPU. */
  readonly spawnGpu?: (() => MinerPort) | undefined;
  readonly random: Random;
  readonly clock: MonotonicClock;
  readonly timers: Timers;
}

interface Thread {
  readonly port: MinerPort;
  /** Whether the thread has ever searched. */
  works: boolean;
  heardAt: number;
  nonceBase: Uint8Array;
}

type FoundListener = (tag: number, nonce: Uint8Array) => void;
type FailureListener = (error: TabchainError) => void;

/** The mining threads of a node. Knows no rules: takes a hash and a target, and returns nonces. */
export class MiningPool {
  readonly #ports: MiningPoolPorts;
  readonly #threads: Thread[] = [];
  readonly #listeners = new Set<FoundListener>();
  readonly #gpuListeners = new Set<FailureListener>();
  readonly #source: ThreadSource;
  /** The GPU's thread, which starts and ends independently of the others. */
  #gpu: Thread | null = null;
  #gpuState: GpuState = 'off';
  #gpuKernel = '';
  #settings: MiningSettings = { threads: 0, throttle: 100 };
  #job: MiningJob | null = null;
  #kernel = '';
  #samples: { at: number; hashes: number }[] = [];
  #startedAt = 0;
  /** Since when there is no job; meaningless while there is a job. */
  #idleSince = 0;
  #watchdog: TimerId | null = null;

  constructor(ports: MiningPoolPorts) {
    this.#ports = ports;
    this.#source = new ThreadSource(ports);
    this.#source.onBlocked(() => this.#goLocal());
  }

  get running(): boolean {
    return this.#settings.threads > 0;
  }

  /** Starts the threads, which search as soon as there is a job. Another call changes the settings. */
  start(settings: MiningSettings): void {
    if (!this.running) {
      this.#startedAt = this.#ports.clock.monotonic();
      this.#samples = [];
      this.#watch();
    }
    this.#settings = {
      threads: Math.min(MAX_THREADS, Math.max(1, Math.floor(settings.threads))),
      throttle: Math.min(100, Math.max(1, Math.floor(settings.throttle))),
      gpu: settings.gpu === true && this.#ports.spawnGpu !== undefined,
    };
    while (this.#threads.length > this.#wantedThreads()) this.#threads.pop()!.port.terminate();
    if (!this.#settings.gpu) this.#endGpu();
    for (const thread of this.#all()) thread.port.post({ type: 'throttle', throttle: this.#throttleOf(thread) });
    this.#fill();
    if (this.#settings.gpu && !this.#gpu) {
      this.#gpuState = 'starting';
      this.#gpu = this.#startThread(this.#ports.spawnGpu!());
    }
  }

  /** Changes the settings of a running pool; does nothing to a stopped pool. */
  configure(settings: Partial<MiningSettings>): void {
    if (this.running) this.start({ ...this.#settings, ...settings });
  }

  /** Ends all threads; a search of {@link findSeal} continues. */
  stop(): void {
    for (const thread of this.#threads.splice(0)) thread.port.terminate();
    this.#endGpu();
    this.#settings = { ...this.#settings, threads: 0 };
    this.#samples = [];
    if (this.#watchdog !== null) this.#ports.timers.clear(this.#watchdog);
    this.#watchdog = null;
  }

  /** Sets the job to search; null for none. Kept over stop and start. After a find, the pool waits for the next job. */
  setJob(job: MiningJob | null): void {
    const now = this.#ports.clock.monotonic();
    if (this.#job && !job) this.#idleSince = now;
    if (!this.#job && job) this.#excuseIdle(now);
    this.#job = job;
    for (const thread of this.#all()) this.#assign(thread);
  }

  /** Calls `listener` with each nonce found for the present job, until the returned function is called. */
  onFound(listener: FoundListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` when the GPU has failed (the threads continue), until the returned function is called. */
  onGpuFailed(listener: FailureListener): () => void {
    this.#gpuListeners.add(listener);
    return () => this.#gpuListeners.delete(listener);
  }

  /** Calls `listener` once when no mining thread can be loaded and the node's thread searches, until the returned function is called. */
  onBlocked(listener: FailureListener): () => void {
    return this.#source.onBlocked(listener);
  }

  gpuState(): GpuState {
    return this.#gpuState;
  }

  /** Seals per second over the last {@link RATE_WINDOW_MS}, from the threads' reports; 0 while the pool is stopped. */
  hashrate(): number {
    const now = this.#ports.clock.monotonic();
    this.#samples = this.#samples.filter((sample) => sample.at > now - RATE_WINDOW_MS);
    const spanMs = Math.min(RATE_WINDOW_MS, now - this.#startedAt);
    if (spanMs <= 0) return 0;
    return (this.#samples.reduce((sum, sample) => sum + sample.hashes, 0) * 1000) / spanMs;
  }

  /** Whether there is a job, but no thread has searched lately: the browser does not run the threads, which are replaced later. */
  get isStalled(): boolean {
    const now = this.#ports.clock.monotonic();
    const threads = this.#all().filter(({ works }) => works);
    return this.#job !== null && threads.length > 0 && threads.every(({ heardAt }) => now - heardAt > STALLED_MS);
  }

  /** Name of the search in use, e.g. "wasm-simd" or "wasm-simd + webgpu (nvidia ampere)"; empty until the first thread is ready. */
  kernelName(): string {
    return this.#gpuState === 'on' ? [this.#kernel, this.#gpuKernel].filter(Boolean).join(' + ') : this.#kernel;
  }

  /**
   * One separate search in its own thread: for the stamp of a registration, whether or not mining is on.
   * @returns the 20-byte nonce
   * @throws TabchainError `search-cancelled` if the signal aborts
   */
  findSeal(headerHash: Uint8Array, target: bigint, options: FindSealOptions = {}): Promise<Uint8Array> {
    return new SealSearch({ ...this.#ports, source: this.#source }, headerHash, target, options).run();
  }

  /** Threads without work report nothing, so only silence during work counts, even if jobs change often. */
  #excuseIdle(now: number): void {
    for (const thread of this.#all()) thread.heardAt = Math.min(now, thread.heardAt + now - this.#idleSince);
  }

  #all(): Thread[] {
    return this.#gpu ? [...this.#threads, this.#gpu] : [...this.#threads];
  }

  /** In the node's own thread, several searches would be no faster than a single search. */
  #wantedThreads(): number {
    return this.#source.isLocal ? Math.min(1, this.#settings.threads) : this.#settings.threads;
  }

  #throttleOf(thread: Thread): number {
    return this.#source.isLocal && thread !== this.#gpu ? Math.min(LOCAL_THROTTLE, this.#settings.throttle) : this.#settings.throttle;
  }

  #fill(): void {
    while (this.#threads.length < this.#wantedThreads()) this.#threads.push(this.#startThread(this.#source.spawn()));
  }

  /** Replaces threads that cannot be loaded by a search in the node's own thread. */
  #goLocal(): void {
    for (const thread of this.#threads.splice(0)) thread.port.terminate();
    this.#fill();
  }

  /** Replaces a thread that has failed or fallen silent. */
  #replace(thread: Thread): void {
    this.#threads.splice(this.#threads.indexOf(thread), 1);
    thread.port.terminate();
    if (!thread.works) this.#source.noteFailed();
    this.#fill();
  }

  #startThread(port: MinerPort): Thread {
    const thread: Thread = { port, works: false, heardAt: this.#ports.clock.monotonic(), nonceBase: newNonceBase(this.#ports.random) };
    port.onMessage((report) => this.#receive(thread, report));
    this.#assign(thread);
    return thread;
  }

  #endGpu(): void {
    this.#gpu?.port.terminate();
    this.#gpu = null;
    // The failure stays visible until `start` asks for the GPU again.
    if (this.#gpuState !== 'failed') this.#gpuState = 'off';
  }

  #failGpu(error: TabchainError): void {
    this.#gpuState = 'failed';
    this.#endGpu();
    this.#settings = { ...this.#settings, gpu: false };
    for (const listener of this.#gpuListeners) listener(error);
  }

  #assign(thread: Thread): void {
    const job = this.#job;
    if (!job) {
      thread.port.post({ type: 'stop' });
      return;
    }
    thread.nonceBase = newNonceBase(this.#ports.random);
    const { headerHash, target, tag } = job;
    const search = { headerHash, nonceBase: thread.nonceBase, target: targetBytes(target) };
    thread.port.post({ type: 'work', tag, job: search, throttle: this.#throttleOf(thread) });
  }

  #receive(thread: Thread, report: MinerReport): void {
    if (!this.#all().includes(thread)) return;
    thread.heardAt = this.#ports.clock.monotonic();
    if (report.type !== 'ready' && report.type !== 'failed') this.#noteWorking(thread);
    switch (report.type) {
      case 'ready':
        if (thread === this.#gpu) {
          this.#gpuState = 'on';
          this.#gpuKernel = report.kernel;
        } else this.#kernel = report.kernel;
        return;
      case 'failed':
        if (thread === this.#gpu) this.#failGpu(new TabchainError(report.code, report.reason));
        else this.#replace(thread);
        return;
      case 'progress':
        this.#samples.push({ at: thread.heardAt, hashes: report.hashes });
        return;
      case 'exhausted':
        if (report.tag === this.#job?.tag) this.#assign(thread);
        return;
      case 'found': {
        // A find for an older job comes too late, because that job's template is gone.
        if (report.tag !== this.#job?.tag) return;
        const nonce = nonceOf(thread.nonceBase, report.word);
        this.setJob(null);
        for (const listener of this.#listeners) listener(report.tag, nonce);
      }
    }
  }

  #noteWorking(thread: Thread): void {
    thread.works = true;
    if (thread !== this.#gpu) this.#source.noteWorking();
  }

  #watch(): void {
    this.#watchdog = this.#ports.timers.set(() => {
      this.#replaceSilent();
      this.#watch();
    }, SILENCE_LIMIT_MS);
  }

  #replaceSilent(): void {
    if (!this.#job) return;
    const now = this.#ports.clock.monotonic();
    const silent = (thread: Thread): boolean => now - thread.heardAt > SILENCE_LIMIT_MS;
    if (this.#gpu && silent(this.#gpu)) this.#failGpu(new TabchainError('gpu-silent', 'The GPU does not answer; it is not used any more.'));
    for (const thread of this.#threads.filter(silent)) if (this.#threads.includes(thread)) this.#replace(thread);
  }
}
