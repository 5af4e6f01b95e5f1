import type { Prng } from '../../sim/engine/prng.ts';
import { settled } from './one-chain.ts';
import { bitsOf, T, type Block, type Rule } from './rules.ts';

export interface FreshResult {
  /** Blocks of the best chain at the end. */
  readonly blocks: number;
  /** Blocks that were found but are not in that chain. */
  readonly stale: number;
  /** When the storm of blocks ended: the next ten blocks took T/2 or more on average. */
  readonly stormMs: number;
  readonly stormBlocks: number;
  /** Deepest reorganisation of any tab. */
  readonly deepest: number;
  readonly longestWaitMs: number;
}

interface Options {
  readonly tabs: number;
  readonly latencyMs: number;
  readonly endMs: number;
  /** Difficulty at the start, in expected hashes. */
  readonly startDifficulty: number;
  /** The tabs come to a settled chain of that difficulty, not to a fresh one. */
  readonly settled?: boolean;
}

interface Node extends Block {
  readonly parent: Node | null;
  readonly work: number;
  readonly foundMs: number;
}

interface Tab {
  /** Hashes per millisecond. */
  readonly rate: number;
  readonly skewMs: number;
  tip: Node;
  /** Number of the current draw; a newer tip invalidates earlier draws. */
  attempt: number;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

const WINDOW = 10;

/** Simulates tabs of 2 to 7 MH/s that start mining together. A block reaches every other tab after the latency. */
export function runFresh(rule: Rule, options: Options, random: Prng): FreshResult {
  const world = new World(rule, options, random);
  return world.run();
}

class World {
  readonly #rule: Rule;
  readonly #options: Options;
  readonly #random: Prng;
  readonly #tabs: Tab[];
  readonly #queue = new Queue();
  readonly #start: Node;
  #nowMs = 0;
  #found = 0;
  #deepest = 0;

  constructor(rule: Rule, options: Options, random: Prng) {
    this.#rule = rule;
    this.#options = options;
    this.#random = random;
    const difficulty = options.startDifficulty;
    // A real genesis is months old, so the first block has the easiest target whatever genesis says. Here genesis counts as just made.
    const fresh: Block = { height: 0, timeMs: 0, difficulty, bits: bitsOf(difficulty), base: Math.log2(difficulty), parent: null };
    const start: Node = { ...(options.settled ? settled(difficulty / T) : fresh), work: 0, foundMs: 0 } as Node;
    this.#start = start;
    this.#tabs = Array.from({ length: options.tabs }, () => ({
      rate: 2_000 + 5_000 * random.float(),
      skewMs: Math.round(10_000 * random.float() - 5_000),
      tip: start,
      attempt: 0,
    }));
  }

  run(): FreshResult {
    for (const tab of this.#tabs) this.#search(tab);
    for (let event = this.#queue.pop(); event && event.atMs <= this.#options.endMs; event = this.#queue.pop()) {
      this.#nowMs = event.atMs;
      event.run();
    }
    return this.#result();
  }

  /** Draws when this tab finds a block on its tip; draws again if the target changes first. */
  #search(tab: Tab): void {
    const attempt = ++tab.attempt;
    const { tip } = tab;
    const stamp = this.#stamp(tab, this.#nowMs);
    const { difficulty } = this.#rule.next(tip, stamp);
    const gapMs = stamp - tip.timeMs;
    const changeMs = Math.max(1, this.#rule.changesAfter(gapMs) - gapMs);
    const neededMs = this.#random.exponential(difficulty / tab.rate);
    const found = neededMs < changeMs;
    this.#queue.push(this.#nowMs + Math.min(neededMs, changeMs), () => {
      if (tab.attempt !== attempt) return;
      if (found) this.#solved(tab);
      else this.#search(tab);
    });
  }

  #stamp(tab: Tab, nowMs: number): number {
    return Math.max(tab.tip.timeMs + 1, Math.round(nowMs) + tab.skewMs);
  }

  #solved(tab: Tab): void {
    const { tip } = tab;
    const timeMs = this.#stamp(tab, this.#nowMs);
    const target = this.#rule.next(tip, timeMs);
    const block: Node = {
      height: tip.height + 1,
      timeMs,
      ...target,
      parent: tip,
      work: tip.work + target.difficulty,
      foundMs: this.#nowMs,
    };
    this.#found++;
    tab.tip = block;
    this.#search(tab);
    for (const other of this.#tabs) {
      if (other !== tab) this.#queue.push(this.#nowMs + this.#options.latencyMs, () => this.#hears(other, block));
    }
  }

  #hears(tab: Tab, block: Node): void {
    if (block.work <= tab.tip.work) return;
    this.#deepest = Math.max(this.#deepest, depth(tab.tip, block));
    tab.tip = block;
    this.#search(tab);
  }

  #result(): FreshResult {
    const best = this.#tabs.reduce((a, b) => (b.tip.work > a.tip.work ? b : a)).tip;
    const times: number[] = [];
    for (let block = best; ; block = block.parent!) {
      times.push(block.foundMs);
      if (block === this.#start) break;
    }
    times.reverse();
    let calm = times.findIndex((timeMs, i) => (times[i + WINDOW] ?? Infinity) - timeMs >= (WINDOW * T) / 2);
    if (calm < 0) calm = times.length - 1;
    const longestWaitMs = times.reduce((longest, timeMs, i) => Math.max(longest, timeMs - (times[i - 1] ?? 0)), 0);
    const blocks = times.length - 1;
    return { blocks, stale: this.#found - blocks, stormMs: times[calm]!, stormBlocks: calm, deepest: this.#deepest, longestWaitMs };
  }
}

/** Number of blocks in the branch of `from` that are not in the branch of `to`. */
function depth(from: Node, to: Node): number {
  let [a, b]: [Node | null, Node | null] = [from, to];
  let left = 0;
  while (a !== b) {
    if ((a?.height ?? -1) >= (b?.height ?? -1)) {
      a = a?.parent ?? null;
      left++;
    } else {
      b = b?.parent ?? null;
    }
  }
  return left;
}

/** A priority queue of events: by time, then in the order of entry. */
class Queue {
  readonly #heap: Event[] = [];
  #order = 0;

  push(atMs: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ atMs, order: this.#order++, run });
    for (let i = heap.length - 1; i > 0;) {
      const up = (i - 1) >> 1;
      if (!before(heap[i]!, heap[up]!)) break;
      [heap[i], heap[up]] = [heap[up]!, heap[i]!];
      i = up;
    }
  }

  pop(): Event | undefined {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop();
    if (!top || heap.length === 0) return top;
    heap[0] = last!;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
      if (least === i) return top;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}

const before = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
