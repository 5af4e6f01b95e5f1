import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../../signaling/bootstrap.mjs';
import { loadPage } from '../../../signaling/page-store.ts';

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));

/** Serves the built page as any static host does: files alone, and no signaling server. */
export class StaticHost {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<StaticHost> {
    ensureBuilt();
    const files = loadPage(DIST);
    const server = createServer(({ url }, response) => {
      const path = (url ?? '/').slice(1).split('?')[0];
      const file = files.get(path === '' ? 'index.html' : path!);
      if (!file) return response.writeHead(404).end();
      response.writeHead(200, { 'Content-Type': file.type }).end(file.bodies.get('identity'));
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return new StaticHost(server);
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
