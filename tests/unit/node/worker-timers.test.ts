import { expect, test } from 'vitest';
import { workerTimers } from '../../../src/node/worker-timers.ts';

test('timers without delay ring in order and not at once, however deeply nested', async () => {
  const timers = workerTimers();
  const rung: string[] = [];
  await new Promise<void>((resolve) => {
    const deeper = (depth: number): void => {
      rung.push(`depth ${depth}`);
      if (depth === 20) resolve();
      else timers.set(() => deeper(depth + 1), 0);
    };
    timers.set(() => rung.push('first'), 0);
    timers.set(() => deeper(0), 0);
    rung.push('set');
  });
  expect(rung.slice(0, 4)).toEqual(['set', 'first', 'depth 0', 'depth 1']);
  expect(rung).toHaveLength(23);
});

test('a cleared timer does not ring, with a delay or without', async () => {
  const timers = workerTimers();
  const rung: string[] = [];
  const cleared = [timers.set(() => rung.push('at once'), 0), timers.set(() => rung.push('later'), 5)];
  timers.set(() => rung.push('kept'), 5);
  for (const id of cleared) timers.clear(id);
  await new Promise<void>((resolve) => void timers.set(resolve, 10));
  expect(rung).toEqual(['kept']);
});
