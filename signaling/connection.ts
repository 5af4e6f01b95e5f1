import { WebSocket, type RawData } from 'ws';
import {
  RELAY_HEADER_BYTES,
  SIGNALING_CLOSE_CODES,
  decodeRelayFrame,
  encodeMessage,
  parseClientMessage,
  type ClientMessage,
  type JoinMessage,
  type ServerMessage,
  type SignalingErrorCode,
} from '../src/net/webrtc/signaling-messages.ts';
import { fromHex } from '../src/util/bytes.ts';
import { TabchainError, errorCode } from '../src/util/errors.ts';
import type { SignalingLimits } from './limits.ts';
import type { Member, Rooms } from './rooms.ts';
import { TokenBucket } from './token-bucket.ts';

/** One socket: reads its messages, keeps it within the limits, and is the member of a room once joined. */
export class Connection implements Member {
  readonly #socket: WebSocket;
  readonly #rooms: Rooms<Connection>;
  readonly #limits: SignalingLimits;
  readonly #messages: TokenBucket;
  readonly #relayed: TokenBucket;
  readonly #joinTimer: NodeJS.Timeout;
  #resumeTimer: NodeJS.Timeout | null = null;
  #joined: JoinMessage | null = null;
  #answered = true;
  #ended = false;
  #queuedBytes = 0;
  #debtPaidMs = 0;

  constructor(socket: WebSocket, rooms: Rooms<Connection>, limits: SignalingLimits) {
    this.#socket = socket;
    this.#rooms = rooms;
    this.#limits = limits;
    this.#messages = new TokenBucket(limits.messageBurst, limits.messagesPerSecond, Date.now());
    this.#relayed = new TokenBucket(limits.relayBurstBytes, limits.relayBytesPerSecond, Date.now());
    this.#joinTimer = setTimeout(() => {
      if (this.#joined === null) this.end('join-timeout');
    }, limits.joinTimeoutMs);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => (this.#answered = true));
    socket.on('close', () => this.#closed());
    // ws reports protocol violations (a frame over maxPayload: 1009, bad UTF-8: 1007) here and closes the socket itself.
    socket.on('error', () => undefined);
  }

  get peer(): string {
    return this.#joined?.peer ?? '';
  }

  get key(): string | undefined {
    return this.#joined?.key;
  }

  send(message: ServerMessage): void {
    this.#transmit(Buffer.from(encodeMessage(message)), false);
  }

  end(code: SignalingErrorCode): void {
    if (this.#ended) return;
    this.send({ type: 'error', code, message: `The signaling server closed the connection: ${code}.` });
    this.#ended = true;
    this.#leaveRoom();
    this.#socket.resume();
    this.#socket.close(SIGNALING_CLOSE_CODES[code], code);
    setTimeout(() => this.#socket.terminate(), this.#limits.closeTimeoutMs).unref();
  }

  /** Asks for a sign of life, or gives the socket up when the last question had no answer. */
  ping(): void {
    // What a paused socket has sent is not read, answers included.
    if (!this.#answered && this.#resumeTimer === null) return this.#socket.terminate();
    this.#answered = false;
    this.#socket.ping();
  }

  /** Bytes handed over by the operating system so far: grows while the tab reads. */
  get #flushedBytes(): number {
    return this.#queuedBytes - this.#socket.bufferedAmount;
  }

  #transmit(frame: Uint8Array, binary: boolean): void {
    if (this.#ended || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(frame, { binary });
    this.#queuedBytes += frame.length;
    if (this.#socket.bufferedAmount > this.#limits.maxQueuedBytes) this.#giveUp();
  }

  /** The tab would not read an explanation either. */
  #giveUp(): void {
    this.#ended = true;
    this.#leaveRoom();
    this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    this.#answered = true;
    try {
      // With the default binaryType every message is one Buffer.
      if (isBinary) this.#relay(data as Buffer);
      else this.#handle(this.#parse(data as Buffer));
    } catch (error) {
      this.end(closeCode(error));
    }
  }

  #parse(data: Buffer): ClientMessage {
    if (this.#messages.take(1, Date.now()) > 0) throw new TabchainError('too-many-messages', 'Too many messages a second.');
    return parseClientMessage(data.toString());
  }

  #handle(message: ClientMessage): void {
    if (message.type === 'join') return this.#join(message);
    const { room } = this.#requireJoined();
    if (message.type === 'leave') return this.#leaveRoom();
    const target = this.#find(room, message.to);
    target?.send({ type: 'signal', from: this.peer, data: message.data });
  }

  #join(message: JoinMessage): void {
    if (this.#joined !== null) throw new TabchainError('already-joined', 'This connection is in a room already.');
    this.#joined = message;
    try {
      this.#rooms.join(message.room, this);
    } catch (error) {
      this.#joined = null;
      throw error;
    }
  }

  #requireJoined(): JoinMessage {
    if (this.#joined === null) throw new TabchainError('not-joined', 'Join a room first.');
    return this.#joined;
  }

  /** The addressee; when there is none, the sender is told that it has left. */
  #find(room: string, peer: string): Connection | undefined {
    const target = this.#rooms.find(room, peer);
    if (target === undefined) this.send({ type: 'left', peer });
    else if (target !== this) this.#rooms.introduce(this, target);
    return target;
  }

  #relay(frame: Buffer): void {
    const { room, peer } = this.#requireJoined();
    const target = this.#find(room, decodeRelayFrame(frame).peer);
    if (target !== undefined) {
      // The frame is this connection's own memory, so the address is changed in place.
      frame.set(fromHex(peer).subarray(0, RELAY_HEADER_BYTES));
      target.#transmit(frame, true);
    }
    const debtMs = this.#relayed.take(frame.length + this.#limits.relayFrameCostBytes, Date.now());
    if (debtMs > 0 || (target !== undefined && target.#isFull())) this.#pause(debtMs, target ?? this);
  }

  #isFull(): boolean {
    return !this.#ended && this.#socket.readyState === WebSocket.OPEN && this.#socket.bufferedAmount > this.#limits.relayHighWaterBytes;
  }

  /** Stops reading until the rate allows it and `target` has drained: nothing is dropped, TCP slows the sender. */
  #pause(debtMs: number, target: Connection): void {
    this.#debtPaidMs = Date.now() + debtMs;
    // Frames that were read together with the first still arrive.
    if (this.#resumeTimer !== null) return;
    this.#socket.pause();
    let flushedBytes = target.#flushedBytes;
    let progressMs = Date.now();
    const check = (): void => {
      const nowMs = Date.now();
      if (target.#flushedBytes > flushedBytes) {
        flushedBytes = target.#flushedBytes;
        progressMs = nowMs;
      }
      const stalled = nowMs - progressMs >= this.#limits.relayStallMs;
      if (target.#isFull() && stalled) target.#giveUp();
      if (target.#isFull() || nowMs < this.#debtPaidMs) {
        this.#resumeTimer = setTimeout(check, this.#limits.relayPollMs);
      } else {
        this.#resumeTimer = null;
        this.#socket.resume();
      }
    };
    this.#resumeTimer = setTimeout(check, this.#limits.relayPollMs);
  }

  #leaveRoom(): void {
    if (this.#joined !== null) this.#rooms.leave(this.#joined.room, this);
    this.#joined = null;
  }

  #closed(): void {
    this.#ended = true;
    clearTimeout(this.#joinTimer);
    if (this.#resumeTimer !== null) clearTimeout(this.#resumeTimer);
    this.#leaveRoom();
  }
}

function closeCode(error: unknown): SignalingErrorCode {
  const code = errorCode(error);
  if (Object.hasOwn(SIGNALING_CLOSE_CODES, code)) return code as SignalingErrorCode;
  // A fault of the server costs one connection, not the service.
  console.error(error);
  return 'internal';
}
