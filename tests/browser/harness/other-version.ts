import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const COPIED = ['src', 'signaling', 'public', 'vite.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json', 'LICENSE'];

/** One place of the program that is different. */
interface Change {
  readonly path: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/** A copy of the whole program with changes, as a later release will be. */
export class OtherVersion {
  readonly project = mkdtempSync(join(tmpdir(), 'tabchain-version-'));

  /** Copies, changes and builds the program. */
  constructor(changes: readonly Change[]) {
    for (const name of COPIED) cpSync(join(PROJECT, name), join(this.project, name), { recursive: true, preserveTimestamps: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(this.project, 'node_modules'));
    for (const change of changes) this.#change(change);
    const { status, stderr } = spawnSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], {
      cwd: this.project,
      env: { ...process.env, NODE_ENV: 'production' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The other version could not be built:\n${stderr}`);
  }

  /** Speaks another version of the protocol. It also begins a new chain, because its genesis block has another version. */
  static ofProtocol(version: number): OtherVersion {
    const constant = (path: string, name: string): Change => ({
      path,
      from: new RegExp(`(export const ${name} = )\\d+;`),
      to: `$1${version};`,
    });
    return new OtherVersion([constant('src/protocol/version.ts', 'PROTOCOL_VERSION'), constant('src/protocol/block.ts', 'BLOCK_VERSION')]);
  }

  #change({ path, from, to }: Change): void {
    const file = join(this.project, path);
    const text = readFileSync(file, 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${path} has no ${from}.`);
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
