/**
 * The signaling protocol: everything that travels between a tab and the signaling server, shared by both.
 *
 * Text frames are JSON messages; binary frames are relayed between two tabs of one room that cannot reach each other.
 *
 * | direction | message | meaning |
 * |---|---|---|
 * | server → tab | `challenge` version, nonce | the first message of a connection: {@link SIGNALING_VERSION}, and what a `join` must sign |
 * | tab → server | `join` room, peer, key, signature | enter the room of a network; the signature proves the key, and the peer id is its hash |
 * | | `signal` to, data | pass `data` on to a tab of the same room |
 * | | `leave` | leave the room, keep the socket (a later `join` may follow) |
 * | | `ping` | answered by `pong`: keeps proxies from closing a silent connection, and finds a dead one |
 * | server → tab | `welcome` peers | joined; a sample of those already there, each with its group |
 * | | `joined` peer, group | this tab is in the room. Told to the same sample, and to whom a stranger writes before what it wrote |
 * | | `left` peer | this tab is not, or no longer, in the room: forget it. Also the answer to a message sent to nobody |
 * | | `signal` from, data | as sent by that tab |
 * | | `pong` | to a `ping` |
 * | | `error` code, message | what went wrong; the server then closes the socket with the code of {@link SIGNALING_CLOSE_CODES} |
 * | both | binary: 8 bytes peer ‖ payload | to the server the target, from the server the sender |
 *
 * A **peer id** is the first 8 bytes of the SHA-256 of an Ed25519 public key (as 16 hex digits), so nobody can join under the id of another tab.
 * The newest socket that proves a key takes its place in the room at once: an older one of the same tab may be dead without anybody's notice.
 * A **group** is the same for all tabs that the server sees at one network address, and says nothing else about the address.
 *
 * The server keeps nothing, vouches for nothing else and reads no payload: a tab trusts only what its own rules have checked, and tabs sign
 * what they say to each other (signed-signals.ts).
 */
import { concatBytes, fromHex, toHex, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

/** Of this protocol. A tab and a server of different versions do not talk to each other. */
export const SIGNALING_VERSION = 2;

/** Where the server listens on the page's own host and port. */
export const SIGNALING_PATH = '/signal';

/** A data-channel offer with candidates is about 1 KB; this leaves room for relayed link set-ups and bounds the server's buffers. */
export const MAX_SIGNAL_DATA_BYTES = 64 * 1024;

/** The fixed parts of a `signal` message around its data take less than 100 bytes. */
export const MAX_TEXT_FRAME_BYTES = MAX_SIGNAL_DATA_BYTES + 256;

/** Enough to choose neighbours from; a longer list would only make every tab dial the same crowd. */
export const MAX_WELCOME_PEERS = 50;

/** Peer id in front of a relayed payload. */
export const RELAY_HEADER_BYTES = 8;

/** The largest message of a data channel, so that a relayed link carries whatever a direct one does. */
export const MAX_RELAY_PAYLOAD_BYTES = 256 * 1024;

export const MAX_RELAY_FRAME_BYTES = RELAY_HEADER_BYTES + MAX_RELAY_PAYLOAD_BYTES;

/** Error texts are one sentence; more is a broken server. */
const MAX_ERROR_MESSAGE_LENGTH = 500;

const PEER_PATTERN = /^[0-9a-f]{16}$/;
const ROOM_PATTERN = /^[0-9a-f]{64}$/;
const KEY_PATTERN = /^[0-9a-f]{64}$/;
const SIGNATURE_PATTERN = /^[0-9a-f]{128}$/;
const NONCE_PATTERN = /^[0-9a-f]{32}$/;
const GROUP_PATTERN = /^[0-9a-f]{8}$/;
const CODE_PATTERN = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Why the server ends a connection, and the WebSocket close code (4000–4999 are the application's, RFC 6455 §7.4.2).
 * - `message-invalid`: not a message of this protocol.
 * - `message-too-large`: a text frame or its data is beyond the limit.
 * - `not-joined`: a signal, a relayed frame or `leave` before `join`.
 * - `already-joined`: a second `join` without `leave`.
 * - `join-timeout`: connected and never joined.
 * - `identity-unproven`: the peer id of a `join` is not the hash of its key, or the signature is not that key's for this connection and room.
 * - `replaced`: the same tab (the same key) has joined through a newer socket.
 * - `room-full`, `too-many-connections`, `too-many-messages`: a limit of the server; try later.
 * - `internal`: a fault of the server.
 *
 * A frame beyond {@link MAX_RELAY_FRAME_BYTES} is closed with 1009 by the WebSocket layer, a server that stops says 1001, and a tab that does
 * not read what is sent to it is cut without a word.
 */
export const SIGNALING_CLOSE_CODES = {
  'message-invalid': 4400,
  'not-joined': 4401,
  'identity-unproven': 4402,
  'room-full': 4403,
  'join-timeout': 4408,
  replaced: 4409,
  'already-joined': 4410,
  'message-too-large': 4413,
  'too-many-messages': 4429,
  'too-many-connections': 4430,
  internal: 4500,
} as const;

export type SignalingErrorCode = keyof typeof SIGNALING_CLOSE_CODES;

export interface JoinMessage {
  type: 'join';
  /** Network id: 64 hex digits. */
  room: string;
  /** Hash of the key: 16 hex digits. */
  peer: string;
  /** Ed25519 public key of the tab: 64 hex digits. */
  key: string;
  /** Of {@link joinStatement} under that key: 128 hex digits. */
  signature: string;
}

export interface LeaveMessage {
  type: 'leave';
}

export interface OutgoingSignal {
  type: 'signal';
  to: string;
  /** Any JSON value, at most {@link MAX_SIGNAL_DATA_BYTES} serialised. Not checked any further: it comes from a stranger. */
  data: unknown;
}

export interface PingMessage {
  type: 'ping';
}

export type ClientMessage = JoinMessage | LeaveMessage | OutgoingSignal | PingMessage;

export interface ChallengeMessage {
  type: 'challenge';
  version: number;
  /** 32 hex digits, new for each connection, so that a recorded `join` proves nothing. */
  nonce: string;
}

/** A tab of the room. */
export interface RoomPeer {
  peer: string;
  /** 8 hex digits, the same for all tabs of one network address: neighbours are chosen from many groups. */
  group: string;
}

export interface WelcomeMessage {
  type: 'welcome';
  peers: RoomPeer[];
}

export interface JoinedMessage extends RoomPeer {
  type: 'joined';
}

export interface LeftMessage {
  type: 'left';
  peer: string;
}

export interface IncomingSignal {
  type: 'signal';
  from: string;
  data: unknown;
}

export interface ErrorMessage {
  type: 'error';
  /** One of {@link SignalingErrorCode} today; a text, so that a newer server can say more. */
  code: string;
  message: string;
}

export interface PongMessage {
  type: 'pong';
}

export type ServerMessage = ChallengeMessage | PongMessage | WelcomeMessage | JoinedMessage | LeftMessage | IncomingSignal | ErrorMessage;

export function isPeerId(value: unknown): value is string {
  return typeof value === 'string' && PEER_PATTERN.test(value);
}

/** The bytes that a tab signs to join `room`: bound to one connection by the server's nonce. */
export function joinStatement(nonce: string, room: string, peer: string): Uint8Array {
  return concatBytes(utf8('tabchain join 1\n'), fromHex(nonce), fromHex(room), fromHex(peer));
}

/**
 * The text frame of a message. Whatever can be encoded is accepted at the other end.
 * @throws TabchainError `message-invalid`, `message-too-large` where a signal's data cannot travel
 */
export function encodeMessage(message: ClientMessage | ServerMessage): string {
  if (message.type === 'signal') dataField(message.data);
  return JSON.stringify(message);
}

/**
 * What a tab sent, checked in every field.
 * @throws TabchainError `message-invalid`, `message-too-large`
 */
export function parseClientMessage(text: string): ClientMessage {
  const fields = parseObject(text);
  switch (fields['type']) {
    case 'join':
      return parseJoin(fields);
    case 'leave':
    case 'ping':
      requireKeys(fields, ['type']);
      return { type: fields['type'] };
    case 'signal':
      requireKeys(fields, ['type', 'to', 'data']);
      return { type: 'signal', to: peerField(fields['to']), data: dataField(fields['data']) };
    default:
      throw invalid('unknown type');
  }
}

/**
 * What the server sent, checked in every field.
 * @throws TabchainError `message-invalid`, `message-too-large`, `signaling-version`
 */
export function parseServerMessage(text: string): ServerMessage {
  const fields = parseObject(text);
  switch (fields['type']) {
    case 'challenge':
      return parseChallenge(fields);
    case 'welcome':
      requireKeys(fields, ['type', 'peers']);
      return { type: 'welcome', peers: peersField(fields['peers']) };
    case 'joined':
      requireKeys(fields, ['type', 'peer', 'group']);
      return { type: 'joined', peer: peerField(fields['peer']), group: textField(fields['group'], GROUP_PATTERN, 'group') };
    case 'left':
      requireKeys(fields, ['type', 'peer']);
      return { type: 'left', peer: peerField(fields['peer']) };
    case 'pong':
      requireKeys(fields, ['type']);
      return { type: 'pong' };
    case 'signal':
      requireKeys(fields, ['type', 'from', 'data']);
      return { type: 'signal', from: peerField(fields['from']), data: dataField(fields['data']) };
    case 'error':
      return parseError(fields);
    default:
      throw invalid('unknown type');
  }
}

/**
 * The binary frame that carries `payload` to (or from) `peer` through the server.
 * @throws TabchainError `message-invalid`, `message-too-large`
 */
export function encodeRelayFrame(peer: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!isPeerId(peer)) throw invalid('peer id');
  if (payload.length > MAX_RELAY_PAYLOAD_BYTES) throw tooLarge();
  const frame = new Uint8Array(RELAY_HEADER_BYTES + payload.length);
  frame.set(fromHex(peer));
  frame.set(payload, RELAY_HEADER_BYTES);
  return frame;
}

/**
 * Peer and payload of a binary frame; the payload shares the frame's memory.
 * @throws TabchainError `message-invalid`, `message-too-large`
 */
export function decodeRelayFrame(frame: Uint8Array): { peer: string; payload: Uint8Array } {
  if (frame.length < RELAY_HEADER_BYTES) throw invalid('relay frame without a peer id');
  if (frame.length > MAX_RELAY_FRAME_BYTES) throw tooLarge();
  return { peer: toHex(frame.subarray(0, RELAY_HEADER_BYTES)), payload: frame.subarray(RELAY_HEADER_BYTES) };
}

type Fields = Record<string, unknown>;

function parseObject(text: string): Fields {
  if (byteLength(text) > MAX_TEXT_FRAME_BYTES) throw tooLarge();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('not an object');
  return value as Fields;
}

function parseJoin(fields: Fields): JoinMessage {
  requireKeys(fields, ['type', 'room', 'peer', 'key', 'signature']);
  return {
    type: 'join',
    room: textField(fields['room'], ROOM_PATTERN, 'room'),
    peer: peerField(fields['peer']),
    key: textField(fields['key'], KEY_PATTERN, 'key'),
    signature: textField(fields['signature'], SIGNATURE_PATTERN, 'signature'),
  };
}

function parseChallenge(fields: Fields): ChallengeMessage {
  const { version, nonce } = fields;
  if (!Number.isSafeInteger(version)) throw invalid('version');
  // Another version may say more, or call it otherwise; that it is another one must still be understood.
  if (version !== SIGNALING_VERSION)
    throw new TabchainError('signaling-version', 'The server speaks another version of the signaling protocol.');
  requireKeys(fields, ['type', 'version', 'nonce']);
  return { type: 'challenge', version, nonce: textField(nonce, NONCE_PATTERN, 'nonce') };
}

function parseError(fields: Fields): ErrorMessage {
  requireKeys(fields, ['type', 'code', 'message']);
  const { code, message } = fields;
  if (typeof code !== 'string' || !CODE_PATTERN.test(code)) throw invalid('code');
  if (typeof message !== 'string' || message.length > MAX_ERROR_MESSAGE_LENGTH) throw invalid('message');
  return { type: 'error', code, message };
}

function requireKeys(fields: Fields, keys: readonly string[]): void {
  const present = Object.keys(fields);
  if (present.length !== keys.length || !keys.every((key) => Object.hasOwn(fields, key))) throw invalid('fields');
}

function peerField(value: unknown): string {
  return textField(value, PEER_PATTERN, 'peer id');
}

function textField(value: unknown, pattern: RegExp, what: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw invalid(what);
  return value;
}

function peersField(value: unknown): RoomPeer[] {
  if (!Array.isArray(value) || value.length > MAX_WELCOME_PEERS) throw invalid('peers');
  const peers = value.map(roomPeer);
  if (new Set(peers.map(({ peer }) => peer)).size !== peers.length) throw invalid('peers');
  return peers;
}

function roomPeer(value: unknown): RoomPeer {
  if (typeof value !== 'object' || value === null) throw invalid('peers');
  const fields = value as Fields;
  requireKeys(fields, ['peer', 'group']);
  return { peer: peerField(fields['peer']), group: textField(fields['group'], GROUP_PATTERN, 'group') };
}

function dataField(value: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Nested so deeply that it can be read but not written.
  }
  if (text === undefined) throw invalid('data');
  if (byteLength(text) > MAX_SIGNAL_DATA_BYTES) throw tooLarge();
  return value;
}

function byteLength(text: string): number {
  // A UTF-16 unit is at least one byte: the cheap test spares the encoding of an absurd text.
  return text.length > MAX_TEXT_FRAME_BYTES ? text.length : new TextEncoder().encode(text).length;
}

function invalid(what: string): TabchainError {
  return new TabchainError('message-invalid', 'This is not a message of the signaling protocol.', { what });
}

function tooLarge(): TabchainError {
  return new TabchainError('message-too-large', 'The message is larger than the signaling protocol allows.');
}
