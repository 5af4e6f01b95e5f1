import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** The program of `npm run signaling` as its own process, compiled while it loads, so that no test waits for another's build. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #output: string[];

  private constructor(child: ChildProcess, output: string[], port: number) {
    this.#child = child;
    this.#output = output;
    this.port = port;
  }

  /** @param environment settings in addition to a free port on 127.0.0.1 */
  static async start(environment: Record<string, string> = {}): Promise<ServerProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'signaling/server.ts', '--signaling-only'], {
      cwd: PROJECT,
      env: { ...process.env, PORT: '0', HOST: '127.0.0.1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    const port = await new Promise<number>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data: Buffer) => {
          output.push(data.toString());
          const announced = /ws:\/\/localhost:(\d+)\/signal/.exec(output.join(''));
          if (announced !== null) resolve(Number(announced[1]));
        });
      }
      child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${output.join('')}`)));
    });
    return new ServerProcess(child, output, port);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/signal`;
  }

  /** Everything that the process has printed. */
  get output(): string {
    return this.#output.join('');
  }

  /** Sends a signal. @returns the exit code; null if the signal has ended the process */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill(signal);
      await exited;
    }
    return this.#child.exitCode;
  }
}
