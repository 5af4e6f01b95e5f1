/**
 * The signaling protocol: all messages between a tab and the signaling server. Both programs use this file.
 *
 * Text frames are JSON messages. Binary frames are relayed between two tabs of one room that cannot reach each other directly.
 *
 * | direction | message | meaning |
 * |---|---|---|
 * | server → tab | `challenge` version, nonce | first message of a connection: {@link SIGNALING_VERSION}, and a nonce that `join` signs |
 * | tab → server | `join` room, peer, key, signature | enter the room of a network; the signature proves the key, and the peer id is its hash |
 * | | `signal` to, data | pass `data` on to a tab of the same room |
 * | | `leave` | leave the room, keep the socket (a later `join` may follow) |
 * | | `ping` | asks for a `pong`: keeps proxies from closing a silent connection, and detects a dead connection |
 * | server → tab | `welcome` peers | the tab has joined; a sample of the tabs in the room, each with its group: first of all tabs, then of all groups |
 * | | `joined` peer, group | a tab is in the room. Sent to its `welcome` sample, and to any other tab before its first message to that tab |
 * | | `left` peer | a tab is not, or no longer, in the room: forget it. Also the answer to a message whose target is absent |
 * | | `signal` from, data | the data that the other tab sent |
 * | | `pong` | the answer to `ping` |
 * | | `error` code, message | the fault; the server then closes the socket with the code of {@link SIGNALING_CLOSE_CODES} |
 * | both | binary: 8 bytes peer ‖ payload | the target on the way to the server, the sender on the way from it |
 *
 * A **peer id** is the first 8 bytes of the SHA-256 of an Ed25519 public key, as 16 hex digits. So no tab can join with another tab's id.
 * The newest socket that proves a key immediately replaces an older socket with this key, because the older socket may be dead unnoticed.
 * A **group** is the same for all tabs at one network address, as the server sees it. The group reveals nothing else about the address.
 *
 * The server stores nothing and reads no payload. It proves no more than a tab's key. A tab trusts only data that its own rules have
 * checked, and tabs sign their messages to each other (signed-signals.ts).
 */
import { concatBytes, fromHex, toHex, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

/** Version of this protocol. A tab refuses a server of another version. */
export const SIGNALING_VERSION = 2;

/** The server's path on the page's own host and port. */
export const SIGNALING_PATH = '/signal';

/** A data-channel offer with candidates has about 1 KB. The limit leaves room for relayed link set-ups, and bounds the server's buffers. */
export const MAX_SIGNAL_DATA_BYTES = 64 * 1024;

/** The fixed parts of a `signal` message around its data take less than 100 bytes. */
export const MAX_TEXT_FRAME_BYTES = MAX_SIGNAL_DATA_BYTES + 256;

/** Enough to choose neighbours from. With a longer list, every tab would only dial the same tabs. */
export const MAX_WELCOME_PEERS = 50;

/** Bytes of the peer id in front of a relayed payload. */
export const RELAY_HEADER_BYTES = 8;

/** The largest message of a data channel, so that a relayed link takes the same messages as a direct link. */
export const MAX_RELAY_PAYLOAD_BYTES = 256 * 1024;

export const MAX_RELAY_FRAME_BYTES = RELAY_HEADER_BYTES + MAX_RELAY_PAYLOAD_BYTES;

/** Error texts are one sentence; a longer text means that the server is broken. */
const MAX_ERROR_MESSAGE_LENGTH = 500;

const PEER_PATTERN = /^[0-9a-f]{16}$/;
const ROOM_PATTERN = /^[0-9a-f]{64}$/;
const KEY_PATTERN = /^[0-9a-f]{64}$/;
const SIGNATURE_PATTERN = /^[0-9a-f]{128}$/;
const NONCE_PATTERN = /^[0-9a-f]{32}$/;
const GROUP_PATTERN = /^[0-9a-f]{8}$/;
const CODE_PATTERN = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * The reasons why the server ends a connection, with their WebSocket close codes (4000–4999 are for applications, RFC 6455 §7.4.2).
 * - `message-invalid`: not a message of this protocol.
 * - `message-too-large`: a text frame or its data is beyond the limit.
 * - `not-joined`: a signal, a relayed frame or `leave` before `join`.
 * - `already-joined`: a second `join` without `leave`.
 * - `join-timeout`: the tab connected but did not join in time.
 * - `identity-unproven`: the peer id of a `join` is not the hash of its key, or the key did not sign this connection and room.
 * - `replaced`: the same tab (the same key) has joined through a newer socket.
 * - `room-full`, `too-many-connections`, `too-many-messages`: a limit of the server; try later.
 * - `internal`: a fault of the server.
 *
 * For a frame beyond {@link MAX_RELAY_FRAME_BYTES}, the WebSocket layer closes the connection with 1009. A server that stops closes with
 * {@link RESTART_CLOSE_CODE}. The connection of a tab that does not read its messages ends without a close frame.
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

/** The server stops, most likely to start again (1012 in IANA's registry of WebSocket close codes). The reason is {@link restartReason}. */
export const RESTART_CLOSE_CODE = 1012;

/** The longest time within which a server can ask its tabs to come back. */
export const MAX_RESTART_SPREAD_MS = 10_000;

export type SignalingErrorCode = keyof typeof SIGNALING_CLOSE_CODES;

export interface JoinMessage {
  type: 'join';
  /** Where the tabs of a network meet (room.ts): 64 hex digits. */
  room: string;
  /** Hash of the key: 16 hex digits. */
  peer: string;
  /** Ed25519 public key of the tab: 64 hex digits. */
  key: string;
  /** Signature of {@link joinStatement} by that key: 128 hex digits. */
  signature: string;
}

export interface LeaveMessage {
  type: 'leave';
}

export interface OutgoingSignal {
  type: 'signal';
  to: string;
  /** Any JSON value of at most {@link MAX_SIGNAL_DATA_BYTES} when serialised. Not checked further; the receiver must not trust it. */
  data: unknown;
}

export interface PingMessage {
  type: 'ping';
}

export type ClientMessage = JoinMessage | LeaveMessage | OutgoingSignal | PingMessage;

export interface ChallengeMessage {
  type: 'challenge';
  version: number;
  /** 32 hex digits, new for each connection, so that a recorded `join` proves nothing later. */
  nonce: string;
}

/** A tab of the room. */
export interface RoomPeer {
  peer: string;
  /** 8 hex digits, the same for all tabs of one network address. A tab chooses neighbours from many groups. */
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
  /** A {@link SignalingErrorCode} today. The type is `string`, so that a newer server can send further codes. */
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

/** The reason in the close frame of a server that stops: tabs come back at random moments within `spreadMs`, so that they do not come at once. */
export function restartReason(spreadMs: number): string {
  return `reconnect within ${spreadMs} ms`;
}

/** The time in a {@link restartReason}, at most {@link MAX_RESTART_SPREAD_MS}; 0 for any other close. */
export function restartSpreadMs(code: number, reason: string): number {
  const [, ms] = /^reconnect within (\d{1,9}) ms$/.exec(reason) ?? [];
  return code === RESTART_CLOSE_CODE && ms !== undefined ? Math.min(Number(ms), MAX_RESTART_SPREAD_MS) : 0;
}

/**
 * The text frame of a message. The other side accepts every message that this function encodes.
 * @throws TabchainError `message-invalid`, `message-too-large` for a signal's data that cannot be sent
 */
export function encodeMessage(message: ClientMessage | ServerMessage): string {
  if (message.type === 'signal') dataField(message.data);
  return JSON.stringify(message);
}

/**
 * Parses a message from a tab, and checks every field.
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
 * Parses a message from the server, and checks every field.
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

// The package `valibot` does not fit, because it counts the items of an array only after it has checked each item. Its schemas also add 2 kB
// (gzip) to the page.

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
  // Only the version is checked first: another version may have other fields, and the tab must still recognise that it is another version.
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
    // The value is nested so deeply that JSON.parse could read it, but JSON.stringify cannot write it.
  }
  if (text === undefined) throw invalid('data');
  if (byteLength(text) > MAX_SIGNAL_DATA_BYTES) throw tooLarge();
  return value;
}

function byteLength(text: string): number {
  // A UTF-16 unit takes at least one byte, so this cheap test avoids encoding an extremely long text.
  return text.length > MAX_TEXT_FRAME_BYTES ? text.length : new TextEncoder().encode(text).length;
}

function invalid(what: string): TabchainError {
  return new TabchainError('message-invalid', 'This is not a message of the signaling protocol.', { what });
}

function tooLarge(): TabchainError {
  return new TabchainError('message-too-large', 'The message is larger than the signaling protocol allows.');
}
