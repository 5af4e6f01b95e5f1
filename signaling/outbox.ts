import { WebSocket } from 'ws';
import type { MonotonicClock } from '../src/util/ports.ts';
import type { Backlog, Waiting } from './backlog.ts';
import { WeighedQueue } from '../src/util/weighed-queue.ts';
import type { SignalingLimits } from './limits.ts';
import type { SentKind } from './tally.ts';

/** A frame that fills a smaller share of its buffer is copied. */
const MIN_SHARE_OF_BUFFER = 0.9;

interface Frame {
  readonly data: Uint8Array;
  readonly kind: SentKind;
  /** Length plus the fixed cost of a frame. */
  readonly weight: number;
  /** Latest time for its departure, by the server's clock. */
  readonly dueMs: number;
  /** Cost that the sender paid, credited to the answer; 0 for none. */
  readonly paid: number;
}

const frameQueue = (): WeighedQueue<Frame> => new WeighedQueue<Frame>(({ weight }) => weight);

export interface OutboxEvents {
  /** Waiting frames of this sender were dropped, so the link between the two has a gap and must be made again. */
  pairCut(from: string): void;
  /** A frame is on its way. @param paid what its sender has paid for the answer */
  departed(kind: SentKind, bytes: number, paid: number): void;
  /** The socket does not read. */
  stalled(): void;
}

/**
 * The frames that wait for one socket, in one queue for each sender. The server's own messages go first, then one frame of each sender in
 * turn, so that no sender holds up the others. The socket gets few bytes before it reads them.
 */
export class Outbox implements Waiting {
  readonly #socket: WebSocket;
  readonly #limits: SignalingLimits;
  readonly #backlog: Backlog;
  readonly #clock: MonotonicClock;
  readonly #events: OutboxEvents;
  readonly #own = frameQueue();
  /** Queues of senders with waiting frames, the next sender first. */
  readonly #pairs = new Map<string, WeighedQueue<Frame>>();
  /** Senders whose link to this tab was cut, until they signal for a new link. */
  readonly #cut = new Set<string>();
  #weight = 0;
  #inFlight = 0;
  #progressMs = 0;
  #closed = false;

  constructor(socket: WebSocket, limits: SignalingLimits, backlog: Backlog, clock: MonotonicClock, events: OutboxEvents) {
    this.#socket = socket;
    this.#limits = limits;
    this.#backlog = backlog;
    this.#clock = clock;
    this.#events = events;
  }

  get weight(): number {
    return this.#weight;
  }

  /** Sends a text of the server. A text `about` another tab stays in order with the frames that this tab sent. */
  say(kind: SentKind, text: string, about?: string): void {
    // Not from Node's pool, which would keep 8 KiB alive for each short waiting text.
    const frame = this.#frame(new TextEncoder().encode(text), { kind, dueMs: Infinity, paid: 0 });
    const queue = (about === undefined ? undefined : this.#pairs.get(about)) ?? this.#own;
    this.#add(queue, frame);
    if (this.#own.weight > this.#limits.maxOwnQueuedBytes) return this.#events.stalled();
    this.#pump();
  }

  /** Forwards bytes of a relayed link. */
  relay(from: string, data: Uint8Array): void {
    // Bytes sent before the cut belong to no link. A signal precedes the bytes of the next link.
    if (!this.#cut.has(from)) this.#forward(from, 'relay', ownBytes(data), 0);
  }

  /** Forwards a signal. @param paid the cost that its sender paid */
  signal(from: string, text: string, paid: number): void {
    this.#cut.delete(from);
    this.#forward(from, 'signal', new TextEncoder().encode(text), paid);
  }

  #forward(from: string, kind: SentKind, data: Uint8Array, paid: number): void {
    if (this.#closed) return;
    const queue = this.#pairs.get(from) ?? frameQueue();
    const { frameCostBytes, pairPatienceMs, pairBytesPerSecond, pairCreditBytes } = this.#limits;
    const ahead = queue.weight + data.length + frameCostBytes;
    if (ahead > pairCreditBytes) return this.#cutPair(from);
    const dueMs = this.#clock.monotonic() + pairPatienceMs + (1_000 * ahead) / pairBytesPerSecond;
    this.#pairs.set(from, queue);
    this.#add(queue, this.#frame(data, { kind, dueMs, paid }));
    this.#pump();
  }

  /** Drops all frames from other tabs, because this tab has left their room. */
  dropPairs(): void {
    const dropped = [...this.#pairs.values()].reduce((sum, { weight }) => sum + weight, 0);
    this.#pairs.clear();
    this.#cut.clear();
    this.#changed(-dropped);
  }

  /** Drops everything; nothing is sent any more. */
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

  #frame(data: Uint8Array, rest: Pick<Frame, 'kind' | 'dueMs' | 'paid'>): Frame {
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
      if (this.#inFlight === 0) this.#progressMs = this.#clock.monotonic();
      const { data, kind, weight, paid } = frame;
      this.#events.departed(kind, data.length, paid);
      this.#inFlight += weight;
      this.#socket.send(data, { binary: kind === 'relay' }, () => this.#sent(weight));
    }
  }

  #nextOfPairs(): Frame | null {
    for (const [from, queue] of this.#pairs) {
      // The sender goes to the end of the line if it has more frames.
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
    this.#progressMs = this.#clock.monotonic();
    this.#changed(-weight);
    this.#pump();
  }
}

/** Copies a frame that is a small view of the 64 KiB read with it. While it waits, the view would keep all of these alive, uncounted. */
function ownBytes(data: Uint8Array): Uint8Array {
  return data.length < MIN_SHARE_OF_BUFFER * data.buffer.byteLength ? new Uint8Array(data) : data;
}
