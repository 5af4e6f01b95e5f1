import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServerMessage } from '../../../src/protocol/signaling.ts';
import { RedisProcess, hasRedis } from './redis-process.ts';
import { ServerProcess } from './server-process.ts';
import { TestClient, peerId } from './test-client.ts';

const [ALEX, MING, WU] = [peerId(1), peerId(2), peerId(3)];

let redis: RedisProcess;
let servers: ServerProcess[];

beforeEach(async () => {
  servers = [];
  if (hasRedis) redis = await RedisProcess.start();
});
afterEach(async () => {
  for (const server of servers) await server.end();
  if (hasRedis) await redis.end();
});

async function startServer(url = redis.url): Promise<ServerProcess> {
  const server = await ServerProcess.start({ REDIS_URL: url });
  servers.push(server);
  return server;
}

const health = async ({ port }: ServerProcess): Promise<object> =>
  (await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()) as object;

async function startTwo(): Promise<[ServerProcess, ServerProcess]> {
  const both: [ServerProcess, ServerProcess] = [await startServer(), await startServer()];
  for (const server of both) await expect.poll(() => health(server)).toMatchObject({ redis: 'up' });
  return both;
}

/** The next message that has these fields; others are dropped. */
async function heard(client: TestClient, fields: Partial<ServerMessage> | { type: 'relayed'; from: string }): Promise<unknown> {
  for (;;) {
    const event = await client.next();
    if (Object.entries(fields).every(([key, value]) => event[key as keyof typeof event] === value)) return event;
  }
}

describe.skipIf(!hasRedis)('tabs on two servers with one Redis', () => {
  test('meet, exchange signals and bytes, and learn who leaves', async () => {
    const [one, two] = await startTwo();
    const alex = await TestClient.joined(one.url, ALEX);
    const ming = await TestClient.joined(two.url, MING);
    const [seen, group] = [await heard(alex, { type: 'joined', peer: MING }), await heard(ming, { type: 'joined', peer: ALEX })];
    // Both come from one address, and either server gives it the same name.
    expect((seen as { group: string }).group).toBe((group as { group: string }).group);

    ming.send({ type: 'signal', to: ALEX, data: { offer: 'v=0' } });
    expect(await alex.next()).toEqual({ type: 'signal', from: MING, data: { offer: 'v=0' } });
    alex.relay(MING, Uint8Array.of(0, 10, 255));
    expect(await ming.next()).toMatchObject({ type: 'relayed', from: ALEX, payload: Buffer.of(0, 10, 255) });

    ming.socket.terminate();
    expect(await alex.next()).toEqual({ type: 'left', peer: MING });
  });

  test('in the order in which they send, with the largest frames', async () => {
    const [one, two] = await startTwo();
    const alex = await TestClient.joined(one.url, ALEX);
    const ming = await TestClient.joined(two.url, MING);
    await heard(alex, { type: 'joined', peer: MING });
    for (let i = 0; i < 12; i++) {
      alex.relay(MING, new Uint8Array(256 * 1024 - i).fill(i));
      alex.send({ type: 'signal', to: MING, data: i });
    }
    for (let i = 0; i < 12; i++) {
      const frame = (await heard(ming, { type: 'relayed', from: ALEX })) as { payload: Uint8Array };
      expect([frame.payload.length, frame.payload[0]]).toEqual([256 * 1024 - i, i]);
      expect(await ming.next()).toEqual({ type: 'signal', from: ALEX, data: i });
    }
  });

  test('leave with their server, and come back to the other one', async () => {
    const [one, two] = await startTwo();
    const alex = await TestClient.joined(one.url, ALEX);
    const ming = await TestClient.joined(two.url, MING);
    await heard(alex, { type: 'joined', peer: MING });
    const ended = two.end('SIGTERM');
    expect(await alex.next()).toEqual({ type: 'left', peer: MING });
    expect(await heard(ming, { type: 'closed' } as never)).toEqual({ type: 'closed', code: 1012 });
    expect(await ended).toBe(0);
    expect(two.output).not.toMatch(/Error/);
    await TestClient.joined(one.url, MING);
    expect(await alex.next()).toMatchObject({ type: 'joined', peer: MING });
  });

  test('stay with their server without Redis, and meet again when it is back', async () => {
    const [one, two] = await startTwo();
    const alex = await TestClient.joined(one.url, ALEX);
    const ming = await TestClient.joined(two.url, MING);
    await heard(alex, { type: 'joined', peer: MING });
    await redis.kill();
    expect(await heard(alex, { type: 'left', peer: MING })).toBeDefined();
    expect(await heard(ming, { type: 'left', peer: ALEX })).toBeDefined();
    expect(await health(one)).toMatchObject({ redis: 'down', sockets: 1 });
    const wu = await TestClient.joined(one.url, WU);
    wu.send({ type: 'signal', to: ALEX, data: 'here' });
    expect(await heard(alex, { type: 'signal' })).toEqual({ type: 'signal', from: WU, data: 'here' });
    await redis.run();
    await heard(ming, { type: 'joined', peer: ALEX });
    await heard(alex, { type: 'joined', peer: MING });
    ming.send({ type: 'signal', to: ALEX, data: 'again' });
    expect(await heard(alex, { type: 'signal' })).toEqual({ type: 'signal', from: MING, data: 'again' });
  });
});

test('a server without a Redis to reach serves its own tabs, and its log names no password', async () => {
  const server = await startServer('redis://operator:secret-word@127.0.0.1:1');
  const alex = await TestClient.joined(server.url, ALEX);
  await TestClient.joined(server.url, MING);
  expect(await alex.next()).toMatchObject({ type: 'joined', peer: MING });
  await expect.poll(() => server.output).toContain('Redis fails');
  expect(server.output).not.toContain('secret-word');
  expect(await health(server)).toMatchObject({ redis: 'down', sockets: 2 });
});
