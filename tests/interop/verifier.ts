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

/** Lets the independent verifier check a receipt. @param block id of a block that the caller trusts */
export function verifyReceipt(file: string, { link, block }: { link: string; block?: string }): { status: number | null; output: string } {
  const trusted = block === undefined ? [] : ['--block', block];
  const { status, stdout, stderr } = spawnSync(PYTHON_PATH, [PROGRAM, '--receipt', file, '--network', link, ...trusted], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

/** Checks many receipts, a line each in hexadecimal, in one process, because starting Python takes most of the time. */
const DRIVER = `
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import verify_export as program
network = program.network_of_link(sys.argv[2])
for line in sys.stdin:
    try:
        print(program.Receipt(bytes.fromhex(line)).check(network)[1])
    except program.Broken as broken:
        print(broken.code)
`;

/** For each receipt in hexadecimal: the code of the first breach, or the expected hashes above its block. */
export function checkReceipts(receipts: readonly string[], link: string): string[] {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const { stdout, stderr } = spawnSync(PYTHON_PATH, ['-c', DRIVER, folder, link], { encoding: 'utf8', input: receipts.join('\n') + '\n' });
  if (stderr !== '') throw new TypeError(stderr);
  return stdout.trim().split('\n');
}
