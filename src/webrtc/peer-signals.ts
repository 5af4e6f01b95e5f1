import { MAX_CANDIDATE_LENGTH, MAX_SDP_CANDIDATES, MAX_SDP_LENGTH } from './link-limits.ts';

/**
 * The signals that two tabs exchange through a rendezvous to make a link. The tab with the lower id makes the offer (if both did,
 * both would fail), so the other tab asks for the offer.
 *
 * | signal | meaning |
 * |---|---|
 * | `want` | make me an offer |
 * | `rtc` | WebRTC's own signalling of one attempt: offer, answer, candidates |
 * | `busy` | no room for another link now |
 * | `relay-open`, `relay-ok` | carry a link over this rendezvous; agreed |
 * | `relay-close` | that link is over |
 */
export type PeerSignal =
  | { readonly kind: 'want' | 'busy' | 'relay-open' | 'relay-ok' | 'relay-close' }
  | { readonly kind: 'rtc'; readonly attempt: string; readonly data: RtcSignal };

/** The signals of simple-peer that a data channel needs. */
export type RtcSignal =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | {
      readonly type: 'candidate';
      readonly candidate: { readonly candidate: string; readonly sdpMid: string | null; readonly sdpMLineIndex: number | null };
    };

const PLAIN_KINDS: ReadonlySet<unknown> = new Set(['want', 'busy', 'relay-open', 'relay-ok', 'relay-close']);
const ATTEMPT_PATTERN = /^[0-9a-f]{16}$/;
/** RFC 8839 §5.1; component, transport and what follows. */
const CANDIDATE_PATTERN = /^candidate:\S+ \d+ (\w+) /;

/** A signal from untrusted input; null if the value is no valid signal. */
export function parsePeerSignal(value: unknown): PeerSignal | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, attempt, data } = value as Record<string, unknown>;
  if (PLAIN_KINDS.has(kind)) return { kind } as PeerSignal;
  if (kind !== 'rtc' || typeof attempt !== 'string' || !ATTEMPT_PATTERN.test(attempt)) return null;
  const rtc = parseRtcSignal(data);
  return rtc && { kind, attempt, data: rtc };
}

/**
 * A WebRTC signal from untrusted input; null if the value is not allowed. A description must have exactly one data channel and no media.
 * Candidates must be few and use UDP. A UDP candidate only makes the browser send STUN packets that name it to one port. A TCP candidate
 * would make the browser open a connection to any address.
 */
export function parseRtcSignal(value: unknown): RtcSignal | null {
  if (typeof value !== 'object' || value === null) return null;
  const { type, sdp, candidate } = value as Record<string, unknown>;
  if (type === 'offer' || type === 'answer') {
    const tidy = typeof sdp === 'string' ? tidyDescription(sdp) : null;
    return tidy === null ? null : { type, sdp: tidy };
  }
  if (type !== 'candidate' || typeof candidate !== 'object' || candidate === null) return null;
  const { candidate: line, sdpMid, sdpMLineIndex } = candidate as Record<string, unknown>;
  if (typeof line !== 'string' || line.length > MAX_CANDIDATE_LENGTH || !(line === '' || isUdpCandidate(line))) return null;
  return {
    type,
    candidate: {
      candidate: line,
      sdpMid: typeof sdpMid === 'string' && sdpMid.length <= 16 ? sdpMid : null,
      sdpMLineIndex: Number.isInteger(sdpMLineIndex) ? (sdpMLineIndex as number) : null,
    },
  };
}

function isUdpCandidate(line: string): boolean {
  return CANDIDATE_PATTERN.exec(line)?.[1]?.toLowerCase() === 'udp';
}

/** The description with only the allowed candidates; null if it is too long or has anything except one data channel. */
function tidyDescription(sdp: string): string | null {
  if (sdp.length > MAX_SDP_LENGTH) return null;
  let candidates = 0;
  const kept = sdp.split(/\r\n|\n/).filter((line) => {
    if (!line.startsWith('a=candidate:')) return true;
    return isUdpCandidate(line.slice('a='.length)) && line.length <= MAX_CANDIDATE_LENGTH && ++candidates <= MAX_SDP_CANDIDATES;
  });
  const media = kept.filter((line) => line.startsWith('m='));
  return media.length === 1 && media[0]!.startsWith('m=application ') ? kept.join('\r\n') : null;
}
