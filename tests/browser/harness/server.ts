import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { lanAddresses } from '../../../signaling/addresses.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** Long, because the first start builds the page. */
const START_TIMEOUT_MS = 120_000;

interface Where {
  /** Default: any free port. */
  port?: number;
  /** Further settings of the environment (signaling/README.md). */
  env?: Readonly<Record<string, string>>;
  /** A command that runs the command after it in another place, such as a network namespace. */
  within?: readonly string[];
}

export interface ServerOptions extends Where {
  https?: boolean;
  /** Run without a page. */
  signalingOnly?: boolean;
}

/** The program of `npm start` as its own process. */
export class TestServer {
  readonly port: number;
  readonly scheme: 'http' | 'https';
  #process: ChildProcess | null;

  private constructor(process: ChildProcess, port: number, scheme: 'http' | 'https') {
    this.#process = process;
    this.port = port;
    this.scheme = scheme;
  }

  static async start({ https = false, signalingOnly = false, ...where }: ServerOptions = {}): Promise<TestServer> {
    const options = [...(https ? ['--https'] : []), ...(signalingOnly ? ['--signaling-only'] : [])];
    const { process, port } = await spawnServer(PROJECT, options, where);
    return new TestServer(process, port, https ? 'https' : 'http');
  }

  /** URL on localhost, a secure context even over plain http. */
  get url(): string {
    return `${this.scheme}://localhost:${this.port}/`;
  }

  /** Id of the process, which must be running. */
  get pid(): number {
    return this.#process!.pid!;
  }

  /** URL on the LAN, as a phone in the classroom opens it: not a secure context over plain http. Null on a machine without a network. */
  get lanUrl(): string | null {
    const address = lanAddresses()[0];
    return address === undefined ? null : `${this.scheme}://${address}:${this.port}/`;
  }

  /** Kills the process at once, as a power cut would; no effect if it is not running. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  }

  /** Restarts the process on the same port. @param project folder of the program, which may be another version */
  async restart(project = PROJECT): Promise<void> {
    await this.kill();
    this.#process = (await spawnServer(project, this.scheme === 'https' ? ['--https'] : [], { port: this.port })).process;
  }
}

async function spawnServer(
  project: string,
  options: readonly string[],
  { port = 0, env = {}, within = [] }: Where,
): Promise<{ process: ChildProcess; port: number }> {
  const [program, ...args] = [...within, process.execPath, 'signaling/start.mjs', ...options];
  const child = spawn(program!, args, {
    cwd: project,
    env: { ...process.env, ...env, PORT: String(port), HOST: '0.0.0.0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The server did not start in time:\n${output}`)), START_TIMEOUT_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const link = /(?:http|ws)s?:\/\/localhost:(\d+)\//.exec(output);
      if (link === null) return;
      clearTimeout(timer);
      resolve(Number(link[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with ${code}:\n${output}`));
    });
  });
  try {
    return { process: child, port: await ready };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
