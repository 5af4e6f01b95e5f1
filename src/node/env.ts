import type { SqlJsStatic } from 'sql.js';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import type { MinerPort } from '../miner/pool.ts';
import type { Transport } from '../net/transport.ts';
import type { Disk } from '../storage/disk/disk.ts';
import type { Log } from '../util/log.ts';
import type { Clock, Random, Timers } from '../util/ports.ts';

/** Mining on the GPU. */
export interface GpuEnv {
  /** Whether this machine has one that the browser lends out; never rejects. */
  available(): Promise<boolean>;
  /** The GPU's mining thread. */
  spawn(): MinerPort;
}

/**
 * The only source of time, chance, timers, threads, transport and disk below `node/`. The browser's is made in
 * `node.worker.ts`; the simulator's is drawn from a seed.
 */
export interface Env {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  readonly transport: Transport;
  readonly verifier: SignatureVerifier;
  /** Null on plain http, where signing and sealing fall back to node-forge. */
  readonly subtle: SubtleCrypto | null;
  readonly sql: SqlJsStatic;
  /** Mining threads to start with where the person has not chosen. */
  readonly defaultThreads: number;
  /** A new mining thread. */
  spawnMiner(): MinerPort;
  /** A search in the node's own thread, for where no mining thread can be had; absent where `spawnMiner` always works. */
  spawnLocalMiner?(): MinerPort;
  /** Absent where there can be none. */
  readonly gpu?: GpuEnv;
  /**
   * Opens (creating it where missing) a database's place on disk, for one owner.
   * @param fencingToken the owner's token: storage refuses writes of an older owner
   * @param onLate the place could be opened after all, when nobody waited for it any more
   * @throws TabchainError `storage-unavailable`, `storage-silent`
   */
  openDisk(name: string, fencingToken: string, onLate: () => void): Promise<Disk>;
}
