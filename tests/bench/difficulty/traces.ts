import { T } from './rules.ts';

/** Hash rate of one tab, hashes per millisecond: about the middle of a laptop's 2 to 7 MH/s. */
export const TAB = 5_000;
const HOUR = 3_600_000;

/** Miners that share a clock. */
export interface Clock {
  /** Share of the hash rate. */
  readonly share: number;
  /** The header time that these miners write, before it is raised above the parent's time. */
  stamp(nowMs: number, parentMs: number): number;
}

export interface Trace {
  readonly name: string;
  readonly about: string;
  /** Hash rates, hashes per millisecond, each from a time on. */
  readonly rates: readonly (readonly [fromMs: number, rate: number])[];
  readonly endMs: number;
  readonly clocks: readonly Clock[];
  /** Number of runs. */
  readonly seeds: number;
}

const skewed = (skewMs: number): Clock => ({ share: 1, stamp: (nowMs) => nowMs + skewMs });

/** Honest clocks: five kinds of machine, within five seconds of the true time. */
const HONEST: readonly Clock[] = [-5_000, -2_000, 0, 2_000, 5_000].map((skewMs) => skewed(skewMs));

/** As far ahead as nodes accept. */
const AHEAD: Clock = skewed(2 * T);
/** Each block one millisecond after its parent, so that the chain seems fast. */
const BEHIND: Clock = { share: 1, stamp: () => -Infinity };

function mixed(liars: readonly Clock[], share: number): Clock[] {
  const weigh = (clocks: readonly Clock[], total: number): Clock[] => clocks.map((clock) => ({ ...clock, share: total / clocks.length }));
  return [...weigh(HONEST, 1 - share), ...weigh(liars, share)];
}

const honest = mixed([], 0);

export const TRACES: readonly Trace[] = [
  {
    name: 'steady',
    about: '10 tabs for a day',
    rates: [[0, 10 * TAB]],
    endMs: 24 * HOUR,
    clocks: honest,
    seeds: 8,
  },
  {
    name: '200_to_2',
    about: 'a class ends: 200 tabs for half an hour, 2 for four hours',
    rates: [
      [0, 200 * TAB],
      [HOUR / 2, 2 * TAB],
    ],
    endMs: 4.5 * HOUR,
    clocks: honest,
    seeds: 20,
  },
  {
    name: '2_to_200',
    about: 'a class begins: 2 tabs for an hour, 200 for an hour',
    rates: [
      [0, 2 * TAB],
      [HOUR, 200 * TAB],
    ],
    endMs: 2 * HOUR,
    clocks: honest,
    seeds: 20,
  },
  {
    name: 'overnight',
    about: '30 tabs for an hour, nobody for 14 hours, 30 tabs for two hours',
    rates: [
      [0, 30 * TAB],
      [HOUR, 0],
      [15 * HOUR, 30 * TAB],
    ],
    endMs: 17 * HOUR,
    clocks: honest,
    seeds: 20,
  },
  {
    name: 'week_asleep',
    about: '30 tabs for an hour, nobody for a week, five tabs for two hours',
    rates: [
      [0, 30 * TAB],
      [HOUR, 0],
      [169 * HOUR, 5 * TAB],
    ],
    endMs: 171 * HOUR,
    clocks: honest,
    seeds: 10,
  },
  {
    name: 'gpu',
    about: '10 tabs; a GPU of 1 GH/s joins for half an hour and leaves; two hours more',
    rates: [
      [0, 10 * TAB],
      [HOUR / 2, 10 * TAB + 1_000_000],
      [HOUR, 10 * TAB],
    ],
    endMs: 3 * HOUR,
    clocks: honest,
    seeds: 20,
  },
  {
    name: 'liars_ahead',
    about: '10 tabs for six hours; 30 % of the hash rate writes times 2 T ahead',
    rates: [[0, 10 * TAB]],
    endMs: 6 * HOUR,
    clocks: mixed([AHEAD], 0.3),
    seeds: 10,
  },
  {
    name: 'liars_behind',
    about: '10 tabs for six hours; 30 % of the hash rate writes its parent’s time + 1 ms',
    rates: [[0, 10 * TAB]],
    endMs: 6 * HOUR,
    clocks: mixed([BEHIND], 0.3),
    seeds: 10,
  },
  {
    name: 'liars_both',
    about: '10 tabs for six hours; 25 % of the hash rate each way',
    rates: [[0, 10 * TAB]],
    endMs: 6 * HOUR,
    clocks: mixed([AHEAD, BEHIND], 0.5),
    seeds: 10,
  },
];
