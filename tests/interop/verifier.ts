import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PYTHON_PATH = process.env['PYTHON_PATH'] ?? '/usr/bin/python3';

/** Whether this machine has Python; without it, the tests of the independent verifier are left out. */
export const hasPython = existsSync(PYTHON_PATH);

const PROGRAM = fileURLToPath(new URL('./verify_export.py', import.meta.url));

/** Lets the independent verifier check an exported file. @param openssl how many signatures openssl checks as well */
export function verifyExport(file: string, openssl: number | 'all'): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(PYTHON_PATH, [PROGRAM, '--openssl', String(openssl), file], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
