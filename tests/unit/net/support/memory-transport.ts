import {
  MAX_LINK_MESSAGE_BYTES,
  type Link,
  type LinkKind,
  type LinkWorth,
  type Transport,
  type TransportEvents,
} from '../../../../src/net/transport.ts';
import { assert } from '../../../../src/util/errors.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface LinkOptions {
  readonly kind?: LinkKind;
  /** Default: as usual for the kind. */
  readonly rtc?: boolean;
  readonly latencyMs?: number;
  /** Unlimited if absent. */
  readonly bytesPerSecond?: number;
}

const LOW_WATER_BYTES = 64 * 1024;

/** All links between in-memory nodes, under one virtual clock. */
export class MemoryNetwork {
  readonly time: VirtualTime;
  #nextLink = 1;

  constructor(time: VirtualTime) {
    this.time = time;
  }

  transport(peerId: string): MemoryTransport {
    return new MemoryTransport(peerId);
  }

  /** Links two started transports; both see the link open. @returns the end of `a` */
  connect(a: MemoryTransport, b: MemoryTransport, options: LinkOptions = {}): MemoryLink {
    assert(a.running && b.running, 'Both transports must be started.');
    const id = this.#nextLink++;
    const ends = [
      new MemoryLink(this.time, `${id}a`, a, b.peerId, options),
      new MemoryLink(this.time, `${id}b`, b, a.peerId, options),
    ] as const;
    ends[0].join(ends[1]);
    ends[1].join(ends[0]);
    a.opened(ends[0]);
    b.opened(ends[1]);
    return ends[0];
  }
}

export class MemoryTransport implements Transport {
  readonly peerId: string;
  readonly links = new Set<MemoryLink>();
  #events: TransportEvents | null = null;

  constructor(peerId: string) {
    this.peerId = peerId;
  }

  get running(): boolean {
    return this.#events !== null;
  }

  get events(): TransportEvents | null {
    return this.#events;
  }

  start(events: TransportEvents): void {
    this.#events = events;
  }

  stop(): void {
    for (const link of [...this.links]) link.close('stopped');
    this.#events = null;
  }

  opened(link: MemoryLink): void {
    this.links.add(link);
    this.#events?.open(link);
  }
}

export class MemoryLink implements Link {
  readonly id: string;
  readonly peerId: string;
  readonly kind: LinkKind;
  readonly met = 'server';
  readonly rtc: boolean;
  readonly #time: VirtualTime;
  readonly #owner: MemoryTransport;
  readonly #options: LinkOptions;
  #other: MemoryLink | null = null;
  #buffered = 0;
  #freeAtMs = 0;
  #arrivedAtMs = 0;
  open = true;
  /** Delivers no more messages without closing, like a frozen tab or a black hole. */
  frozen = false;
  /** The worth of the link according to its node. */
  worth: LinkWorth | null = null;

  constructor(time: VirtualTime, id: string, owner: MemoryTransport, peerId: string, options: LinkOptions) {
    this.id = id;
    this.peerId = peerId;
    this.kind = options.kind ?? 'direct';
    this.rtc = options.rtc ?? this.kind !== 'relayed';
    this.#time = time;
    this.#owner = owner;
    this.#options = options;
  }

  join(other: MemoryLink): void {
    this.#other = other;
  }

  get other(): MemoryLink {
    return this.#other!;
  }

  send(bytes: Uint8Array): void {
    if (!this.open) return;
    assert(bytes.length <= MAX_LINK_MESSAGE_BYTES, 'A message is longer than a link takes.');
    const { latencyMs = 1, bytesPerSecond = Infinity } = this.#options;
    const copy = bytes.slice();
    this.#buffered += copy.length;
    const now = this.#time.monotonic();
    this.#freeAtMs = Math.max(now, this.#freeAtMs) + (copy.length / bytesPerSecond) * 1000;
    this.#arrivedAtMs = Math.max(this.#freeAtMs + latencyMs, this.#arrivedAtMs);
    this.#time.set(() => this.#left(copy.length), this.#freeAtMs - now);
    this.#time.set(() => {
      if (!this.frozen) this.#other!.#deliver(copy);
    }, this.#arrivedAtMs - now);
  }

  #left(length: number): void {
    const before = this.#buffered;
    this.#buffered -= length;
    if (this.open && before > LOW_WATER_BYTES && this.#buffered <= LOW_WATER_BYTES) this.#owner.events?.drained(this);
  }

  #deliver(bytes: Uint8Array): void {
    if (this.open) this.#owner.events?.message(this, bytes);
  }

  bufferedBytes(): number {
    return this.#buffered;
  }

  judge(worth: LinkWorth): void {
    this.worth = worth;
  }

  close(reason: string): void {
    if (!this.open) return;
    this.#end(reason);
    // Messages sent before arrive first.
    const delayMs = Math.max(this.#arrivedAtMs - this.#time.monotonic(), this.#options.latencyMs ?? 1);
    this.#time.set(() => {
      if (!this.frozen) this.#other!.#end('closed by the other end');
    }, delayMs);
  }

  /** Both ends notice at once, as after a lost connection. */
  cut(): void {
    this.#end('cut');
    this.#other!.#end('cut');
  }

  #end(reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.#owner.links.delete(this);
    this.#owner.events?.close(this, reason);
  }
}
