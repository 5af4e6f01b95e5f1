import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A simulator that finds nothing proves nothing: each deliberate fault (mutations.mjs) must be found, and for the right reason. */
test.each([
  ['supply', 'supply:'],
  ['root', 'honest-discouraged:'],
])(
  'the deliberate fault "%s" is found',
  (mutation, code) => {
    const args = ['--import', 'tsx', '--import', './tests/sim/loader.mjs', 'tests/sim/cli.ts', '--mutation', mutation, '--first-seed', '1'];
    const { status, stdout } = spawnSync(process.execPath, [...args, '--seeds', '1'], { cwd: PROJECT, encoding: 'utf8' });
    expect(stdout).toContain(code);
    expect(status).toBe(1);
  },
  120_000,
);
