import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  MAX_RELAY_FRAME_BYTES,
  MAX_RESTART_SPREAD_MS,
  RESTART_CLOSE_CODE,
  SIGNALING_PATH,
  restartReason,
} from '../src/protocol/signaling.ts';
import { Backlog } from './backlog.ts';
import type { Bus } from './bus.ts';
import { Cluster } from './cluster.ts';
import { Connection, type ConnectionContext } from './connection.ts';
import { Crowd, addressGroup } from './crowd.ts';
import { DEFAULT_LIMITS, type SignalingLimits } from './limits.ts';
import { logFault } from './log.ts';
import { refuse, type RequestHandler } from './page-files.ts';
import { NODE_PORTS } from './ports.ts';
import { Reach } from './reach.ts';
import { Rooms } from './rooms.ts';
import { Tally } from './tally.ts';

/** Tabs come back to the next server at this pace. A join takes less than a millisecond of its time. */
const RESTART_MS_PER_TAB = 2;

/** Fragments of one message. Browsers send a message as one frame, and even an empty fragment costs memory. */
const MAX_FRAGMENTS = 64;
/** Packets of one frame. The largest frame takes some 500 packets of the Internet's smallest size. */
const MAX_BUFFERED_CHUNKS = 2_048;

const GROUP_SECRET_BYTES = 16;

/** A client that reads nothing of an answer for this long is gone. */
const ANSWER_TIMEOUT_MS = 10_000;

/** An emitter of `upgrade`: a server of node:http or node:https, or the server inside Vite. */
export interface UpgradeSource {
  on(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown;
}

/** Introduces tabs to each other, and relays between tabs that cannot connect directly. Keeps no state beyond open sockets. */
export class SignalingServer {
  readonly tally = new Tally();
  readonly #limits: SignalingLimits;
  readonly #context: ConnectionContext;
  readonly #connections = new Set<Connection>();
  readonly #crowd = new Crowd<Connection>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #sockets: WebSocketServer;
  readonly #cluster: Cluster | null;

  /** @param bus to the other processes that serve the same rooms; null if this is the only one */
  constructor(limits: Partial<SignalingLimits> = {}, bus: Bus | null = null) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const { maxRoomMembers, maxAcquaintances, maxQueuedBytes, pingIntervalMs, sweepIntervalMs, closeTimeoutMs } = this.#limits;
    const rooms = new Rooms(maxRoomMembers, maxAcquaintances);
    const groupSecret = NODE_PORTS.random.bytes(GROUP_SECRET_BYTES);
    this.#context = {
      rooms,
      limits: this.#limits,
      backlog: new Backlog(maxQueuedBytes),
      tally: this.tally,
      ports: NODE_PORTS,
      groupSecret,
    };
    this.#cluster = bus === null ? null : new Cluster(bus, this.#context);
    const options = {
      noServer: true,
      maxPayload: MAX_RELAY_FRAME_BYTES,
      // Compression would cost 300 KB of memory per socket, and gain nothing on encrypted or binary payloads.
      perMessageDeflate: false,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_BUFFERED_CHUNKS,
      closeTimeout: closeTimeoutMs,
    };
    this.#sockets = new WebSocketServer(options);
    this.#timers = [setInterval(() => this.#ping(), pingIntervalMs), setInterval(() => this.#sweep(), sweepIntervalMs)];
  }

  /** Number of open sockets. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Number of rooms with members. */
  get roomCount(): number {
    return this.#context.rooms.size;
  }

  /** What is known of the other processes; null if this is the only one. */
  get cluster(): Pick<Cluster, 'live' | 'others'> | null {
    return this.#cluster;
  }

  /**
   * Takes over the WebSocket upgrades whose path ends with {@link SIGNALING_PATH}; a proxy may put any prefix before it.
   * @param otherwise what to do with other upgrades: `refuse` them, `ignore` them for another listener, or answer them as plain requests
   */
  attach(source: UpgradeSource, otherwise: 'refuse' | 'ignore' | RequestHandler, reach = new Reach()): void {
    source.on('upgrade', (request, socket, head) => {
      // Node has removed its own listener from the socket, and an error without a listener ends the process.
      socket.on('error', destroyThis);
      const asksHere = request.url?.split('?')[0]?.endsWith(SIGNALING_PATH);
      if (!asksHere && otherwise === 'ignore') return;
      // An earlier request of the same socket is still being answered, and two answers would mix.
      if (!isFree(request, socket)) return void socket.destroy();
      if (asksHere && reach.allowsSocket(request)) return this.#upgrade(request, socket, head, addressGroup(reach.addressOf(request)));
      if (asksHere) this.tally.refused.add('origin');
      answer(request, socket, asksHere ? foreign : typeof otherwise === 'function' ? otherwise : notFound);
    });
  }

  /** Accepts no further sockets and closes all; the tabs come back at random moments. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    void this.#cluster?.stop().catch(logFault);
    const reason = restartReason(Math.min(this.#connections.size * RESTART_MS_PER_TAB, MAX_RESTART_SPREAD_MS));
    for (const connection of [...this.#connections]) connection.close(RESTART_CLOSE_CODE, reason);
    this.#sockets.close();
  }

  /** Separate from the listener in `attach`, because the socket would keep alive all variables that the listener's closures share. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): void {
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, address));
  }

  #accept(socket: WebSocket, address: string): void {
    const connection = new Connection(socket, address, this.#context);
    this.#connections.add(connection);
    this.#crowd.add(address, connection);
    socket.on('close', () => {
      this.#connections.delete(connection);
      this.#crowd.delete(address, connection);
    });
    const { maxConnectionsPerAddress, maxConnections } = this.#limits;
    // The socket is accepted and then closed, because a page can read the code of a closed socket but not of a refused upgrade.
    if (this.#crowd.countOf(address) > maxConnectionsPerAddress) this.#turnAway(connection);
    else if (this.#crowd.size > maxConnections) this.#turnAway(this.#crowd.newestOfLargest(address)!);
  }

  #turnAway(connection: Connection): void {
    // The socket stays open for a moment, but no longer counts.
    this.#crowd.delete(connection.address, connection);
    connection.end('too-many-connections');
  }

  #ping(): void {
    for (const connection of [...this.#connections]) connection.ping();
  }

  #sweep(): void {
    const nowMs = performance.now();
    this.#context.backlog.sweep(nowMs);
    let partialBytes = 0;
    for (const connection of [...this.#connections]) partialBytes += connection.sweep(nowMs);
    if (partialBytes > this.#limits.maxPartialBytes) this.#dropPartials(partialBytes - this.#limits.maxPartialBytes);
  }

  #dropPartials(excessBytes: number): void {
    let excess = excessBytes;
    for (const connection of [...this.#connections].sort((a, b) => b.partialBytes - a.partialBytes)) {
      if (excess <= 0) return;
      excess -= connection.partialBytes;
      connection.giveUp('partial');
    }
  }
}

function destroyThis(this: Duplex): void {
  this.destroy();
}

/** Whether no answer to an earlier request is under way. Node does not expose that, but refuses a second answer. */
function isFree(request: IncomingMessage, socket: Duplex): boolean {
  const probe = new ServerResponse(request);
  try {
    probe.assignSocket(socket as Socket);
    probe.detachSocket(socket as Socket);
    return true;
  } catch {
    return false;
  }
}

const notFound: RequestHandler = (_request, response) => refuse(response, 404, 'Not found');
const foreign: RequestHandler = (_request, response) =>
  refuse(response, 403, 'Only pages of this server may open sockets here. ALLOWED_HOSTS can allow other hosts.');

/** Answers an upgrade request as a plain request, which HTTP allows, and closes the socket. */
function answer(request: IncomingMessage, socket: Duplex, handler: RequestHandler): void {
  // Servers of node:http and node:https always pass a Socket.
  const connection = socket as Socket;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(connection);
  response.on('finish', () => connection.destroySoon());
  // Further input is read and dropped, so that the end of the connection is noticed.
  connection.resume();
  connection.setTimeout(ANSWER_TIMEOUT_MS, () => connection.destroy());
  handler(request, response);
}
