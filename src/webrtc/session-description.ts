import { FINGERPRINT_BYTES, MAX_CANDIDATES, type Candidate, type Session } from '../protocol/invitation.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

/** Addresses from STUN servers that are kept beside addresses of the device: one of IPv4, one of IPv6. */
const MAX_REFLEXIVE = 2;

/** RFC 8839 §5.1: component 1, UDP, and an address whose type needs no server. */
const CANDIDATE = /^a=candidate:\S+ 1 udp (\d+) (\S+) (\d+) typ (host|srflx)\b/i;
const MDNS_NAME = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.local$/i;

/** RFC 8445 §5.1.2.2. */
const TYPE_PREFERENCE = { host: 126, srflx: 100 } as const;

/**
 * The parts of a browser's session description for one data channel that differ between connections.
 * @throws TabchainError `webrtc-unavailable` if a part is missing
 */
export function sessionOf(sdp: string): Session {
  const lines = sdp.split(/\r?\n/);
  const field = (name: string): string => {
    const line = lines.find((each) => each.startsWith(`a=${name}`));
    if (line === undefined) throw new TabchainError('webrtc-unavailable', `The browser’s offer has no ${name}.`);
    return line.slice(`a=${name}`.length).trim();
  };
  const fingerprint = fromHex(field('fingerprint:sha-256 ').replaceAll(':', ''));
  if (fingerprint.length !== FINGERPRINT_BYTES) throw new TabchainError('webrtc-unavailable', 'The browser’s fingerprint is too short.');
  return { ufrag: field('ice-ufrag:'), password: field('ice-pwd:'), fingerprint, candidates: candidatesOf(lines) };
}

/** The preferred addresses: those of the device by falling priority, then those that STUN servers saw. */
function candidatesOf(lines: readonly string[]): Candidate[] {
  const found = new Map<string, { priority: number; candidate: Candidate }>();
  for (const line of lines) {
    const [, priority, text, port, type] = CANDIDATE.exec(line) ?? [];
    const address = text === undefined ? null : addressOf(text);
    if (!address || Number(port) < 1 || Number(port) > 65_535) continue;
    const candidate = { ...address, type: type!.toLowerCase() as Candidate['type'], port: Number(port) };
    // A browser may not name the device to a STUN server's address by an mDNS name.
    if (candidate.type === 'srflx' && candidate.family === 'name') continue;
    found.set(`${text} ${port}`, { priority: Number(priority), candidate });
  }
  const sorted = [...found.values()].sort((a, b) => b.priority - a.priority).map(({ candidate }) => candidate);
  const reflexive = sorted.filter(({ type }) => type === 'srflx').slice(0, MAX_REFLEXIVE);
  const hosts = sorted.filter(({ type }) => type === 'host').slice(0, MAX_CANDIDATES - reflexive.length);
  return [...hosts, ...reflexive];
}

function addressOf(text: string): Pick<Candidate, 'family' | 'address'> | null {
  const uuid = MDNS_NAME.exec(text)?.[1];
  if (uuid !== undefined) return { family: 'name', address: fromHex(uuid.replaceAll('-', '')) };
  if (/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) {
    const parts = text.split('.').map(Number);
    return parts.every((part) => part <= 255) ? { family: 'ipv4', address: Uint8Array.from(parts) } : null;
  }
  return ipv6Of(text);
}

/** RFC 4291 §2.2, forms 1 and 2; null for other texts. */
function ipv6Of(text: string): Pick<Candidate, 'family' | 'address'> | null {
  const [head, tail, ...more] = text.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const groups = tail === undefined ? head! : [...head!, ...Array<string>(Math.max(1, 8 - head!.length - tail.length)).fill('0'), ...tail];
  if (more.length > 0 || groups.length !== 8 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return { family: 'ipv6', address: fromHex(groups.map((group) => group.padStart(4, '0')).join('')) };
}

/** A session description of one data channel, as every browser accepts it (RFC 8841, RFC 9429). */
export function describe(
  type: 'offer' | 'answer',
  { ufrag, password, fingerprint, candidates }: Session,
): { type: typeof type; sdp: string } {
  const lines = [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...candidates.map(candidateLine),
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${toHex(fingerprint).toUpperCase().match(/../g)!.join(':')}`,
    // RFC 8842 §5: the end that offers lets the other end choose, and the other end begins the DTLS handshake.
    `a=setup:${type === 'offer' ? 'actpass' : 'active'}`,
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
  ];
  return { type, sdp: lines.map((line) => `${line}\r\n`).join('') };
}

function candidateLine({ type, family, address, port }: Candidate, index: number): string {
  const priority = TYPE_PREFERENCE[type] * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;
  const related = type === 'srflx' ? ' raddr 0.0.0.0 rport 0' : '';
  return `a=candidate:${index + 1} 1 udp ${priority} ${addressText(family, address)} ${port} typ ${type}${related}`;
}

function addressText(family: Candidate['family'], address: Uint8Array): string {
  if (family === 'ipv4') return address.join('.');
  const hex = toHex(address);
  if (family === 'ipv6') return hex.match(/..../g)!.join(':');
  return `${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}.local`;
}
