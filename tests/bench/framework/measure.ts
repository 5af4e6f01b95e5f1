/** The middle of `samples`; of an even number the mean of the middle two. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One of several that are compared: each call gives one sample, e.g. a rate. */
export type Contestants = Readonly<Record<string, () => number | Promise<number>>>;

/** Samples by contestant, in the order of the rounds. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/**
 * Lets all contestants run in turn, `rounds` times, beginning with another one each time: what disturbs the machine for a while disturbs them
 * all. Ratios are then formed within the rounds ({@link medianRatio}).
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
