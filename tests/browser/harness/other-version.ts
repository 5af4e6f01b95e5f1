import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const COPIED = ['src', 'signaling', 'public', 'vite.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json', 'LICENSE'];

/** A copy of the whole program that speaks another version of the protocol, as a later release will. */
export class OtherVersion {
  readonly project = mkdtempSync(join(tmpdir(), 'tabchain-version-'));

  /** Copies and builds the program. The new version also begins a new chain, because its genesis block has another version. */
  constructor(version: number) {
    for (const name of COPIED) cpSync(join(PROJECT, name), join(this.project, name), { recursive: true, preserveTimestamps: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(this.project, 'node_modules'));
    this.#change('src/protocol/version.ts', 'PROTOCOL_VERSION', version);
    this.#change('src/protocol/block.ts', 'BLOCK_VERSION', version);
    const { status, stderr } = spawnSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], {
      cwd: this.project,
      env: { ...process.env, NODE_ENV: 'production' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The other version could not be built:\n${stderr}`);
  }

  #change(path: string, constant: string, value: number): void {
    const file = join(this.project, path);
    const text = readFileSync(file, 'utf8');
    const changed = text.replace(new RegExp(`(export const ${constant} = )\\d+;`), `$1${value};`);
    if (changed === text) throw new Error(`${path} has no ${constant}.`);
    writeFileSync(file, changed);
  }

  /** A file of the built page, "" for the page itself; null if the page has no such file. */
  file(path: string): Buffer | null {
    const file = join(this.project, 'dist', path === '' ? 'index.html' : path);
    return existsSync(file) ? readFileSync(file) : null;
  }

  dispose(): void {
    rmSync(this.project, { recursive: true, force: true });
  }
}
