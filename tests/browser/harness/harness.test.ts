import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './chromium.ts';
import { Firefox, hasFirefox } from './firefox.ts';
import { TestServer } from './server.ts';
import type { Tab } from './tab.ts';
import { waitUntil } from './wait.ts';

/** A page with a fake node, because this file tests the harness. */
const STAND_IN = `<!doctype html><title>stand-in</title><script>
  const visits = Number(localStorage.visits ?? 0) + 1;
  localStorage.visits = visits;
  const refuse = () => { throw Object.assign(new Error('No.'), { code: 'amount-not-positive', details: { amount: '0' } }); };
  window.tabchain = {
    ready: async () => ({ height: visits }),
    status: async () => ({ height: visits }),
    transfer: async () => refuse(),
    query: async (sql, params) => ({ columns: [sql], rows: [params], ms: 0, truncated: false }),
    exportDatabase: async () => Uint8Array.from({ length: 100000 }, (_, i) => i % 256),
    logout: async () => undefined,
    search: async () => { console.error('a console error'); setTimeout(() => { throw new Error('an uncaught error'); }); return { kind: 'none' }; },
  };
</script>`;

let stub: Server;
let url: string;
beforeAll(async () => {
  stub = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(STAND_IN));
  await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(stub.address() as AddressInfo).port}/`;
});
afterAll(() => {
  stub.closeAllConnections();
  stub.close();
});

async function checkTab(tab: Tab): Promise<void> {
  expect(await tab.call('query', 'select ?', [1, 'zwei', null])).toMatchObject({ columns: ['select ?'], rows: [[1, 'zwei', null]] });
  const bytes = await tab.call('exportDatabase');
  expect(bytes.length).toBe(100_000);
  expect(bytes.every((byte, i) => byte === i % 256)).toBe(true);
  expect(await tab.call('logout')).toBe(null);
  await expect(tab.call('transfer', { to: 'ming', amount: '0' })).rejects.toMatchObject({
    code: 'amount-not-positive',
    details: { amount: '0' },
  });
  await expect(tab.call('mine', true)).rejects.toMatchObject({ code: 'internal' });

  expect(tab.problems).toEqual([]);
  await tab.call('search', 'x');
  await expect.poll(() => tab.problems.join('\n')).toMatch(/a console error[\s\S]*an uncaught error/);

  await expect(waitUntil([tab], 'a thousand blocks', ([status]) => status!.height > 1000, 0)).rejects.toThrow(
    /for a thousand blocks:\n— .*"height":1[\s\S]*a console error/,
  );
  expect((await tab.reload()).height).toBe(2);
}

describe('Chromium', () => {
  test('is driven through the node’s API, and keeps its profile over a restart', async () => {
    const chromium = await Chromium.launch();
    try {
      await checkTab(await chromium.openTab('one', url));
      await chromium.stop();
      await chromium.start();
      const again = await chromium.openTab('again', url);
      expect((await again.status()).height).toBe(3);
    } finally {
      await chromium.dispose();
    }
  });

  test('shares nothing with another', async () => {
    const [one, two] = [await Chromium.launch(), await Chromium.launch({ throttled: true })];
    try {
      await one.openTab('one', url);
      const tab = await two.openTab('two', url);
      expect((await tab.status()).height).toBe(1);
    } finally {
      await Promise.all([one.dispose(), two.dispose()]);
    }
  });
});

describe.skipIf(!hasFirefox)('Firefox', () => {
  test('is driven through the node’s API', async () => {
    const firefox = await Firefox.launch();
    try {
      await checkTab(await firefox.openTab('fox', url));
    } finally {
      await firefox.dispose();
    }
  });
});

describe('the server', () => {
  test('is killed and started again on the same port', async () => {
    const server = await TestServer.start();
    const title = async (): Promise<string> => /<title>(.*)<\/title>/.exec(await (await fetch(server.url)).text())![1]!;
    try {
      expect(await title()).toBe('Tabchain');
      if (server.lanUrl !== null) expect((await fetch(server.lanUrl)).status).toBe(200);
      await server.kill();
      await expect(title()).rejects.toThrow('fetch failed');
      await server.restart();
      expect(await title()).toBe('Tabchain');
    } finally {
      await server.kill();
    }
  });
});
