import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Two processes, each with seconds of simulation, on a busy machine. */
const TIMEOUT_MS = 120_000;

/** The command line itself, whose loader changes the program: with a deliberate fault, or with small limits. */
function simulate(...options: string[]): { status: number | null; stdout: string } {
  const program = ['--import', 'tsx', '--import', './tests/sim/loader.mjs', 'tests/sim/cli.ts'];
  return spawnSync(process.execPath, [...program, ...options], { cwd: PROJECT, encoding: 'utf8' });
}

/**
 * A simulator that finds nothing proves nothing: each deliberate fault (mutations.mjs) must be found, and for the right reason; in one process,
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
    // A newcomer knew of a better branch that nobody delivers, and another was longer than it was ready to trace, or to keep, beside it.
    const { status, stdout } = simulate('--tight', '--first-seed', '1051', '--seeds', '1');
    expect(status, stdout).toBe(0);
  },
  TIMEOUT_MS,
);
