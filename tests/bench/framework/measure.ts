/** The median of `samples`; for an even number, the mean of the middle two. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest sample that at least this part (0 … 1) of `samples` does not exceed. */
export function percentile(samples: readonly number[], part: number): number {
  return samples.toSorted((a, b) => a - b)[Math.ceil(part * samples.length) - 1]!;
}

/** The compared variants by name: each call returns one sample, e.g. a rate. */
export type Contestants = Readonly<Record<string, () => number | Promise<number>>>;

/** Samples by contestant, in the order of the rounds. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/**
 * Runs all contestants in turn, for `rounds` rounds, each round starting with another contestant. A temporary disturbance of the machine so
 * affects all of them. Ratios are formed within the rounds ({@link medianRatio}).
 */
export async function alternate(contestants: Contestants, rounds: number): Promise<Samples> {
  const names = Object.keys(contestants);
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!;
      samples[name]!.push(await contestants[name]!());
    }
  }
  return samples;
}

/** Median over the rounds of `samples[name]` ÷ `samples[reference]`. */
export function medianRatio(samples: Samples, name: string, reference: string): number {
  return median(samples[name]!.map((sample, round) => sample / samples[reference]![round]!));
}
