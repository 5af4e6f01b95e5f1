import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** A process with one room, on a busy machine. */
const TIMEOUT_MS = 120_000;

/** The command line itself, because its loader applies the deliberate faults (mutations.mjs). */
test.each([
  ['slots', 'surrounded', 'links:'],
  ['displaced', 'vanish', 'links:'],
  ['relays', 'blocked', 'lonely:'],
])(
  'the deliberate fault "%s" is found in the scenario "%s"',
  (mutation, scenario, code) => {
    const program = ['--import', 'tsx', '--import', './tests/sim/loader.mjs', 'tests/sim/rooms/cli.ts'];
    const options = ['--mutation', mutation, '--scenario', scenario, '--seeds', '1', '--processes', '1'];
    const { status, stdout } = spawnSync(process.execPath, [...program, ...options], { cwd: PROJECT, encoding: 'utf8' });
    expect(stdout).toContain(code);
    expect(status).toBe(1);
  },
  TIMEOUT_MS,
);
