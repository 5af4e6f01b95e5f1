import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildBaseChain } from '../crash/base-chain.ts';
import { CrashRun } from '../crash/crash-run.ts';
import type { Victim } from '../crash/profile.ts';
import type { Situation } from '../crash/situations.ts';
import { TamperRun } from '../crash/tamper/run.ts';

/** Situation, victim and moment of each kill: spread out, and the same in each run. */
const ROUNDS: readonly (readonly [Situation, Victim, number])[] = [
  ['mining', 'renderer', 0.3],
  ['checkpoint', 'renderer', 0.1],
  ['mining', 'browser', 0.1],
  ['mining', 'storage', 0.2],
  ['checkpoint', 'browser', 0.6],
];

/** A short version of `npm run crash`, without its second browser. */
describe.sequential('a tab that is killed', () => {
  let run: CrashRun;
  beforeAll(async () => {
    run = await CrashRun.open(await buildBaseChain(1));
  });
  afterAll(() => run?.close());

  test.each(ROUNDS)('loses no block reported on disk, and its account can pay: %s, %s, %d', async (situation, victim, chance) => {
    const round = await run.round(situation, victim, chance);
    expect(round).toMatchObject({ lost: 0, faults: [] });
    expect(round.found).toBeGreaterThanOrEqual(round.acknowledged);
  });
});

/** Rounds with different kinds of alterations: of the chain's records, of its rows, of keys, of everything at once. */
const TAMPERED = [1, 2, 3, 4, 5, 6];

/** A short version of `npm run crash -- --tamper`. */
describe.sequential('altered storage', () => {
  let run: TamperRun;
  beforeAll(async () => {
    run = await TamperRun.open(await buildBaseChain(1));
  });
  afterAll(() => run?.close());

  test.each(TAMPERED)('opens, keeps the key, and shows the person what is wrong: round %d', async (number) => {
    const failed = (await run.round(`short ${number}`)).filter(({ verdict }) => verdict !== 'told' && verdict !== 'same');
    expect(failed).toEqual([]);
  });
});
