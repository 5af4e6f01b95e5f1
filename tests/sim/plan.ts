import { createNetwork, type Network } from '../../src/protocol/network.ts';
import type { Prng } from './engine/prng.ts';
import type { EvilKind } from './hostile/kinds.ts';

/** Values drawn once for a whole run. */
export interface Plan {
  readonly blockTimeMs: number;
  readonly halvingInterval: number;
  /** Smallest units for a block's miner and for a new account. */
  readonly subsidy: number;
  readonly grant: number;
  /** Compact target at the start. */
  readonly startBits: number;
  readonly maxBlockBytes: number;
  /** Virtual duration of the mishaps. */
  readonly chaosMs: number;
  /** Time to heal with mining on, then to settle with mining off. */
  readonly healMs: number;
  readonly settleMs: number;
  readonly nodes: number;
  /** How many of the nodes are hostile. */
  readonly hostile: number;
  /** Kind of all hostile tabs; null if each draws its own. */
  readonly evil: EvilKind | null;
  /** The program's own search loop computes every hash; otherwise solve times are drawn. */
  readonly hashing: boolean;
  /** Expected hashes per block once the difficulty has settled. */
  readonly hashesPerBlock: number;
  /** Links that a tab wants. */
  readonly degree: number;
  readonly latencyMs: readonly [number, number];
  readonly bytesPerSecond: number;
  readonly loss: number;
  /** Mean time between two mishaps (partition, freeze, crash, disk, clock) and between two payments. */
  readonly mishapMs: number;
  readonly paymentMs: number;
  /** Disks may lose acknowledged writes, tear writes and rot. */
  readonly lyingDisks: boolean;
  /** The chain with which the world begins; null for a world that begins with genesis. */
  readonly long: LongPlan | null;
}

/** A chain so long that newcomers join by a snapshot. */
export interface LongPlan {
  readonly blocks: number;
  /** There is another branch, which forks below the snapshots, and of which one tab knows. */
  readonly forked: boolean;
}

export interface PlanOptions {
  /** Number of tabs; drawn from the seed if absent. */
  readonly nodes?: number | undefined;
  /** Share of hostile tabs; drawn from the seed if absent. */
  readonly hostile?: number | undefined;
  /** Kind of the hostile tabs; drawn from the seed if absent. */
  readonly evil?: EvilKind | undefined;
  /** Whether the world begins with a long chain; drawn from the seed if absent. */
  readonly long?: boolean | undefined;
}

/** Two hashes on average: the easiest target, so that only the difficulty rule decides the cost of a block. */
export const EASIEST_BITS = 0x207fffff;
/** Sixteen hashes on average. */
const HARDER_BITS = 0x200fffff;

/** What a block and a registration mint. The last pair reaches the largest supply within ten of them. */
const MONEY = [
  [50_000_000, 0],
  [50_000_000, 0],
  [50_000_000, 100_000_000],
  [0, 100_000_000],
  [1e15, 1e15],
] as const;

/** A single tab has no peer to agree with; more than 500 need more WebAssembly memory than a process has. */
export const MIN_NODES = 2;
export const MAX_NODES = 500;

/** Longer than the time between two announcements of an own transaction. */
const SETTLE_MS = 65_000;

/** Time for every time-out to pass: silence, stale claims, slow peers, own announcements. */
const HEAL_MS = 120_000;

/** Share of the worlds that begin with a long chain. */
const LONG_SHARE = 0.1;
/** Few lengths, because each chain is made once and serves many worlds. */
const LONG_BLOCKS = [420, 650, 880] as const;

/** The networks of worlds with a long chain. They are few, because each network needs chains of its own. */
const LONG_NETWORKS = [
  { blockTimeMs: 2_000, halvingInterval: 0, subsidy: 50_000_000, grant: 0, maxBlockBytes: 8_192, hashesPerBlock: 32 },
  { blockTimeMs: 3_000, halvingInterval: 0, subsidy: 50_000_000, grant: 100_000_000, maxBlockBytes: 65_536, hashesPerBlock: 8 },
  { blockTimeMs: 2_000, halvingInterval: 250, subsidy: 50_000_000, grant: 100_000_000, maxBlockBytes: 4_096, hashesPerBlock: 64 },
] as const;

export function drawPlan(rng: Prng, options: PlanOptions = {}): Plan {
  const plan = drawShort(rng, options);
  const draw = rng.fork('long');
  if (!(options.long ?? draw.chance(LONG_SHARE))) return plan;
  const network = draw.pick(LONG_NETWORKS);
  const chaosMs = network.blockTimeMs * draw.int(25, 45) + 40_000;
  const long = { blocks: draw.pick(LONG_BLOCKS), forked: draw.chance(0.2) };
  return { ...plan, ...network, startBits: EASIEST_BITS, hashing: false, chaosMs, healMs: HEAL_MS + 6 * network.blockTimeMs, long };
}

/** The network of a plan. */
export function networkOf(plan: Plan): Network {
  const { blockTimeMs, halvingInterval, subsidy, grant, maxBlockBytes, startBits } = plan;
  const limits = { powLimitBits: EASIEST_BITS, stampBits: EASIEST_BITS };
  return createNetwork({ label: 'simulation', blockTimeMs, halvingInterval, subsidy, grant, maxBlockBytes, startBits, ...limits });
}

function drawShort(rng: Prng, options: PlanOptions): Plan {
  const blockTimeMs = rng.pick([2_000, 3_000, 6_000]);
  const nodes = options.nodes ?? rng.int(3, 7);
  // Streams of their own, because these draws came later than the others: earlier seeds keep their worlds.
  const [subsidy, grant] = rng.fork('money').pick(MONEY);
  const startBits = rng.fork('start').pick([EASIEST_BITS, HARDER_BITS]);
  const share = options.hostile ?? (rng.chance(0.4) ? 0.3 : 0);
  return {
    blockTimeMs,
    halvingInterval: rng.pick([0, 0, 7, 25]),
    subsidy,
    grant,
    startBits,
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
    long: null,
  };
}
