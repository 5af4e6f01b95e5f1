import { EventEmitter } from 'node:events';
import { WebSocket } from 'ws';
import { Backlog } from '../../../signaling/backlog.ts';
import { Connection, type ConnectionContext } from '../../../signaling/connection.ts';
import { DEFAULT_LIMITS } from '../../../signaling/limits.ts';
import { Rooms } from '../../../signaling/rooms.ts';
import { Tally } from '../../../signaling/tally.ts';
import { RESTART_CLOSE_CODE, restartReason } from '../../../src/protocol/signaling.ts';
import type { SocketLike } from '../../../src/webrtc/signaling-client.ts';
import type { Prng } from '../engine/prng.ts';
import type { Owner, SimTime } from '../engine/time.ts';
import { Pipe, type Quality } from './pipe.ts';

/** A page as a server sees it. */
export interface ServerClient {
  readonly owner: Owner;
  readonly address: string;
  readonly toServer: Quality;
}

/** The browser learns this long after a connection attempt to a machine without the program that nobody listens. */
const REFUSED_MS = 5;
/** Tabs that lose their server by a restart come back within this time. */
const SPREAD_MS = 2_000;

/**
 * A signaling server: the program's own rooms and connections (signaling/), under virtual time, over sockets in memory. It can stop in
 * order, crash, or fall silent as a machine that lost its power, and come back with nothing in its memory.
 */
export class SimServer {
  readonly #time: SimTime;
  readonly #rng: Prng;
  #owner: Owner = { alive: false, deferred: null, scheduled: 0 };
  #context: ConnectionContext | null = null;
  #silent = false;
  readonly #connections = new Map<SimSocket, Connection>();
  /** Which pages have a way to this server; the others wait, as over a broken line. */
  #reaches: (client: ServerClient) => boolean = () => true;
  readonly #pipes = new Set<Pipe>();

  constructor(time: SimTime, rng: Prng) {
    this.#time = time;
    this.#rng = rng;
    this.start();
  }

  get running(): boolean {
    return this.#owner.alive;
  }

  start(): void {
    this.#owner = { alive: true, deferred: null, scheduled: 0 };
    this.#silent = false;
    const { maxRoomMembers, maxAcquaintances, maxQueuedBytes, pingIntervalMs, sweepIntervalMs } = DEFAULT_LIMITS;
    const random = this.#rng;
    const ports = { clock: { monotonic: () => this.#time.now() }, timers: this.#timers(this.#owner), random };
    this.#context = {
      rooms: new Rooms(maxRoomMembers, maxAcquaintances, random),
      limits: DEFAULT_LIMITS,
      backlog: new Backlog(maxQueuedBytes),
      tally: new Tally(),
      ports,
      groupSecret: random.bytes(16),
    };
    this.#every(pingIntervalMs, () => [...this.#connections.values()].forEach((connection) => connection.ping()));
    this.#every(sweepIntervalMs, () => {
      this.#context!.backlog.sweep(this.#time.now());
      for (const connection of [...this.#connections.values()]) connection.sweep(this.#time.now());
    });
  }

  /** @param how `restart`: with a word to its tabs; `crash`: the program ends, its machine closes the sockets; `silent`: nobody hears anything */
  stop(how: 'restart' | 'crash' | 'silent'): void {
    if (how === 'restart')
      for (const connection of this.#connections.values()) connection.close(RESTART_CLOSE_CODE, restartReason(SPREAD_MS));
    if (how === 'crash') for (const socket of [...this.#connections.keys()]) socket.reset();
    this.#silent = how === 'silent';
    this.#owner.alive = false;
    this.#connections.clear();
  }

  /** Cuts the way of some pages to this server, or mends it. */
  partition(reaches: (client: ServerClient) => boolean): void {
    this.#reaches = reaches;
    for (const pipe of this.#pipes) pipe.release();
  }

  /** A page opens a socket. */
  open(client: ServerClient): SocketLike {
    const socket = new SimSocket(this.#pipe(client, client.owner), this.#pipe(client, this.#owner), client.owner);
    if (!this.#owner.alive) {
      if (!this.#silent) this.#time.schedule(client.owner, () => socket.fail(), REFUSED_MS + client.toServer.latencyMs);
      return socket.page;
    }
    // TCP and HTTP take a round trip each.
    socket.up.send(() => undefined);
    socket.up.send(() => this.#accept(socket, client.address));
    return socket.page;
  }

  #accept(socket: SimSocket, address: string): void {
    if (socket.dead) return;
    socket.readyState = WebSocket.OPEN;
    const connection = new Connection(socket as unknown as WebSocket, address, this.#context!);
    this.#connections.set(socket, connection);
    socket.on('close', () => this.#connections.delete(socket));
  }

  /** A page is gone. @param politely whether its machine closes the socket */
  lost(client: Owner, politely: boolean): void {
    for (const socket of this.#connections.keys()) if (socket.client === client && politely) socket.up.send(() => socket.hangUp());
  }

  #pipe(client: ServerClient, to: Owner): Pipe {
    const pipe = new Pipe(this.#time, this.#rng, to, client.toServer, () => this.#reaches(client));
    this.#pipes.add(pipe);
    return pipe;
  }

  #timers(owner: Owner): { set(callback: () => void, delayMs: number): number; clear(id: number): void } {
    return { set: (callback, delayMs) => this.#time.schedule(owner, callback, delayMs), clear: (id) => this.#time.cancel(id) };
  }

  #every(periodMs: number, action: () => void): void {
    const owner = this.#owner;
    this.#time.schedule(
      owner,
      () => {
        action();
        if (owner === this.#owner) this.#every(periodMs, action);
      },
      periodMs,
    );
  }
}

/** The server's end of a socket, with the part of ws that a connection uses; `page` is the browser's end. */
class SimSocket extends EventEmitter {
  readonly up: Pipe;
  readonly client: Owner;
  readonly page: SocketLike;
  readonly #down: Pipe;
  /** Messages that wait because the server does not read; null while it reads. */
  #unread: (() => void)[] | null = null;
  readyState: number = WebSocket.CONNECTING;

  constructor(down: Pipe, up: Pipe, client: Owner) {
    super();
    this.#down = down;
    this.up = up;
    this.client = client;
    const socket: { -readonly [K in keyof SocketLike]: SocketLike[K] } = {
      binaryType: 'arraybuffer',
      readyState: WebSocket.CONNECTING,
      bufferedAmount: 0,
      onopen: null,
      onmessage: null,
      onclose: null,
      send: (data) => up.send(() => this.#arrived(data)),
      close: () => {
        if (socket.readyState >= WebSocket.CLOSING) return;
        socket.readyState = WebSocket.CLOSED;
        up.send(() => this.hangUp());
      },
    };
    this.page = socket;
    this.#setPage = (state) => (socket.readyState = state);
  }

  readonly #setPage: (state: number) => void;

  get dead(): boolean {
    return this.readyState >= WebSocket.CLOSING;
  }

  #arrived(data: string | Uint8Array): void {
    if (this.dead) return;
    const isBinary = typeof data !== 'string';
    const read = (): void => void this.emit('message', isBinary ? Buffer.from(data) : Buffer.from(data, 'utf8'), isBinary);
    if (this.#unread) this.#unread.push(read);
    else read();
  }

  send(data: string | Uint8Array, options: object | (() => void), done?: () => void): void {
    const copy = typeof data === 'string' ? data : new Uint8Array(data);
    const isText = typeof data === 'string' || (options as { binary?: boolean }).binary === false;
    this.#down.send(() => {
      if (this.page.readyState === WebSocket.CONNECTING) this.#setPage(WebSocket.OPEN);
      if (this.page.readyState !== WebSocket.OPEN) return;
      const message = typeof copy === 'string' ? copy : isText ? Buffer.from(copy).toString('utf8') : copy.buffer;
      this.page.onmessage?.({ data: message } as MessageEvent);
    });
    const sent = typeof options === 'function' ? (options as () => void) : done;
    sent?.();
  }

  /** The browser answers a ping by itself. */
  ping(_data: undefined, _mask: undefined, done: () => void): void {
    this.#down.send(() => this.up.send(() => this.dead || this.emit('pong', Buffer.alloc(0))));
    done();
  }

  pause(): void {
    this.#unread ??= [];
  }

  resume(): void {
    const unread = this.#unread ?? [];
    this.#unread = null;
    for (const read of unread) if (!this.dead) read();
  }

  close(code: number, reason: string): void {
    if (this.dead) return;
    this.readyState = WebSocket.CLOSING;
    this.#down.send(() => this.#closePage(code, reason));
    this.up.send(() => this.#gone());
  }

  terminate(): void {
    this.readyState = WebSocket.CLOSING;
    this.reset();
    this.#gone();
  }

  /** The page's end hears that the connection is broken. */
  reset(): void {
    this.#down.send(() => this.#closePage(1006, ''));
  }

  /** No connection came about. */
  fail(): void {
    this.#closePage(1006, '');
  }

  #closePage(code: number, reason: string): void {
    if (this.page.readyState >= WebSocket.CLOSED) return;
    this.#setPage(WebSocket.CLOSED);
    this.page.onclose?.({ code, reason } as CloseEvent);
  }

  /** The page has closed the socket. */
  hangUp(): void {
    this.readyState = WebSocket.CLOSING;
    this.#gone();
  }

  #gone(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.emit('close');
  }
}
