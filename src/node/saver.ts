import type { Disk, Persisted } from '../storage/disk/disk.ts';
import type { PageFile } from '../storage/disk/page-file.ts';
import { errorCode } from '../util/errors.ts';
import type { Log } from '../util/log.ts';
import type { TimerId, Timers } from '../util/ports.ts';
import type { PersistedStatus } from '../api/api.ts';

/** After a refused write: again soon, then ever less often, for space may be freed at any time. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;

export interface SaverSource {
  /** The database's file, at a block boundary whenever it is asked for. */
  pages(): PageFile;
  tip(): { height: number; id: string };
}

export interface SaverPorts {
  readonly timers: Timers;
  readonly log: Log;
  /** What `state()` answers has changed. */
  onChange(): void;
  /** The disk has acknowledged a save. */
  onSaved(saved: Persisted): void;
  /** The disk refused, for the first time since it last worked. */
  onProblem(code: string, message: string): void;
}

/**
 * Keeps a database on its disk: one write at a time, changes meanwhile make the next one, and a height counts as persisted only
 * when the disk has said so. A refused write is tried again for as long as the tab lives; the node goes on in memory.
 */
export class Saver {
  readonly #disk: Disk | null;
  readonly #source: SaverSource;
  readonly #ports: SaverPorts;
  #dirty = false;
  #running: Promise<void> | null = null;
  #acknowledged: { height: number; id: string } | null = null;
  #bytes = 0;
  #error: string | null = null;
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: TimerId | null = null;
  #closed = false;
  #held = false;

  /**
   * @param disk null for a guest: nothing is kept
   * @param openError why there is no disk although there should be one
   */
  constructor(disk: Disk | null, source: SaverSource, ports: SaverPorts, openError: string | null = null) {
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

  /** What the disk had when it was opened is persisted already. */
  loaded(tip: { height: number; id: string }, bytes: number): void {
    this.#acknowledged = tip;
    this.#bytes = bytes;
  }

  /** Writes nothing until {@link release}: what the disk has is still being read. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    if (this.#dirty) this.changed();
  }

  /** The database has changed. */
  changed(): void {
    if (!this.#disk || this.#closed) return;
    this.#dirty = true;
    if (this.#held) return;
    this.#running ??= this.#run(this.#disk);
  }

  /** Waits until everything is on disk, or the disk has refused, or nothing may be written yet. */
  async flush(): Promise<void> {
    this.changed();
    await this.#running;
  }

  /** Writes what is left and lets go of the disk. */
  async close(): Promise<void> {
    if (this.#dirty || this.#running) await this.flush();
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
    // In the very turn of the last look at what has changed: a change from now on begins the next run.
    this.#running = null;
  }

  #refused(error: unknown): void {
    const code = errorCode(error);
    const message = error instanceof Error ? error.message : String(error);
    this.#ports.log('warn', 'storage/write-refused', { code, message, retryMs: this.#retryMs });
    if (this.#error !== code) this.#ports.onProblem(code, message);
    this.#error = code;
    this.#dirty = true;
    // Another owner has the database now: writing would undo its work.
    if (code === 'storage-not-owner') return;
    this.#retryTimer = this.#ports.timers.set(() => this.changed(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MAX_MS);
  }

  #cancelRetry(): void {
    if (this.#retryTimer !== null) this.#ports.timers.clear(this.#retryTimer);
    this.#retryTimer = null;
  }
}
