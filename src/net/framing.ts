import { concatBytes } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { FRAME_BYTES } from './peer-limits.ts';

/**
 * Messages are cut into frames that every link can carry: one flag byte, then a part of the message. All frames except a
 * message's last are full, so each message has only one framing. No peer can make this node join many tiny parts.
 */
const LAST = 0;
const MORE = 1;
const PART_BYTES = FRAME_BYTES - 1;

/** The frames of one message, in order. */
export function toFrames(message: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let offset = 0;
  do {
    const part = message.subarray(offset, offset + PART_BYTES);
    offset += part.length;
    const frame = new Uint8Array(part.length + 1);
    frame[0] = offset < message.length ? MORE : LAST;
    frame.set(part, 1);
    frames.push(frame);
  } while (offset < message.length);
  return frames;
}

/** Joins one link's frames to messages, keeping at most `maxBytes`. */
export class Reassembler {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The message that this frame completes; null if more frames follow.
   * @throws TabchainError `encoding-truncated`, `encoding-non-canonical`, `encoding-too-long`
   */
  add(frame: Uint8Array): Uint8Array | null {
    const [flag] = frame;
    if (frame.length < 2) throw new TabchainError('encoding-truncated', 'A frame is empty.');
    if (flag !== LAST && flag !== MORE) throw new TabchainError('encoding-non-canonical', 'A frame has an unknown flag.');
    if (frame.length > FRAME_BYTES || (flag === MORE && frame.length !== FRAME_BYTES)) {
      throw new TabchainError('encoding-non-canonical', 'A frame has the wrong length.', { length: frame.length });
    }
    const part = frame.subarray(1);
    this.#length += part.length;
    if (this.#length > this.#maxBytes) throw new TabchainError('encoding-too-long', 'A message is longer than any can be.');
    if (flag === MORE) {
      this.#parts.push(part);
      return null;
    }
    const message = this.#parts.length === 0 ? part : concatBytes(...this.#parts, part);
    this.#parts = [];
    this.#length = 0;
    return message;
  }
}
