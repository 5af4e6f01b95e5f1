import {
  decodeMessage,
  encodeMessage,
  maxMessageBytes,
  type ByeReason,
  type HelloMessage,
  type Message,
  type TipClaim,
} from '../protocol/wire.ts';
import { randomBelow, type Clock, type Random } from '../util/ports.ts';
import { BoundedSet } from './bounded.ts';
import { Reassembler, toFrames } from './framing.ts';
import { HELLO_TIMEOUT_MS, MAX_KNOWN_IDS, MAX_SEND_BUFFER_BYTES, PING_INTERVAL_MS, SILENCE_TIMEOUT_MS } from './peer-limits.ts';
import type { Link } from './transport.ts';

/** Who this node is, and where its chain stands now. */
export interface Self {
  readonly networkId: string;
  readonly peerId: string;
  readonly agent: string;
  readonly maxBlockBytes: number;
  tip(): TipClaim;
}

/**
 * One link's conversation: framing, the handshake, pings, and what is known of the other end. It knows nothing of blocks and
 * transactions beyond their ids.
 */
export class Session {
  readonly link: Link;
  /** Ids of blocks and transactions that the other end has, or was told of. */
  readonly known = new BoundedSet(MAX_KNOWN_IDS);
  /** What the other end last claimed; null before its hello. */
  claim: TipClaim | null = null;
  /** Height of the last block that this node told the other end of. */
  announcedHeight = 0;
  agent = '';
  /** Milliseconds of the last ping's way there and back. */
  latencyMs: number | null = null;
  /** How far this node's clock seems ahead of the other's. */
  skewMs: number | null = null;
  receivedBytes = 0;
  sentBytes = 0;
  closed = false;

  readonly #self: Self;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #reassembler: Reassembler;
  readonly #maxBufferedBytes: number;
  readonly #openedAt: number;
  #heardAt: number;
  #pingedAt = 0;
  #ping: { nonce: number; sentAt: number } | null = null;
  /** When it last brought a block before all others. */
  #broughtAt: number | null = null;

  constructor(link: Link, self: Self, clock: Clock, random: Random) {
    this.link = link;
    this.#self = self;
    this.#clock = clock;
    this.#random = random;
    this.#openedAt = clock.monotonic();
    this.#heardAt = this.#openedAt;
    this.#reassembler = new Reassembler(maxMessageBytes(self.maxBlockBytes));
    this.#maxBufferedBytes = maxMessageBytes(self.maxBlockBytes) + MAX_SEND_BUFFER_BYTES;
  }

  /** Milliseconds that this link has lived. */
  ageMs(): number {
    return this.#clock.monotonic() - this.#openedAt;
  }

  /** Whether hellos were exchanged. */
  get ready(): boolean {
    return this.claim !== null && !this.closed;
  }

  get peerId(): string {
    return this.link.peerId;
  }

  /** Says who this node is; the first thing on every link. */
  greet(): void {
    const { networkId, peerId, agent } = this.#self;
    this.send({ type: 'hello', networkId, peerId, agent, ...this.#self.tip(), clockMs: this.wallClockMs() });
  }

  /** What this node's clock says, as far as it can be said: a machine may well believe to be in 1969. */
  wallClockMs(): number {
    return Math.min(Math.max(0, Math.floor(this.#clock.now())), Number.MAX_SAFE_INTEGER);
  }

  send(message: Message): void {
    this.sendEncoded(encodeMessage(message));
  }

  /** Sends canonical bytes of one message. A peer that does not read loses the link. */
  sendEncoded(message: Uint8Array): void {
    if (this.closed) return;
    if (this.link.bufferedBytes() > this.#maxBufferedBytes) return this.close('overload');
    for (const frame of toFrames(message)) {
      this.sentBytes += frame.length;
      this.link.send(frame);
    }
  }

  /** Notes a sign of life when bytes arrive, however long they then wait for their turn. */
  arrived(length: number): void {
    this.#heardAt = this.#clock.monotonic();
    this.receivedBytes += length;
  }

  /**
   * The message that these bytes complete, null when there is more to come.
   * @throws TabchainError `encoding-*`, `block-oversized`, `protocol-version`
   */
  receive(bytes: Uint8Array): Message | null {
    const message = this.#reassembler.add(bytes);
    return message && decodeMessage(message, this.#self.maxBlockBytes);
  }

  /** Takes the other end's hello; the reason to end the link, or null when all is well. */
  welcome(hello: HelloMessage): ByeReason | null {
    if (this.claim !== null) return 'handshake';
    if (hello.networkId !== this.#self.networkId) return 'network';
    if (hello.peerId === this.#self.peerId) return 'self';
    if (hello.peerId !== this.link.peerId) return 'handshake';
    this.agent = hello.agent;
    this.skewMs = this.#clock.now() - hello.clockMs;
    this.updateClaim(hello);
    return null;
  }

  updateClaim({ height, tip, work }: TipClaim): void {
    this.claim = { height, tip, work };
    this.known.add(tip);
  }

  /** Says where this node's chain stands, and asks for a sign of life. */
  ping(): void {
    const now = this.#clock.monotonic();
    const nonce = randomBelow(this.#random, 2 ** 32);
    this.#ping = { nonce, sentAt: now };
    this.#pingedAt = now;
    this.send({ type: 'ping', nonce, ...this.#self.tip() });
  }

  /** Measures latency and clock difference; an answer to no question is ignored. */
  pong(nonce: number, clockMs: number): void {
    if (this.#ping?.nonce !== nonce) return;
    this.latencyMs = Math.round(this.#clock.monotonic() - this.#ping.sentAt);
    this.skewMs = Math.round(this.#clock.now() - this.latencyMs / 2 - clockMs);
    this.#ping = null;
    this.#judge();
  }

  /** Notes that this link was the first to bring the block that the chain now ends in. */
  brought(): void {
    this.#broughtAt = this.#clock.monotonic();
    this.#judge();
  }

  #judge(): void {
    this.link.judge?.({ latencyMs: this.latencyMs, broughtAt: this.#broughtAt });
  }

  /** Forgives silence up to now: this tab was asleep itself. */
  forgive(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** Pings where due; ends a link that is silent. */
  tick(): void {
    const now = this.#clock.monotonic();
    if (this.claim === null) {
      if (this.ageMs() > HELLO_TIMEOUT_MS) this.close('handshake');
    } else if (now - this.#heardAt > SILENCE_TIMEOUT_MS) {
      this.close('silent');
    } else if (now - this.#pingedAt >= PING_INTERVAL_MS) {
      this.ping();
    }
  }

  /** Says why and ends the link; the transport's close event does the rest. */
  close(reason: ByeReason): void {
    if (this.closed) return;
    this.closed = true;
    for (const frame of toFrames(encodeMessage({ type: 'bye', reason }))) this.link.send(frame);
    this.link.close(reason);
  }
}
