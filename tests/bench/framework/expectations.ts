import { readFileSync } from 'node:fs';

/** Where a figure has to lie; the bands are wide enough for the noise of shared machines. */
interface Band {
  readonly min?: number;
  readonly max?: number;
  /** Why these bounds. */
  readonly reason: string;
}

export type Bands = Readonly<Record<string, Band>>;

export interface Verdict {
  /** One line for each figure outside its band: a regression. */
  readonly broken: readonly string[];
  /** Figures that nothing is expected of. */
  readonly unbound: readonly string[];
  /** Bands of benchmarks that ran, without their figure: this machine lacks what it takes, or the figure was renamed. */
  readonly missing: readonly string[];
}

/** The bands of `expected.json`. */
export function expectedBands(): Bands {
  return JSON.parse(readFileSync(new URL('../expected.json', import.meta.url), 'utf8')) as Bands;
}

/** @param ran names of the benchmarks that gave these figures; bands of others say nothing */
export function judge(figures: Readonly<Record<string, number>>, bands: Bands, ran: readonly string[]): Verdict {
  const broken = Object.entries(figures).flatMap(([name, value]) => {
    const band = bands[name];
    if (band === undefined || (value >= (band.min ?? -Infinity) && value <= (band.max ?? Infinity))) return [];
    return [`${name} is ${value}, expected ${band.min ?? '…'} to ${band.max ?? '…'}: ${band.reason}`];
  });
  const unbound = Object.keys(figures).filter((name) => !(name in bands));
  const missing = Object.keys(bands).filter((name) => ran.includes(name.split('/')[0]!) && !(name in figures));
  return { broken, unbound, missing };
}
