import { expect, test } from 'vitest';
import { Semaphore } from '../../../src/util/semaphore.ts';

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test('a semaphore limits the parallel calls and runs the others in order', async () => {
  const semaphore = new Semaphore(2);
  const begun: string[] = [];
  let [running, most] = [0, 0];
  const work = (name: string) => async () => {
    begun.push(name);
    most = Math.max(most, ++running);
    await turn();
    running--;
    return name;
  };
  const names = ['a', 'b', 'c', 'd'];
  expect(await Promise.all(names.map((name) => semaphore.run(work(name))))).toEqual(names);
  expect(begun).toEqual(names);
  expect(most).toBe(2);
});

test('a failure reaches only its caller', async () => {
  const semaphore = new Semaphore(1);
  const failing = semaphore.run(() => Promise.reject(new RangeError('no')));
  const next = semaphore.run(async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});
