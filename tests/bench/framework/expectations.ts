import { readFileSync } from 'node:fs';

/** The allowed range of a figure, wide enough for the noise of shared machines. */
interface Band {
  readonly min?: number;
  readonly max?: number;
  /** Why these bounds. */
  readonly reason: string;
}

export type Bands = Readonly<Record<string, Band>>;

export interface Verdict {
  /** One line for each figure outside its band, thus a regression. */
  readonly broken: readonly string[];
  /** Figures without a band. */
  readonly unbound: readonly string[];
  /** Bands whose benchmark ran without giving the figure: this machine lacks a requirement, or the figure was renamed. */
  readonly missing: readonly string[];
}

/** The bands of `expected.json`. */
export function expectedBands(): Bands {
  return JSON.parse(readFileSync(new URL('../expected.json', import.meta.url), 'utf8')) as Bands;
}

/** Compares figures with their bands. @param ran names of the benchmarks that ran; bands of other benchmarks are ignored */
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
