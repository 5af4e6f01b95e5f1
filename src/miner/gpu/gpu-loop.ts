import { errorCode } from '../../util/errors.ts';
import type { MonotonicClock } from '../../util/ports.ts';
import { WORDS_PER_BASE, type SearchJob } from '../kernel/kernel.ts';
import type { MinerCommand, MinerReport } from '../messages.ts';
import { FIRST_BATCH_WORDS, fitBatch } from './batch.ts';
import { firstFind } from './candidates.ts';
import { SLOTS, type GpuSearch, type PackedJob } from './search.ts';

/** As often as a CPU thread: often enough for a lively hash rate, too seldom to cost time. */
const REPORT_INTERVAL_MS = 250;

export interface GpuLoopPorts {
  readonly search: GpuSearch;
  readonly clock: MonotonicClock;
  report(report: MinerReport): void;
  sleep(delayMs: number): Promise<void>;
}

interface Work {
  readonly tag: number;
  readonly job: SearchJob;
  readonly packed: PackedJob;
  nextWord: number;
  /** Batches without a result yet. */
  inFlight: number;
}

/** The loop of the GPU's mining thread: runs batches and handles commands between them. For the pool it is one more thread. */
export class GpuLoop {
  readonly #ports: GpuLoopPorts;
  readonly #driven = new Set<number>();
  #work: Work | null = null;
  #throttle = 100;
  #batchWords = FIRST_BATCH_WORDS;
  #failed = false;
  #unreported = 0;
  #reportedAt: number;
  /** When the last batch finished. A next batch that waited in the queue had the GPU from then on. */
  #endedAt = 0;

  constructor(ports: GpuLoopPorts) {
    this.#ports = ports;
    this.#reportedAt = ports.clock.monotonic();
    ports.report({ type: 'ready', kernel: ports.search.name });
  }

  handle(command: MinerCommand): void {
    if (this.#failed) return;
    if (command.type === 'stop') {
      this.#work = null;
      this.#reportProgress();
      return;
    }
    this.#throttle = command.throttle;
    if (command.type === 'work') {
      const { tag, job } = command;
      this.#work = { tag, job, packed: this.#ports.search.pack(job), nextWord: 0, inFlight: 0 };
    }
    for (let slot = 0; slot < SLOTS; slot++) void this.#drive(slot);
  }

  /** Ends the search for good and reports the reason once. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#work = null;
    this.#reportProgress();
    this.#ports.report({ type: 'failed', code: errorCode(error), reason: error instanceof Error ? error.message : String(error) });
  }

  async #drive(slot: number): Promise<void> {
    if (this.#driven.has(slot)) return;
    this.#driven.add(slot);
    try {
      for (let work = this.#next(slot); work; work = this.#next(slot)) {
        const elapsedMs = await this.#batch(slot, work);
        const pauseMs = (elapsedMs * (100 - this.#throttle)) / this.#throttle;
        if (pauseMs > 0) await this.#ports.sleep(pauseMs);
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.#driven.delete(slot);
    }
  }

  /** The work for a slot. When throttled, only one slot works, because two slots would fill each other's pauses. */
  #next(slot: number): Work | null {
    const work = this.#work;
    return work && work.nextWord < WORDS_PER_BASE && (slot === 0 || this.#throttle === 100) ? work : null;
  }

  /** @returns the batch's time on the GPU in milliseconds */
  async #batch(slot: number, work: Work): Promise<number> {
    const { clock, search, report } = this.#ports;
    const firstWord = work.nextWord;
    const words = Math.min(this.#batchWords, WORDS_PER_BASE - firstWord);
    work.nextWord += words;
    work.inFlight++;
    const sentAt = clock.monotonic();
    const candidates = await search.search(slot, work.packed, firstWord, words);
    work.inFlight--;
    const now = clock.monotonic();
    const elapsedMs = Math.max(0, now - Math.max(sentAt, this.#endedAt));
    this.#endedAt = now;
    if (this.#failed) return elapsedMs;
    this.#batchWords = fitBatch(words, elapsedMs);
    this.#unreported += words;
    const found = firstFind({ job: work.job, firstWord, words, candidates });
    const over = work.nextWord === WORDS_PER_BASE && work.inFlight === 0;
    if (work === this.#work && (found !== null || over)) {
      this.#work = null;
      this.#reportProgress();
      report(found !== null ? { type: 'found', tag: work.tag, word: found } : { type: 'exhausted', tag: work.tag });
    } else if (now - this.#reportedAt >= REPORT_INTERVAL_MS) this.#reportProgress();
    return elapsedMs;
  }

  #reportProgress(): void {
    this.#reportedAt = this.#ports.clock.monotonic();
    if (this.#unreported === 0) return;
    this.#ports.report({ type: 'progress', hashes: this.#unreported });
    this.#unreported = 0;
  }
}
