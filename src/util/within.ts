import type { Timers } from './ports.ts';

/**
 * Waits for an answer that may never come.
 * @param limitMs approximate limit. After the machine sleeps, the answer gets a chance to arrive before the time is over
 * @param onSilence makes the error; called when the time is over
 * @throws the rejection of `answer`, or the error of `onSilence`
 */
export async function within<T>(timers: Timers, limitMs: number, answer: Promise<T>, onSilence: () => Error): Promise<T> {
  let timer = 0;
  const silence = new Promise<never>((_, reject) => {
    // Two halves: after a sleep the first timer fires at once, and answers that were due then arrive before the second timer fires.
    const half = (next: () => void): void => void (timer = timers.set(next, limitMs / 2));
    half(() => half(() => reject(onSilence())));
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    timers.clear(timer);
  }
}
