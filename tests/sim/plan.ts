import type { Prng } from './engine/prng.ts';
import type { EvilKind } from './hostile/kinds.ts';

/** What is drawn once for a whole run. */
export interface Plan {
  readonly blockTimeMs: number;
  readonly halvingInterval: number;
  readonly maxBlockBytes: number;
  /** Virtual length of the time in which things go wrong. */
  readonly chaosMs: number;
  /** Time to heal with mining on, then to settle with mining off. */
  readonly healMs: number;
  readonly settleMs: number;
  readonly nodes: number;
  /** Of these, how many are hostile. */
  readonly hostile: number;
  /** What all of them play; null where each draws for itself. */
  readonly evil: EvilKind | null;
  /** The program's own search loop hashes; else solve times are drawn. */
  readonly hashing: boolean;
  /** Expected hashes of a block once the difficulty has settled. */
  readonly hashesPerBlock: number;
  /** Links that a tab wants. */
  readonly degree: number;
  readonly latencyMs: readonly [number, number];
  readonly bytesPerSecond: number;
  readonly loss: number;
  /** Mean time between two mishaps (partition, freeze, crash, disk, clock) and between two payments. */
  readonly mishapMs: number;
  readonly paymentMs: number;
  /** Disks may lose what they acknowledged, tear and rot. */
  readonly lyingDisks: boolean;
}

export interface PlanOptions {
  /** Number of tabs; drawn from the seed where absent. */
  readonly nodes?: number | undefined;
  /** Share of hostile tabs; drawn from the seed where absent. */
  readonly hostile?: number | undefined;
  /** What the hostile tabs play; drawn from the seed where absent. */
  readonly evil?: EvilKind | undefined;
}

/** Fewer have nobody to agree with; more want more memory for WebAssembly than a process has. */
export const MIN_NODES = 2;
export const MAX_NODES = 500;

/** Longer than the time between two announcements of an own transaction. */
const SETTLE_MS = 65_000;

/** How long everything that waits for a time-out takes to wait for it: silence, stale claims, slow peers, own announcements. */
const HEAL_MS = 120_000;

export function drawPlan(rng: Prng, options: PlanOptions = {}): Plan {
  const blockTimeMs = rng.pick([2_000, 3_000, 6_000]);
  const nodes = options.nodes ?? rng.int(3, 7);
  const share = options.hostile ?? (rng.chance(0.4) ? 0.3 : 0);
  return {
    blockTimeMs,
    halvingInterval: rng.pick([0, 0, 7, 25]),
    maxBlockBytes: rng.pick([4_096, 8_192, 65_536]),
    chaosMs: blockTimeMs * rng.int(25, 45) + 40_000,
    healMs: HEAL_MS + 6 * blockTimeMs,
    settleMs: SETTLE_MS,
    nodes,
    hostile: Math.min(nodes - 2, Math.round(nodes * share)),
    evil: options.evil ?? null,
    hashing: rng.chance(0.1),
    hashesPerBlock: rng.pick([8, 32, 64]),
    degree: rng.int(2, 4),
    latencyMs: rng.pick([
      [2, 30],
      [20, 200],
      [100, 900],
    ] as const),
    bytesPerSecond: rng.pick([40_000, 400_000, 8_000_000]),
    loss: rng.pick([0, 0, 0.01, 0.08]),
    mishapMs: rng.logarithmic(8_000, 60_000),
    paymentMs: rng.logarithmic(1_500, 20_000),
    lyingDisks: rng.chance(0.3),
  };
}
