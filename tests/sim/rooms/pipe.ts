import type { Prng } from '../engine/prng.ts';
import type { Owner, SimTime } from '../engine/time.ts';

/** How messages travel between two places. */
export interface Quality {
  readonly latencyMs: number;
  readonly jitterMs: number;
  /** Share of messages that must be sent again; the order stays. */
  readonly loss: number;
}

/** Shortest time after which a lost packet is sent again. */
const RETRANSMISSION_MS = 300;

/** One direction of a reliable connection: messages arrive in order, each at its time. */
export class Pipe {
  readonly #time: SimTime;
  readonly #rng: Prng;
  readonly #to: Owner;
  readonly #quality: Quality;
  readonly #flows: () => boolean;
  #arrivedAtMs = 0;
  #stalled: (() => void)[] = [];

  /** @param flows whether bytes pass now; they wait while they do not */
  constructor(time: SimTime, rng: Prng, to: Owner, quality: Quality, flows: () => boolean = () => true) {
    this.#time = time;
    this.#rng = rng;
    this.#to = to;
    this.#quality = quality;
    this.#flows = flows;
  }

  send(deliver: () => void): void {
    if (this.#stalled.length > 0 || !this.#flows()) this.#stalled.push(deliver);
    else this.#transmit(deliver);
  }

  /** Sends what waits, if bytes pass again. */
  release(): void {
    if (!this.#flows()) return;
    for (const deliver of this.#stalled.splice(0)) this.#transmit(deliver);
  }

  #transmit(deliver: () => void): void {
    const { latencyMs, jitterMs, loss } = this.#quality;
    const resentMs = this.#rng.chance(loss) ? RETRANSMISSION_MS + 2 * latencyMs : 0;
    const now = this.#time.now();
    this.#arrivedAtMs = Math.max(this.#arrivedAtMs, now + latencyMs + jitterMs * this.#rng.float() + resentMs);
    this.#time.schedule(this.#to, deliver, this.#arrivedAtMs - now);
  }
}
