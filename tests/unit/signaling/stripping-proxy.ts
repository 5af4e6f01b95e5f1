import { createServer, request, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A reverse proxy that puts a server under a prefix, strips the prefix from forwarded requests, and answers no others. */
export class StrippingProxy {
  readonly #server: Server;
  readonly #prefix: string;
  readonly #target: number;
  /** Every requested path. */
  readonly asked: string[] = [];

  private constructor(prefix: string, target: number) {
    this.#prefix = prefix;
    this.#target = target;
    this.#server = createServer((from, response) => {
      const options = this.#passedOn(from);
      if (options === null) return void response.writeHead(404).end();
      const to = request(options, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      from.pipe(to);
    });
    this.#server.on('upgrade', (from, socket, head) => {
      const options = this.#passedOn(from);
      if (options === null) return void socket.destroy();
      const to = request(options).on('upgrade', ({ rawHeaders }, target, first) => {
        const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
        target.unshift(first);
        target.pipe(socket).pipe(target);
        for (const end of [socket, target]) end.on('error', () => [socket, target].forEach((each) => each.destroy()));
      });
      to.end(head);
    });
  }

  static async start(prefix: string, target: number): Promise<StrippingProxy> {
    const proxy = new StrippingProxy(prefix, target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #passedOn({ url = '', method = 'GET', headers }: IncomingMessage): RequestOptions | null {
    this.asked.push(url);
    const rest = url.slice(this.#prefix.length);
    if (!url.startsWith(this.#prefix) || !/^([/?]|$)/.test(rest)) return null;
    return { port: this.#target, host: '127.0.0.1', method, headers, path: rest.startsWith('/') ? rest : `/${rest}`, agent: false };
  }
}
