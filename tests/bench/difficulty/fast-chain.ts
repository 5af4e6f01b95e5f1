/** Parameters of the relative rule, in block times. */
export interface Knobs {
  readonly halfLife: number;
  /** The half-life after a parent lower than `young.blocks`. */
  readonly young?: { readonly blocks: number; readonly halfLife: number };
  readonly maxSolve: number;
  readonly easeAfter: number;
  readonly easeEvery: number;
  /** Whether the next base starts from the eased target. */
  readonly carries: boolean;
  readonly burst?: Burst;
}

/**
 * While the last `blocks` blocks took less than `spanBlocks` · T together, a block's target is its parent's divided by `factor`, as long as
 * the parent's is easier than `below` doublings of the lowest difficulty.
 */
export interface Burst {
  readonly blocks: number;
  readonly spanBlocks: number;
  readonly factor: number;
  readonly below: number;
}

const RING = 16;

/**
 * The tip of a chain under a relative rule, in floating point and fast: times in block times, difficulties as the binary logarithm of
 * expected hashes. Wherever the product's parameters are used, a test compares the difficulties with those of `expectedBits`.
 */
export class FastChain {
  readonly #knobs: Knobs;
  readonly #easiest: number;
  /** Header times of the newest blocks; index: height modulo the length. */
  readonly #times = new Float64Array(RING);
  #height: number;
  /** Difficulty of the tip, without the easing unless the rule carries the easing on. */
  #base: number;
  /** Difficulty of the next block before easing. */
  #next: number;

  /** A settled chain, or a fresh chain for height 0. The tip's time is 0. */
  constructor(knobs: Knobs, easiest: number, height: number, base: number) {
    this.#knobs = knobs;
    this.#easiest = easiest;
    this.#height = height;
    this.#base = base;
    this.#next = base;
    for (let below = 0; below < RING; below++) this.#times[(height + RING - below) % RING] = -below;
  }

  /** Copies another chain of the same rule. */
  assign(other: FastChain): void {
    this.#times.set(other.#times);
    this.#height = other.#height;
    this.#base = other.#base;
    this.#next = other.#next;
  }

  get height(): number {
    return this.#height;
  }

  get timeT(): number {
    return this.#times[this.#height % RING]!;
  }

  /** Difficulty of the next block before easing. */
  get next(): number {
    return this.#next;
  }

  /** Difficulty of a next block that comes `gap` after the tip. */
  difficulty(gap: number): number {
    return Math.max(this.#easiest, this.#next - easeOf(this.#knobs, gap));
  }

  add(gap: number): void {
    const timeT = this.timeT + gap;
    this.#base = this.#knobs.carries ? this.difficulty(gap) : this.#next;
    this.#height++;
    this.#times[this.#height % RING] = timeT;
    this.#next = nextBase(this.#knobs, this.#base, this.#easiest, this.#height, (below) => this.#times[(this.#height - below) % RING]!);
  }

  /** How long a search of `effort` (hashes ÷ hashes per block time) takes where the header's time is the real time. */
  solve(effort: number): number {
    const { easeAfter, easeEvery } = this.#knobs;
    let left = effort;
    let at = 0;
    for (let change = easeAfter; ; change += easeEvery) {
      const difficulty = this.difficulty(at);
      const needed = left * 2 ** difficulty;
      if (at + needed < change || difficulty === this.#easiest) return at + needed;
      left -= (change - at) / 2 ** difficulty;
      at = change;
    }
  }
}

export function easeOf({ easeAfter, easeEvery }: Knobs, gap: number): number {
  return gap < easeAfter ? 0 : 1 + Math.floor((gap - easeAfter) / easeEvery);
}

/** The difficulty after a block with a base, at a height. @param timeT header times from the block downwards, in block times */
export function nextBase(knobs: Knobs, base: number, easiest: number, height: number, timeT: (below: number) => number): number {
  const { halfLife, young, maxSolve, burst } = knobs;
  const solve = height < 2 ? 1 : Math.min(timeT(0) - timeT(1), maxSolve);
  const life = young && height < young.blocks ? young.halfLife : halfLife;
  let next = base + (1 - solve) / life;
  if (burst && height > burst.blocks && base < easiest + burst.below && timeT(0) - timeT(burst.blocks) < burst.spanBlocks) {
    next = Math.max(next, base + Math.log2(burst.factor));
  }
  return Math.max(easiest, next);
}
