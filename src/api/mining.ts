/** The API's types for mining; a part of `api.ts`. */

/**
 * `unavailable`: this browser offers no GPU (WebGPU needs https or localhost); `starting`: the GPU search compiles and is checked against
 * the processor; `failed`: the GPU search ended with a `problem` event (`gpu-lost`, `gpu-wrong`, `gpu-silent`). Mining continues without
 * the GPU, and another request tries the GPU again.
 */
export type GpuStatus = 'unavailable' | 'off' | 'starting' | 'on' | 'failed';

/** Missing options keep their last values; initially half of the cores, 100 %, no GPU. */
export interface MiningOptions {
  threads?: number;
  /** 1–100, percent of the time that each thread and the GPU work. */
  throttle?: number;
  /** Search on the GPU beside the threads. Refused with `gpu-unavailable` without a GPU. */
  gpu?: boolean;
  /** Work at 20 % at most while the device runs on its battery (where the browser reports this). Default true. */
  easeOnBattery?: boolean;
  /** The same while the tab is hidden. Default false, because a tab in the background is a miner like any other. */
  easeWhenHidden?: boolean;
}

/**
 * `syncing`: blocks of a better branch are arriving; `checking`: the tip may be old, because the device slept or changed its network, and no
 * peer has answered yet; `no-account`: no account is open; `not-open`: the network opens later; `clock`: by this clock, the newest block is
 * in the future; `stalled`: the mining threads do not search, and are started again.
 */
export type MiningPause = 'syncing' | 'checking' | 'no-account' | 'not-open' | 'clock' | 'stalled';

export interface MiningStatus {
  on: boolean;
  /** Hashes a second over the last seconds, measured from work done; 0 when off. */
  hashrate: number;
  /** Blocks of the active chain mined by this account's address. */
  blocks: number;
  threads: number;
  /** 1–100, percent of the time that each thread works. */
  throttle: number;
  /** Expected seconds until this tab finds a block at the present rate; null when off. */
  expectedSeconds: number | null;
  /** The search in use, e.g. "wasm-scalar", or "wasm-scalar + webgpu (nvidia ampere)". */
  kernel: string;
  gpu: GpuStatus;
  /** Why the throttle is at most 20 % now; null if it is not. */
  eased: 'battery' | 'hidden' | null;
  /** Why mining is on but idle; null if it is not idle. */
  waiting: MiningPause | null;
}
