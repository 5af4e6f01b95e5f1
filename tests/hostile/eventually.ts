import { setTimeout as pause } from 'node:timers/promises';

/** Asks ten times a second, `tries` times at most, whether something has come true; throws `otherwise` when it has not. */
export async function eventually(tries: number, otherwise: string, holds: () => Promise<boolean>): Promise<void> {
  for (let left = tries; !(await holds()); left--) {
    if (left === 0) throw new Error(otherwise);
    await pause(100);
  }
}
