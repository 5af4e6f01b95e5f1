import { ScreenLock } from '../util/screen-lock.ts';

/** The lock of the screen for mining: null on devices without a touch screen, because a laptop mines with a dark screen, too. */
export function miningScreenLock(): ScreenLock | null {
  if (!matchMedia('(pointer: coarse)').matches) return null;
  const lock = new ScreenLock({ wakeLock: navigator.wakeLock, isVisible: () => !document.hidden });
  document.addEventListener('visibilitychange', () => lock.update());
  return lock;
}
