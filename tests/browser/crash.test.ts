import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CrashRun, type Victim } from '../crash/crash-run.ts';

/** When in a round the kill comes: spread, and the same each time. */
const ROUNDS: readonly (readonly [Victim, number])[] = [
  ['renderer', 0.3],
  ['browser', 0.1],
  ['storage', 0.2],
  ['renderer', 0.05],
  ['browser', 0.4],
];

/** A short version of `npm run crash`. */
describe.sequential('a tab that is killed while it mines', () => {
  let run: CrashRun;
  beforeAll(async () => {
    run = await CrashRun.open();
  });
  afterAll(() => run?.close());

  test.each(ROUNDS)('loses nothing that it said to be on disk: %s, %d', async (victim, chance) => {
    const round = await run.round(victim, chance);
    expect(round).toMatchObject({ lost: 0, faults: [] });
    expect(round.found).toBeGreaterThanOrEqual(round.acknowledged);
  });
});
