import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Two processes, each with a few seconds of simulation, on a busy machine. */
const TIMEOUT_MS = 120_000;

/** Runs the command line itself, because its loader applies deliberate faults and small limits. */
function simulate(...options: string[]): { status: number | null; stdout: string } {
  const program = ['--import', 'tsx', '--import', './tests/sim/loader.mjs', 'tests/sim/cli.ts'];
  return spawnSync(process.execPath, [...program, ...options], { cwd: PROJECT, encoding: 'utf8' });
}

/**
 * A simulator that finds nothing proves nothing, so deliberate faults (mutations.mjs) must be found for the right reason: in one process,
 * and in several as in long runs.
 */
test.each([
  ['supply', 'supply:', 1],
  ['root', 'honest-discouraged:', 2],
])(
  'the deliberate fault "%s" is found',
  (mutation, code, processes) => {
    const { status, stdout } = simulate(
      '--mutation',
      mutation,
      '--first-seed',
      '1',
      '--seeds',
      `${processes}`,
      '--processes',
      `${processes}`,
    );
    expect(stdout).toContain(code);
    expect(status).toBe(1);
  },
  TIMEOUT_MS,
);

test(
  'seed 1051, which failed under small limits (tight.mjs), keeps every promise',
  () => {
    // A newcomer knew a better branch that no peer delivered. Another branch was too long to trace or to keep beside the first.
    const { status, stdout } = simulate('--tight', '--first-seed', '1051', '--seeds', '1');
    expect(status, stdout).toBe(0);
  },
  TIMEOUT_MS,
);
