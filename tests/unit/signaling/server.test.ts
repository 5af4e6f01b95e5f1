import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lanAddresses, pageLinks } from '../../../signaling/addresses.ts';
import { selfSignedCertificate } from '../../../signaling/certificate.ts';
import { listen } from '../../../signaling/listen.ts';
import { pageFiles } from '../../../signaling/page-files.ts';
import { DEFAULT_PORT, readSettings, type Settings } from '../../../signaling/settings.ts';

let folder: string;
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabchain-server-'));
  servers = [];
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

function newServer(serve?: RequestListener): Server {
  const server = createServer(serve);
  servers.push(server);
  return server;
}

describe('settings', () => {
  test('have defaults, and empty values count as absent', () => {
    const defaults: Settings = {
      host: '0.0.0.0',
      port: DEFAULT_PORT,
      portChosen: false,
      https: false,
      signalingOnly: false,
      metricsToken: null,
      redisUrl: null,
      iceServers: [],
    };
    expect(readSettings({}, [])).toEqual(defaults);
    expect(readSettings({ PORT: '', HOST: '', METRICS_TOKEN: '', REDIS_URL: '', ICE_SERVERS: ' ' }, [])).toEqual(defaults);
  });

  test('follow PORT, HOST, --https and --signaling-only', () => {
    const chosen = { host: '::1', port: 0, portChosen: true, https: true, signalingOnly: false };
    expect(readSettings({ PORT: '0', HOST: '::1' }, ['--https'])).toMatchObject(chosen);
    expect(readSettings({ PORT: '0', HOST: '::1' }, ['--signaling-only'])).toMatchObject({ ...chosen, https: false, signalingOnly: true });
  });

  test.each(['abc', '-1', '65536', '80.5', ' ', '0x50'])('refuse PORT "%s"', (PORT) => {
    expect(() => readSettings({ PORT }, [])).toThrow(expect.objectContaining({ code: 'port-invalid' }));
  });

  test.each(['short', 'fifteen-letters', 'sixteen letters with spaces', 'sixteen-letters-é'])(
    'refuse METRICS_TOKEN "%s"',
    (METRICS_TOKEN) => {
      expect(() => readSettings({ METRICS_TOKEN }, [])).toThrow(expect.objectContaining({ code: 'metrics-token-invalid' }));
      expect(readSettings({ METRICS_TOKEN: 'sixteen-letters!' }, []).metricsToken).toBe('sixteen-letters!');
    },
  );

  test.each(['localhost:6379', 'http://localhost', '//localhost', 'redis'])('refuse REDIS_URL "%s", and do not repeat it', (REDIS_URL) => {
    expect(() => readSettings({ REDIS_URL }, [])).toThrow(expect.objectContaining({ code: 'redis-url-invalid' }));
    expect(() => readSettings({ REDIS_URL: 'http://user:secret@host' }, [])).not.toThrow('secret');
    expect(readSettings({ REDIS_URL: 'rediss://user:secret@host:6380/' }, []).redisUrl).toContain('rediss:');
  });

  test('take STUN and TURN servers from ICE_SERVERS, and name the setting, but no password, of a wrong server', () => {
    const texts = ['stun:stun.example.org', 'turn:user:pass%40word@turn.example.org:3478?transport=udp'];
    for (const gap of [' ', ',', ', ']) expect(readSettings({ ICE_SERVERS: texts.join(gap) }, []).iceServers).toEqual(texts);
    const wrong = (ICE_SERVERS: string) => () => readSettings({ ICE_SERVERS }, []);
    expect(wrong('stun.example.org')).toThrow(expect.objectContaining({ code: 'ice-server-invalid' }));
    expect(wrong('turn:user:secret@turn.example.org:99999')).toThrow(/^ICE_SERVERS: /);
    expect(wrong('turn:user:secret@turn.example.org:99999')).not.toThrow('secret');
    expect(wrong(Array.from({ length: 5 }, (_, i) => `stun:s${i}.example`).join(' '))).toThrow(/More than 4/);
  });

  test('refuse unknown arguments', () => {
    expect(() => readSettings({}, ['--http'])).toThrow(expect.objectContaining({ code: 'argument-unknown' }));
  });
});

describe('listening', () => {
  const settings = (port: number, portChosen: boolean): Settings => ({
    host: '127.0.0.1',
    port,
    portChosen,
    https: false,
    signalingOnly: false,
    metricsToken: null,
    redisUrl: null,
    iceServers: [],
  });

  test('on port 0 takes any free one', async () => {
    expect(await listen(newServer(), settings(0, true))).toBeGreaterThan(0);
  });

  test('on a busy port fails if the port was chosen, and otherwise tries the next', async () => {
    const busy = await listen(newServer(), settings(0, true));
    await expect(listen(newServer(), settings(busy, true))).rejects.toMatchObject({ code: 'port-busy' });
    expect(await listen(newServer(), settings(busy, false))).toBeGreaterThan(busy);
  });

  test('on an address of another machine fails', async () => {
    // TEST-NET-3 of RFC 5737, which no machine has.
    await expect(listen(newServer(), { ...settings(0, true), host: '203.0.113.1' })).rejects.toMatchObject({ code: 'host-unavailable' });
  });
});

describe('links', () => {
  test('name localhost and every LAN address when listening everywhere', () => {
    const { local, lan } = pageLinks('http', '0.0.0.0', 8080);
    expect(local).toBe('http://localhost:8080/');
    expect(lan).toEqual(lanAddresses().map((address) => `http://${address}:8080/`));
  });

  test('name only addresses that the server listens on', () => {
    expect(pageLinks('https', '127.0.0.1', 1)).toEqual({ local: 'https://localhost:1/', lan: [] });
    expect(pageLinks('http', '::1', 1)).toEqual({ local: 'http://[::1]:1/', lan: [] });
    expect(pageLinks('http', '10.0.0.7', 1)).toEqual({ local: null, lan: ['http://10.0.0.7:1/'] });
  });
});

describe('the certificate', () => {
  const NOW_MS = Date.UTC(2030, 0, 1);
  const DAY_MS = 86_400_000;

  test('names the addresses, is self-signed, and only the owner can read its key', () => {
    const { cert, key } = selfSignedCertificate(folder, ['10.0.0.7'], NOW_MS);
    const parsed = new X509Certificate(cert);
    expect(parsed.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:10.0.0.7');
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toBe(key);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
  });

  test('stays the same until an address is new, or it is about to expire, or it is damaged', () => {
    const first = selfSignedCertificate(folder, ['10.0.0.7'], NOW_MS);
    expect(selfSignedCertificate(folder, [], NOW_MS + 300 * DAY_MS)).toEqual(first);
    const moved = selfSignedCertificate(folder, ['10.0.0.8'], NOW_MS);
    expect(moved.cert).not.toBe(first.cert);
    const renewed = selfSignedCertificate(folder, ['10.0.0.8'], NOW_MS + 380 * DAY_MS);
    expect(renewed.cert).not.toBe(moved.cert);
    writeFileSync(join(folder, 'cert.pem'), 'damaged');
    expect(selfSignedCertificate(folder, ['10.0.0.8'], NOW_MS).cert).toContain('BEGIN CERTIFICATE');
  });
});

describe('files', () => {
  async function served(): Promise<string> {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html>page');
    writeFileSync(join(folder, 'assets/node-1a2b.wasm'), 'wasm');
    const server = newServer(pageFiles(folder, () => ({ lan: ['http://192.0.2.7:8080/'], iceServers: ['stun:stun.example.org'] })));
    await listen(server, {
      host: '127.0.0.1',
      port: 0,
      portChosen: true,
      https: false,
      signalingOnly: false,
      metricsToken: null,
      redisUrl: null,
      iceServers: [],
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('with a hash in their name are cached for ever, and the page is requested each time', async () => {
    const origin = await served();
    const page = await fetch(`${origin}/`);
    expect(await page.text()).toContain('page');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const again = await fetch(`${origin}/`, { headers: { 'If-None-Match': page.headers.get('etag')! } });
    expect(again.status).toBe(304);
    const asset = await fetch(`${origin}/assets/node-1a2b.wasm`);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(asset.headers.get('content-type')).toBe('application/wasm');
  });

  test('come with headers that let only the page’s own code run', async () => {
    const { headers } = await fetch(`${await served()}/`);
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-[\w+/]{43}=';/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('are served next to the links for other devices', async () => {
    expect(await (await fetch(`${await served()}/links.json`)).json()).toEqual({
      lan: ['http://192.0.2.7:8080/'],
      iceServers: ['stun:stun.example.org'],
    });
  });

  test('are the only content, and read-only', async () => {
    const origin = await served();
    writeFileSync(join(folder, '..', 'tabchain-outside.txt'), 'secret');
    for (const path of ['/missing', '/..%2ftabchain-outside.txt', '/%2e%2e/tabchain-outside.txt', '/assets/node-1a2b.wasm/x', '/%zz']) {
      expect((await fetch(origin + path)).status).toBe(404);
    }
    rmSync(join(folder, '..', 'tabchain-outside.txt'));
    expect((await fetch(`${origin}/`, { method: 'POST', body: 'x' })).status).toBe(405);
  });
});
