/**
 * A way to hear of other tabs and to pass them small messages before there is a link: the signaling server, or a channel between the
 * tabs of one browser. It can also carry a link's bytes where no direct link can be made.
 */
export interface Rendezvous {
  /** Kind of a link whose bytes it carries. */
  readonly relayKind: 'relayed' | 'local';
  start(events: RendezvousEvents): void;
  stop(): void;
  /** Passes a JSON value to a tab that is present; best effort. */
  signal(to: string, data: unknown): void;
  /** Passes bytes of a relayed link, in their order and after earlier signals; they may wait for room. */
  relay(to: string, bytes: Uint8Array): void;
  /** Bytes of the relayed link to this tab that wait. */
  bufferedBytes(to: string): number;
  /** The relayed link to this tab is over: what waits belongs to no other. */
  cut(to: string): void;
}

export interface RendezvousEvents {
  /** @param group the same for tabs that somebody may have opened for himself alone (protocol/signaling.ts) */
  present(peer: string, group: string): void;
  absent(peer: string): void;
  signal(from: string, data: unknown): void;
  relayed(from: string, bytes: Uint8Array): void;
  /** `bufferedBytes(to)` has fallen low enough to relay more. */
  drained(to: string): void;
  /** It reaches nobody any more: all are absent, and what it carried is cut. */
  lost(): void;
}
