import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { groupName } from '../../../signaling/crowd.ts';
import { Reach, readReachSettings } from '../../../signaling/reach.ts';
import { Rooms, type Member } from '../../../signaling/rooms.ts';
import { MAX_WELCOME_PEERS, type ServerMessage } from '../../../src/protocol/signaling.ts';
import { peerIdOf } from '../../../src/protocol/peer-id.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { OTHER_ROOM, ROOM, TestClient, joinMessage, peerId, startServer, type RunningServer } from './test-client.ts';

const [ALEX, MING, WU] = [peerId(1), peerId(2), peerId(3)];
/** The group of all sockets in these tests, which come from one address. */
const GROUP: string = expect.stringMatching(/^[0-9a-f]{8}$/);

let server: RunningServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.stop());

const joined = (peer: string, room = ROOM) => TestClient.joined(server.url, peer, room);

describe('a room', () => {
  test('introduces a newcomer and the present tabs to each other', async () => {
    const alex = await joined(ALEX);
    const ming = await joined(MING);
    expect(await alex.next()).toEqual({ type: 'joined', peer: MING, group: GROUP });
    const wu = await TestClient.open(server.url);
    wu.join(WU);
    const welcome = await wu.next();
    expect(welcome).toMatchObject({ type: 'welcome' });
    expect(welcome.type === 'welcome' && welcome.peers.map(({ peer }) => peer).toSorted()).toEqual([ALEX, MING].toSorted());
    expect(await ming.next()).toEqual({ type: 'joined', peer: WU, group: GROUP });
  });

  test('tells who left, by message or by closing', async () => {
    const alex = await joined(ALEX);
    const ming = await joined(MING);
    const wu = await joined(WU);
    ming.send({ type: 'leave' });
    wu.socket.terminate();
    await alex.next();
    await alex.next();
    expect(await ming.next()).toEqual({ type: 'joined', peer: WU, group: GROUP });
    const left = [await alex.next(), await alex.next()];
    expect(left).toContainEqual({ type: 'left', peer: MING });
    expect(left).toContainEqual({ type: 'left', peer: WU });
    ming.join(MING);
    expect(await ming.next()).toEqual({ type: 'welcome', peers: [{ peer: ALEX, group: GROUP }] });
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
    expect(await alex.next()).toEqual({ type: 'joined', peer: WU, group: GROUP });
    expect(await alex.next()).toEqual({ type: 'signal', from: WU, data: 'from the room' });
  });

  test('of many announces a newcomer to a sample of fifty', async () => {
    const crowd: TestClient[] = [];
    for (let i = 0; i < 60; i++) crowd.push(await joined(peerId(100 + i)));
    const heardBefore = crowd.map((client) => client.pending);
    const alex = await TestClient.open(server.url);
    alex.join(ALEX);
    const welcome = await alex.next();
    const sample = welcome.type === 'welcome' ? welcome.peers.map(({ peer }) => peer) : [];
    expect(new Set(sample).size).toBe(50);

    // A signal to every tab arrives after all earlier announcements, so the signal marks the end of the wait.
    crowd.forEach((_, i) => alex.send({ type: 'signal', to: peerId(100 + i), data: i }));
    const heard = await Promise.all(crowd.map((client, i) => heardOf(client, ALEX, heardBefore[i]!)));
    // The others hear of a stranger before its signal arrives.
    expect(heard).toEqual(crowd.map(() => true));

    // Every tab that heard of the stranger is told when it leaves.
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
  test('loses the newest tab of the address with most tabs, so that a few addresses cannot keep others out', async () => {
    await server.stop();
    server = await startServer({ maxRoomMembers: 3 }, new Reach(readReachSettings({ TRUST_PROXY: '1' })));
    const from = async (address: string, peer: string): Promise<TestClient> => {
      const client = await TestClient.open(server.url, { 'X-Forwarded-For': address });
      client.join(peer);
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
    // The crowd cannot return at the cost of others.
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
  test('moves to the newest socket of its tab, and others notice nothing', async () => {
    const alex = await joined(ALEX);
    const old = await joined(MING);
    await alex.next();
    const renewed = await joined(MING);
    expect(await old.refusal()).toEqual({ error: 'replaced', close: 4409 });
    expect(await alex.next()).toEqual({ type: 'joined', peer: MING, group: GROUP });
    alex.send({ type: 'signal', to: MING, data: 1 });
    expect(await renewed.next()).toEqual({ type: 'signal', from: ALEX, data: 1 });
    renewed.socket.terminate();
    expect(await alex.next()).toEqual({ type: 'left', peer: MING });
  });

  test('is taken over at once by a new socket of its owner if the old one is dead', async () => {
    const alex = await joined(ALEX);
    const dead = await joined(MING);
    await alex.next();
    dead.socket.pause();
    const renewed = await joined(MING);
    expect(await alex.next()).toEqual({ type: 'joined', peer: MING, group: GROUP });
    alex.relay(MING, Uint8Array.of(1));
    expect(await renewed.next()).toEqual({ type: 'relayed', from: ALEX, payload: Buffer.of(1) });
  });

  test.each([
    ['with the key of another tab', (nonce: string) => ({ ...joinMessage(nonce, MING), peer: ALEX })],
    [
      'with a key that is not its signature’s',
      (nonce: string) => ({ ...joinMessage(nonce, ALEX), signature: joinMessage(nonce, MING).signature }),
    ],
    ['with a signature for another connection', () => joinMessage('00'.repeat(16), ALEX)],
    ['with a signature for another room', (nonce: string) => ({ ...joinMessage(nonce, ALEX, OTHER_ROOM), room: ROOM })],
    ['with a key that is no point of the curve', () => ({ ...joinMessage('00'.repeat(16), ALEX), ...noPoint() })],
  ])('cannot be taken %s, even while its owner is away', async (_name, message) => {
    const thief = await TestClient.open(server.url);
    thief.send(message(thief.nonce));
    expect(await thief.refusal()).toEqual({ error: 'identity-unproven', close: 4402 });
    const alex = await joined(ALEX);
    const ming = await joined(MING);
    expect(await alex.next()).toEqual({ type: 'joined', peer: MING, group: GROUP });
    ming.send({ type: 'signal', to: ALEX, data: 1 });
    expect(await alex.next()).toEqual({ type: 'signal', from: MING, data: 1 });
  });
});

/** A key that is not a curve point, with the peer id that is its hash. */
function noPoint(): { key: string; peer: string } {
  const key = new Uint8Array(32).fill(2);
  return { key: toHex(key), peer: peerIdOf(key) };
}

describe('a crowd from one address', () => {
  test('leaves a place in every sample for each other address', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_WELCOME_PEERS / 2 - 1 }), fc.integer({ min: 0, max: 200 }), (others, crowd) => {
        const rooms = new Rooms(1_000, 1_000);
        const group = (i: number): string => (i < others ? hexOf(i + 1, 8) : '00000000');
        for (let i = 0; i < others + crowd; i++) rooms.join(ROOM, { ...hexMember(i), group: group(i) });
        const heard: ServerMessage[] = [];
        rooms.join(ROOM, { ...hexMember(9_999), group: 'ffffffff', send: (message) => heard.push(message) });
        const [welcome] = heard;
        const groups = welcome?.type === 'welcome' ? welcome.peers.map((peer) => peer.group) : [];
        expect(groups).toHaveLength(Math.min(MAX_WELCOME_PEERS, others + crowd));
        expect(new Set(groups).size).toBe(others + Math.min(1, crowd));
      }),
      { numRuns: 30 },
    );
  });
});

test('a crowd of many addresses leaves half of the sample to all tabs', () => {
  const rooms = new Rooms(1_000, 1_000);
  // One school with 200 tabs, and 60 addresses with one tab each.
  for (let i = 0; i < 260; i++) rooms.join(ROOM, { ...hexMember(i), group: i < 200 ? '00000000' : hexOf(i, 8) });
  let school = 0;
  for (let i = 0; i < 40; i++) {
    const send = (message: ServerMessage): void => {
      if (message.type === 'welcome') school += message.peers.filter(({ group }) => group === '00000000').length;
    };
    const newcomer = { ...hexMember(9_000 + i), group: 'ffffffff', send };
    rooms.join(ROOM, newcomer);
    rooms.leave(ROOM, newcomer);
  }
  // 25 of each list are drawn from 200 of 260 tabs; rounds of one tab of each address would bring one.
  expect(school / 40).toBeGreaterThan(15);
});

const hexOf = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

const nothing = (): void => undefined;

function hexMember(index: number): Member {
  return { peer: hexOf(index, 16), group: '', here: true, send: nothing, signal: nothing, relay: nothing, end: nothing };
}

test('the name of a group depends on address and server, and does not reveal the address', () => {
  const [secret, other] = [Uint8Array.of(1), Uint8Array.of(2)];
  expect(groupName('192.0.2.1', secret)).toMatch(/^[0-9a-f]{8}$/);
  expect(groupName('192.0.2.1', secret)).toBe(groupName('192.0.2.1', secret));
  expect(groupName('192.0.2.1', secret)).not.toBe(groupName('192.0.2.2', secret));
  expect(groupName('192.0.2.1', secret)).not.toBe(groupName('192.0.2.1', other));
});
