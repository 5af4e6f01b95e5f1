import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Reach, readReachSettings } from '../../../signaling/reach.ts';
import { OTHER_ROOM, ROOM, TestClient, peerId, startServer, type RunningServer } from './test-client.ts';

const [ALEX, MING, WU] = [peerId(1), peerId(2), peerId(3)];
const KEY = 'c0'.repeat(16);

let server: RunningServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.stop());

const joined = (peer: string, room = ROOM) => TestClient.joined(server.url, peer, room);

describe('a room', () => {
  test('introduces a newcomer and those who are there', async () => {
    const alex = await joined(ALEX);
    const ming = await joined(MING);
    expect(await alex.next()).toEqual({ type: 'joined', peer: MING });
    const wu = await TestClient.open(server.url);
    wu.send({ type: 'join', room: ROOM, peer: WU });
    const welcome = await wu.next();
    expect(welcome).toMatchObject({ type: 'welcome' });
    expect(welcome.type === 'welcome' && welcome.peers.toSorted()).toEqual([ALEX, MING]);
    expect(await ming.next()).toEqual({ type: 'joined', peer: WU });
  });

  test('tells who left, by message or by closing', async () => {
    const alex = await joined(ALEX);
    const ming = await joined(MING);
    const wu = await joined(WU);
    ming.send({ type: 'leave' });
    wu.socket.terminate();
    await alex.next();
    await alex.next();
    expect(await ming.next()).toEqual({ type: 'joined', peer: WU });
    const left = [await alex.next(), await alex.next()];
    expect(left).toContainEqual({ type: 'left', peer: MING });
    expect(left).toContainEqual({ type: 'left', peer: WU });
    ming.send({ type: 'join', room: ROOM, peer: MING });
    expect(await ming.next()).toEqual({ type: 'welcome', peers: [ALEX] });
  });

  test('is closed to the others', async () => {
    const alex = await joined(ALEX);
    const stranger = await joined(MING, OTHER_ROOM);
    stranger.send({ type: 'signal', to: ALEX, data: 'hello' });
    stranger.relay(ALEX, new Uint8Array([1]));
    expect(await stranger.next()).toEqual({ type: 'left', peer: ALEX });
    expect(await stranger.next()).toEqual({ type: 'left', peer: ALEX });
    const wu = await joined(WU);
    wu.send({ type: 'signal', to: ALEX, data: 'from the room' });
    expect(await alex.next()).toEqual({ type: 'joined', peer: WU });
    expect(await alex.next()).toEqual({ type: 'signal', from: WU, data: 'from the room' });
  });

  test('of many announces a newcomer to a sample of fifty', async () => {
    const crowd: TestClient[] = [];
    for (let i = 0; i < 60; i++) crowd.push(await joined(peerId(100 + i)));
    const heardBefore = crowd.map((client) => client.pending);
    const alex = await TestClient.open(server.url);
    alex.send({ type: 'join', room: ROOM, peer: ALEX });
    const welcome = await alex.next();
    const sample = welcome.type === 'welcome' ? welcome.peers : [];
    expect(new Set(sample).size).toBe(50);

    // A signal to everybody is answered after whatever was announced before it, so it marks the end of the wait.
    crowd.forEach((_, i) => alex.send({ type: 'signal', to: peerId(100 + i), data: i }));
    const heard = await Promise.all(crowd.map((client, i) => heardOf(client, ALEX, heardBefore[i]!)));
    expect(heard.filter(Boolean).length).toBe(50);
    heard.forEach((told, i) => expect(told).toBe(sample.includes(peerId(100 + i))));

    // Whoever was introduced or written to is told of the end.
    alex.socket.terminate();
    for (const client of crowd) expect(await client.next()).toEqual({ type: 'left', peer: ALEX });
  });
});

async function heardOf(client: TestClient, peer: string, skip: number): Promise<boolean> {
  let told = false;
  for (let seen = 0; ; seen++) {
    const event = await client.next();
    if (event.type === 'signal') return told;
    if (seen >= skip && event.type === 'joined' && event.peer === peer) told = true;
  }
}

describe('a full room', () => {
  test('loses the newest tab of the address that has most, so that no few addresses keep others out', async () => {
    await server.stop();
    server = await startServer({ maxRoomMembers: 3 }, new Reach(readReachSettings({ TRUST_PROXY: '1' })));
    const from = async (address: string, peer: string): Promise<TestClient> => {
      const client = await TestClient.open(server.url, { 'X-Forwarded-For': address });
      client.send({ type: 'join', room: ROOM, peer });
      return client;
    };
    const crowd: TestClient[] = [];
    for (let i = 0; i < 3; i++) {
      crowd.push(await from('198.51.100.1', peerId(10 + i)));
      expect((await crowd[i]!.next()).type).toBe('welcome');
    }
    const guest = await from('203.0.113.7', ALEX);
    expect((await guest.next()).type).toBe('welcome');
    expect(await crowd[2]!.refusal()).toEqual({ error: 'room-full', close: 4403 });
    // The crowd does not come back at the cost of others.
    expect(await (await from('198.51.100.1', peerId(12))).refusal()).toEqual({ error: 'room-full', close: 4403 });
    const second = await from('203.0.113.8', MING);
    expect((await second.next()).type).toBe('welcome');
    expect(await (await from('203.0.113.7', WU)).refusal()).toEqual({ error: 'room-full', close: 4403 });
  });
});

describe('signals', () => {
  test('carry any JSON both ways', async () => {
    const alex = await joined(ALEX);
    const ming = await joined(MING);
    await alex.next();
    const offer = { type: 'offer', sdp: 'v=0\r\n鏈', candidates: [null, 1.5, { deep: [] }] };
    ming.send({ type: 'signal', to: ALEX, data: offer });
    expect(await alex.next()).toEqual({ type: 'signal', from: MING, data: offer });
    alex.send({ type: 'signal', to: MING, data: null });
    expect(await ming.next()).toEqual({ type: 'signal', from: ALEX, data: null });
  });
});

describe('a peer id', () => {
  test('goes to the newest socket of its tab, and the others notice nothing', async () => {
    const alex = await joined(ALEX);
    const old = await joined(MING);
    await alex.next();
    const renewed = await joined(MING);
    expect(await old.refusal()).toEqual({ error: 'replaced', close: 4409 });
    expect(await alex.next()).toEqual({ type: 'joined', peer: MING });
    alex.send({ type: 'signal', to: MING, data: 1 });
    expect(await renewed.next()).toEqual({ type: 'signal', from: ALEX, data: 1 });
    renewed.socket.terminate();
    expect(await alex.next()).toEqual({ type: 'left', peer: MING });
  });

  test('that was taken with a key stays with who has the key', async () => {
    const open = async (key?: string): Promise<TestClient> => {
      const client = await TestClient.open(server.url);
      client.send(key === undefined ? { type: 'join', room: ROOM, peer: ALEX } : { type: 'join', room: ROOM, peer: ALEX, key });
      return client;
    };
    const owner = await open(KEY);
    expect((await owner.next()).type).toBe('welcome');
    expect(await (await open()).refusal()).toEqual({ error: 'peer-taken', close: 4411 });
    expect(await (await open('00'.repeat(16))).refusal()).toEqual({ error: 'peer-taken', close: 4411 });
    expect((await (await open(KEY)).next()).type).toBe('welcome');
    expect(await owner.refusal()).toEqual({ error: 'replaced', close: 4409 });
  });
});
