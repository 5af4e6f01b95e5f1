import type { Link, LinkKind, LinkWorth, Meeting } from '../net/transport.ts';

/** The connection under a link: a data channel or a rendezvous. */
export interface LinkCarrier {
  readonly rtc: boolean;
  send(bytes: Uint8Array): void;
  bufferedBytes(): number;
  /** Ends the connection; called once. */
  close(): void;
}

/** A link as the node sees it, over any carrier. */
export class OpenLink implements Link {
  readonly id: string;
  readonly peerId: string;
  readonly kind: LinkKind;
  readonly met: Meeting;
  readonly rtc: boolean;
  /** By the monotonic clock. */
  readonly openedAt: number;
  worth: LinkWorth = { latencyMs: null, broughtAt: null, broughtTransactionAt: null };
  /** Bytes of all messages so far. */
  sentBytes = 0;
  receivedBytes = 0;
  /** Since when there is a reason to doubt that the link works, without a message since; null if there is none. */
  doubtedAt: number | null = null;
  readonly #carrier: LinkCarrier;
  readonly #closed: (link: OpenLink, reason: string) => void;
  readonly #doubted: () => void;
  #open = true;

  constructor(
    identity: { id: string; peerId: string; kind: LinkKind; met: Meeting; openedAt: number },
    carrier: LinkCarrier,
    closed: (link: OpenLink, reason: string) => void,
    doubted: () => void = () => undefined,
  ) {
    this.id = identity.id;
    this.peerId = identity.peerId;
    this.kind = identity.kind;
    this.met = identity.met;
    this.rtc = carrier.rtc;
    this.openedAt = identity.openedAt;
    this.#carrier = carrier;
    this.#closed = closed;
    this.#doubted = doubted;
  }

  send(bytes: Uint8Array): void {
    if (!this.#open) return;
    this.sentBytes += bytes.length;
    try {
      this.#carrier.send(bytes);
    } catch (error) {
      // The channel is closing, or its queue is full. A link must not lose single messages, so it closes.
      this.close(`sending failed: ${String(error)}`);
    }
  }

  bufferedBytes(): number {
    return this.#open ? this.#carrier.bufferedBytes() : 0;
  }

  judge(worth: LinkWorth): void {
    this.worth = worth;
  }

  doubt(): void {
    if (this.#open) this.#doubted();
  }

  close(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#carrier.close();
    this.#closed(this, reason);
  }
}
