import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** A process with one room, on a busy machine. */
const TIMEOUT_MS = 120_000;

/** The command line itself, because its loader applies the deliberate faults (mutations.mjs). */
test.each([
  ['slots', 'surrounded', 1, 'links:'],
  ['displaced', 'vanish', 2, 'links:'],
  ['relays', 'blocked', 1, 'lonely:'],
])(
  'the deliberate fault "%s" is found in the scenario "%s", seed %i',
  (mutation, scenario, seed, code) => {
    const program = ['--import', 'tsx', '--import', './tests/sim/loader.mjs', 'tests/sim/rooms/cli.ts'];
    const options = ['--mutation', mutation, '--scenario', scenario, '--first-seed', `${seed}`, '--seeds', '1', '--processes', '1'];
    const { status, stdout } = spawnSync(process.execPath, [...program, ...options], { cwd: PROJECT, encoding: 'utf8' });
    expect(stdout).toContain(code);
    expect(status).toBe(1);
  },
  TIMEOUT_MS,
);
