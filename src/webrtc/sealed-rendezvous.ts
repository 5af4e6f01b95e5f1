import type { Relay, Rendezvous, RendezvousEvents } from './rendezvous.ts';
import type { RoomSeal } from './room-seal.ts';

/**
 * A rendezvous in a room with a key: seals all signals and relayed frames on their way through another rendezvous. Without the key, another
 * tab or the server can announce tabs there, but a dial to such a tab only fails.
 */
export class SealedRendezvous implements Rendezvous {
  readonly kind: Rendezvous['kind'];
  readonly relay: Relay | null;
  readonly #inner: Rendezvous;
  readonly #seal: RoomSeal;

  constructor(inner: Rendezvous, seal: RoomSeal) {
    this.kind = inner.kind;
    this.relay = inner.relay && new SealedRelay(inner.relay, seal);
    this.#inner = inner;
    this.#seal = seal;
  }

  start(events: RendezvousEvents): void {
    const seal = this.#seal;
    this.#inner.start({
      present: (peer, group) => events.present(peer, group),
      absent: (peer) => events.absent(peer),
      signal: (from, data) => {
        const signal = seal.openSignal(from, data);
        if (signal !== null) events.signal(from, signal);
      },
      relayed: (from, sealed) => {
        const bytes = seal.openFrame(from, sealed);
        if (bytes !== null) events.relayed(from, bytes);
      },
      drained: (to) => events.drained(to),
      lost: () => events.lost(),
    });
  }

  stop(): void {
    this.#inner.stop();
  }

  signal(to: string, data: unknown): void {
    this.#inner.signal(to, this.#seal.sealSignal(to, data));
  }

  checkNow(): void {
    this.#inner.checkNow?.();
  }
}

class SealedRelay implements Relay {
  readonly kind: Relay['kind'];
  readonly #inner: Relay;
  readonly #seal: RoomSeal;
  /** The open links. */
  readonly #links = new Map<string, (frame: Uint8Array) => Uint8Array>();

  constructor(inner: Relay, seal: RoomSeal) {
    this.kind = inner.kind;
    this.#inner = inner;
    this.#seal = seal;
  }

  send(to: string, bytes: Uint8Array): void {
    let seal = this.#links.get(to);
    if (!seal) this.#links.set(to, (seal = this.#seal.newLink(to)));
    this.#inner.send(to, seal(bytes));
  }

  bufferedBytes(to: string): number {
    return this.#inner.bufferedBytes(to);
  }

  cut(to: string): void {
    this.#links.delete(to);
    this.#inner.cut(to);
  }
}
