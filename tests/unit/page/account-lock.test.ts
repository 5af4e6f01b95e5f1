import { afterEach, expect, test, vi } from 'vitest';
import { createAccountLocks } from '../../../src/page/account-lock.ts';

const CHANNEL = 'tabchain-account-locks';
const ends: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  ends.splice(0).forEach((end) => end());
});

function stranger(): BroadcastChannel {
  const channel = new BroadcastChannel(CHANNEL);
  ends.push(() => channel.close());
  return channel;
}

test('an account belongs to one page at a time, also without Web Locks, and messages of another shape change nothing', async () => {
  const other = stranger();
  const [first, second] = [createAccountLocks(undefined), createAccountLocks(undefined)];
  const junk = [
    null,
    1,
    'claim',
    [],
    {},
    { type: 'held' },
    { type: 'held', key: ['a'], token: null },
    { type: 'ask', key: 'a', token: {} },
  ];
  const flood = setInterval(() => junk.forEach((message) => other.postMessage(message)), 20);
  ends.push(() => clearInterval(flood));
  const release = await first.acquire('a');
  expect(release).not.toBeNull();
  expect(await second.acquire('a')).toBeNull();
  expect(await second.heldElsewhere(['a', 'b'])).toEqual(new Set(['a']));
  release!();
  expect(await second.acquire('a')).not.toBeNull();
});

test('one of two pages that claim an account at the same moment gets it', async () => {
  const [first, second] = [createAccountLocks(undefined), createAccountLocks(undefined)];
  const taken = await Promise.all([first.acquire('b'), second.acquire('b')]);
  expect(taken.filter((release) => release !== null)).toHaveLength(1);
});

/** Web Locks of one browser: a lock is held until the promise of its holder settles. */
function webLocks(): LockManager {
  const held = new Set<string>();
  return {
    async request(name: string, _options: LockOptions, hold: (lock: object | null) => unknown) {
      if (held.has(name)) return hold(null);
      held.add(name);
      try {
        return await hold({ name });
      } finally {
        held.delete(name);
      }
    },
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
  } as unknown as LockManager;
}

test('Web Locks give an account to one page at a time, and tell the others who has it', async () => {
  const browser = webLocks();
  const [first, second] = [createAccountLocks(browser), createAccountLocks(browser)];
  const release = await first.acquire('a');
  expect(release).not.toBeNull();
  expect(await second.acquire('a')).toBeNull();
  expect(await first.acquire('a')).toBeNull();
  expect(await second.heldElsewhere(['a', 'b'])).toEqual(new Set(['a']));
  expect(await first.heldElsewhere(['a', 'b'])).toEqual(new Set());
  release!();
  await expect.poll(() => second.heldElsewhere(['a'])).toEqual(new Set());
  expect(await second.acquire('a')).not.toBeNull();
});

test('a lock that does not answer, or is forbidden, does not block the account', async () => {
  const forbidden = {
    request: () => Promise.reject(new DOMException('no', 'SecurityError')),
    query: () => Promise.reject(new DOMException('no', 'SecurityError')),
  };
  const locks = createAccountLocks(forbidden as unknown as LockManager);
  expect(await locks.acquire('a')).not.toBeNull();
  expect(await locks.heldElsewhere(['a'])).toEqual(new Set());
  const silent = { request: () => new Promise(() => undefined), query: () => new Promise(() => undefined) };
  const waiting = createAccountLocks(silent as unknown as LockManager);
  vi.useFakeTimers();
  const both = Promise.all([waiting.acquire('a'), waiting.heldElsewhere(['a'])]);
  await vi.advanceTimersByTimeAsync(3_000);
  const [taken, held] = await both;
  expect(taken).not.toBeNull();
  expect(held).toEqual(new Set());
});
