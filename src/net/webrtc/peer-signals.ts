/**
 * What two tabs say to each other through an introducer to make a link. The one with the lower id makes the offer (if both did,
 * both would fail), so the other asks for it.
 *
 * | signal | meaning |
 * |---|---|
 * | `want` | make me an offer |
 * | `rtc` | WebRTC's own signalling of one attempt: offer, answer, candidates |
 * | `busy` | no room for another link now |
 * | `relay-open`, `relay-ok` | carry a link over this introducer; agreed |
 * | `relay-close` | that link is over |
 */
export type PeerSignal =
  | { readonly kind: 'want' | 'busy' | 'relay-open' | 'relay-ok' | 'relay-close' }
  | { readonly kind: 'rtc'; readonly attempt: string; readonly data: object };

const PLAIN_KINDS: ReadonlySet<unknown> = new Set(['want', 'busy', 'relay-open', 'relay-ok', 'relay-close']);
const ATTEMPT_PATTERN = /^[0-9a-f]{16}$/;

/** A stranger's signal, null when it is none of these. */
export function parsePeerSignal(value: unknown): PeerSignal | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, attempt, data } = value as Record<string, unknown>;
  if (PLAIN_KINDS.has(kind)) return { kind } as PeerSignal;
  if (kind !== 'rtc' || typeof attempt !== 'string' || !ATTEMPT_PATTERN.test(attempt)) return null;
  return typeof data === 'object' && data !== null ? { kind, attempt, data } : null;
}
