import type { PeerInfo } from '../../../api/api.ts';

/** Time between samples. */
export const SAMPLE_MS = 2_000;
/** How far back the samples reach. */
export const TRAFFIC_MS = 600_000;
const MAX_SAMPLES = TRAFFIC_MS / SAMPLE_MS;

export interface Bytes {
  readonly received: number;
  readonly sent: number;
}

/** Bytes since the sample before, in total and by peer id. A peer without bytes is left out. */
export interface TrafficSample {
  /** End of the interval, and its length, in monotonic milliseconds. */
  readonly atMs: number;
  readonly spanMs: number;
  readonly all: Bytes;
  readonly peers: ReadonlyMap<string, Bytes>;
}

type Counted = Pick<PeerInfo, 'id' | 'received' | 'sent'>;

const NONE: Bytes = { received: 0, sent: 0 };

const sum = (a: Bytes, b: Bytes): Bytes => ({ received: a.received + b.received, sent: a.sent + b.sent });

/** Records the bytes of all links over the last ten minutes: at most {@link MAX_SAMPLES} samples, and counters of the present links. */
export class Traffic {
  #counters = new Map<string, Bytes>();
  #samples: readonly TrafficSample[] = [];
  #total = NONE;
  #atMs: number | null = null;

  /** Oldest first. A new array after each sample. */
  get samples(): readonly TrafficSample[] {
    return this.#samples;
  }

  /** Bytes since the first sample. The last moments of links that have closed are missing. */
  get total(): Bytes {
    return this.#total;
  }

  /**
   * Takes a sample if one is due.
   * @param atMs monotonic milliseconds
   * @returns whether a sample was taken
   */
  note(atMs: number, peers: readonly Counted[]): boolean {
    if (this.#atMs !== null && atMs - this.#atMs < SAMPLE_MS) return false;
    const counters = new Map<string, Bytes>();
    for (const { id, received, sent } of peers) counters.set(id, sum(counters.get(id) ?? NONE, { received, sent }));
    const grown = new Map<string, Bytes>();
    for (const [id, now] of counters) {
      const bytes = growth(this.#counters.get(id) ?? NONE, now);
      if (bytes.received + bytes.sent > 0) grown.set(id, bytes);
    }
    const all = [...grown.values()].reduce(sum, NONE);
    this.#counters = counters;
    this.#total = sum(this.#total, all);
    // The first sample has no interval.
    if (this.#atMs !== null) {
      const kept = this.#samples.filter((sample) => sample.atMs > atMs - TRAFFIC_MS).slice(1 - MAX_SAMPLES);
      this.#samples = [...kept, { atMs, spanMs: atMs - this.#atMs, all, peers: grown }];
    }
    this.#atMs = atMs;
    return true;
  }
}

/** A smaller counter belongs to a new link to the same peer. */
function growth(before: Bytes, now: Bytes): Bytes {
  const isNew = now.received < before.received || now.sent < before.sent;
  return isNew ? now : { received: now.received - before.received, sent: now.sent - before.sent };
}

/** A point of a curve: seconds before now (negative), bytes a second. */
export interface RatePoint {
  readonly x: number;
  readonly y: number;
}

/**
 * The rates of one peer, or of all peers (null), as two curves over the same points. Each rate holds from the point before to its own point.
 * @param nowMs monotonic milliseconds
 */
export function rates(samples: readonly TrafficSample[], peer: string | null, nowMs: number): { received: RatePoint[]; sent: RatePoint[] } {
  const received: RatePoint[] = [];
  const sent: RatePoint[] = [];
  const [first] = samples;
  const add = (atMs: number, bytes: Bytes, spanMs: number): void => {
    const x = (atMs - nowMs) / 1000;
    received.push({ x, y: (bytes.received * 1000) / spanMs });
    sent.push({ x, y: (bytes.sent * 1000) / spanMs });
  };
  if (first) add(first.atMs - first.spanMs, NONE, first.spanMs);
  for (const { atMs, spanMs, all, peers } of samples) add(atMs, peer === null ? all : (peers.get(peer) ?? NONE), spanMs);
  return { received, sent };
}
