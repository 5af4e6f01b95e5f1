import { expect, test } from 'vitest';
import { loadSqlJs, runSeed, type RunResult } from './run.ts';

const sqlJs = await loadSqlJs();

/** What a failure prints: how to run it again, and the last moments. */
function story({ seed, violations, tail }: RunResult): string {
  const faults = violations.map(({ code, text }) => `${code}: ${text}`);
  return [`npm run sim -- --first-seed ${seed} --seeds 1 --print`, ...faults, ...tail].join('\n');
}

test('the same seed gives the same run, to the byte', async () => {
  const first = await runSeed(2, sqlJs);
  const second = await runSeed(2, sqlJs);
  expect(second.trace).toBe(first.trace);
  expect(second.events).toBe(first.events);
  const other = await runSeed(2, sqlJs, { nodes: first.plan.nodes + 1 });
  expect(other.trace).not.toBe(first.trace);
});

test.each([1, 4])('a world of seed %i keeps every promise', async (seed) => {
  const result = await runSeed(seed, sqlJs);
  expect(result.violations.length, story(result)).toBe(0);
  expect(result.blocks).toBeGreaterThan(20);
});
