/** The part of the Screen Wake Lock API (W3C) that this file uses. */
interface WakeLocks {
  request(type: 'screen'): Promise<{ release(): Promise<void>; addEventListener(type: 'release', listener: () => void): void }>;
}

export interface ScreenLockPorts {
  /** Undefined where the browser has no such lock: on plain http, and in older browsers. */
  readonly wakeLock: WakeLocks | undefined;
  isVisible(): boolean;
}

/**
 * Keeps the screen on while the lock is wanted and the page is visible, because a phone with a dark screen freezes the page. The
 * browser takes the lock away from a hidden page and when the battery is low; a page that becomes visible gets it again.
 */
export class ScreenLock {
  readonly #ports: ScreenLockPorts;
  #wanted = false;
  #lock: { release(): Promise<void> } | null = null;
  #asking = false;

  constructor(ports: ScreenLockPorts) {
    this.#ports = ports;
  }

  get isHeld(): boolean {
    return this.#lock !== null;
  }

  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.update();
  }

  /** Call when the page becomes visible. */
  update(): void {
    if (this.#wanted && !this.#lock && !this.#asking && this.#ports.isVisible()) void this.#ask();
    if (!this.#wanted) this.#release();
  }

  async #ask(): Promise<void> {
    if (!this.#ports.wakeLock) return;
    this.#asking = true;
    try {
      const lock = await this.#ports.wakeLock.request('screen');
      this.#lock = lock;
      lock.addEventListener('release', () => {
        if (this.#lock === lock) this.#lock = null;
      });
    } catch {
      // The battery is low, or a policy forbids it. The page goes on as long as the person keeps the screen on.
    } finally {
      this.#asking = false;
    }
    if (!this.#wanted) this.#release();
  }

  #release(): void {
    const lock = this.#lock;
    this.#lock = null;
    lock?.release().catch(() => undefined);
  }
}
