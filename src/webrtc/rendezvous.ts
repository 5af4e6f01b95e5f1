import type { Meeting } from '../net/transport.ts';

/**
 * A way to learn of other tabs and to send them small messages before there is a link: the signaling server, a channel between the tabs of
 * one browser, the peers that this tab has, or a person. Some also carry a link's bytes where no direct link can be made.
 */
export interface Rendezvous {
  readonly kind: Meeting;
  /** Carries the bytes of links; null if this rendezvous carries none. */
  readonly relay: Relay | null;
  start(events: RendezvousEvents): void;
  stop(): void;
  /** Sends a JSON value to a tab that is present; best effort. */
  signal(to: string, data: unknown): void;
  /** Checks the connection now, because there is a reason to doubt it. */
  checkNow?(): void;
}

/** The part of a rendezvous that carries links. */
export interface Relay {
  /** Kind of these links. */
  readonly kind: 'relayed' | 'local';
  /** Sends bytes of a relayed link, in order and after earlier signals. The bytes may wait for room. */
  send(to: string, bytes: Uint8Array): void;
  /** Waiting bytes of the relayed link to this tab. */
  bufferedBytes(to: string): number;
  /** The relayed link to this tab is over: drops its waiting bytes, so the next link does not get them. */
  cut(to: string): void;
}

export interface RendezvousEvents {
  /** @param group the same for all tabs that one person may have opened (protocol/signaling.ts) */
  present(peer: string, group: string): void;
  absent(peer: string): void;
  signal(from: string, data: unknown): void;
  /** Only a rendezvous with a {@link Relay} calls `relayed` and `drained`. */
  relayed(from: string, bytes: Uint8Array): void;
  /** `bufferedBytes(to)` has fallen low enough to relay more. */
  drained(to: string): void;
  /** The rendezvous reaches no tab any more: all tabs are absent, and its relayed links are over. */
  lost(): void;
}
