import type { Disk, Persisted } from '../storage/disk/disk.ts';
import type { PageFile } from '../storage/disk/page-file.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { errorCode } from '../util/errors.ts';
import type { Log } from '../util/log.ts';
import type { TimerId, Timers } from '../util/ports.ts';
import type { PersistedStatus } from '../api/api.ts';

/** A refused write is retried soon, because space may be freed at any time. Each further retry waits twice as long. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;

export interface SaverSource {
  /** The database's file, always at a block boundary. */
  pages(): PageFile;
  tip(): { height: number; id: string };
}

export interface SaverPorts {
  readonly timers: Timers;
  readonly log: Log;
  /** The result of `state()` changed. */
  onChange(): void;
  /** The disk acknowledged a save. */
  onSaved(saved: Persisted): void;
  /** The disk refused a save. Called for the first refusal after a success, and when the code changes. */
  onProblem(code: ErrorCode, message: string): void;
}

/**
 * Saves a database to its disk. One save runs at a time, and changes during a save cause the next save. A height counts as persisted only
 * when the disk has acknowledged it. A refused save is repeated as long as the tab lives; meanwhile the node works in memory.
 */
export class Saver {
  readonly #disk: Disk | null;
  readonly #source: SaverSource;
  readonly #ports: SaverPorts;
  #dirty = false;
  #running: Promise<void> | null = null;
  #acknowledged: { height: number; id: string } | null = null;
  #bytes = 0;
  #error: ErrorCode | null = null;
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: TimerId | null = null;
  #closed = false;
  #held = false;

  /**
   * @param disk null for a guest: nothing is saved
   * @param openError code of the error that prevented the disk from opening
   */
  constructor(disk: Disk | null, source: SaverSource, ports: SaverPorts, openError: ErrorCode | null = null) {
    this.#disk = disk;
    this.#source = source;
    this.#ports = ports;
    this.#error = openError;
  }

  state(): PersistedStatus {
    return {
      height: this.#acknowledged?.height ?? -1,
      tip: this.#acknowledged?.id ?? null,
      bytes: this.#bytes,
      error: this.#error,
      memoryOnly: this.#disk === null,
    };
  }

  /** Records the state that the disk had when it was opened: this state is already persisted. */
  loaded(tip: { height: number; id: string }, bytes: number): void {
    this.#acknowledged = tip;
    this.#bytes = bytes;
  }

  /** Prevents all saves until {@link release}, while the old content of the disk is still being read. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    if (this.#dirty) this.changed();
  }

  /** Must be called after each change of the database. */
  changed(): void {
    if (!this.#disk || this.#closed) return;
    this.#dirty = true;
    if (this.#held) return;
    this.#running ??= this.#run(this.#disk);
  }

  /** Resolves when all changes are on disk, when the disk refused, or at once while saves are held. */
  async flush(): Promise<void> {
    this.changed();
    await this.#running;
  }

  /** Saves all changes and closes the disk. */
  async close(): Promise<void> {
    if (this.#dirty || this.#running) await this.flush();
    this.#closed = true;
    this.#cancelRetry();
    this.#disk?.close();
  }

  /** Closes the disk without saving: its content is of no use. */
  drop(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#disk?.close();
  }

  async #run(disk: Disk): Promise<void> {
    this.#cancelRetry();
    while (this.#dirty && !this.#closed) {
      this.#dirty = false;
      try {
        const saved = await disk.save(() => {
          const { height, id } = this.#source.tip();
          return { pages: this.#source.pages(), height, tip: id };
        });
        this.#bytes = saved.bytes;
        this.#acknowledged = { height: saved.height, id: saved.tip };
        this.#ports.onSaved(saved);
        this.#error = null;
        this.#retryMs = RETRY_FIRST_MS;
      } catch (error) {
        this.#refused(error);
        break;
      } finally {
        this.#ports.onChange();
      }
    }
    // In the same turn as the last check of `#dirty`, so that a later change begins the next run.
    this.#running = null;
  }

  #refused(error: unknown): void {
    const code = errorCode(error);
    const message = error instanceof Error ? error.message : String(error);
    this.#ports.log('warn', 'storage/write-refused', { code, message, retryMs: this.#retryMs });
    if (this.#error !== code) this.#ports.onProblem(code, message);
    this.#error = code;
    this.#dirty = true;
    // Another tab owns the database now, and a write would undo that tab's work.
    if (code === 'storage-not-owner') return;
    this.#retryTimer = this.#ports.timers.set(() => this.changed(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MAX_MS);
  }

  #cancelRetry(): void {
    if (this.#retryTimer !== null) this.#ports.timers.clear(this.#retryTimer);
    this.#retryTimer = null;
  }
}
