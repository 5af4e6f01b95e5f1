/**
 * Seals what tabs with a room key send each other through a signaling server or a channel of their browser. Without the key, nobody can
 * read or forge an introduction or the bytes of a relayed link. Signals through peers need no seal, because each forwarder has the key.
 *
 * Sealing is XChaCha20-Poly1305 with the keys of protocol/room-key.ts. `from` and `to` are the peer ids of sender and recipient, 8 bytes each.
 * - Introduction: a JSON text, base64url of nonce `bytes[24]` ‖ box. The nonce is random, the context is from ‖ to, and the box holds the
 *   JSON of the signed signal (signed-signals.ts).
 * - Frame of a relayed link: link `u64` ‖ frame `u64` ‖ box. The nonce is from ‖ link ‖ frame, the context is to. Each tab numbers its ends
 *   of relayed links from 1, with all tabs together, and the frames of each end from 0. So no nonce is used twice.
 *
 * A recipient takes frame 0 of a link with a higher number than before from this sender, and of the same link only the next frame. So a server
 * can stop a link, but cannot repeat, leave out or reorder its frames unnoticed.
 */
import { base64urlnopad } from '@scure/base';
import { aeadOpen, aeadSeal, AEAD_NONCE_BYTES, AEAD_TAG_BYTES } from '../crypto/aead.ts';
import type { KeyedRoom } from '../protocol/room-key.ts';
import { concatBytes, fromHex, fromUtf8, utf8 } from '../util/bytes.ts';
import type { Random } from '../util/ports.ts';
import { MAX_REMOTES, MAX_SEALED_SIGNAL_LENGTH } from './link-limits.ts';

const HEADER_BYTES = 16;

/** The number of a relayed link and of its last frame. */
interface Position {
  readonly link: number;
  readonly frame: number;
}

/** The seal of one tab in one room. */
export class RoomSeal {
  readonly #keys: Pick<KeyedRoom, 'signalKey' | 'relayKey'>;
  readonly #self: Uint8Array;
  readonly #random: Random;
  #links = 0;
  /** The last frame from each tab. */
  readonly #heard = new Map<string, Position>();

  /** @param peerId of this tab */
  constructor(keys: Pick<KeyedRoom, 'signalKey' | 'relayKey'>, peerId: string, random: Random) {
    this.#keys = keys;
    this.#self = fromHex(peerId);
    this.#random = random;
  }

  sealSignal(to: string, signal: unknown): string {
    const nonce = this.#random.bytes(AEAD_NONCE_BYTES);
    const context = concatBytes(this.#self, fromHex(to));
    const box = aeadSeal(this.#keys.signalKey, nonce, context, utf8(JSON.stringify(signal)));
    return base64urlnopad.encode(concatBytes(nonce, box));
  }

  /** The introduction that a tab with the key sealed for this tab; null for anything else. Takes 0.2 ms, and 0.7 ms for the longest text. */
  openSignal(from: string, sealed: unknown): unknown {
    if (typeof sealed !== 'string' || sealed.length > MAX_SEALED_SIGNAL_LENGTH) return null;
    try {
      const bytes = base64urlnopad.decode(sealed);
      const nonce = bytes.subarray(0, AEAD_NONCE_BYTES);
      if (nonce.length < AEAD_NONCE_BYTES) return null;
      const context = concatBytes(fromHex(from), this.#self);
      const text = aeadOpen(this.#keys.signalKey, nonce, context, bytes.subarray(AEAD_NONCE_BYTES));
      return text && (JSON.parse(fromUtf8(text)) as unknown);
    } catch {
      return null;
    }
  }

  /** A function that seals the frames of one end of a relayed link, in the order of its calls. */
  newLink(to: string): (frame: Uint8Array) => Uint8Array {
    const link = ++this.#links;
    const context = fromHex(to);
    let frame = 0;
    return (bytes) => {
      const header = headerOf({ link, frame: frame++ });
      return concatBytes(header, aeadSeal(this.#keys.relayKey, concatBytes(this.#self, header), context, bytes));
    };
  }

  /** The next frame of a relayed link from a tab with the key; null for anything else. */
  openFrame(from: string, sealed: Uint8Array): Uint8Array | null {
    if (sealed.length < HEADER_BYTES + AEAD_TAG_BYTES) return null;
    const header = sealed.subarray(0, HEADER_BYTES);
    const position = positionIn(header);
    if (!isNext(position, this.#heard.get(from))) return null;
    const bytes = aeadOpen(this.#keys.relayKey, concatBytes(fromHex(from), header), this.#self, sealed.subarray(HEADER_BYTES));
    if (bytes) this.#note(from, position);
    return bytes;
  }

  #note(from: string, position: Position): void {
    // The most recent last, because the first leaves when there are too many.
    this.#heard.delete(from);
    this.#heard.set(from, position);
    if (this.#heard.size > MAX_REMOTES) this.#heard.delete(this.#heard.keys().next().value!);
  }
}

function isNext({ link, frame }: Position, last: Position | undefined): boolean {
  return link === last?.link ? frame === last.frame + 1 : frame === 0 && link > (last?.link ?? 0);
}

function headerOf({ link, frame }: Position): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setBigUint64(0, BigInt(link));
  view.setBigUint64(8, BigInt(frame));
  return header;
}

function positionIn(header: Uint8Array): Position {
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  return { link: Number(view.getBigUint64(0)), frame: Number(view.getBigUint64(8)) };
}
