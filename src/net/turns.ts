import type { MonotonicClock, TimerId, Timers } from '../util/ports.ts';
import { Allowance } from './allowance.ts';
import {
  ALL_LINKS_MS_PER_SECOND,
  CARRIAGE_MS,
  FIRST_ALLOWANCE_MS,
  LINK_BURST_MS,
  LINK_MS_PER_SECOND,
  TURNS_SLICE_MS,
} from './peer-limits.ts';

/** A source of work that is done piece by piece. */
export interface TurnTaker {
  /** Whether there is a piece to do now. */
  ready(): boolean;
  /**
   * Does one piece, short enough that others can wait for it.
   * @returns whether the piece was done only for the other end, so the other end is charged
   */
  work(): Promise<boolean>;
}

export interface TurnsPorts {
  readonly clock: MonotonicClock;
  readonly timers: Timers;
  /** Runs a task in the node's only mailbox, behind more urgent tasks. */
  enqueue(task: () => Promise<void>): void;
}

/**
 * Shares this node's time among its links. Of the links with work, the link that has used least time lately comes next. A link without
 * allowance waits, and all links wait if their common allowance is used up. Time is measured, not estimated from the request, so a peer
 * pays for the time of its own messages. Only the page's work for a frame has a fixed price, because this thread cannot measure that work.
 */
export class Turns {
  readonly #ports: TurnsPorts;
  /** In order of their last turn, the longest ago first. */
  readonly #takers = new Map<TurnTaker, Allowance>();
  readonly #together: Allowance;
  /** Whether a turn is queued or running, or the thread pauses for a moment. */
  #busy = false;
  #timer: TimerId | null = null;
  #sliceEndsAt = 0;

  constructor(ports: TurnsPorts) {
    this.#ports = ports;
    this.#together = new Allowance(ALL_LINKS_MS_PER_SECOND, ALL_LINKS_MS_PER_SECOND, ALL_LINKS_MS_PER_SECOND, ports.clock.monotonic());
  }

  add(taker: TurnTaker): void {
    // A new link starts with little; otherwise a peer could get more time by making new links.
    this.#takers.set(taker, new Allowance(LINK_MS_PER_SECOND, LINK_BURST_MS, FIRST_ALLOWANCE_MS, this.#ports.clock.monotonic()));
  }

  remove(taker: TurnTaker): void {
    this.#takers.delete(taker);
  }

  /** Call when a taker may have become ready. Costs almost nothing if a turn is queued anyway. */
  wake(): void {
    if (this.#busy) return;
    this.#sliceEndsAt = this.#ports.clock.monotonic() + TURNS_SLICE_MS;
    this.#queue();
  }

  #queue(): void {
    if (this.#timer !== null) this.#ports.timers.clear(this.#timer);
    this.#timer = null;
    this.#busy = true;
    this.#ports.enqueue(() => this.#turn());
  }

  async #turn(): Promise<void> {
    const { clock, timers } = this.#ports;
    const startedAt = clock.monotonic();
    const taker = this.#choose(startedAt);
    if (!taker) {
      this.#busy = false;
      return this.#sleep(startedAt);
    }
    const allowance = this.#takers.get(taker)!;
    this.#takers.delete(taker);
    this.#takers.set(taker, allowance);
    let charged = true;
    try {
      charged = await taker.work();
    } finally {
      const now = clock.monotonic();
      for (const account of charged ? [allowance, this.#together] : []) account.spend(now - startedAt + CARRIAGE_MS, now);
      if (now < this.#sliceEndsAt) this.#queue();
      else {
        // By a timer, so this thread handles calls, links and its own miners in between.
        timers.set(() => {
          this.#sliceEndsAt = clock.monotonic() + TURNS_SLICE_MS;
          this.#queue();
        }, 0);
      }
    }
  }

  #choose(now: number): TurnTaker | null {
    if (this.#together.left(now) <= 0) return null;
    let best: TurnTaker | null = null;
    let least = Infinity;
    for (const [taker, allowance] of this.#takers) {
      const used = allowance.used(now);
      if (used >= least || allowance.left(now) <= 0 || !taker.ready()) continue;
      best = taker;
      least = used;
    }
    return best;
  }

  /** Sleeps until a ready taker has allowance. */
  #sleep(now: number): void {
    const waits = [...this.#takers].filter(([taker]) => taker.ready()).map(([, allowance]) => allowance.waitMs(now));
    if (waits.length === 0) return;
    const waitMs = Math.max(this.#together.waitMs(now), Math.min(...waits));
    this.#timer = this.#ports.timers.set(() => {
      this.#timer = null;
      this.wake();
    }, Math.ceil(waitMs));
  }
}
