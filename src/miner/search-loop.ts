import type { MonotonicClock } from '../util/ports.ts';
import { WORDS_PER_BASE, type Kernel, type SearchJob } from './kernel/kernel.ts';
import type { MinerCommand, MinerReport } from './messages.ts';

/** A thread must take a new job within 50 ms; half of that is for the message's delivery. */
const SLICE_MS = 25;
/** How often the loop reports its work: often enough for a lively hash rate, too seldom to cost time. */
const REPORT_INTERVAL_MS = 250;
/** A first slice that even the slowest kernel finishes in time. */
const FIRST_SLICE_WORDS = 512;
const MIN_SLICE_WORDS = 64;
/** Two seconds of the fastest kernel. A slice of 25 ms stays below this even at eight times today's rate, unless the clock stops. */
const MAX_SLICE_WORDS = 2 ** 24;

export interface SearchLoopPorts {
  readonly kernel: Kernel;
  readonly clock: MonotonicClock;
  report(report: MinerReport): void;
  /** Calls `callback` after at least `delayMs` and after waiting messages; 0 means as soon as these are handled. */
  schedule(callback: () => void, delayMs: number): void;
  /** Limits a slice if the clock is virtual and measures no time within a slice. */
  readonly maxSliceWords?: number;
}

/** The loop of a mining thread: searches in short slices and handles commands between them. */
export class SearchLoop {
  readonly #ports: SearchLoopPorts;
  readonly #maxSliceWords: number;
  #work: { tag: number; job: SearchJob; nextWord: number } | null = null;
  #throttle = 100;
  #sliceWords = FIRST_SLICE_WORDS;
  #scheduled = false;
  #unreported = 0;
  #reportedAt: number;

  constructor(ports: SearchLoopPorts) {
    this.#ports = ports;
    this.#maxSliceWords = ports.maxSliceWords ?? MAX_SLICE_WORDS;
    this.#reportedAt = ports.clock.monotonic();
    ports.report({ type: 'ready', kernel: ports.kernel.name });
  }

  handle(command: MinerCommand): void {
    if (command.type === 'stop') {
      this.#work = null;
      this.#reportProgress();
      return;
    }
    this.#throttle = command.throttle;
    if (command.type === 'throttle') return;
    this.#work = { tag: command.tag, job: command.job, nextWord: 0 };
    this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#ports.schedule(() => {
      this.#scheduled = false;
      this.#slice();
    }, delayMs);
  }

  #slice(): void {
    const work = this.#work;
    if (!work) return;
    const { clock, kernel, report } = this.#ports;
    const startedAt = clock.monotonic();
    const count = Math.min(this.#sliceWords, this.#maxSliceWords, WORDS_PER_BASE - work.nextWord);
    const { found, hashes } = kernel.search(work.job, work.nextWord, count);
    const elapsedMs = Math.max(0, clock.monotonic() - startedAt);
    work.nextWord += hashes;
    this.#unreported += hashes;
    if (found !== null || work.nextWord === WORDS_PER_BASE) {
      this.#work = null;
      this.#reportProgress();
      report(found !== null ? { type: 'found', tag: work.tag, word: found } : { type: 'exhausted', tag: work.tag });
      return;
    }
    this.#fitSlice(elapsedMs);
    if (clock.monotonic() - this.#reportedAt >= REPORT_INTERVAL_MS) this.#reportProgress();
    this.#schedule((elapsedMs * (100 - this.#throttle)) / this.#throttle);
  }

  /** A slice grows at most twofold, so one wrong clock reading cannot block the thread. */
  #fitSlice(elapsedMs: number): void {
    const factor = Math.min(2, SLICE_MS / Math.max(1, elapsedMs));
    this.#sliceWords = Math.min(this.#maxSliceWords, Math.max(MIN_SLICE_WORDS, Math.floor(this.#sliceWords * factor)));
  }

  #reportProgress(): void {
    this.#reportedAt = this.#ports.clock.monotonic();
    if (this.#unreported === 0) return;
    this.#ports.report({ type: 'progress', hashes: this.#unreported });
    this.#unreported = 0;
  }
}
