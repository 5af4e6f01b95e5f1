import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

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
    const program = ['--import', 'tsx', '--import', './tests/sim/loader.mjs', 'tests/sim/cli.ts'];
    const options = ['--mutation', mutation, '--first-seed', '1', '--seeds', `${processes}`, '--processes', `${processes}`];
    const { status, stdout } = spawnSync(process.execPath, [...program, ...options], { cwd: PROJECT, encoding: 'utf8' });
    expect(stdout).toContain(code);
    expect(status).toBe(1);
  },
  120_000,
);
