import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Status, SyncStatus } from '../../../src/api/api.ts';
import { ServedPage } from '../../../src/ui/state/served-page.svelte.ts';

const answering = (text: string, ok = true) => vi.fn(async () => ({ ok, json: async () => JSON.parse(text) as unknown }));
const gone = () => Promise.reject(new TypeError('Failed to fetch'));

/** The script of this page. */
const ENTRY = 'https://tabchain.test/class/assets/index-old.js';

let nowMs = 0;
const reload = vi.fn();
beforeEach(() => {
  nowMs = 1_000;
  reload.mockClear();
  vi.stubGlobal('performance', { now: () => nowMs });
  vi.stubGlobal('location', { href: 'https://tabchain.test/class/?a#net=x', pathname: '/class/', search: '?a', reload });
  return () => vi.unstubAllGlobals();
});

describe('the page as its server has it', () => {
  test('has the version that the server names', async () => {
    const fetch = answering('{"protocol":9}');
    vi.stubGlobal('fetch', fetch);
    const page = new ServedPage(ENTRY);
    await page.ask();
    expect(page.version).toBe(9);
    expect(fetch).toHaveBeenCalledWith('version.json', { cache: 'no-store' });
  });

  test.each([
    ['a web page', answering('<!doctype html>')],
    ['a text as version', answering('{"protocol":"9"}')],
    ['nothing', answering('null')],
    ['an error', answering('{"protocol":9}', false)],
    ['no answer', gone],
  ])('has no known version if the server gives %s', async (_what, fetch) => {
    vi.stubGlobal('fetch', fetch);
    const page = new ServedPage(ENTRY);
    await page.ask();
    expect(page.version).toBeNull();
  });

  test.each([
    ['another script', '{"protocol":2,"page":"assets/index-new.js"}', true],
    ['this script', '{"protocol":2,"page":"assets/index-old.js"}', false],
    ['no script', '{"protocol":2}', false],
    ['no text', '{"protocol":2,"page":7}', false],
  ])('is another build if the server names %s', async (_what, answer, isOther) => {
    vi.stubGlobal('fetch', answering(answer));
    const page = new ServedPage(ENTRY);
    await page.ask();
    expect(page.isOther).toBe(isOther);
    const unbuilt = new ServedPage(null);
    await unbuilt.ask();
    expect(unbuilt.isOther).toBe(false);
  });

  test('is asked for at most once a minute, however many strangers claim a newer version', async () => {
    const fetch = answering('{"protocol":1}');
    vi.stubGlobal('fetch', fetch);
    const page = new ServedPage(ENTRY);
    for (let i = 0; i < 50; i++) await page.claimed();
    expect(fetch).toHaveBeenCalledTimes(1);
    vi.stubGlobal('fetch', answering('{"protocol":2}'));
    nowMs += 60_000;
    await page.claimed();
    expect(page.version).toBe(2);
  });

  test('is asked for when the connection to the server comes back, and not when it is first made', () => {
    const fetch = answering('{"protocol":1}');
    vi.stubGlobal('fetch', fetch);
    const page = new ServedPage(ENTRY);
    const follow = (...states: SyncStatus['signaling'][]): void => {
      for (const signaling of states) page.follow({ sync: { signaling } } as Status);
    };
    follow('connecting', 'unreachable', 'connected', 'connected');
    expect(fetch).not.toHaveBeenCalled();
    follow('connecting', 'connected');
    expect(fetch).toHaveBeenCalledTimes(1);
    // A network that flaps costs the server no more.
    follow('unreachable', 'connected', 'off', 'connected');
    expect(fetch).toHaveBeenCalledTimes(1);
    nowMs += 5_000;
    follow('unreachable', 'connected');
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test('replaces this page after it was fetched past every cache', async () => {
    const fetch = answering('');
    vi.stubGlobal('fetch', fetch);
    await new ServedPage(ENTRY).load();
    expect(fetch).toHaveBeenCalledWith('/class/?a', { cache: 'reload' });
    expect(reload).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['does not answer', gone],
    ['answers with an error', answering('', false)],
  ])('leaves this page open if the server %s', async (_what, fetch) => {
    vi.stubGlobal('fetch', fetch);
    await expect(new ServedPage(ENTRY).load()).rejects.toMatchObject({ code: 'page-unreachable' });
    expect(reload).not.toHaveBeenCalled();
  });
});
