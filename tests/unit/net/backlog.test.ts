import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../../../src/net/backlog.ts';
import { byteQueue } from '../../../src/util/weighed-queue.ts';
import {
  DOWNLOAD_WINDOW_BYTES,
  FRAME_BYTES,
  MAX_BACKLOG_BYTES,
  MAX_BACKLOG_FRAMES,
  MAX_IN_FLIGHT_BYTES,
  MAX_TOTAL_BACKLOG_BYTES,
  MAX_TRANSACTIONS_IN_FLIGHT,
} from '../../../src/net/peer-limits.ts';

describe('the backlog', () => {
  it('names a link with too many frames, and one with too many bytes', () => {
    const backlog = new Backlog<string>();
    for (let i = 0; i < MAX_BACKLOG_FRAMES; i++) expect(backlog.add('many', 1)).toBeNull();
    expect(backlog.add('many', 1)).toBe('many');
    let verdict: string | null = null;
    let frames = 0;
    for (; verdict === null; frames++) verdict = backlog.add('large', FRAME_BYTES);
    expect(verdict).toBe('large');
    expect(frames * FRAME_BYTES).toBeGreaterThan(MAX_BACKLOG_BYTES - 2 * FRAME_BYTES - frames * 1_024);
    expect(frames * FRAME_BYTES).toBeLessThanOrEqual(MAX_BACKLOG_BYTES + FRAME_BYTES);
  });

  it('names the largest link when all together have too much, never a small one', () => {
    const backlog = new Backlog<number>();
    backlog.add(99, 100);
    for (let round = 0; backlog.bytes <= MAX_TOTAL_BACKLOG_BYTES - 2 * FRAME_BYTES; round++) backlog.add(round % 24, FRAME_BYTES);
    backlog.add(7, FRAME_BYTES);
    backlog.add(7, FRAME_BYTES);
    expect(backlog.add(99, 100)).toBe(7);
    backlog.drop(7);
    expect(backlog.add(99, 100)).toBeNull();
  });

  it('has room for all answers of an honest peer', () => {
    expect(MAX_BACKLOG_BYTES).toBeGreaterThan(MAX_IN_FLIGHT_BYTES + 4_194_304 + 1_048_576);
    expect(MAX_TOTAL_BACKLOG_BYTES).toBeGreaterThan(DOWNLOAD_WINDOW_BYTES + MAX_IN_FLIGHT_BYTES);
    expect(MAX_BACKLOG_FRAMES).toBeGreaterThan(MAX_TRANSACTIONS_IN_FLIGHT + MAX_IN_FLIGHT_BYTES / FRAME_BYTES);
  });

  it('is empty again when all frames are taken or dropped', () => {
    const lengths = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 70_000 })), { maxLength: 60 });
    fc.assert(
      fc.property(lengths, fc.boolean(), (frames, dropsFirst) => {
        const backlog = new Backlog<number>();
        for (const [link, length] of frames) backlog.add(link, length);
        if (dropsFirst) backlog.drop(0);
        for (const [link, length] of frames) backlog.take(link, 1, length);
        expect(backlog.bytes).toBe(0);
      }),
    );
  });
});

describe('an inbox', () => {
  it('returns frames in order, whatever comes between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 90 }), { maxLength: 40 }), (steps) => {
        const inbox = byteQueue();
        let pushed = 0;
        let shifted = 0;
        for (const step of steps) {
          for (let i = 0; i < step; i++) inbox.push(Uint8Array.of(pushed & 255, pushed++ >> 8));
          for (let i = 0; i < (step < 0 ? -step * 20 : step / 2); i++) {
            const frame = inbox.shift();
            expect(frame).toEqual(shifted < pushed ? Uint8Array.of(shifted & 255, shifted >> 8) : null);
            if (frame) shifted++;
          }
          expect([inbox.size, inbox.weight]).toEqual([pushed - shifted, 2 * (pushed - shifted)]);
        }
        inbox.clear();
        expect([inbox.size, inbox.weight, inbox.first, inbox.shift()]).toEqual([0, 0, null, null]);
      }),
    );
  });
});
