import TinyQueue from 'tinyqueue';

/** The owner of callbacks: those of a dead owner never run, those of a frozen owner wait. */
export interface Owner {
  alive: boolean;
  /** Callbacks that came due while frozen, in order; null while the owner runs. */
  deferred: (() => void)[] | null;
  /** Callbacks that are scheduled and neither run nor cancelled. */
  scheduled: number;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly owner: Owner;
  readonly callback: () => void;
  cancelled: boolean;
}

/**
 * The one clock and event queue of a simulated world. After each event all promises settle before the next event runs. Nothing in the
 * simulation waits for the real world, so one drain of the microtask queue settles everything, always in the same order.
 */
export class SimTime {
  #nowMs: number;
  #order = 0;
  /** Times are fractions of milliseconds; of two events at one time the older runs first. */
  readonly #queue = new TinyQueue<Entry>([], (a, b) => a.atMs - b.atMs || a.order - b.order);
  readonly #byId = new Map<number, Entry>();
  #stopped = false;
  events = 0;

  readonly #settles: boolean;

  /** @param settles whether promises settle after each event; code without promises runs faster without */
  constructor(nowMs: number, settles = true) {
    this.#nowMs = nowMs;
    this.#settles = settles;
  }

  now(): number {
    return this.#nowMs;
  }

  /** @returns an id for {@link cancel} */
  schedule(owner: Owner, callback: () => void, delayMs: number): number {
    const order = ++this.#order;
    const entry: Entry = { atMs: this.#nowMs + Math.max(0, delayMs), order, owner, callback, cancelled: false };
    owner.scheduled++;
    this.#byId.set(order, entry);
    this.#queue.push(entry);
    return order;
  }

  cancel(id: number): void {
    const entry = this.#byId.get(id);
    if (!entry) return;
    entry.cancelled = true;
    entry.owner.scheduled--;
    this.#byId.delete(id);
  }

  /** Ends the run after the current event. */
  stop(): void {
    this.#stopped = true;
  }

  /** Runs all events due up to `untilMs`. */
  async runUntil(untilMs: number): Promise<void> {
    await settle();
    for (let next = this.#queue.peek(); next && next.atMs <= untilMs && !this.#stopped; next = this.#queue.peek()) {
      this.#queue.pop();
      if (next.cancelled) continue;
      this.#byId.delete(next.order);
      next.owner.scheduled--;
      if (!next.owner.alive) continue;
      this.#nowMs = next.atMs;
      if (next.owner.deferred) {
        next.owner.deferred.push(next.callback);
        continue;
      }
      this.events++;
      next.callback();
      if (this.#settles) await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Unfreezes an owner: callbacks that came due meanwhile run now, in order. */
  thaw(owner: Owner): void {
    const due = owner.deferred ?? [];
    owner.deferred = null;
    for (const callback of due) this.schedule(owner, callback, 0);
  }
}

/**
 * Lets every pending promise settle; code resolves all of them, never the machine. Node runs a `nextTick` callback that a microtask
 * requested when no microtask is left. A turn of the event loop would do the same at a higher cost.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
