/**
 * The signaling protocol: everything that travels between a tab and the signaling server, shared by both.
 *
 * Text frames are JSON messages; binary frames are relayed between two tabs of one room that cannot reach each other.
 *
 * | direction | message | meaning |
 * |---|---|---|
 * | tab → server | `join` room, peer, key? | enter the room of a network under a name of 16 hex digits |
 * | | `signal` to, data | pass `data` on to a tab of the same room |
 * | | `leave` | leave the room, keep the socket (a later `join` may follow) |
 * | server → tab | `welcome` peers | joined; a random sample of those already there |
 * | | `joined` peer | this tab is now in the room (told to the same sample) |
 * | | `left` peer | this tab is not, or no longer, in the room: forget it. Also the answer to a message sent to nobody |
 * | | `signal` from, data | as sent by that tab |
 * | | `error` code, message | what went wrong; the server then closes the socket with the code of {@link SIGNALING_CLOSE_CODES} |
 * | both | binary: 8 bytes peer ‖ payload | to the server the target, from the server the sender |
 *
 * The server keeps nothing, vouches for nothing and reads no payload: a tab trusts only what its own rules have checked.
 */
import { fromHex, toHex } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';

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
const KEY_PATTERN = /^[0-9a-f]{32}$/;
const CODE_PATTERN = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Why the server ends a connection, and the WebSocket close code (4000–4999 are the application's, RFC 6455 §7.4.2).
 * - `message-invalid`: not a message of this protocol.
 * - `message-too-large`: a text frame or its data is beyond the limit.
 * - `not-joined`: a signal, a relayed frame or `leave` before `join`.
 * - `already-joined`: a second `join` without `leave`.
 * - `join-timeout`: connected and never joined.
 * - `peer-taken`: another open socket holds this peer id under another key.
 * - `replaced`: the same tab (same peer and key) has joined through a newer socket.
 * - `room-full`, `too-many-connections`, `too-many-messages`: a limit of the server; try later.
 * - `internal`: a fault of the server.
 *
 * A frame beyond {@link MAX_RELAY_FRAME_BYTES} is closed with 1009 by the WebSocket layer, a server that stops says 1001, and a tab that does
 * not read what is sent to it is cut without a word.
 */
export const SIGNALING_CLOSE_CODES = {
  'message-invalid': 4400,
  'not-joined': 4401,
  'room-full': 4403,
  'join-timeout': 4408,
  replaced: 4409,
  'already-joined': 4410,
  'peer-taken': 4411,
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
  /** Chosen by the tab: 16 hex digits. */
  peer: string;
  /** A secret of the tab, 32 hex digits: only who shows the same one may take the peer id over from an open socket. */
  key?: string;
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

export type ClientMessage = JoinMessage | LeaveMessage | OutgoingSignal;

export interface WelcomeMessage {
  type: 'welcome';
  peers: string[];
}

export interface JoinedMessage {
  type: 'joined';
  peer: string;
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

export type ServerMessage = WelcomeMessage | JoinedMessage | LeftMessage | IncomingSignal | ErrorMessage;

/** The address of the signaling server that belongs to a page, e.g. `ws://192.168.1.5:8080/signal`. */
export function signalingUrl(pageUrl: string): string {
  const url = new URL(SIGNALING_PATH, pageUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

export function isPeerId(value: unknown): value is string {
  return typeof value === 'string' && PEER_PATTERN.test(value);
}

/** The text frame of a message. */
export function encodeMessage(message: ClientMessage | ServerMessage): string {
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
      requireKeys(fields, ['type']);
      return { type: 'leave' };
    case 'signal':
      requireKeys(fields, ['type', 'to', 'data']);
      return { type: 'signal', to: peerField(fields['to']), data: dataField(fields['data']) };
    default:
      throw invalid('unknown type');
  }
}

/**
 * What the server sent, checked in every field.
 * @throws TabchainError `message-invalid`, `message-too-large`
 */
export function parseServerMessage(text: string): ServerMessage {
  const fields = parseObject(text);
  switch (fields['type']) {
    case 'welcome':
      requireKeys(fields, ['type', 'peers']);
      return { type: 'welcome', peers: peersField(fields['peers']) };
    case 'joined':
    case 'left':
      requireKeys(fields, ['type', 'peer']);
      return { type: fields['type'], peer: peerField(fields['peer']) };
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
  requireKeys(fields, 'key' in fields ? ['type', 'room', 'peer', 'key'] : ['type', 'room', 'peer']);
  const { room, key } = fields;
  if (typeof room !== 'string' || !ROOM_PATTERN.test(room)) throw invalid('room');
  const join: JoinMessage = { type: 'join', room, peer: peerField(fields['peer']) };
  if (key === undefined) return join;
  if (typeof key !== 'string' || !KEY_PATTERN.test(key)) throw invalid('key');
  return { ...join, key };
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
  if (!isPeerId(value)) throw invalid('peer id');
  return value;
}

function peersField(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > MAX_WELCOME_PEERS || new Set(value).size !== value.length) throw invalid('peers');
  return value.map(peerField);
}

function dataField(value: unknown): unknown {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    // Nested so deeply that it can be read but not written.
    throw invalid('data');
  }
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
