import { expect, test } from 'vitest';
import { ScreenLock } from '../../../src/util/screen-lock.ts';

/** A browser that gives locks, and takes them from hidden pages. */
class FakeBrowser {
  visible = true;
  refuses = false;
  readonly locks: { released: boolean; lost: () => void }[] = [];
  readonly lock = new ScreenLock({
    isVisible: () => this.visible,
    wakeLock: {
      request: async () => {
        if (this.refuses) throw new DOMException('The battery is low.', 'NotAllowedError');
        const lock = { released: false, lost: (): void => undefined };
        this.locks.push(lock);
        return {
          release: async () => void (lock.released = true),
          addEventListener: (_type: 'release', listener: () => void) => void (lock.lost = listener),
        };
      },
    },
  });

  setVisible(visible: boolean): void {
    this.visible = visible;
    if (!visible) this.locks.at(-1)?.lost();
    else this.lock.update();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test('holds one lock while it is wanted, and releases it afterwards', async () => {
  const browser = new FakeBrowser();
  for (let i = 0; i < 3; i++) browser.lock.want(true);
  await settled();
  browser.lock.want(true);
  await settled();
  expect([browser.lock.isHeld, browser.locks.length]).toEqual([true, 1]);
  browser.lock.want(false);
  expect([browser.lock.isHeld, browser.locks[0]!.released]).toEqual([false, true]);
});

test('takes the lock again when a hidden page becomes visible, but not while it is hidden', async () => {
  const browser = new FakeBrowser();
  browser.lock.want(true);
  await settled();
  browser.setVisible(false);
  browser.lock.want(true);
  await settled();
  expect([browser.lock.isHeld, browser.locks.length]).toEqual([false, 1]);
  browser.setVisible(true);
  await settled();
  expect([browser.lock.isHeld, browser.locks.length]).toEqual([true, 2]);
});

test('releases a lock that arrives when nobody wants the lock any more', async () => {
  const browser = new FakeBrowser();
  browser.lock.want(true);
  browser.lock.want(false);
  await settled();
  expect([browser.lock.isHeld, browser.locks[0]!.released]).toEqual([false, true]);
});

test('goes without where the browser refuses or has no lock', async () => {
  const browser = new FakeBrowser();
  browser.refuses = true;
  browser.lock.want(true);
  await settled();
  expect(browser.lock.isHeld).toBe(false);
  browser.refuses = false;
  browser.lock.update();
  await settled();
  expect(browser.lock.isHeld).toBe(true);
  const without = new ScreenLock({ wakeLock: undefined, isVisible: () => true });
  without.want(true);
  await settled();
  expect(without.isHeld).toBe(false);
});
