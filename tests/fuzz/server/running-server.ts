import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ensureServerBuilt } from '../../../signaling/bootstrap.mjs';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const START_TIMEOUT_MS = 60_000;

/** Larger than the socket buffers of both sides, so that a slow reader blocks the server's writes. */
export const LARGE_FILE = 'assets/large-0000.wasm';
const LARGE_BYTES = 12 * 2 ** 20;

/** The program of `npm start` as its own process, on a copy of the project whose page may be destroyed. */
export class RunningServer {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #errors: string[];

  private constructor(folder: string, child: ChildProcess, errors: string[], port: number) {
    this.#folder = folder;
    this.#child = child;
    this.#errors = errors;
    this.port = port;
  }

  static async start(https: boolean): Promise<RunningServer> {
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-fuzz-'));
    ensureServerBuilt();
    for (const name of ['signaling/run.mjs', 'dist-server', 'package.json'])
      cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    writePage(join(folder, 'dist'));
    const child = spawn(process.execPath, ['signaling/run.mjs', ...(https ? ['--https'] : [])], {
      cwd: folder,
      env: { ...process.env, PORT: '0', HOST: '0.0.0.0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const errors: string[] = [];
    child.stderr.on('data', (data: Buffer) => errors.push(data.toString()));
    try {
      return new RunningServer(folder, child, errors, await portOf(child));
    } catch (error) {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get pageFolder(): string {
    return join(this.#folder, 'dist');
  }

  /** A fault of the process: why it has ended, or its error output; null if none. */
  get fault(): string | null {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return `The process has ended (${exitCode ?? signalCode}).\n${this.#errors.join('')}`;
    return this.#errors.length > 0 ? `The process reports:\n${this.#errors.join('')}` : null;
  }

  /** Resident memory; null if the system does not tell. */
  get memoryMb(): number | null {
    try {
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1]) / 1024;
    } catch {
      return null;
    }
  }

  /** Sockets that the process still holds; null if the system does not tell. */
  get socketsLeft(): number | null {
    try {
      const rows = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').trim().split('\n').slice(1));
      const port = this.port.toString(16).toUpperCase().padStart(4, '0');
      return rows.filter((row) => {
        const [, local = '', , state = ''] = row.trim().split(/\s+/);
        // 06 is TIME_WAIT, a socket of the system; 0A is LISTEN.
        return local.endsWith(`:${port}`) && state !== '06' && state !== '0A';
      }).length;
    } catch {
      return null;
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Writes a small page with the same layout as the built one. */
export function writePage(folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  const script = 'console.log("a page");'.repeat(2_000);
  const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content);
  write('index.html', '<!doctype html><script type="module" src="./assets/page-0000.js"></script>');
  write('assets/page-0000.js', script);
  write('assets/page-0000.js.br', brotliCompressSync(script));
  write('assets/page-0000.js.gz', gzipSync(script));
  write(LARGE_FILE, Buffer.alloc(LARGE_BYTES));
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`The server did not start in time:\n${output}`)), START_TIMEOUT_MS);
    child.stdout!.on('data', (data: Buffer) => {
      output += data.toString();
      const port = /localhost:(\d+)\//.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with ${code}:\n${output}`));
    });
  });
}
