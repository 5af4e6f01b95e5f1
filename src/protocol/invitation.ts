/**
 * Two tabs meet by hand, without any server: a person carries an **invitation** (a WebRTC offer) to the other device, and another person
 * carries the **reply** (the answer) back. PROTOCOL.md §11 describes the format. Session descriptions of browsers have 500 to 900
 * characters; only the parts that differ are encoded, so a text has at most {@link MAX_INVITATION_CHARACTERS}.
 */
import { base64nopad, base64urlnopad } from '@scure/base';
import { ED25519_PUBLIC_BYTES, ED25519_SIGNATURE_BYTES, ed25519Verify } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hash.ts';
import { concatBytes, equalBytes, fromHex, toHex, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { Reader, Writer } from './codec.ts';

/** Version of the format: the first byte. */
const VERSION = 1;
/** The room's first bytes tell another network apart; the signature covers the whole room. */
const ROOM_CHECK_BYTES = 4;
const INVITATION_ID_BYTES = 8;
export const FINGERPRINT_BYTES = 32;
/** RFC 8839 §5.4: at least 4 and 22 characters. Browsers use 4 and 24 (Chromium, Safari) or 8 and 32 (Firefox). */
const UFRAG_CHARACTERS = { least: 4, most: 16 } as const;
const PASSWORD_CHARACTERS = { least: 22, most: 32 } as const;
/** Three addresses of IPv4 and of IPv6. More would make the text longer than a person wants to copy. */
export const MAX_CANDIDATES = 6;

/** The longest text, reached by a reply with {@link MAX_CANDIDATES} of 16 bytes and the longest names. */
export const MAX_INVITATION_CHARACTERS = 400;
/** A link or a chat message around the text. */
const MAX_PASTED_CHARACTERS = 4_000;

export type MeetingKind = 'invitation' | 'reply';

/** What the text begins with, so that a person and this program recognise it. */
const PREFIXES = { invitation: 'invite-', reply: 'reply-' } as const satisfies Record<MeetingKind, string>;
const KIND_BYTES = { invitation: 1, reply: 2 } as const satisfies Record<MeetingKind, number>;
/** No text is shorter; a network's label may also begin with these words. */
const PATTERN = /(invite|reply)-[\w-]{200,}/;

/** Kinds of addresses by their code, with the length of the address. A name is the UUID of an mDNS name "<uuid>.local". */
const CANDIDATE_KINDS = [
  { type: 'host', family: 'name', bytes: 16 },
  { type: 'host', family: 'ipv4', bytes: 4 },
  { type: 'host', family: 'ipv6', bytes: 16 },
  { type: 'srflx', family: 'ipv4', bytes: 4 },
  { type: 'srflx', family: 'ipv6', bytes: 16 },
] as const;

/** An address at which a tab may be reached by UDP. */
export interface Candidate {
  /** `host`: of the device itself; `srflx`: as a STUN server saw it. */
  readonly type: 'host' | 'srflx';
  readonly family: 'name' | 'ipv4' | 'ipv6';
  readonly address: Uint8Array;
  /** 1 to 65,535. */
  readonly port: number;
}

/** The parts of a session description that differ between connections. */
export interface Session {
  /** RFC 8839 §5.4. */
  readonly ufrag: string;
  readonly password: string;
  /** SHA-256 of the DTLS certificate (RFC 8122). */
  readonly fingerprint: Uint8Array;
  /** In order of preference. */
  readonly candidates: readonly Candidate[];
}

export interface Invitation {
  /** Hexadecimal; the reply names it. */
  readonly id: string;
  /** Ed25519 key of the inviting tab. */
  readonly key: Uint8Array;
  /** Unix time in milliseconds, a whole number of seconds. */
  readonly madeAtMs: number;
  readonly session: Session;
}

export interface Reply {
  /** Ed25519 key of the replying tab. */
  readonly key: Uint8Array;
  /** Id of the invitation that this is the reply to. */
  readonly invitation: string;
  readonly session: Session;
}

/** Who signs: the identity of a tab. */
interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/**
 * An invitation as text.
 * @param room where the tabs of this network meet (protocol/room.ts)
 */
export function writeInvitation(session: Session, madeAtMs: number, signer: Signer, room: string): { id: string; text: string } {
  const bytes = signed(begin('invitation', room).u32(Math.floor(madeAtMs / 1_000)), session, signer, room);
  return { id: idOf(bytes), text: PREFIXES.invitation + base64urlnopad.encode(bytes) };
}

/** The reply to an invitation as text. */
export function writeReply(session: Session, invitation: string, signer: Signer, room: string): string {
  const bytes = signed(begin('reply', room).fixed(fromHex(invitation), INVITATION_ID_BYTES), session, signer, room);
  return PREFIXES.reply + base64urlnopad.encode(bytes);
}

/**
 * The invitation in a text or a link, with a valid signature. Says nothing about its age.
 * @throws TabchainError `invitation-unreadable`, `invitation-kind`, `invitation-version`, `invitation-other-network`
 */
export function readInvitation(text: string, room: string): Invitation {
  return read('invitation', text, room, (reader, bytes) => {
    const madeAtMs = reader.u32() * 1_000;
    return { id: idOf(bytes), madeAtMs, ...readEnd(reader) };
  });
}

/**
 * The reply in a text or a link, with a valid signature.
 * @throws TabchainError `invitation-unreadable`, `invitation-kind`, `invitation-version`, `invitation-other-network`
 */
export function readReply(text: string, room: string): Reply {
  return read('reply', text, room, (reader) => {
    const invitation = toHex(reader.take(INVITATION_ID_BYTES));
    return { invitation, ...readEnd(reader) };
  });
}

/** The invitation or reply inside a link or a message, unchecked; null where there is none. */
export function meetingTextIn(pasted: string): { kind: MeetingKind; text: string } | null {
  if (pasted.length > MAX_PASTED_CHARACTERS) return null;
  // The text ends at the first space, except where a program has wrapped it into lines.
  const match = PATTERN.exec(pasted) ?? PATTERN.exec(pasted.replace(/\s/g, ''));
  return match && { kind: match[1] === 'invite' ? 'invitation' : 'reply', text: match[0] };
}

function begin(kind: MeetingKind, room: string): Writer {
  return new Writer().u8(VERSION).u8(KIND_BYTES[kind]).raw(fromHex(room).subarray(0, ROOM_CHECK_BYTES));
}

function signed(writer: Writer, session: Session, signer: Signer, room: string): Uint8Array {
  const unsigned = writeSession(writer.fixed(signer.publicKey, ED25519_PUBLIC_BYTES), session).finish();
  return concatBytes(unsigned, signer.sign(statement(room, unsigned)));
}

/** The signed bytes name the whole room, so no text is valid for another network. */
function statement(room: string, unsigned: Uint8Array): Uint8Array {
  return concatBytes(utf8('tabchain invitation 1\n'), fromHex(room), unsigned);
}

function idOf(bytes: Uint8Array): string {
  return toHex(sha256(bytes).subarray(0, INVITATION_ID_BYTES));
}

function writeSession(writer: Writer, { ufrag, password, fingerprint, candidates }: Session): Writer {
  writer.fixed(fingerprint, FINGERPRINT_BYTES).u8(ufrag.length).u8(password.length);
  writer.raw(packed(ufrag + password)).u8(candidates.length);
  for (const { type, family, address, port } of candidates) {
    const code = CANDIDATE_KINDS.findIndex((kind) => kind.type === type && kind.family === family);
    writer.u8(code).fixed(address, CANDIDATE_KINDS[code]!.bytes).u16(port);
  }
  return writer;
}

/** The characters of these names are those of base64, in which four of them take three bytes. */
function packed(names: string): Uint8Array {
  return base64nopad.decode(names.padEnd(Math.ceil(names.length / 4) * 4, 'A'));
}

function read<T extends { readonly key: Uint8Array }>(
  kind: MeetingKind,
  given: string,
  room: string,
  content: (reader: Reader, bytes: Uint8Array) => T,
): T {
  const found = meetingTextIn(given);
  if (!found || found.text.length > MAX_INVITATION_CHARACTERS) throw unreadable();
  if (found.kind !== kind) throw new TabchainError('invitation-kind', `This is no ${kind}, but the other of the two.`, { wanted: kind });
  try {
    const bytes = base64urlnopad.decode(found.text.slice(PREFIXES[kind].length));
    const reader = new Reader(bytes);
    checkBeginning(reader, kind, room);
    const result = content(reader, bytes);
    const signature = reader.take(ED25519_SIGNATURE_BYTES);
    reader.end();
    const unsigned = bytes.subarray(0, bytes.length - ED25519_SIGNATURE_BYTES);
    if (!ed25519Verify(signature, statement(room, unsigned), result.key)) throw unreadable();
    return result;
  } catch (error) {
    if (error instanceof TabchainError && error.code.startsWith('invitation-')) throw error;
    throw unreadable();
  }
}

function checkBeginning(reader: Reader, kind: MeetingKind, room: string): void {
  if (reader.u8() !== VERSION) throw new TabchainError('invitation-version', 'Another version of this page made the invitation.');
  if (reader.u8() !== KIND_BYTES[kind]) throw unreadable();
  if (!equalBytes(reader.view(ROOM_CHECK_BYTES), fromHex(room).subarray(0, ROOM_CHECK_BYTES)))
    throw new TabchainError('invitation-other-network', 'The invitation is for another network.');
}

function readEnd(reader: Reader): { key: Uint8Array; session: Session } {
  const key = reader.take(ED25519_PUBLIC_BYTES);
  const fingerprint = reader.take(FINGERPRINT_BYTES);
  const ufragLength = between(reader.u8(), UFRAG_CHARACTERS);
  const passwordLength = between(reader.u8(), PASSWORD_CHARACTERS);
  const length = ufragLength + passwordLength;
  const names = base64nopad.encode(reader.view(Math.ceil(length / 4) * 3));
  if (/[^A]/.test(names.slice(length))) throw unreadable();
  const candidates = Array.from({ length: between(reader.u8(), { least: 0, most: MAX_CANDIDATES }) }, () => readCandidate(reader));
  return { key, session: { ufrag: names.slice(0, ufragLength), password: names.slice(ufragLength, length), fingerprint, candidates } };
}

function readCandidate(reader: Reader): Candidate {
  const { type, family, bytes } = CANDIDATE_KINDS[between(reader.u8(), { least: 0, most: CANDIDATE_KINDS.length - 1 })]!;
  return { type, family, address: reader.take(bytes), port: between(reader.u16(), { least: 1, most: 65_535 }) };
}

function between(value: number, { least, most }: { least: number; most: number }): number {
  if (value < least || value > most) throw unreadable();
  return value;
}

function unreadable(): TabchainError {
  return new TabchainError('invitation-unreadable', 'This is no whole invitation or reply. Copy all of it, or scan the code again.');
}
