import { afterEach, expect, test, vi } from 'vitest';
import { askHostLinks, iceServersInTime } from '../../../src/page/host-links.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The addresses asked for, from now on; the host answers each by `answer`. */
function host(answer: () => Promise<unknown>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (address: string) => {
    asked.push(address);
    return { json: answer };
  });
  return asked;
}

test('one answer has the addresses for other devices, and the STUN and TURN servers', async () => {
  const asked = host(async () => ({ lan: ['http://10.0.0.2:4000/'], iceServers: ['stun:stun.example.org'] }));
  const answer = askHostLinks();
  expect(await iceServersInTime(answer)).toEqual(['stun:stun.example.org']);
  expect((await answer).lan).toEqual(['http://10.0.0.2:4000/']);
  expect(asked).toEqual(['links.json']);
});

test('only texts count, and not too many of them', async () => {
  host(async () => ({ lan: [1, null, 'http://a/'], iceServers: Array.from({ length: 99 }, () => 'stun:a') }));
  const { lan, iceServers } = await askHostLinks();
  expect(lan).toEqual(['http://a/']);
  expect(iceServers.length).toBeLessThan(99);
});

test('a host without the file, or with another, offers nothing', async () => {
  for (const answer of [() => Promise.reject(new SyntaxError('no JSON')), async () => null, async () => ({ lan: 'http://a/' })]) {
    host(answer);
    expect(await askHostLinks()).toEqual({ lan: [], iceServers: [] });
  }
});

test('links wait one second for a host that does not answer', async () => {
  vi.useFakeTimers();
  host(() => new Promise(() => undefined));
  const servers = iceServersInTime(askHostLinks());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await servers).toEqual([]);
});
