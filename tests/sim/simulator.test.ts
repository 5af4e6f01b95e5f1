import { expect, test } from 'vitest';
import { loadSqlJs, runSeed, type RunOptions, type RunResult } from './run.ts';

/** A run takes one to three seconds on a quiet core; a busy machine must not fail the test. */
const TIMEOUT_MS = 180_000;

const sqlJs = await loadSqlJs();

/** The text of a failure: the command that repeats it, and the last lines of the trace. */
function story({ seed, violations, tail }: RunResult): string {
  const faults = violations.map(({ code, text }) => `${code}: ${text}`);
  return [`npm run sim -- --first-seed ${seed} --seeds 1 --print (and the options of the test)`, ...faults, ...tail].join('\n');
}

async function expectSound(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const result = await runSeed(seed, sqlJs, options);
  expect(result.violations.length, story(result)).toBe(0);
  expect(result.blocks).toBeGreaterThan(20);
  return result;
}

test(
  'the same seed gives the same run, to the byte',
  async () => {
    // This seed once failed: a withholder sent headers and never their blocks, and every miner waited for the blocks for ever.
    const options: RunOptions = { hostile: 0.3, evil: 'withholder' };
    const first = await expectSound(20, options);
    const second = await runSeed(20, sqlJs, options);
    expect(second.trace).toBe(first.trace);
    expect(second.events).toBe(first.events);
    expect([...second.counters]).toEqual([...first.counters]);
  },
  TIMEOUT_MS,
);

test.each([1, 5])(
  'a world of seed %i keeps every promise',
  async (seed) => {
    await expectSound(seed, { nodes: 4 });
  },
  TIMEOUT_MS,
);

/** Seeds that once failed, each with its fault. Options name the hostile kind, because draws change and the fault must not come back. */
test.each([
  // Two withholders: each honest block restarted the wait for their blocks, so the network slowed to one block in half a minute. Later:
  // they never delivered requested blocks of the honest branch, and the node never asked other peers for the missing blocks.
  [2002, { nodes: 6, hostile: 0.3, evil: 'withholder' }],
  // Withholders again: although known to be slow, they were asked first after every time-out.
  [2014, { nodes: 6, hostile: 0.3, evil: 'withholder' }],
  // Own transfers whose coins came just before mining stopped. The check was wrong: no later block could confirm them.
  [122, {}],
  // The page opened while the disk refused writes. The database was not even read, so own transactions were unknown.
  [2494, {}],
  [2648, {}],
  // Logout during the search for a stamp: the registration went to the guest's chain, but its owner was told that it was announced.
  [3013, { nodes: 6, hostile: 0.3, evil: 'staller' }],
  // A newcomer whose whole chain had taken over from its recent chain: the mempool followed the chain after the miner, who could then make no
  // block, and the sender of the newest block was blamed.
  [8, { long: true }],
] satisfies [number, RunOptions][])(
  'seed %i, which once failed, keeps every promise',
  async (seed, options) => {
    await expectSound(seed, options);
  },
  TIMEOUT_MS,
);
