import type { Prng } from '../../sim/engine/prng.ts';

/** Operation codes of RFC 6455 §5.2. */
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;

/** A client's WebSocket frame with a mask of zeros. */
export function frame(opcode: number, payload: Uint8Array, final = true): Buffer {
  const { length } = payload;
  const head = [(final ? 0x80 : 0) | opcode];
  if (length < 126) head.push(0x80 | length);
  else if (length < 65_536) head.push(0x80 | 126, length >> 8, length & 0xff);
  else head.push(0x80 | 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
  return Buffer.concat([Uint8Array.from([...head, 0, 0, 0, 0]), payload]);
}

/** An invalid frame: wrong codes and bits, false lengths, no mask. */
export function brokenFrame(random: Prng): Buffer {
  const lengths = [0, 1, 125, 126, 127, 0xff, 0x80 | 126, 0x80 | 127];
  return Buffer.from([random.int(0, 255), random.pick(lengths), ...random.bytes(random.int(0, 40))]);
}
