import type { SqlJsStatic } from 'sql.js';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import type { MinerPort } from '../miner/pool.ts';
import type { Transport } from '../net/transport.ts';
import type { Disk } from '../storage/disk/disk.ts';
import type { SentMemos } from '../storage/sent-memos.ts';
import type { Log } from '../util/log.ts';
import type { Clock, Random, Timers } from '../util/ports.ts';

/** Mining on the GPU. */
export interface GpuEnv {
  /** Whether the browser gives the page a GPU. Never rejects. */
  available(): Promise<boolean>;
  /** The GPU's mining thread. */
  spawn(): MinerPort;
}

/**
 * The only source of time, randomness, timers, threads, transport and disk below `node/`. `node.worker.ts` makes the browser's `Env`.
 * The simulator derives its `Env` from a seed.
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
  /** Number of mining threads until the person chooses another number. */
  readonly defaultThreads: number;
  /** A new mining thread. */
  spawnMiner(): MinerPort;
  /** Searches in the node's own thread, because some browsers refuse mining threads. Absent where `spawnMiner` always works. */
  spawnLocalMiner?(): MinerPort;
  /** Absent where no GPU can exist. */
  readonly gpu?: GpuEnv;
  /**
   * Opens the storage of a database for one owner, and creates it where it is missing.
   * @param fencingToken the owner's token: storage refuses writes of an older owner
   * @param onLate called when the storage opens after the time limit
   * @throws TabchainError `storage-unavailable`, `storage-silent`
   */
  openDisk(name: string, fencingToken: string, onLate: () => void): Promise<Disk>;
  /** Storage for copies of the sealed memos that an account sends. Absent where nothing can be kept. */
  openSentMemos?(networkId: string, address: string): SentMemos;
  /**
   * Deletes the storage of a database, if there is any.
   * @throws TabchainError `storage-unavailable`, `storage-silent`
   */
  removeDisk(name: string): Promise<void>;
}
