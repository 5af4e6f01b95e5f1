import { readFileSync } from 'node:fs';

/** Where a figure has to lie; the bands are wide enough for the noise of shared machines. */
interface Band {
  readonly min?: number;
  readonly max?: number;
  /** Why these bounds. */
  readonly reason: string;
}

/** One line for each figure outside its band in `expected.json`; figures without a band, and bands without a figure, say nothing. */
export function broken(figures: Readonly<Record<string, number>>): string[] {
  const bands = JSON.parse(readFileSync(new URL('../expected.json', import.meta.url), 'utf8')) as Record<string, Band>;
  return Object.entries(figures).flatMap(([name, value]) => {
    const band = bands[name];
    if (band === undefined || (value >= (band.min ?? -Infinity) && value <= (band.max ?? Infinity))) return [];
    return [`${name} is ${value}, expected ${band.min ?? '…'} to ${band.max ?? '…'}: ${band.reason}`];
  });
}
