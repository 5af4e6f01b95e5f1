import { WebSocket, type RawData } from 'ws';
import {
  RELAY_HEADER_BYTES,
  SIGNALING_CLOSE_CODES,
  SIGNALING_VERSION,
  decodeRelayFrame,
  encodeMessage,
  parseClientMessage,
  type ClientMessage,
  type JoinMessage,
  type OutgoingSignal,
  type ServerMessage,
  type SignalingErrorCode,
} from '../src/protocol/signaling.ts';
import { fromHex, toHex } from '../src/util/bytes.ts';
import { TabchainError, errorCode } from '../src/util/errors.ts';
import type { TimerId } from '../src/util/ports.ts';
import type { Backlog } from './backlog.ts';
import { groupName } from './crowd.ts';
import { provesIdentity } from './identity.ts';
import type { SignalingLimits } from './limits.ts';
import { logFault } from './log.ts';
import { Outbox } from './outbox.ts';
import type { ServerPorts } from './ports.ts';
import type { Member, Rooms } from './rooms.ts';
import { RateLimit } from './rate-limit.ts';
import { ReadPause } from './read-pause.ts';
import type { RefusalReason, SentKind, Tally } from './tally.ts';

const NONCE_BYTES = 16;

/** Shared by all connections of a server. */
export interface ConnectionContext {
  readonly rooms: Rooms;
  readonly limits: SignalingLimits;
  readonly backlog: Backlog;
  readonly tally: Tally;
  readonly ports: ServerPorts;
  /** Known only to servers, so that group names reveal no addresses. Processes that share rooms share the secret. */
  groupSecret: Uint8Array;
}

/** One socket. Reads its messages, enforces the limits, and is a member of a room after `join`. */
export class Connection implements Member {
  readonly here = true;
  readonly address: string;
  readonly group: string;
  readonly #nonce: string;
  readonly #socket: WebSocket;
  readonly #rooms: Rooms;
  readonly #limits: SignalingLimits;
  readonly #tally: Tally;
  readonly #ports: ServerPorts;
  readonly #outbox: Outbox;
  readonly #signals: RateLimit;
  readonly #relayed: RateLimit;
  readonly #joinTimer: TimerId;
  readonly #pause: ReadPause;
  #joined: JoinMessage | null = null;
  #answered = true;
  #ended = false;
  /** When the message that is still arriving was first noticed; null without one. */
  #partialSinceMs: number | null = null;

  /** @param address the address group that this socket counts for */
  constructor(socket: WebSocket, address: string, { rooms, limits, backlog, tally, ports, groupSecret }: ConnectionContext) {
    this.address = address;
    this.group = groupName(address, groupSecret);
    this.#socket = socket;
    this.#ports = ports;
    this.#nonce = toHex(ports.random.bytes(NONCE_BYTES));
    this.#pause = new ReadPause(socket, ports);
    this.#rooms = rooms;
    this.#limits = limits;
    this.#tally = tally;
    this.#outbox = new Outbox(socket, limits, backlog, ports.clock, {
      pairCut: (from) => this.#pairCut(from),
      departed: (kind, bytes, paid) => this.#departed(kind, bytes, paid),
      stalled: () => this.giveUp('stalled'),
    });
    const nowMs = ports.clock.monotonic();
    const { signalBurstBytes, signalBytesPerSecond, maxPauseMs, answerCreditBytes } = limits;
    this.#signals = new RateLimit(signalBurstBytes, signalBytesPerSecond, nowMs, maxPauseMs, answerCreditBytes);
    this.#relayed = new RateLimit(limits.relayBurstBytes, limits.relayBytesPerSecond, nowMs, maxPauseMs);
    this.#joinTimer = ports.timers.set(() => {
      if (this.#joined === null) this.end('join-timeout');
    }, limits.joinTimeoutMs);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('ping', (data) => this.#noticed(data));
    socket.on('pong', (data) => this.#noticed(data));
    socket.on('close', () => this.#closed());
    // ws reports protocol violations here (a frame over maxPayload: 1009, bad UTF-8: 1007), and then closes the socket itself.
    socket.on('error', () => undefined);
    this.send({ type: 'challenge', version: SIGNALING_VERSION, nonce: this.#nonce });
  }

  get peer(): string {
    return this.#joined?.peer ?? '';
  }

  send(message: ServerMessage): void {
    this.#outbox.say(message.type, encodeMessage(message), message.type === 'joined' || message.type === 'left' ? message.peer : undefined);
  }

  signal(from: string, text: string, paid: number): void {
    this.#outbox.signal(from, text, paid);
  }

  relay(from: string, frame: Uint8Array): void {
    this.#outbox.relay(from, frame);
  }

  end(code: SignalingErrorCode): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tally.refused.add(code);
    this.#leaveRoom();
    this.#outbox.close();
    this.#pause.end();
    this.#socket.send(
      encodeMessage({ type: 'error', code, message: `The signaling server closed the connection: ${code}.` }),
      () => undefined,
    );
    this.#socket.close(SIGNALING_CLOSE_CODES[code], code);
    this.#ports.timers.set(() => this.#socket.terminate(), this.#limits.closeTimeoutMs);
  }

  /** Sends a ping, or ends the socket if the previous ping had no answer. */
  ping(): void {
    // The server does not read a paused socket, so its answers do not arrive either.
    if (!this.#answered && !this.#pause.active) return this.giveUp('silent');
    this.#answered = false;
    this.#socket.ping(undefined, undefined, () => undefined);
  }

  /** Ends the socket without an error message: a tab that does not read would not read that either. */
  giveUp(reason: RefusalReason): void {
    this.#ended = true;
    this.#tally.refused.add(reason);
    this.#leaveRoom();
    this.#outbox.close();
    this.#socket.terminate();
  }

  /** Closes the socket because the server stops. @param code WebSocket close code */
  close(code: number, reason: string): void {
    this.#ended = true;
    this.#outbox.close();
    this.#pause.end();
    this.#socket.close(code, reason);
  }

  /** Bytes received of an incomplete message. */
  get partialBytes(): number {
    return partialBytesOf(this.#socket);
  }

  /** Ends the socket if one message takes too long to arrive. @returns {@link partialBytes} */
  sweep(nowMs: number): number {
    const { partialBytes } = this;
    if (partialBytes === 0 || this.#pause.active) this.#partialSinceMs = null;
    else this.#partialSinceMs ??= nowMs;
    if (nowMs - (this.#partialSinceMs ?? nowMs) > this.#limits.partialPatienceMs) this.giveUp('partial');
    return partialBytes;
  }

  #departed(kind: SentKind, bytes: number, paid: number): void {
    this.#tally.sent.add(kind);
    this.#tally.bytes.add('sent', bytes);
    // Incoming signals make a tab send answers; without this credit, a flood would use up the victim's own rate.
    this.#signals.give(paid);
  }

  #noticed(data: Buffer): void {
    this.#answered = true;
    this.#charge(this.#signals, data.length);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    this.#answered = true;
    this.#partialSinceMs = null;
    // With the default binaryType every message is one Buffer.
    const frame = data as Buffer;
    this.#tally.bytes.add('received', frame.length);
    try {
      if (isBinary) this.#relay(frame);
      else this.#handle(frame);
    } catch (error) {
      this.end(closeCode(error));
    }
  }

  #handle(data: Buffer): void {
    const cost = this.#charge(this.#signals, data.length);
    const message: ClientMessage = parseClientMessage(data.toString());
    this.#tally.received.add(message.type);
    if (message.type === 'ping') return this.send({ type: 'pong' });
    if (message.type === 'join') return this.#join(message);
    const { room, peer } = this.#requireJoined();
    if (message.type === 'leave') return this.#leaveRoom();
    this.#signal(room, peer, message, cost);
  }

  #signal(room: string, from: string, { to, data }: OutgoingSignal, cost: number): void {
    const target = this.#find(room, to);
    if (target === undefined) return;
    target.signal(from, encodeMessage({ type: 'signal', from, data }), target === this ? 0 : cost);
  }

  #join(message: JoinMessage): void {
    if (this.#joined !== null) throw new TabchainError('already-joined', 'This connection is in a room already.');
    this.#charge(this.#signals, this.#limits.joinCostBytes);
    if (!provesIdentity(message, this.#nonce)) throw new TabchainError('identity-unproven', 'This peer id belongs to another key.');
    this.#joined = message;
    try {
      this.#rooms.join(message.room, this);
      this.#ports.timers.clear(this.#joinTimer);
    } catch (error) {
      this.#joined = null;
      throw error;
    }
  }

  #requireJoined(): JoinMessage {
    if (this.#joined === null) throw new TabchainError('not-joined', 'Join a room first.');
    return this.#joined;
  }

  /** The tab with this peer id. Without one, the sender is told that the tab has left. */
  #find(room: string, peer: string): Member | undefined {
    const target = this.#rooms.find(room, peer);
    if (target === undefined) this.send({ type: 'left', peer });
    else if (target !== this) this.#rooms.introduce(this, target);
    return target;
  }

  #relay(frame: Buffer): void {
    const { room, peer } = this.#requireJoined();
    this.#charge(this.#relayed, frame.length);
    this.#tally.received.add('relay');
    const target = this.#find(room, decodeRelayFrame(frame).peer);
    if (target === undefined) return;
    // No one else uses the frame's memory, so the peer id is replaced in place.
    frame.set(fromHex(peer).subarray(0, RELAY_HEADER_BYTES));
    target.relay(peer, frame);
  }

  /** This tab read one sender's frames too slowly. That costs only the link between the two. */
  #pairCut(from: string): void {
    const sender = this.#joined === null ? undefined : this.#rooms.find(this.#joined.room, from);
    if (sender === undefined) this.send({ type: 'left', peer: from });
    else this.#rooms.reintroduce(this, sender);
  }

  /** Charges a frame to this socket, and pauses reading until the rate allows more. Nothing is dropped; TCP slows the sender. @returns the cost */
  #charge(limit: RateLimit, bytes: number): number {
    const cost = bytes + this.#limits.frameCostBytes;
    const nowMs = this.#ports.clock.monotonic();
    const debtMs = limit.take(cost, nowMs);
    if (debtMs > 0 && !this.#ended) this.#pause.extend(nowMs + debtMs);
    return cost;
  }

  #leaveRoom(): void {
    this.#outbox.dropPairs();
    if (this.#joined !== null) this.#rooms.leave(this.#joined.room, this);
    this.#joined = null;
  }

  #closed(): void {
    this.#ended = true;
    this.#ports.timers.clear(this.#joinTimer);
    this.#pause.end();
    this.#leaveRoom();
    this.#outbox.close();
  }
}

/** Bytes that ws keeps of an incomplete message. ws has no interface for this number, so this reads private fields; a test checks their meaning. */
function partialBytesOf(socket: WebSocket): number {
  const { _receiver: receiver } = socket as unknown as { _receiver?: { _bufferedBytes: number; _messageLength: number } };
  return receiver === undefined ? 0 : receiver._bufferedBytes + receiver._messageLength;
}

function closeCode(error: unknown): SignalingErrorCode {
  const code = errorCode(error);
  if (Object.hasOwn(SIGNALING_CLOSE_CODES, code)) return code as SignalingErrorCode;
  // A fault of the server closes one connection; the others continue.
  logFault(error);
  return 'internal';
}
