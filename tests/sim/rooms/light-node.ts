import { Admission } from '../../../src/net/admission.ts';
import { HELLO_TIMEOUT_MS, PING_INTERVAL_MS, SILENCE_TIMEOUT_MS } from '../../../src/net/peer-limits.ts';
import type { Session } from '../../../src/net/session.ts';
import type { Link, Transport, TransportEvents } from '../../../src/net/transport.ts';
import type { MonotonicClock, Timers } from '../../../src/util/ports.ts';

/** The first byte of a frame of the node; the second says what it is. */
const NODE_FRAME = 0;
const [HELLO, PING, PONG, BLOCK] = [0, 1, 2, 3];

/** How often a node looks at its links. Real nodes do so each second; time-outs need no such precision here. */
const TICK_MS = 5_000;

interface Talk {
  readonly link: Link;
  readonly peerId: string;
  readonly openedAt: number;
  ready: boolean;
  closed: boolean;
  heardAt: number;
  pingedAt: number;
  latencyMs: number | null;
  broughtAt: number | null;
  close(reason: string): void;
}

export interface NodePorts {
  readonly transport: Transport;
  readonly clock: MonotonicClock;
  readonly timers: Timers;
  opened(link: Link): void;
  closed(link: Link, reason: string): void;
}

/**
 * The least that a node does with its links, so that the link maker has a reason to prefer some: a greeting, pings, one link to each peer by
 * the node's own rule, and a flood of blocks that are mere numbers. What a block holds does not matter to links.
 */
export class LightNode implements TransportEvents {
  readonly #ports: NodePorts;
  readonly #admission: Admission;
  readonly #talks = new Map<string, Talk>();
  #best = 0;
  /** Blocks that this node passes on: all, or none for a tab that keeps them back. */
  passesOn = true;

  constructor(ports: NodePorts) {
    this.#ports = ports;
    this.#admission = new Admission({ transport: ports.transport, clock: ports.clock, log: () => undefined, isRuleError: () => false });
    this.#later();
  }

  /** Number of the newest block. */
  get best(): number {
    return this.#best;
  }

  /** Ids of the peers with a ready link. */
  neighbours(): Set<string> {
    return new Set([...this.#talks.values()].filter(({ ready }) => ready).map(({ peerId }) => peerId));
  }

  /** Open links, also those without a greeting yet. */
  links(): Link[] {
    return [...this.#talks.values()].map(({ link }) => link);
  }

  /** This node has found a block. */
  found(block: number): void {
    this.#best = block;
    this.#flood(null);
  }

  open(link: Link): void {
    const now = this.#ports.clock.monotonic();
    const talk: Talk = {
      link,
      peerId: link.peerId,
      openedAt: now,
      ready: false,
      closed: false,
      heardAt: now,
      pingedAt: -Infinity,
      latencyMs: null,
      broughtAt: null,
      close: (reason) => {
        talk.closed = true;
        link.close(reason);
      },
    };
    this.#talks.set(link.id, talk);
    this.#ports.opened(link);
    link.send(frame(HELLO, this.#best));
  }

  close(link: Link, reason: string): void {
    this.#talks.delete(link.id);
    this.#ports.closed(link, reason);
  }

  drained(): void {
    // Nothing waits.
  }

  message(link: Link, bytes: Uint8Array): void {
    const talk = this.#talks.get(link.id);
    if (!talk) return;
    talk.heardAt = this.#ports.clock.monotonic();
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2);
    if (bytes[1] === PING) return link.send(frame(PONG, number));
    if (bytes[1] === PONG) return this.#answered(talk);
    if (bytes[1] === HELLO) this.#greeted(talk);
    this.#heardOf(talk, number);
  }

  #greeted(talk: Talk): void {
    talk.ready = true;
    this.#admission.endDuplicates(asSession(talk), [...this.#talks.values()].filter(({ ready }) => ready).map(asSession));
    if (!talk.closed) this.#ping(talk);
  }

  #heardOf(talk: Talk, block: number): void {
    if (block <= this.#best) return;
    this.#best = block;
    talk.broughtAt = this.#ports.clock.monotonic();
    this.#judge(talk);
    this.#flood(talk);
  }

  #flood(source: Talk | null): void {
    if (this.passesOn) for (const talk of this.#talks.values()) if (talk !== source && talk.ready) talk.link.send(frame(BLOCK, this.#best));
  }

  #ping(talk: Talk): void {
    talk.pingedAt = this.#ports.clock.monotonic();
    talk.link.send(frame(PING, this.#best));
  }

  #answered(talk: Talk): void {
    talk.latencyMs = this.#ports.clock.monotonic() - talk.pingedAt;
    this.#judge(talk);
  }

  #judge({ link, latencyMs, broughtAt }: Talk): void {
    link.judge?.({ latencyMs, broughtAt, broughtTransactionAt: null });
  }

  #later(): void {
    this.#ports.timers.set(() => {
      this.#tick();
      this.#later();
    }, TICK_MS);
  }

  #tick(): void {
    const now = this.#ports.clock.monotonic();
    for (const talk of [...this.#talks.values()]) {
      if (!talk.ready && now - talk.openedAt > HELLO_TIMEOUT_MS) talk.close('handshake');
      else if (now - talk.heardAt > SILENCE_TIMEOUT_MS) talk.close('silent');
      else if (talk.ready && now - talk.pingedAt >= PING_INTERVAL_MS) this.#ping(talk);
    }
  }
}

/** The rule reads only these fields of a session. */
const asSession = (talk: Talk): Session => talk as unknown as Session;

function frame(kind: number, number: number): Uint8Array {
  const bytes = new Uint8Array(6);
  bytes.set([NODE_FRAME, kind]);
  new DataView(bytes.buffer).setUint32(2, number);
  return bytes;
}
