import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { MAX_RELAY_FRAME_BYTES, SIGNALING_PATH } from '../src/net/webrtc/signaling-messages.ts';
import { Connection } from './connection.ts';
import { DEFAULT_LIMITS, type SignalingLimits } from './limits.ts';
import { Rooms } from './rooms.ts';

/** RFC 6455 §7.4.1: the endpoint is going away. */
const GOING_AWAY = 1001;

/** Whatever emits `upgrade`: a server of node:http or node:https, or the one inside Vite. */
export interface UpgradeSource {
  on(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown;
}

/** Introduces tabs to each other and relays for those that cannot meet. Keeps nothing beyond open sockets. */
export class SignalingServer {
  readonly #limits: SignalingLimits;
  readonly #rooms: Rooms<Connection>;
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #sockets: WebSocketServer;

  constructor(limits: Partial<SignalingLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#rooms = new Rooms(this.#limits.maxRoomMembers);
    // Compression would cost 300 KB of memory a socket and gain nothing on encrypted or binary payloads.
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_RELAY_FRAME_BYTES, perMessageDeflate: false });
    this.#heartbeat = setInterval(() => {
      for (const connection of this.#connections.values()) connection.ping();
    }, this.#limits.pingIntervalMs);
  }

  /** How many sockets are open. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes over the WebSocket upgrades for {@link SIGNALING_PATH}; others go to `otherwise`, or are refused without one. */
  attach(source: UpgradeSource, otherwise: 'refuse' | 'ignore'): void {
    source.on('upgrade', (request, socket, head) => {
      const path = request.url?.split('?')[0];
      if (path === SIGNALING_PATH) {
        this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, addressOf(request)));
      } else if (otherwise === 'refuse') {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      }
    });
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const socket of this.#connections.keys()) socket.close(GOING_AWAY);
    this.#sockets.close();
  }

  #accept(socket: WebSocket, address: string): void {
    const connection = new Connection(socket, this.#rooms, this.#limits);
    const fromAddress = (this.#perAddress.get(address) ?? 0) + 1;
    this.#connections.set(socket, connection);
    this.#perAddress.set(address, fromAddress);
    socket.on('close', () => {
      this.#connections.delete(socket);
      const left = this.#perAddress.get(address)! - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
    // Accepted first and closed then: a browser shows its page the code of a closed socket, but not of a refused upgrade.
    if (fromAddress > this.#limits.maxConnectionsPerAddress || this.#connections.size > this.#limits.maxConnections) {
      connection.end('too-many-connections');
    }
  }
}

function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}
