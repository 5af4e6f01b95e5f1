import {
  decodeMessage,
  encodeMessage,
  maxMessageBytes,
  type ByeReason,
  type HelloMessage,
  type Message,
  type TipClaim,
} from '../protocol/wire.ts';
import { TEAM_WORD } from '../protocol/team.ts';
import { EXPERIMENTS_FEATURE } from '../protocol/wire-experiment.ts';
import { randomBelow, type Clock, type Random } from '../util/ports.ts';
import { BoundedSet } from './bounded.ts';
import { Reassembler, toFrames } from './framing.ts';
import {
  ANSWER_MS,
  BUSY_LINK_BYTES,
  DOUBT_MS,
  HELLO_TIMEOUT_MS,
  MAX_KNOWN_IDS,
  MAX_SEND_BUFFER_BYTES,
  PING_INTERVAL_MS,
  SILENCE_TIMEOUT_MS,
} from './peer-limits.ts';
import type { Link } from './transport.ts';

/** This node's identity and the tip of its chain. */
export interface Self {
  readonly networkId: string;
  readonly peerId: string;
  readonly agent: string;
  readonly maxBlockBytes: number;
  tip(): TipClaim;
}

/**
 * One link's conversation: framing, the handshake, pings, and the state of the other end. Knows only the ids of blocks and
 * transactions.
 */
export class Session {
  readonly link: Link;
  /** Ids of blocks and transactions that the other end has or was told. */
  readonly known = new BoundedSet(MAX_KNOWN_IDS);
  /** The other end's last tip claim; null before its hello. */
  claim: TipClaim | null = null;
  /** The tip claim of the other end's hello; null before. */
  greeting: TipClaim | null = null;
  /** When the other end last sent a tip claim, by the monotonic clock. */
  claimedAt = -Infinity;
  /** Height of the last block that this node announced to the other end. */
  announcedHeight = 0;
  /** Whose request for headers the other end has not answered; null for nobody's. The other end keeps only the newest request. */
  headersAskedBy: object | null = null;
  agent = '';
  /** Round-trip time of the last ping, in milliseconds. */
  latencyMs: number | null = null;
  /** Milliseconds that this node's clock seems ahead of the other's. */
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
  /** When the first ping was sent after which nothing has arrived; null if something has. */
  #unansweredSince: number | null = null;
  #doubted = false;
  #silent = false;
  /** Bytes that had left this tab by the last tick. */
  #left = 0;
  /** When the link last brought a block before all others. */
  #broughtAt: number | null = null;
  /** When the link last brought a transaction before all others. */
  #broughtTransactionAt: number | null = null;

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

  /** Age of this link in milliseconds. */
  ageMs(): number {
    return this.#clock.monotonic() - this.#openedAt;
  }

  /** Whether hellos were exchanged. */
  get greeted(): boolean {
    return this.claim !== null && !this.closed;
  }

  /** Whether the other end has left a ping unanswered: its tab is frozen, or the network is gone. Ends when anything arrives. */
  get silent(): boolean {
    return this.#silent;
  }

  /** Whether this node may ask the other end. */
  get ready(): boolean {
    return this.greeted && !this.#silent;
  }

  get peerId(): string {
    return this.link.peerId;
  }

  /** Whether the other end knows the messages of experiments. */
  get takesExperiments(): boolean {
    return this.#says(EXPERIMENTS_FEATURE);
  }

  /** Whether the other end says that it is in a team of the lab, or has just come from a team. */
  get isOfTeam(): boolean {
    return this.#says(TEAM_WORD);
  }

  #says(word: string): boolean {
    return this.agent.split(' ').includes(word);
  }

  /** Sends this node's hello, the first message on every link. */
  greet(): void {
    const { networkId, peerId, agent } = this.#self;
    this.send({ type: 'hello', networkId, peerId, agent, ...this.#self.tip(), clockMs: this.wallClockMs() });
  }

  /** This node's wall clock, limited to values that the message can hold: a machine's clock may be in 1969. */
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

  /** Records a sign of life when bytes arrive, even if they then wait long for their turn. */
  arrived(length: number): void {
    this.receivedBytes += length;
    this.#heard();
  }

  #heard(): void {
    this.#heardAt = this.#clock.monotonic();
    this.#unansweredSince = null;
    this.#doubted = false;
    this.#silent = false;
  }

  /**
   * The message that these bytes complete; null if more frames follow.
   * @throws TabchainError `encoding-*`, `block-oversized`, `protocol-version`
   */
  receive(bytes: Uint8Array): Message | null {
    const message = this.#reassembler.add(bytes);
    return message && decodeMessage(message, this.#self.maxBlockBytes);
  }

  /** Takes the other end's hello. Returns the reason to end the link, or null if the hello is valid. */
  welcome(hello: HelloMessage): ByeReason | null {
    if (this.claim !== null) return 'handshake';
    if (hello.networkId !== this.#self.networkId) return 'network';
    if (hello.peerId === this.#self.peerId) return 'self';
    if (hello.peerId !== this.link.peerId) return 'handshake';
    this.agent = hello.agent;
    this.skewMs = this.#clock.now() - hello.clockMs;
    this.updateClaim(hello);
    this.greeting = this.claim;
    return null;
  }

  updateClaim({ height, tip, work, base }: TipClaim): void {
    this.claim = { height, tip, work, base };
    this.claimedAt = this.#clock.monotonic();
    this.known.add(tip);
  }

  /** The other end has shown that it knows this tip. In a long download the other end has claimed more than its headers show so far. */
  knows({ height, id, work }: { readonly height: number; readonly id: string; readonly work: bigint }): void {
    if (!this.claim || work <= this.claim.work) return;
    this.claim = { height, tip: id, work, base: this.claim.base };
    this.known.add(id);
  }

  /** Sends this node's tip, and asks for a sign of life. */
  ping(): void {
    const now = this.#clock.monotonic();
    const nonce = randomBelow(this.#random, 2 ** 32);
    this.#ping = { nonce, sentAt: now };
    this.#pingedAt = now;
    this.#unansweredSince ??= now;
    this.send({ type: 'ping', nonce, ...this.#self.tip() });
  }

  /** Measures latency and clock difference; ignores an answer to another ping than the last. */
  pong(nonce: number, clockMs: number): void {
    if (this.#ping?.nonce !== nonce) return;
    this.latencyMs = Math.round(this.#clock.monotonic() - this.#ping.sentAt);
    this.skewMs = Math.round(this.#clock.now() - this.latencyMs / 2 - clockMs);
    this.#ping = null;
    this.#judge();
  }

  /** Records that this link was the first to bring the chain's new tip. */
  brought(): void {
    this.#broughtAt = this.#clock.monotonic();
    this.#judge();
  }

  /** Records that this link was the first to bring a transaction. The link hears of it with the next pong, because transactions are many. */
  broughtTransaction(): void {
    this.#broughtTransactionAt = this.#clock.monotonic();
  }

  #judge(): void {
    const { latencyMs } = this;
    this.link.judge?.({ latencyMs, broughtAt: this.#broughtAt, broughtTransactionAt: this.#broughtTransactionAt });
  }

  /** Forgives silence up to now, because this tab itself was asleep or its network may have changed, and asks for a sign of life. */
  probe(): void {
    this.#heard();
    if (this.greeted) this.ping();
  }

  /** Forgives a part of the silence, because this thread was busy and may not have read an answer. */
  excuse(ms: number): void {
    if (this.#unansweredSince !== null) this.#unansweredSince += ms;
  }

  /**
   * Sends a ping if due; notices silence, and ends a link that was silent for long.
   * @param quietMs ping after this long without a message
   */
  tick(quietMs: number): void {
    const now = this.#clock.monotonic();
    if (this.claim === null) {
      if (this.ageMs() > HELLO_TIMEOUT_MS) this.close('handshake');
      return;
    }
    const left = this.sentBytes - this.link.bufferedBytes();
    // A slow link that carries a download works, although the ping waits behind the bytes.
    if (left - this.#left >= BUSY_LINK_BYTES && this.#unansweredSince !== null) this.#unansweredSince = now;
    this.#left = left;
    if (now - this.#heardAt > SILENCE_TIMEOUT_MS) return this.close('silent');
    if (now - this.#pingedAt >= PING_INTERVAL_MS || (this.#unansweredSince === null && now - this.#heardAt >= quietMs)) this.ping();
    const unansweredMs = now - (this.#unansweredSince ?? now);
    if (unansweredMs >= DOUBT_MS && !this.#doubted) {
      this.#doubted = true;
      this.link.doubt?.();
    }
    if (unansweredMs >= ANSWER_MS) this.#silent = true;
  }

  /** Sends `bye` with the reason and ends the link; the transport's close event triggers the cleanup. */
  close(reason: ByeReason): void {
    if (this.closed) return;
    this.closed = true;
    for (const frame of toFrames(encodeMessage({ type: 'bye', reason }))) this.link.send(frame);
    this.link.close(reason);
  }
}
