/**
 * The key of a room, which a link may carry as `key`. Only tabs with the key find the room at a signaling server, and can read and make the
 * introductions there (webrtc/sealed-rendezvous.ts). The key is no parameter of the network: the chain and its id stay the same.
 *
 * A server that guesses a key can check its guess offline. So a key is random, and its check bytes refuse words that a person made up.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base64urlnopad } from '@scure/base';
import { concatBytes, equalBytes, fromHex, toHex, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import type { Random } from '../util/ports.ts';

/** Bytes of a key: 128 bits, too many to guess. */
const KEY_BYTES = 16;
/** Bytes behind the key that show a typing error, a cut link, or a text that is no key. Together with the key they fill 24 characters. */
const CHECK_BYTES = 2;
const TEXT_LENGTH = 24;
const DERIVED_BYTES = 32;

/** Everything that follows from a network's room and a key. */
export interface KeyedRoom {
  /** Where the tabs with the key meet: 64 hexadecimal digits that show neither the network nor the key. */
  readonly room: string;
  /** Seals introductions; 32 bytes. */
  readonly signalKey: Uint8Array;
  /** Seals the bytes of relayed links; 32 bytes. */
  readonly relayKey: Uint8Array;
}

/** A new key, as text for a link. */
export function newRoomKey(random: Random): string {
  return roomKeyText(random.bytes(KEY_BYTES));
}

/** The text of a key in a link: base64url (RFC 4648 §5) of the key and its check bytes, 24 characters. */
export function roomKeyText(key: Uint8Array): string {
  return base64urlnopad.encode(concatBytes(key, checkOf(key)));
}

/**
 * The key in a fragment; null if the fragment has none.
 * @throws TabchainError `room-key-invalid`, whose message and details do not repeat the text
 */
export function roomKeyOf(fragment: string): Uint8Array | null {
  const text = new URLSearchParams(fragment.replace(/^#/, '')).get('key');
  if (text === null) return null;
  if (text === '') throw invalid('missing', 'This link has no room key behind "key=".');
  if (text.length !== TEXT_LENGTH) throw invalid('length', `A room key has ${TEXT_LENGTH} characters.`);
  let bytes: Uint8Array;
  try {
    bytes = base64urlnopad.decode(text);
  } catch {
    throw invalid('text', 'A room key has only letters, digits, "-" and "_".');
  }
  const key = bytes.subarray(0, KEY_BYTES);
  if (!equalBytes(bytes.subarray(KEY_BYTES), checkOf(key))) {
    throw invalid('text', 'This room key was mistyped, or it was never made by the page.');
  }
  return key;
}

/** @param room of the network (room.ts) */
export function keyedRoom(room: string, key: Uint8Array): KeyedRoom {
  const derive = (purpose: string): Uint8Array => hkdf(sha256, key, fromHex(room), utf8(`tabchain ${purpose} 1`), DERIVED_BYTES);
  return { room: toHex(derive('room')), signalKey: derive('signals'), relayKey: derive('relay') };
}

function checkOf(key: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8('tabchain key 1\n'), key)).subarray(0, CHECK_BYTES);
}

function invalid(what: 'missing' | 'length' | 'text', message: string): TabchainError {
  return new TabchainError('room-key-invalid', `${message} Copy the whole link again, or make a new key on the Network page.`, { what });
}
