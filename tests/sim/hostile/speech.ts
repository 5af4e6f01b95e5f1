import { toFrames } from '../../../src/net/framing.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/protocol/wire.ts';
import type { SimLink } from '../engine/links.ts';

/** The message in a frame, null where it is only a part of one, or none. */
export function messageIn(frame: Uint8Array, maxBlockBytes: number): Message | null {
  if (frame[0] !== 0) return null;
  try {
    return decodeMessage(frame.subarray(1), maxBlockBytes);
  } catch {
    return null;
  }
}

/** Says something of one's own, past one's node. */
export function say(link: SimLink, message: Message): void {
  for (const frame of toFrames(encodeMessage(message))) link.sendRaw(frame);
}
