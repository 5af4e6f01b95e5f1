import type { Rendezvous } from '../../../src/webrtc/rendezvous.ts';

/** How often a hostile page without a link to its victim tries again; an honest page would wait longer after each refusal. */
export const HOSTILE_RETRY_MS = 4_000;

/**
 * The sight of a hostile page: of all tabs that a rendezvous announces, it sees only the victim. So the program's own link maker seeks a link to
 * the victim and to nobody else, and still answers everybody who asks.
 */
export function fixated(inner: Rendezvous, isVictim: (peer: string) => boolean): Rendezvous {
  return {
    kind: inner.kind,
    relay: inner.relay,
    start: (events) =>
      inner.start({
        ...events,
        present: (peer, group) => {
          if (isVictim(peer)) events.present(peer, group);
        },
      }),
    stop: () => inner.stop(),
    signal: (to, data) => inner.signal(to, data),
  };
}
