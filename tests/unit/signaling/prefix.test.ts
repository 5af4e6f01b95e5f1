import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LAST_SLASH_SCRIPT } from '../../../signaling/last-slash.ts';
import { pageFiles } from '../../../signaling/page-files.ts';
import { Reach } from '../../../signaling/reach.ts';
import { SignalingServer } from '../../../signaling/signaling-server.ts';
import { createWebServer, guarded } from '../../../signaling/web-server.ts';
import { StrippingProxy } from './stripping-proxy.ts';
import { TestClient, peerId } from './test-client.ts';

const PAGE = `<!doctype html><script>${LAST_SLASH_SCRIPT}</script><script type="module" src="./assets/page-1a2b.js"></script>`;

let folder: string;
let server: Server;
let signaling: SignalingServer;
let proxy: StrippingProxy;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabchain-prefix-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'assets/page-1a2b.js'), 'script');
  const reach = new Reach();
  const serve = pageFiles(folder, () => ({ lan: [], iceServers: [] }));
  server = createWebServer(serve, reach, null);
  signaling = new SignalingServer();
  signaling.attach(server, guarded(serve, reach), reach);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await StrippingProxy.start('/class', (server.address() as AddressInfo).port);
});

afterEach(async () => {
  signaling.close();
  await proxy.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Where the page's first script redirects a browser that has opened `url`; null if it does not redirect. */
function ledTo(url: string, redirectCount = 0): string | null {
  let target: string | null = null;
  const { origin, pathname, search, hash } = new URL(url);
  const location = { origin, pathname, search, hash, replace: (to: string) => (target = new URL(to, url).href) };
  runInNewContext(LAST_SLASH_SCRIPT, { location, performance: { getEntriesByType: () => [{ redirectCount }] } });
  return target;
}

test.each(['/class', '/class?x=1'])(
  'behind a proxy that strips the prefix, %s becomes a page that finds its files and its server',
  async (path) => {
    const opened = `${proxy.origin}${path}#net=quick`;
    expect(await (await fetch(opened, { headers: { Accept: 'text/html' } })).text()).toBe(PAGE);
    const page = ledTo(opened)!;
    expect(page).toBe(opened.replace('/class', '/class/'));
    expect(await (await fetch(page)).text()).toBe(PAGE);
    expect(await (await fetch(new URL('./assets/page-1a2b.js', page))).text()).toBe('script');
    expect(await (await fetch(new URL('./links.json', page))).json()).toEqual({ lan: [], iceServers: [] });
    const tab = await TestClient.open(new URL('./signal', page).href.replace(/^http/, 'ws').split(/[?#]/)[0]!, { Origin: proxy.origin });
    tab.join(peerId(1));
    expect((await tab.next()).type).toBe('welcome');
    tab.socket.terminate();
  },
);

test('without the added slash the files would be requested elsewhere', async () => {
  expect((await fetch(new URL('./assets/page-1a2b.js', `${proxy.origin}/class`))).status).toBe(404);
});

test('a page with a slash, with a file name, or after a redirect is not redirected', () => {
  for (const path of ['/', '/class/', '/class/index.html', '/class/?a=b#c', '/a.b/c/'])
    expect([path, ledTo(`https://host${path}`)]).toEqual([path, null]);
  expect(ledTo('https://host/class', 1)).toBeNull();
});

test('no path leads to another host', () => {
  expect(ledTo('https://host//evil.example\\x')).toBe('https://host//evil.example/x/');
  expect(ledTo('https://host//evil')).toBe('https://host//evil/');
});
