import type { Timers } from './ports.ts';

/**
 * Waits for an answer that may never come.
 * @param limitMs about; of a machine that slept meanwhile the answer is given a chance to arrive before the time counts as over
 * @param onSilence what to fail with; called when the time is over
 * @throws what `answer` is rejected with, or what `onSilence` returns
 */
export async function within<T>(timers: Timers, limitMs: number, answer: Promise<T>, onSilence: () => Error): Promise<T> {
  let timer = 0;
  const silence = new Promise<never>((_, reject) => {
    // In two halves: after a sleep the first rings at once, and what the machine was about to deliver comes before the second.
    const half = (next: () => void): void => void (timer = timers.set(next, limitMs / 2));
    half(() => half(() => reject(onSilence())));
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    timers.clear(timer);
  }
}
