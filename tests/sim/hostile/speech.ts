import { toFrames } from '../../../src/net/framing.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/protocol/wire.ts';
import type { SimLink } from '../engine/links.ts';

/** The message in a frame; null if the frame holds only a part of a message, or no valid message. */
export function messageIn(frame: Uint8Array, maxBlockBytes: number): Message | null {
  if (frame[0] !== 0) return null;
  try {
    return decodeMessage(frame.subarray(1), maxBlockBytes);
  } catch {
    return null;
  }
}

/** Sends a message over a link without the node. */
export function say(link: SimLink, message: Message): void {
  for (const frame of toFrames(encodeMessage(message))) link.sendRaw(frame);
}
