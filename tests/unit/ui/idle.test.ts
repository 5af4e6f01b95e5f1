import { describe, expect, test } from 'vitest';
import { Idle } from '../../../src/ui/shell/idle.ts';

const MINUTE = 60_000;

describe('a tab that nobody uses', () => {
  test('is idle after the chosen time, and each use begins it again', () => {
    const idle = new Idle(0);
    expect([idle.isOver(5, 5 * MINUTE - 1), idle.isOver(5, 5 * MINUTE)]).toEqual([false, true]);
    idle.used(5 * MINUTE);
    expect([idle.isOver(5, 9 * MINUTE), idle.isOver(5, 10 * MINUTE)]).toEqual([false, true]);
  });

  test('is never idle where the person has chosen never', () => {
    expect(new Idle(0).isOver(0, 1e15)).toBe(false);
  });

  test('is not idle because its clock was set back', () => {
    const idle = new Idle(100 * MINUTE);
    expect(idle.isOver(5, 10 * MINUTE)).toBe(false);
    expect(idle.isOver(5, 14 * MINUTE)).toBe(false);
    expect(idle.isOver(5, 15 * MINUTE)).toBe(true);
  });
});
