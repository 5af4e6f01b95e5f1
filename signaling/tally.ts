import type { ClientMessage, ServerMessage, SignalingErrorCode } from '../src/protocol/signaling.ts';

export type ReceivedKind = ClientMessage['type'] | 'relay';
export type SentKind = ServerMessage['type'] | 'relay';

/**
 * Why a socket was refused or ended: the code that the tab reads; or without a code `origin` (a page of another origin), `silent` (no answer
 * to a ping), `stalled` (does not read), `partial` (a message that does not end).
 */
export type RefusalReason = SignalingErrorCode | 'origin' | 'silent' | 'stalled' | 'partial';

/** Numbers by kind, each from 0. */
export class Counts<K extends string> {
  readonly #numbers = new Map<K, number>();

  add(kind: K, number = 1): void {
    this.#numbers.set(kind, (this.#numbers.get(kind) ?? 0) + number);
  }

  entries(): Iterable<[K, number]> {
    return this.#numbers.entries();
  }
}

/** What the server has done since its start, as plain numbers, because every message passes here. */
export class Tally {
  readonly received = new Counts<ReceivedKind>();
  readonly sent = new Counts<SentKind>();
  readonly bytes = new Counts<'received' | 'sent'>();
  readonly refused = new Counts<RefusalReason>();
}
