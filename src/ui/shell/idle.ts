/** Events that show that a person is at the tab. */
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** How long nobody has used this tab. */
export class Idle {
  #lastMs: number;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  used(nowMs: number): void {
    this.#lastMs = nowMs;
  }

  /** Whether nobody has used the tab for this long. @param minutes 0 for never */
  isOver(minutes: number, nowMs: number): boolean {
    // A clock that was set back begins the time again.
    if (nowMs < this.#lastMs) this.#lastMs = nowMs;
    return minutes > 0 && nowMs - this.#lastMs >= minutes * 60_000;
  }

  /** Notes each use until the returned function is called. */
  start(): () => void {
    const note = (): void => this.used(Date.now());
    for (const sign of SIGNS) addEventListener(sign, note, { capture: true, passive: true });
    return () => SIGNS.forEach((sign) => removeEventListener(sign, note, { capture: true }));
  }
}
