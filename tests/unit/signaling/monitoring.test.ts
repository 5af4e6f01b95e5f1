import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { monitored } from '../../../signaling/monitoring.ts';
import { refuse } from '../../../signaling/page-files.ts';
import { SignalingServer } from '../../../signaling/signaling-server.ts';
import { TestClient, peerId } from './test-client.ts';

const [ALEX, MING] = [peerId(1), peerId(2)];
const TOKEN = 'a-token-of-the-monitor';

let server: Server;
let signaling: SignalingServer;
let origin: string;

beforeEach(() => start(null));
afterEach(stop);

async function start(metricsToken: string | null): Promise<void> {
  signaling = new SignalingServer();
  const page = monitored((_request, response) => refuse(response, 404, 'Not found'), { signaling, version: '1.2.3', metricsToken });
  server = createServer(page);
  signaling.attach(server, page);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(): Promise<void> {
  signaling.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const socketUrl = (): string => `${origin.replace('http', 'ws')}/signal`;
const metrics = (headers: Record<string, string> = {}): Promise<Response> => fetch(`${origin}/metrics`, { headers });

/** Value of a sample; undefined if the text has no such line. */
async function sample(name: string): Promise<number | undefined> {
  const lines = (await (await metrics()).text()).split('\n');
  const line = lines.find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

describe('/healthz', () => {
  test('tells the version and how much is going on, and nothing else', async () => {
    const alex = await TestClient.joined(socketUrl(), ALEX);
    await TestClient.open(socketUrl());
    const response = await fetch(`${origin}/healthz`, { headers: { 'X-Forwarded-For': '198.51.100.7' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.json()).toEqual({ version: '1.2.3', rooms: 1, sockets: 2 });
    alex.send({ type: 'leave' });
    await expect.poll(async () => (await (await fetch(`${origin}/class/healthz?x`)).json()) as object).toMatchObject({ rooms: 0 });
  });

  test.each(['/healthz', '/metrics'])('like %s is read-only, and other paths go to the page', async (path) => {
    const refused = await fetch(origin + path, { method: 'POST' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(origin + path, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${origin}${path}/x`)).status).toBe(404);
    expect((await fetch(`${origin}/x?${path}`)).status).toBe(404);
  });
});

describe('/metrics', () => {
  test('count sockets, rooms, messages, bytes and refusals', async () => {
    const alex = await TestClient.joined(socketUrl(), ALEX);
    const ming = await TestClient.joined(socketUrl(), MING);
    ming.send({ type: 'signal', to: ALEX, data: 'hello' });
    ming.relay(ALEX, new Uint8Array(100));
    for (let i = 0; i < 3; i++) await alex.next();
    ming.socket.send('nonsense');
    await ming.refusal();
    const foreign = new WebSocket(socketUrl(), { origin: 'http://evil.example' });
    await new Promise((resolve) => foreign.once('error', resolve));

    const response = await metrics();
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain('# TYPE tabchain_messages_received_total counter');
    expect(await sample('tabchain_sockets')).toBe(1);
    expect(await sample('tabchain_rooms')).toBe(1);
    expect(await sample('tabchain_messages_received_total{kind="join"}')).toBe(2);
    expect(await sample('tabchain_messages_received_total{kind="signal"}')).toBe(1);
    expect(await sample('tabchain_messages_received_total{kind="relay"}')).toBe(1);
    expect(await sample('tabchain_messages_sent_total{kind="challenge"}')).toBe(2);
    expect(await sample('tabchain_messages_sent_total{kind="relay"}')).toBe(1);
    expect(await sample('tabchain_refused_total{reason="message-invalid"}')).toBe(1);
    expect(await sample('tabchain_refused_total{reason="origin"}')).toBe(1);
    expect(await sample('tabchain_bytes_total{direction="received"}')).toBeGreaterThan(108);
    expect(await sample('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(await sample('nodejs_eventloop_lag_seconds')).toBeDefined();
  });

  test('never name an address, a room or a tab', async () => {
    await TestClient.joined(socketUrl(), ALEX);
    const text = await (await metrics()).text();
    expect(text).not.toMatch(new RegExp(`127\\.0\\.0\\.1|5a5a|${ALEX}`));
  });

  test.each(['Forwarded', 'Via', 'X-Forwarded-For', 'X-Real-IP'])('without a token are refused through a proxy (%s)', async (name) => {
    const response = await metrics({ [name]: '127.0.0.1' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('METRICS_TOKEN');
  });

  test('with a token need this token, also on this machine', async () => {
    await stop();
    await start(TOKEN);
    const statuses = async (...tokens: string[]): Promise<number[]> =>
      Promise.all(tokens.map(async (Authorization) => (await metrics({ Authorization })).status));
    const refused = await metrics();
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await statuses(`Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, TOKEN)).toEqual([401, 401, 401, 401]);
    expect((await metrics({ Authorization: `Bearer ${TOKEN}`, 'X-Forwarded-For': '198.51.100.7' })).status).toBe(200);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });
});
