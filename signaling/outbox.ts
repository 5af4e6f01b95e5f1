import { WebSocket } from 'ws';
import type { Backlog, Waiting } from './backlog.ts';
import { WeighedQueue } from '../src/util/weighed-queue.ts';
import type { SignalingLimits } from './limits.ts';

/** A frame that fills less of its buffer is copied. */
const MIN_SHARE_OF_BUFFER = 0.9;

interface Frame {
  readonly data: Uint8Array;
  readonly binary: boolean;
  /** Its length and the cost of a frame. */
  readonly weight: number;
  /** When it must have been taken out, by the clock of `performance.now()`. */
  readonly dueMs: number;
  /** What its sender has paid that its answer shall not cost, 0 for none. */
  readonly paid: number;
}

const frameQueue = (): WeighedQueue<Frame> => new WeighedQueue<Frame>(({ weight }) => weight);

export interface OutboxEvents {
  /** What a sender had waiting here was dropped: between these two nothing may be passed on as if nothing were missing. */
  pairCut(from: string): void;
  /** A frame is on its way for whose answer its sender has paid. */
  delivered(paid: number): void;
  /** The socket does not read. */
  stalled(): void;
}

/**
 * What waits for one socket, with a queue for each sender. The server's own words go first, then one frame of each sender in turn, so that
 * nobody who sends much to a tab, or to whom it listens slowly, holds up the others. Little is handed to the socket ahead of its reading.
 */
export class Outbox implements Waiting {
  readonly #socket: WebSocket;
  readonly #limits: SignalingLimits;
  readonly #backlog: Backlog;
  readonly #events: OutboxEvents;
  readonly #own = frameQueue();
  /** Senders with something waiting, the next one first. */
  readonly #pairs = new Map<string, WeighedQueue<Frame>>();
  /** Senders whose link to this tab was cut, until they speak of a new one. */
  readonly #cut = new Set<string>();
  #weight = 0;
  #inFlight = 0;
  #progressMs = 0;
  #closed = false;

  constructor(socket: WebSocket, limits: SignalingLimits, backlog: Backlog, events: OutboxEvents) {
    this.#socket = socket;
    this.#limits = limits;
    this.#backlog = backlog;
    this.#events = events;
  }

  get weight(): number {
    return this.#weight;
  }

  /** Sends a text of the server; one `about` another tab keeps its place among what that tab has sent. */
  say(text: string, about?: string): void {
    // A buffer of its own: Node's pool would keep 8 KiB alive for each short text that waits.
    const frame = this.#frame(new TextEncoder().encode(text), { binary: false, dueMs: Infinity, paid: 0 });
    const queue = (about === undefined ? undefined : this.#pairs.get(about)) ?? this.#own;
    this.#add(queue, frame);
    if (this.#own.weight > this.#limits.maxOwnQueuedBytes) return this.#events.stalled();
    this.#pump();
  }

  /** Passes on bytes of a relayed link. */
  relay(from: string, data: Uint8Array): void {
    // What was on its way when a link was cut belongs to no link; a signal comes before the bytes of the next.
    if (!this.#cut.has(from)) this.#forward(from, ownBytes(data), true, 0);
  }

  /** Passes on a signal. @param paid what it cost its sender */
  signal(from: string, text: string, paid: number): void {
    this.#cut.delete(from);
    this.#forward(from, new TextEncoder().encode(text), false, paid);
  }

  #forward(from: string, data: Uint8Array, binary: boolean, paid: number): void {
    if (this.#closed) return;
    const queue = this.#pairs.get(from) ?? frameQueue();
    const { frameCostBytes, pairPatienceMs, pairBytesPerSecond, pairCreditBytes } = this.#limits;
    const ahead = queue.weight + data.length + frameCostBytes;
    if (ahead > pairCreditBytes) return this.#cutPair(from);
    const dueMs = performance.now() + pairPatienceMs + (1_000 * ahead) / pairBytesPerSecond;
    this.#pairs.set(from, queue);
    this.#add(queue, this.#frame(data, { binary, dueMs, paid }));
    this.#pump();
  }

  /** Forgets what is waiting from others: this tab has left their room. */
  dropPairs(): void {
    const dropped = [...this.#pairs.values()].reduce((sum, { weight }) => sum + weight, 0);
    this.#pairs.clear();
    this.#cut.clear();
    this.#changed(-dropped);
  }

  /** Nothing is sent from now on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pairs.clear();
    this.#own.clear();
    this.#changed(-this.#weight);
  }

  shed(): void {
    let [largest, weight] = ['', 0];
    for (const [from, queue] of this.#pairs) if (queue.weight > weight) [largest, weight] = [from, queue.weight];
    if (weight > this.#inFlight) this.#cutPair(largest);
    else this.#events.stalled();
  }

  sweep(nowMs: number): void {
    if (this.#inFlight > 0 && nowMs - this.#progressMs > this.#limits.stallMs) return this.#events.stalled();
    for (const [from, queue] of [...this.#pairs]) if ((queue.first?.dueMs ?? Infinity) < nowMs) this.#cutPair(from);
  }

  #frame(data: Uint8Array, rest: Pick<Frame, 'binary' | 'dueMs' | 'paid'>): Frame {
    return { ...rest, data, weight: data.length + this.#limits.frameCostBytes };
  }

  #add(queue: WeighedQueue<Frame>, frame: Frame): void {
    if (this.#closed) return;
    queue.push(frame);
    this.#changed(frame.weight);
  }

  #changed(difference: number): void {
    this.#weight += difference;
    this.#backlog.changed(this, difference);
  }

  #cutPair(from: string): void {
    const dropped = this.#pairs.get(from)?.weight ?? 0;
    this.#pairs.delete(from);
    this.#changed(-dropped);
    this.#cut.add(from);
    const [oldest] = this.#cut;
    if (this.#cut.size > this.#limits.maxAcquaintances) this.#cut.delete(oldest!);
    this.#events.pairCut(from);
  }

  #pump(): void {
    while (!this.#closed && this.#inFlight < this.#limits.inFlightBytes) {
      const frame = this.#own.shift() ?? this.#nextOfPairs();
      if (frame === null || this.#socket.readyState !== WebSocket.OPEN) return;
      if (this.#inFlight === 0) this.#progressMs = performance.now();
      const { data, binary, weight, paid } = frame;
      if (paid > 0) this.#events.delivered(paid);
      this.#inFlight += weight;
      this.#socket.send(data, { binary }, () => this.#sent(weight));
    }
  }

  #nextOfPairs(): Frame | null {
    for (const [from, queue] of this.#pairs) {
      // To the end of the line, if anything is left.
      this.#pairs.delete(from);
      const frame = queue.shift();
      if (queue.first !== null) this.#pairs.set(from, queue);
      return frame;
    }
    return null;
  }

  #sent(weight: number): void {
    if (this.#closed) return;
    this.#inFlight -= weight;
    this.#progressMs = performance.now();
    this.#changed(-weight);
    this.#pump();
  }
}

/** A frame is often a view of the 64 KiB that were read with it, and would keep all of them alive while it waits, uncounted. */
function ownBytes(data: Uint8Array): Uint8Array {
  return data.length < MIN_SHARE_OF_BUFFER * data.buffer.byteLength ? new Uint8Array(data) : data;
}
