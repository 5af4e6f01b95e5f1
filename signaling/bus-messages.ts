/**
 * The messages between processes that serve the same rooms. A message is one line of JSON; for a `signal` or `relay`, the bytes that the
 * target's tab gets follow the line.
 */
import { MAX_RELAY_FRAME_BYTES, MAX_TEXT_FRAME_BYTES, RELAY_HEADER_BYTES, isPeerId, type RoomPeer } from '../src/protocol/signaling.ts';
import { concatBytes, toHex, utf8 } from '../src/util/bytes.ts';

/** Raised when the messages change, so that processes of two versions do not read each other's. */
const PREFIX = 'tabchain:1';

/** Longest line: the members of the largest room with 45 bytes each. */
const MAX_LINE_BYTES = 256 * 1024;
export const MAX_BUS_MESSAGE_BYTES = MAX_LINE_BYTES + MAX_RELAY_FRAME_BYTES;

const HEX_16 = /^[0-9a-f]{16}$/;
const HEX_64 = /^[0-9a-f]{64}$/;
const HEX_8 = /^[0-9a-f]{8}$/;
const NEW_LINE = 10;

/** All processes; the processes with tabs in a room; one process. A client chooses no part of a name but 64 hex digits of a room. */
export const CHANNELS = {
  all: `${PREFIX}:all`,
  room: (room: string) => `${PREFIX}:room:${room}`,
  server: (id: string) => `${PREFIX}:server:${id}`,
} as const;

/** Where the processes agree on the secret of group names. */
export const GROUP_SECRET_KEY = `${PREFIX}:group-secret`;

/** `server` is the process that sends. `from` and `to` are tabs: `from` of the sending process, `to` of the receiving. */
export type BusMessage =
  | { type: 'alive' | 'stopping'; server: string }
  /** Asks for the members of a room. */
  | { type: 'ask'; server: string; room: string }
  /** All tabs of the sender in a room: the answer to `ask`, or told to all from time to time. */
  | { type: 'answer' | 'members'; server: string; room: string; members: RoomPeer[] }
  | ({ type: 'joined'; server: string; room: string } & RoomPeer)
  | { type: 'left'; server: string; room: string; peer: string }
  /** Announces `from` to `to`; or tells `to` that `from` has left. */
  | { type: 'introduce' | 'absent'; server: string; room: string; from: string; to: string }
  /** Closes `to`, because the room is full. */
  | { type: 'displace'; server: string; room: string; to: string }
  | { type: 'signal' | 'relay'; server: string; room: string; from: string; to: string; body: Uint8Array };

export function encodeBusMessage(message: BusMessage): Uint8Array {
  if (!('body' in message)) return utf8(JSON.stringify(message));
  const { body, ...line } = message;
  return concatBytes(utf8(`${JSON.stringify(line)}\n`), body);
}

/** The message in the bytes of a channel; null if the bytes are none, because another program may use the same channels. */
export function parseBusMessage(bytes: Uint8Array): BusMessage | null {
  if (bytes.length > MAX_BUS_MESSAGE_BYTES) return null;
  const end = bytes.indexOf(NEW_LINE);
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  if (line.length > MAX_LINE_BYTES) return null;
  let fields: unknown;
  try {
    fields = JSON.parse(new TextDecoder().decode(line));
  } catch {
    return null;
  }
  if (typeof fields !== 'object' || fields === null) return null;
  const message = { ...fields, body: end < 0 ? undefined : bytes.subarray(end + 1) };
  return isMessage(message) ? message : null;
}

type Fields = Readonly<Record<string, unknown>>;

function isMessage(message: Fields): message is BusMessage & Fields {
  if (!matches(message['server'], HEX_16)) return false;
  if (message['type'] === 'alive' || message['type'] === 'stopping') return true;
  if (!matches(message['room'], HEX_64)) return false;
  switch (message['type']) {
    case 'ask':
      return true;
    case 'answer':
    case 'members':
      return Array.isArray(message['members']) && message['members'].every(isRoomPeer);
    case 'joined':
      return isRoomPeer(message);
    case 'left':
      return isPeerId(message['peer']);
    case 'introduce':
    case 'absent':
      return isPeerId(message['from']) && isPeerId(message['to']);
    case 'displace':
      return isPeerId(message['to']);
    case 'signal':
    case 'relay':
      return isPeerId(message['from']) && isPeerId(message['to']) && isBody(message);
    default:
      return false;
  }
}

function isRoomPeer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { peer, group } = value as Fields;
  return isPeerId(peer) && matches(group, HEX_8);
}

/** A relayed frame names its sender, so that no frame can be taken for another tab's. */
function isBody({ type, from, body }: Fields): boolean {
  if (!(body instanceof Uint8Array)) return false;
  if (type === 'signal') return body.length <= MAX_TEXT_FRAME_BYTES;
  return body.length <= MAX_RELAY_FRAME_BYTES && toHex(body.subarray(0, RELAY_HEADER_BYTES)) === from;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
