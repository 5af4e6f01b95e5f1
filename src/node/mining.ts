import type { Chain } from '../chain/chain.ts';
import type { MempoolPort } from '../chain/port.ts';
import type { Address } from '../crypto/address.ts';
import { MAX_THREADS, MiningPool } from '../miner/pool.ts';
import { maxFutureMs } from '../consensus/header.ts';
import { buildTemplate, sealTemplate, type BlockTemplate } from '../miner/template.ts';
import { workOfTarget } from '../protocol/target.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { TabchainError } from '../util/errors.ts';
import type { TimerId } from '../util/ports.ts';
import type { GpuStatus, MiningOptions, MiningPause } from '../api/api.ts';
import type { Env } from './env.ts';
import type { Mailbox } from './mailbox.ts';
import type { DeviceState } from '../api/service.ts';

/** Changes of the mempool cause a new template after this delay, because each template takes a few milliseconds. */
const REFRESH_DEBOUNCE_MS = 300;
/** The template's time (and with it the eased target) is renewed at least this often. With short block times it is renewed more often. */
const REFRESH_MAX_MS = 5_000;
const REFRESH_MIN_MS = 250;
/** Most percent of the time that a thread works while mining is eased: a laptop stays cool, and still finds an occasional block. */
const EASED_THROTTLE = 20;

/** A pool of mining threads from `env`. */
export function miningPool(env: Env): MiningPool {
  return new MiningPool({
    ...env,
    spawn: () => env.spawnMiner(),
    spawnLocal: env.spawnLocalMiner && (() => env.spawnLocalMiner!()),
    spawnGpu: env.gpu && (() => env.gpu!.spawn()),
  });
}

export interface MiningContext {
  readonly env: Env;
  readonly mailbox: Mailbox;
  /** The chain (and mempool) of the ledger in use, which changes with the account. */
  chain(): Chain;
  mempool(): MempoolPort;
  readonly pool: MiningPool;
  /** The account that new blocks pay; null without an account. */
  minerAddress(): Address | null;
  /**
   * Why mining on the tip would be wasted: the node lacks blocks of a known branch with more work, or the tip may be old; null if nothing
   * holds mining up.
   */
  holdsUp(): 'syncing' | 'checking' | null;
  /** Reports a problem to the person. Mining continues. */
  problem(code: ErrorCode, message: string): void;
}

export interface MiningState {
  on: boolean;
  hashrate: number;
  threads: number;
  throttle: number;
  eased: 'battery' | 'hidden' | null;
  expectedSeconds: number | null;
  kernel: string;
  gpu: GpuStatus;
  waiting: MiningPause | null;
}

/** Decides when this tab mines, and on which template. The pool does the search. */
export class MiningService {
  readonly #context: MiningContext;
  readonly #pool: MiningPool;
  readonly #unsubscribe: (() => void)[];
  readonly #gpuSought: Promise<void>;
  #gpuAvailable = false;
  /** Whether the GPU takes part in the search. A failure of the GPU sets this to false. */
  #gpu = false;
  #on = false;
  #threads: number;
  #throttle = 100;
  #easeOnBattery = true;
  #easeWhenHidden = false;
  #deviceState: DeviceState = { onBattery: false, hidden: false };
  #template: BlockTemplate | null = null;
  #tag = 0;
  #waiting: MiningPause | null = null;
  #timer: TimerId | null = null;
  #refreshQueued = false;
  #stopsQueued = false;

  constructor(context: MiningContext) {
    this.#context = context;
    this.#pool = context.pool;
    this.#threads = context.env.defaultThreads;
    this.#unsubscribe = [
      this.#pool.onFound((tag, nonce) => this.#found(tag, nonce)),
      this.#pool.onGpuFailed((error) => this.#gpuFailed(error)),
      this.#pool.onBlocked((error) => this.#tell(error)),
    ];
    this.#gpuSought = this.#seekGpu();
  }

  async #seekGpu(): Promise<void> {
    this.#gpuAvailable = (await this.#context.env.gpu?.available()) ?? false;
  }

  /** Calls {@link set}. Where `options` ask for the GPU, waits for the search for a GPU first. Must be called outside the mailbox. */
  async choose(on: boolean, options: MiningOptions): Promise<void> {
    if (options.gpu === true) await this.#gpuSought;
    await this.#context.mailbox.ask(() => this.set(on, options));
  }

  /**
   * @param options options that are not given keep their last values
   * @throws TabchainError `threads-invalid`, `throttle-invalid`, `gpu-unavailable`, `no-account`
   */
  set(on: boolean, options: MiningOptions): void {
    const { threads = this.#threads, throttle = this.#throttle } = options;
    const gpu = (options.gpu ?? this.#gpu) === true;
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new TabchainError('threads-invalid', `Threads are a whole number from 1 to ${MAX_THREADS}.`, { maximum: MAX_THREADS });
    }
    if (!Number.isInteger(throttle) || throttle < 1 || throttle > 100) {
      throw new TabchainError('throttle-invalid', 'The throttle is a whole number of percent from 1 to 100.');
    }
    if (gpu && !this.#gpuAvailable) {
      throw new TabchainError('gpu-unavailable', 'This browser offers no GPU: it takes WebGPU, and a page on https or localhost.');
    }
    if (on && this.#context.minerAddress() === null) {
      throw new TabchainError('no-account', 'Mining needs an account to be paid: register or log in first.');
    }
    this.#threads = threads;
    this.#throttle = throttle;
    this.#gpu = gpu;
    this.#easeOnBattery = options.easeOnBattery ?? this.#easeOnBattery;
    this.#easeWhenHidden = options.easeWhenHidden ?? this.#easeWhenHidden;
    this.#on = on;
    if (on) this.#pool.start({ threads, throttle: this.#allowedThrottle(), gpu });
    else this.#pool.stop();
    this.refreshNow();
  }

  /** Takes the device's state. When the reason for easing ends, the person's own throttle applies again. */
  setDeviceState(deviceState: DeviceState): void {
    this.#deviceState = deviceState;
    this.#pool.configure({ throttle: this.#allowedThrottle() });
  }

  #eased(): MiningState['eased'] {
    if (this.#easeOnBattery && this.#deviceState.onBattery) return 'battery';
    return this.#easeWhenHidden && this.#deviceState.hidden ? 'hidden' : null;
  }

  #allowedThrottle(): number {
    return this.#eased() === null ? this.#throttle : Math.min(this.#throttle, EASED_THROTTLE);
  }

  state(): MiningState {
    const hashrate = this.#on ? this.#pool.hashrate() : 0;
    const expected = this.#template && hashrate > 0 ? Number(workOfTarget(this.#template.target)) / hashrate : null;
    return {
      on: this.#on,
      hashrate: Math.round(hashrate),
      threads: this.#threads,
      throttle: this.#throttle,
      eased: this.#on ? this.#eased() : null,
      expectedSeconds: expected,
      kernel: this.#pool.kernelName(),
      gpu: this.#gpuAvailable ? this.#pool.gpuState() : 'unavailable',
      waiting: this.#on ? (this.#waiting ?? (this.#pool.isStalled ? 'stalled' : null)) : null,
    };
  }

  /** Must be called when the transactions for a template changed. Several changes cause only one new template. */
  refreshSoon(): void {
    if (!this.#on || this.#refreshQueued) return;
    this.#refreshQueued = true;
    this.#schedule(REFRESH_DEBOUNCE_MS);
  }

  /**
   * Must be called when sync changed: if the better branch is invalid, catching up ends without a change of the tip; and as soon as the tip
   * may be old, mining stops.
   */
  syncChanged(): void {
    if (!this.#on || this.#stopsQueued) return;
    const reason = this.#context.holdsUp();
    if (reason === null && (this.#waiting === 'syncing' || this.#waiting === 'checking')) return this.refreshSoon();
    if (reason !== 'checking' || this.#waiting === 'checking') return;
    this.#stopsQueued = true;
    this.#context.mailbox.post('mining', async () => {
      this.#stopsQueued = false;
      this.refreshNow();
    });
  }

  /** Whether this tab mines, or somebody looks at it. */
  get attentive(): boolean {
    return this.#on || !this.#deviceState.hidden;
  }

  /** Makes a new template at once, because work on an old tip is wasted. Must be called inside the mailbox. */
  refreshNow(): void {
    this.#refreshQueued = false;
    const { env } = this.#context;
    const chain = this.#context.chain();
    const miner = this.#context.minerAddress();
    this.#waiting = miner === null ? 'no-account' : (this.#context.holdsUp() ?? this.#waitsForClock());
    if (!this.#on || miner === null || this.#waiting !== null) {
      this.#template = null;
      this.#pool.setJob(null);
    } else {
      this.#template = buildTemplate(chain, this.#context.mempool(), miner, env.clock.now());
      this.#pool.setJob({ headerHash: this.#template.hash, target: this.#template.target, tag: ++this.#tag });
    }
    this.#schedule(Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, chain.network.blockTimeMs / 4)));
  }

  /** The node does not search for blocks that it would hold back: the network opens later, or this clock was set back. */
  #waitsForClock(): 'not-open' | 'clock' | null {
    const chain = this.#context.chain();
    const { height, sealed } = chain.tip();
    const { timeMs } = sealed.header;
    const nowMs = this.#context.env.clock.now();
    if (height === 0) return nowMs < timeMs ? 'not-open' : null;
    return timeMs >= nowMs + maxFutureMs(chain.network) ? 'clock' : null;
  }

  #schedule(delayMs: number): void {
    const { timers } = this.#context.env;
    if (this.#timer !== null) timers.clear(this.#timer);
    this.#timer = null;
    if (!this.#on) return;
    this.#timer = timers.set(() => this.#context.mailbox.post('mining', () => this.refreshNow()), delayMs);
  }

  #found(tag: number, nonce: Uint8Array): void {
    if (tag !== this.#tag || !this.#template) return;
    const block = sealTemplate(this.#template, nonce);
    this.#template = null;
    this.#context.mailbox.post('mining', async () => {
      const outcome = await this.#context.chain().acceptBlock(block);
      if (outcome !== 'connected') this.#context.env.log('info', 'mining/own-block-too-late', { id: block.id, outcome });
      // A change of the tip has already made a new template. A block that lost a race has not.
      if (this.#on && !this.#template) this.refreshNow();
    });
  }

  /** The CPU threads continue. */
  #gpuFailed(error: TabchainError): void {
    this.#gpu = false;
    this.#tell(error);
  }

  #tell({ code, message }: TabchainError): void {
    this.#context.env.log('warn', 'mining/thread-problem', { code, message });
    this.#context.problem(code, message);
  }

  dispose(): void {
    this.set(false, {});
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }
}
