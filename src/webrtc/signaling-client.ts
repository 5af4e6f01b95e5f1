import { toHex } from '../util/bytes.ts';
import type { SignalingState } from '../net/transport.ts';
import type { Log } from '../util/log.ts';
import { randomBelow, type MonotonicClock, type Random, type TimerId, type Timers } from '../util/ports.ts';
import type { TabIdentity } from './identity.ts';
import type { Relay, Rendezvous, RendezvousEvents } from './rendezvous.ts';
import {
  JOIN_TIMEOUT_MS,
  PROBE_TIMEOUT_MS,
  RECONNECT_MAX_MS,
  RECONNECT_MIN_MS,
  RECONNECT_UNMET_MAX_MS,
  SERVER_SIGNALS,
  SILENT_ATTEMPTS,
  SILENT_JOIN_TIMEOUT_MS,
  SILENT_PAUSE_MS,
} from './link-limits.ts';
import { Pulse } from './pulse.ts';
import { RelayOutbox } from './relay-outbox.ts';
import {
  decodeRelayFrame,
  encodeMessage,
  encodeRelayFrame,
  joinStatement,
  parseServerMessage,
  restartSpreadMs,
  type ClientMessage,
  type ServerMessage,
} from '../protocol/signaling.ts';
import { TokenBucket } from '../util/token-bucket.ts';

/** The part of WebSocket that this file uses. */
export interface SocketLike {
  binaryType: BinaryType;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export interface SignalingOptions {
  readonly url: string;
  /** Where the tabs of this network meet (protocol/room.ts). */
  readonly room: string;
  readonly identity: TabIdentity;
  readonly openSocket: (url: string) => SocketLike;
  readonly clock: MonotonicClock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly onState: (state: SignalingState) => void;
}

const SOCKET_OPEN = 1;

/** The tab's connection to one signaling server, reconnected whenever it breaks. */
export class SignalingClient implements Rendezvous {
  readonly kind = 'server';
  readonly relay: Relay = {
    kind: 'relayed',
    send: (to, bytes) => {
      if (this.#joined && this.#socket?.readyState === SOCKET_OPEN) this.#outbox.push(to, bytes);
    },
    bufferedBytes: (to) => this.#outbox.bytes(to),
    cut: (to) => this.#outbox.cut(to),
  };
  readonly #options: SignalingOptions;
  readonly #budget: TokenBucket;
  readonly #pulse: Pulse;
  readonly #outbox = new RelayOutbox({
    send: (to, bytes) => this.#socket?.send(encodeRelayFrame(to, bytes)),
    ping: () => this.#send({ type: 'ping' }),
    socketBytes: () => this.#socket?.bufferedAmount ?? 0,
    drained: (to) => this.#events?.drained(to),
  });
  #events: RendezvousEvents | null = null;
  #socket: SocketLike | null = null;
  #socketOpenedAt = 0;
  #timer: TimerId | null = null;
  #joined = false;
  /** Whether this server has ever answered this page. */
  #met = false;
  #failures = 0;
  /** Attempts since this server gave no answer at all; 0 after its welcome. */
  #silences = 0;
  #state: SignalingState = 'off';

  constructor(options: SignalingOptions) {
    const { clock, timers } = options;
    this.#options = options;
    this.#budget = TokenBucket.of(SERVER_SIGNALS, clock.monotonic());
    this.#pulse = new Pulse({ clock, timers, ping: () => this.#send({ type: 'ping' }), dead: () => this.#silent('silent') });
  }

  get url(): string {
    return this.#options.url;
  }

  get state(): SignalingState {
    return this.#state;
  }

  start(events: RendezvousEvents): void {
    this.#events = events;
    this.#failures = 0;
    this.#connect();
  }

  stop(): void {
    this.#events = null;
    this.#clearTimer();
    this.#drop();
    this.#setState('off');
  }

  /** Call when the network may have changed: reconnects at once without a connection, and probes an open connection. */
  checkNow(): void {
    if (!this.#events) return;
    if (!this.#socket) {
      // Should this attempt fail because the network is not quite back, the next follows soon.
      if (this.#met) this.#failures = 0;
      return this.#connect();
    }
    if (this.#joined) return this.#pulse.probe();
    // An attempt that started on the old network would hang until its time-out.
    if (this.#options.clock.monotonic() - this.#socketOpenedAt > PROBE_TIMEOUT_MS) this.#connect();
  }

  signal(to: string, data: unknown): void {
    if (!this.#joined || !this.#budget.take(this.#options.clock.monotonic())) return;
    this.#send({ type: 'signal', to, data });
  }

  #setState(state: SignalingState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === SOCKET_OPEN) this.#socket.send(encodeMessage(message));
  }

  #connect(): void {
    this.#clearTimer();
    this.#drop();
    this.#setState(this.#failures === 0 ? 'connecting' : 'unreachable');
    const { url, openSocket, clock, timers } = this.#options;
    let socket: SocketLike;
    try {
      socket = openSocket(url);
    } catch (error) {
      this.#options.log('warn', 'signaling/socket-not-opened', { error: String(error) });
      this.#failures++;
      return this.#retryLater();
    }
    this.#socket = socket;
    this.#socketOpenedAt = clock.monotonic();
    const timeoutMs = this.#isSilent ? SILENT_JOIN_TIMEOUT_MS : JOIN_TIMEOUT_MS;
    this.#timer = timers.set(() => this.#silent('no welcome in time'), timeoutMs);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#broken(`closed with ${code}`, restartSpreadMs(code, reason));
  }

  #receive(data: unknown): void {
    this.#pulse.heard();
    try {
      if (typeof data === 'string') this.#handle(parseServerMessage(data));
      else if (data instanceof ArrayBuffer && this.#joined) {
        const { peer, payload } = decodeRelayFrame(new Uint8Array(data));
        this.#events?.relayed(peer, payload.slice());
      }
    } catch (error) {
      this.#broken(`not understood: ${String(error)}`);
    }
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'challenge':
        if (!this.#joined) this.#join(message.nonce);
        break;
      case 'welcome':
        this.#welcomed();
        for (const { peer, group } of message.peers) this.#events?.present(peer, group);
        break;
      case 'joined':
        this.#events?.present(message.peer, message.group);
        break;
      case 'left':
        this.#events?.absent(message.peer);
        break;
      case 'signal':
        this.#events?.signal(message.from, message.data);
        break;
      case 'pong':
        this.#outbox.answered();
        break;
      case 'error':
        this.#options.log('warn', 'signaling/refused-by-server', { code: message.code });
    }
  }

  #join(nonce: string): void {
    const { room, identity } = this.#options;
    const { peerId: peer, publicKey } = identity;
    const signature = toHex(identity.sign(joinStatement(nonce, room, peer)));
    this.#send({ type: 'join', room, peer, key: toHex(publicKey), signature });
  }

  #welcomed(): void {
    this.#clearTimer();
    this.#joined = true;
    this.#met = true;
    this.#failures = this.#silences = 0;
    this.#pulse.start();
    this.#setState('connected');
  }

  /** Whether the network seems to be gone, and not for long. */
  get #isSilent(): boolean {
    return this.#silences > 0 && this.#silences < SILENT_ATTEMPTS;
  }

  /** No answer has come in time. */
  #silent(reason: string): void {
    if (this.#met) this.#silences = Math.max(1, this.#silences);
    this.#broken(reason);
  }

  /** Drops a connection that no longer works, and reconnects later. @param spreadMs within which the server asks its tabs to come back */
  #broken(reason: string, spreadMs = 0): void {
    this.#options.log('info', 'signaling/connection-lost', { reason });
    const wasJoined = this.#joined;
    this.#clearTimer();
    this.#drop();
    if (wasJoined) this.#events?.lost();
    else this.#failures++;
    if (!wasJoined && this.#silences > 0) this.#silences++;
    if (this.#events) this.#retryLater(spreadMs);
  }

  #retryLater(spreadMs = 0): void {
    this.#setState(this.#failures === 0 ? 'connecting' : 'unreachable');
    const { clock, random, timers } = this.#options;
    const isSilent = this.#isSilent;
    // An attempt that fails at once brings the next no nearer: Chromium delays all sockets of a page whose attempts often fail.
    const leftMs = isSilent ? Math.max(0, this.#socketOpenedAt + SILENT_JOIN_TIMEOUT_MS - clock.monotonic()) : 0;
    const mostMs = isSilent ? SILENT_PAUSE_MS : this.#met ? RECONNECT_MAX_MS : RECONNECT_UNMET_MAX_MS;
    const longestMs = Math.min(mostMs, RECONNECT_MIN_MS * 2 ** this.#failures);
    // Full jitter, because tabs that lost one server together must not reconnect together.
    this.#timer = timers.set(() => this.#connect(), leftMs + randomBelow(random, Math.max(longestMs, spreadMs)));
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#joined = false;
    this.#outbox.clear();
    this.#pulse.stop();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #clearTimer(): void {
    if (this.#timer !== null) this.#options.timers.clear(this.#timer);
    this.#timer = null;
  }
}
