import { setTimeout as pause } from 'node:timers/promises';

/** Checks ten times a second whether `holds`. @throws `otherwise` after `tries` checks */
export async function eventually(tries: number, otherwise: string, holds: () => Promise<boolean>): Promise<void> {
  for (let left = tries; !(await holds()); left--) {
    if (left === 0) throw new Error(otherwise);
    await pause(100);
  }
}
