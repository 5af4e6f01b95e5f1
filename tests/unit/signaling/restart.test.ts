import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { MAX_RESTART_SPREAD_MS, restartReason, restartSpreadMs } from '../../../src/protocol/signaling.ts';
import { ServerProcess } from './server-process.ts';
import { TestClient, peerId, startServer } from './test-client.ts';

let process: ServerProcess | null = null;
afterEach(async () => {
  await process?.end();
  process = null;
});

const closeOf = (client: TestClient): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) => client.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })));

test('a server that stops asks its tabs to come back within a time that grows with their number', async () => {
  const server = await startServer();
  const clients: TestClient[] = [];
  for (let i = 0; i < 30; i++) clients.push(await TestClient.joined(server.url, peerId(i)));
  const closes = clients.map(closeOf);
  await server.stop();
  expect(new Set((await Promise.all(closes)).map(({ code, reason }) => `${code} ${reason}`))).toEqual(
    new Set(['1012 reconnect within 60 ms']),
  );
});

test('the time is read back, and bounded', () => {
  expect(restartSpreadMs(1012, restartReason(60))).toBe(60);
  expect(restartSpreadMs(1012, restartReason(999_999_999))).toBe(MAX_RESTART_SPREAD_MS);
  for (const reason of ['', 'reconnect within -1 ms', 'reconnect within 1e9 ms', `reconnect within ${'9'.repeat(100)} ms`]) {
    expect(restartSpreadMs(1012, reason)).toBe(0);
  }
  expect(restartSpreadMs(1006, restartReason(60))).toBe(0);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the process in order: sockets closed with 1012, port closed, status 0',
  async (signal) => {
    process = await ServerProcess.start();
    const alex = await TestClient.joined(process.url, peerId(1));
    // This socket never answers its close.
    const frozen = await TestClient.joined(process.url, peerId(2));
    frozen.socket.pause();
    const closed = closeOf(alex);
    expect(await process.end(signal)).toBe(0);
    expect((await closed).code).toBe(1012);
    const refused = await new Promise((resolve) => connect(process!.port, '127.0.0.1').once('error', resolve).once('connect', resolve));
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
    frozen.socket.terminate();
  },
);

test('a second signal ends the process at once', async () => {
  process = await ServerProcess.start();
  const frozen = await TestClient.joined(process.url, peerId(2));
  frozen.socket.pause();
  const first = process.end('SIGTERM');
  const { url } = process;
  const visit = (): Promise<string> =>
    TestClient.open(url).then(
      ({ socket }) => (socket.terminate(), 'open'),
      () => 'refused',
    );
  await expect.poll(visit).toBe('refused');
  expect(await process.end('SIGTERM')).toBe(0);
  expect(await first).toBe(0);
  frozen.socket.terminate();
});
