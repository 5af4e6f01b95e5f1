import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const ASSETS = new URL('../../../dist/assets/', import.meta.url);

/**
 * Stands in front of the server of a page, and changes the script of the mining threads. A driver cannot, because it does not see requests of
 * a worker's worker. WebSockets do not pass.
 */
export class MinerProxy {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param change gives the script in place of the given script; null: no such file */
  static async start(url: string, change: (script: string) => string | null): Promise<MinerProxy> {
    const miner = minerScript();
    const server = createServer((request, response) => {
      void fetch(new URL(request.url!, url)).then(async (answer) => {
        const body = Buffer.from(await answer.arrayBuffer());
        const changed = request.url!.endsWith(miner) ? change(body.toString()) : body;
        if (changed === null) return void response.writeHead(404).end();
        response.setHeader('Content-Type', answer.headers.get('Content-Type') ?? 'text/plain');
        response.writeHead(answer.status).end(changed);
      });
    });
    server.listen(0);
    await once(server, 'listening');
    return new MinerProxy(server);
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** The mining thread is the smallest script with a MessageChannel; names do not identify scripts. */
function minerScript(): string {
  const hasChannel = (name: string): boolean => readFileSync(new URL(name, ASSETS), 'utf8').includes('MessageChannel');
  const scripts = readdirSync(ASSETS).filter((name) => name.endsWith('.js') && hasChannel(name));
  const sizeOf = (name: string): number => statSync(new URL(name, ASSETS)).size;
  return scripts.sort((a, b) => sizeOf(a) - sizeOf(b))[0]!;
}
