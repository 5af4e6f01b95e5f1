import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisProcess, hasRedis } from '../unit/signaling/redis-process.ts';
import { ServerProcess } from '../unit/signaling/server-process.ts';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import { waitUntil } from './harness/wait.ts';

describe.skipIf(!hasRedis)('two browsers whose tabs use two signaling servers with one Redis', () => {
  let page: TestServer;
  let redis: RedisProcess;
  const servers: ServerProcess[] = [];
  const browsers: Chromium[] = [];

  beforeAll(async () => {
    page = await TestServer.start();
    redis = await RedisProcess.start();
    for (let i = 0; i < 2; i++) {
      servers.push(await ServerProcess.start({ REDIS_URL: redis.url, ALLOWED_HOSTS: 'localhost' }));
      // Tabs of one browser would find each other without a server.
      browsers.push(await Chromium.launch());
    }
  });

  afterAll(async () => {
    for (const browser of browsers) await browser.dispose();
    for (const server of servers) await server.end();
    await redis?.end();
    await page?.kill();
  });

  test('are linked, stay linked while the servers are away, and the servers stop without a fault', async () => {
    const link = page.url + testNetworkLink('two-servers');
    const tabs = [
      await browsers[0]!.openTab('alex', `${link}&signal=${servers[0]!.url}`),
      await browsers[1]!.openTab('ming', `${link}&signal=${servers[1]!.url}`),
    ];
    await waitUntil(tabs, 'a link', (statuses) => statuses.every(({ peers }) => peers.some(({ state }) => state === 'ready')));
    for (const server of servers) expect(await server.end('SIGTERM')).toBe(0);
    await waitUntil(tabs, 'the server to be away', (statuses) => statuses.every(({ sync }) => sync.signaling !== 'connected'));
    const statuses = await Promise.all(tabs.map((tab) => tab.status()));
    expect(statuses.map(({ peers }) => peers.map(({ state }) => state))).toEqual([['ready'], ['ready']]);
    expect(servers.map(({ output }) => output).join('')).not.toMatch(/Error/);
  });
});
