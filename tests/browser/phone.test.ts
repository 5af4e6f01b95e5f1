import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { MinerProxy } from './harness/miner-proxy.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

/** The node says that mining has stopped when it has heard nothing for five seconds. */
const PATIENCE_MS = 20_000;

interface PhoneWindow {
  locks: WakeLockSentinel[];
  badges: string[];
}

/** A mining thread goes on by messages to itself. This makes it lose them until it is told otherwise. */
const STOPPABLE = `{
  const post = MessagePort.prototype.postMessage;
  const held = [];
  let stopped = false;
  new BroadcastChannel('test-stop').onmessage = ({ data }) => {
    stopped = data;
    if (!stopped) held.splice(0).forEach((again) => again());
  };
  MessagePort.prototype.postMessage = function (...message) {
    if (stopped) held.push(() => post.apply(this, message));
    else post.apply(this, message);
  };
}\n`;

/** What a phone shows of a page that mines: its screen stays on, and title and icon tell the state. */
describe.sequential('a phone that mines', () => {
  let server: TestServer;
  let proxy: MinerProxy;
  let browser: Chromium;
  let phone: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    proxy = await MinerProxy.start(server.url, (script) => STOPPABLE + script);
    browser = await Chromium.launch({ viewport: { width: 360, height: 740 }, touch: true });
    phone = await browser.newTab('phone');
    await phone.page.addInitScript(() => {
      const recording = Object.assign(window as unknown as PhoneWindow, { locks: [], badges: [] });
      const request = navigator.wakeLock.request.bind(navigator.wakeLock);
      navigator.wakeLock.request = async (type) => {
        const lock = await request(type);
        recording.locks.push(lock);
        return lock;
      };
      Object.assign(navigator, {
        setAppBadge: async () => void recording.badges.push('set'),
        clearAppBadge: async () => void recording.badges.push('cleared'),
      });
    });
    await phone.open(proxy.url + testNetworkLink('phone', { blockTimeMs: 60_000, powLimitBits: 0x1d00ffff, stampBits: 0x207fffff }));
    await phone.call('register', { name: 'phone', passphrase: 'correct horse battery' });
  });

  afterAll(async () => {
    await browser?.dispose();
    proxy?.stop();
    await server?.kill();
  });

  /** Whether each lock so far is still held, oldest first. */
  const locks = (): Promise<boolean[]> =>
    phone.page.evaluate(() => (window as unknown as PhoneWindow).locks.map(({ released }) => !released));
  const badge = (): Promise<string | undefined> => phone.page.evaluate(() => (window as unknown as PhoneWindow).badges.at(-1));
  const title = (): Promise<string> => phone.page.title();

  test('keeps its screen on while it mines, and shows mining in title and badge on every page', async () => {
    expect([await locks(), await badge()]).toEqual([[], 'cleared']);
    expect(await title()).not.toMatch(/[⛏⏸]/);
    await phone.page.getByRole('button', { name: 'Start mining', exact: true }).tap();
    await expect.poll(locks).toEqual([true]);
    await expect.poll(title).toMatch(/^⛏ Mining/);
    expect(await badge()).toBe('set');
    // Each page has its own title.
    await go(phone, '/network');
    await expect.poll(title).toBe('⛏ Mining · Network · Tabchain');
    await go(phone, '/');
    await expect.poll(title).toBe('⛏ Mining · Home · Tabchain');
  });

  test('takes the lock again when the page becomes visible, and not before', async () => {
    // The driver keeps each page visible. So the test takes the lock away as the browser does from a hidden page, and says "hidden" to the page.
    const turn = (hidden: boolean): Promise<void> =>
      phone.page.evaluate(async (value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value });
        if (value) for (const lock of (window as unknown as PhoneWindow).locks) await lock.release();
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await turn(true);
    await expect.poll(locks).toEqual([false]);
    await go(phone, '/network');
    await expect.poll(title).toBe('⛏ Mining · Network · Tabchain');
    expect(await locks()).toEqual([false]);
    await turn(false);
    await expect.poll(locks).toEqual([false, true]);
  });

  test('says that mining has stopped when the browser runs no mining thread, and goes on by itself', async () => {
    const stop = (stopped: boolean): Promise<void> =>
      phone.page.evaluate((value) => {
        const channel = new BroadcastChannel('test-stop');
        channel.postMessage(value);
        channel.close();
      }, stopped);
    await waitUntil([phone], 'a hash rate', ([status]) => status!.mining.hashrate > 0, PATIENCE_MS);
    await stop(true);
    await waitUntil([phone], 'the pause', ([status]) => status!.mining.waiting === 'stalled', PATIENCE_MS);
    await phone.page.getByText('Mining has stopped: the browser does not run the mining threads.', { exact: false }).waitFor();
    await expect.poll(title).toMatch(/^⏸ Mining paused/);
    expect(await badge()).toBe('cleared');
    await stop(false);
    await waitUntil([phone], 'mining again', ([status]) => status!.mining.waiting === null, PATIENCE_MS);
    await expect.poll(title).toMatch(/^⛏ Mining/);
    await expect.poll(badge).toBe('set');
  });

  test('mines on after a reload without the passphrase; when it stops, the screen may go dark', async () => {
    expect((await phone.reload()).account).toMatchObject({ locked: true });
    await expect.poll(locks).toEqual([true]);
    await expect.poll(title).toMatch(/^⛏ Mining/);
    await phone.call('mine', false);
    await expect.poll(locks).toEqual([false]);
    await expect.poll(title).not.toMatch(/[⛏⏸]/);
    expect(await badge()).toBe('cleared');
    expect(phone.problems.filter((problem) => !problem.includes('WebSocket'))).toEqual([]);
  });
});
