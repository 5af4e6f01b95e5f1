import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reassembler, toFrames } from '../../../src/net/framing.ts';
import { FRAME_BYTES } from '../../../src/net/peer-limits.ts';
import { errorCode } from '../../../src/util/errors.ts';

const PART = FRAME_BYTES - 1;

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return errorCode(error);
  }
  return 'fine';
}

describe('framing', () => {
  it.each([1, 2, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 7])('reassembles a message of %i bytes', (length) => {
    const message = pattern(length);
    const frames = toFrames(message);
    expect(frames.length).toBe(Math.ceil(length / PART));
    const reassembler = new Reassembler(length);
    const results = frames.map((frame) => reassembler.add(frame));
    expect(results.slice(0, -1).every((result) => result === null)).toBe(true);
    expect(Buffer.compare(results.at(-1)!, message)).toBe(0);
  });

  it('keeps messages apart', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 2 * PART + 5 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lengths, (sizes) => {
        const reassembler = new Reassembler(3 * PART);
        const joined = sizes.flatMap((size) => toFrames(pattern(size))).flatMap((frame) => reassembler.add(frame) ?? []);
        expect(joined.map((message) => message.length)).toEqual(sizes);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses empty, misflagged, crumbling and oversized frames', () => {
    expect(codeOf(() => new Reassembler(10).add(new Uint8Array(0)))).toBe('encoding-truncated');
    expect(codeOf(() => new Reassembler(10).add(Uint8Array.of(0)))).toBe('encoding-truncated');
    expect(codeOf(() => new Reassembler(10).add(Uint8Array.of(2, 1)))).toBe('encoding-non-canonical');
    expect(codeOf(() => new Reassembler(10).add(Uint8Array.of(1, 1)))).toBe('encoding-non-canonical');
    expect(codeOf(() => new Reassembler(10 * PART).add(new Uint8Array(FRAME_BYTES + 1)))).toBe('encoding-non-canonical');
  });

  it('never keeps more than the longest message', () => {
    const reassembler = new Reassembler(2 * PART);
    const more = new Uint8Array(FRAME_BYTES).fill(1);
    expect(reassembler.add(more)).toBeNull();
    expect(reassembler.add(more)).toBeNull();
    expect(codeOf(() => reassembler.add(more))).toBe('encoding-too-long');
  });
});
