import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { pageFiles } from '../../../signaling/page-files.ts';
import { Reach } from '../../../signaling/reach.ts';
import { SignalingServer } from '../../../signaling/signaling-server.ts';
import { createWebServer, DEFAULT_WEB_LIMITS, guarded, type WebLimits } from '../../../signaling/web-server.ts';
import { TestClient, peerId } from './test-client.ts';

const SCRIPT = 'console.log("tabchain");'.repeat(1_000);

let folder: string;
let server: Server;
let signaling: SignalingServer;
let port: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabchain-serving-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>page');
  writeFileSync(join(folder, 'assets/page-1a2b.js'), SCRIPT);
  writeFileSync(join(folder, 'assets/page-1a2b.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, 'assets/page-1a2b.js.gz'), gzipSync(SCRIPT));
  await start();
});

afterEach(async () => {
  signaling.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  if (existsSync(folder)) rmSync(folder, { recursive: true });
});

async function start(limits: Partial<WebLimits> = {}): Promise<void> {
  const reach = new Reach();
  const serve = pageFiles(folder, () => ({ lan: [], iceServers: [] }));
  server = createWebServer(serve, reach, null, { ...DEFAULT_WEB_LIMITS, ...limits });
  signaling = new SignalingServer();
  signaling.attach(server, guarded(serve, reach), reach);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
}

async function restart(limits: Partial<WebLimits>): Promise<void> {
  signaling.close();
  await new Promise((resolve) => server.close(resolve));
  await start(limits);
}

const HOST = 'Host: localhost\r\n';

/** The answer to raw bytes, until the server closes the socket. */
async function answer(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let received = '';
  socket.on('data', (data) => (received += data.toString('latin1')));
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return received;
}

const get = (path: string, headers = ''): Promise<string> => answer(`GET ${path} HTTP/1.1\r\n${HOST}Connection: close\r\n${headers}\r\n`);
const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
const header = (text: string, name: string): string | undefined => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(text)?.[1];
const bodyOf = (text: string): Buffer => Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1');

/** Expects that the server still answers, and holds only the sockets of the test. */
async function expectWell(sockets = 0): Promise<void> {
  expect(statusOf(await get('/'))).toBe(200);
  const count = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, open) => resolve(open)));
  await expect.poll(count).toBe(sockets);
}

describe('a range', () => {
  test.each([
    'bytes=2-1',
    'bytes=0-9007199254740993',
    'bytes=-1',
    'bytes=99999999999999999999999-',
    'bytes=0-1,5-6',
    'lines=1',
    'bytes=NaN-',
  ])('%s is answered with the whole file', async (range) => {
    const text = await get('/assets/page-1a2b.js', `Range: ${range}\r\n`);
    expect(statusOf(text)).toBe(200);
    expect(bodyOf(text).toString()).toBe(SCRIPT);
    await expectWell();
  });
});

describe('a socket that is reset', () => {
  const reset = async (socket: Socket): Promise<void> => {
    socket.resetAndDestroy();
    await once(socket, 'close');
  };

  test.each([
    ['after nothing', ''],
    ['in the request line', 'GET / HT'],
    ['in the headers', `GET / HTTP/1.1\r\n${HOST}Range: by`],
    ['after a request', `GET /assets/page-1a2b.js HTTP/1.1\r\n${HOST}\r\n`],
    ['in a body', `POST / HTTP/1.1\r\n${HOST}Content-Length: 100\r\n\r\nabc`],
    ['after an upgrade elsewhere', `GET /x HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['after half a handshake', `GET /signal HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['after an upgrade to another protocol', `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n`],
    ['after a tunnel', `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n`],
    ['after bytes of TLS', '\x16\x03\x01\x02\x00'],
  ])('%s disturbs no other client', async (_stage, text) => {
    for (let i = 0; i < 5; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(text, 'latin1');
      await new Promise((resolve) => setImmediate(resolve));
      await reset(socket);
    }
    await expectWell();
  });

  test('after a handshake disturbs no other client', async () => {
    for (let i = 0; i < 5; i++) {
      const client = await TestClient.joined(`ws://127.0.0.1:${port}/signal`, peerId(i));
      const { _socket: socket } = client.socket as unknown as { _socket: Socket };
      await reset(socket);
    }
    await expectWell();
    expect(signaling.connectionCount).toBe(0);
  });
});

describe('an upgrade', () => {
  test('elsewhere is answered as a plain request, and closed', async () => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    expect(statusOf(await answer(`GET /x HTTP/1.1\r\n${HOST}${upgrade}\r\n`))).toBe(404);
    const h2c = await answer(`GET / HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n`);
    expect(statusOf(h2c)).toBe(200);
    expect(bodyOf(h2c).toString()).toContain('page');
  });

  test.each(['/x', '/signal'])('to %s behind a request that is still being answered closes the socket', async (path) => {
    writeFileSync(join(folder, 'large.bin'), Buffer.alloc(20_000_000));
    await restart({});
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET /large.bin HTTP/1.1\r\n${HOST}\r\nGET ${path} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n`);
    socket.write(`Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`);
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    await expectWell();
    expect(signaling.connectionCount).toBe(0);
  });

  test('by a page of another origin, or under another name, is refused', async () => {
    const refused = async (options: object): Promise<string> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/signal`, options);
      return new Promise((resolve) => socket.once('error', (error) => resolve(error.message)));
    };
    expect(await refused({ origin: 'http://evil.example' })).toContain('403');
    expect(await refused({ headers: { Host: 'evil.example' }, origin: 'http://evil.example' })).toContain('403');
    const own = new WebSocket(`ws://127.0.0.1:${port}/signal`, { origin: `http://127.0.0.1:${port}` });
    await once(own, 'open');
    own.close();
  });

  test('works under any prefix that a proxy keeps', async () => {
    const client = await TestClient.open(`ws://127.0.0.1:${port}/class/tabchain/signal`);
    client.join(peerId(1));
    expect((await client.next()).type).toBe('welcome');
    client.socket.close();
  });
});

describe('files', () => {
  test('are compressed as the browser accepts, each form with its own tag', async () => {
    const [plain, gzip, br] = await Promise.all(
      ['', 'Accept-Encoding: gzip, deflate\r\n', 'Accept-Encoding: gzip, deflate, br, zstd\r\n'].map((accept) =>
        get('/assets/page-1a2b.js', accept),
      ),
    );
    expect([plain, gzip, br].map((text) => header(text!, 'content-encoding'))).toEqual([undefined, 'gzip', 'br']);
    expect([bodyOf(plain!), gunzipSync(bodyOf(gzip!)), brotliDecompressSync(bodyOf(br!))].map(String)).toEqual([SCRIPT, SCRIPT, SCRIPT]);
    expect(new Set([plain, gzip, br].map((text) => header(text!, 'etag'))).size).toBe(3);
    for (const text of [plain, gzip, br]) {
      expect(header(text!, 'vary')).toBe('Accept-Encoding');
      expect(header(text!, 'content-type')).toMatch(/^text\/javascript/);
    }
    expect(header(await get('/assets/page-1a2b.js', 'Accept-Encoding: br;q=0, gzip;q=0.5\r\n'), 'content-encoding')).toBe('gzip');
    expect(header(await get('/assets/page-1a2b.js', 'Accept-Encoding: identity;q=0, x;q=a\r\n'), 'content-encoding')).toBeUndefined();
  });

  test('are sent again only when they have changed', async () => {
    const etag = header(await get('/assets/page-1a2b.js'), 'etag')!;
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const text = await get('/assets/page-1a2b.js', `If-None-Match: ${condition}\r\n`);
      expect([statusOf(text), header(text, 'etag'), bodyOf(text).length]).toEqual([304, etag, 0]);
    }
    expect(statusOf(await get('/assets/page-1a2b.js', 'If-None-Match: "other"\r\n'))).toBe(200);
    expect(statusOf(await get('/assets/page-1a2b.js', `If-Match: ${etag}\r\n`))).toBe(200);
    expect(statusOf(await get('/assets/page-1a2b.js', 'If-Match: "other"\r\n'))).toBe(412);
  });

  test('have the same headers for HEAD as for GET', async () => {
    const head = await answer(`HEAD /assets/page-1a2b.js HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    expect([statusOf(head), header(head, 'content-length'), bodyOf(head).length]).toEqual([200, String(SCRIPT.length), 0]);
    const links = await answer(`HEAD /links.json HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    expect([statusOf(links), bodyOf(links).length]).toEqual([200, 0]);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'])('refuse %s', async (method) => {
    const text = await answer(`${method} / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    expect([statusOf(text), header(text, 'allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('of one build are served whatever happens to them on the disk', async () => {
    writeFileSync(join(folder, 'index.html'), 'half of another build');
    expect(bodyOf(await get('/')).toString()).toContain('page');
    rmSync(folder, { recursive: true });
    expect(bodyOf(await get('/assets/page-1a2b.js')).toString()).toBe(SCRIPT);
    await expectWell();
  });

  test('whose compressed form is from another build are served without it', async () => {
    writeFileSync(join(folder, 'assets/page-1a2b.js.br'), brotliCompressSync('something else'));
    writeFileSync(join(folder, 'assets/page-1a2b.js.gz'), 'no gzip');
    await restart({});
    expect(header(await get('/assets/page-1a2b.js', 'Accept-Encoding: gzip, br\r\n'), 'content-encoding')).toBeUndefined();
  });

  test('come with headers that keep other origins out', async () => {
    const text = await get('/');
    expect(header(text, 'cross-origin-opener-policy')).toBe('same-origin');
    // On plain http under another name browsers ignore that header and report an error of the page.
    const lan = await answer('GET / HTTP/1.1\r\nHost: 192.168.1.5\r\nConnection: close\r\n\r\n');
    expect([header(lan, 'cross-origin-opener-policy'), header(lan, 'x-content-type-options')]).toEqual([undefined, 'nosniff']);
    expect(header(text, 'cross-origin-resource-policy')).toBe('same-origin');
    expect(header(text, 'content-security-policy')).toContain("connect-src 'self' ws: wss:;");
    expect(statusOf(await answer('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'))).toBe(421);
  });
});

describe('under a prefix', () => {
  test('that is kept or stripped badly, the end of the path identifies the file', async () => {
    for (const path of ['/class/', '//', '/a/b/', '/class/?x=1', '/class/index.html']) {
      expect([path, bodyOf(await get(path)).toString()]).toEqual([path, '<!doctype html>page']);
    }
    for (const path of ['//assets/page-1a2b.js', '/class/assets/page-1a2b.js', 'http://localhost/assets/page-1a2b.js?v=1']) {
      expect([path, bodyOf(await get(path)).length]).toEqual([path, SCRIPT.length]);
    }
    expect(bodyOf(await get('/class/links.json')).toString()).toBe('{"lan":[],"iceServers":[]}');
  });

  test('a path without its last slash is redirected to the page', async () => {
    const location = async (path: string): Promise<string | undefined> =>
      header(await get(path, 'Accept: text/html,*/*;q=0.8\r\n'), 'location');
    expect(await location('/class')).toBe('./class/');
    expect(await location('/a/b%20c?x=1#y')).toBe('./b%20c/?x=1');
    expect(await location('/http:')).toBe('./http%3A/');
    expect(await location('/%23net=quick&T=5000')).toBe('./#net=quick&T=5000');
    expect(await location('/old-1a2b.js')).toBeUndefined();
    expect(statusOf(await get('/class', 'Accept: */*\r\n'))).toBe(404);
  });

  test.each(['/assets/page-1a2b.js/', '/assets/page-1a2b.js/x', '/../package.json', '/..%2f..%2fetc%2fpasswd', '/%zz', '/x%00'])(
    '%s is nothing',
    async (path) => {
      expect(statusOf(await get(path))).toBe(404);
    },
  );
});

describe('a slow client', () => {
  const slow = async (text: string): Promise<string> => answer(text);

  test('that delays its headers times out', async () => {
    // Long enough for a complete request on a busy machine.
    await restart({ headersTimeoutMs: 500, checkIntervalMs: 20 });
    const [inHeaders, before] = await Promise.all([slow('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '), slow('')]);
    expect(inHeaders).toMatch(/^HTTP\/1\.1 408/);
    expect(before).toMatch(/^(HTTP\/1\.1 408|$)/);
    expect(await slow(`POST / HTTP/1.1\r\n${HOST}Content-Length: 1000000\r\n\r\nabc`)).toMatch(/^HTTP\/1\.1 405/);
    await expectWell();
  });

  test('that does not read is cut off', async () => {
    writeFileSync(join(folder, 'large.bin'), Buffer.alloc(20_000_000));
    await restart({ idleMs: 100 });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    const came = once(server, 'connection');
    socket.write(`GET /large.bin HTTP/1.1\r\n${HOST}\r\n`);
    await came;
    const open = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    await expect.poll(open).toBe(0);
    socket.destroy();
  });

  test('that closes its half is closed', async () => {
    for (const text of ['', 'GET / HT', `GET / HTTP/1.1\r\n${HOST}\r\n`]) {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => undefined).resume();
      socket.end(text);
      await once(socket, 'end');
    }
    await expectWell();
  });
});

describe('sockets beyond the server’s limit', () => {
  test('cost the address with most sockets its newest one', async () => {
    await restart({ maxSockets: 3 });
    const open = async (from: string): Promise<Socket> => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    };
    const crowd = [await open('127.0.0.2'), await open('127.0.0.2'), await open('127.0.0.2')];
    const closed = once(crowd[2]!, 'close');
    const guest = await open('127.0.0.3');
    await closed;
    expect([crowd[0]!.closed, crowd[1]!.closed, guest.closed]).toEqual([false, false, false]);
    for (const socket of [...crowd, guest]) socket.destroy();
  });
});
