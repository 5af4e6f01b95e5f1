import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Cluster } from '../../../signaling/cluster.ts';
import { DEFAULT_LIMITS } from '../../../signaling/limits.ts';
import { Rooms, type Member } from '../../../signaling/rooms.ts';
import type { ServerMessage, SignalingErrorCode } from '../../../src/protocol/signaling.ts';
import { concatBytes, fromHex, toHex } from '../../../src/util/bytes.ts';
import { MemoryHub, type MemoryBus } from './memory-bus.ts';

const ROOM = '5a'.repeat(32);
const [ALEX, MING, WU] = ['a1', 'b2', 'c3'].map((digits) => digits.repeat(8)) as [string, string, string];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** One socket of a tab, as its process sees it. */
class Tab implements Member {
  readonly here = true;
  readonly peer: string;
  readonly group: string;
  readonly room: string;
  readonly heard: (ServerMessage | { type: 'relayed'; from: string; bytes: string })[] = [];
  ended: SignalingErrorCode | null = null;
  readonly #rooms: Rooms;

  constructor(rooms: Rooms, peer: string, room = ROOM, group = '00000000') {
    this.#rooms = rooms;
    this.peer = peer;
    this.room = room;
    this.group = group;
  }

  send(message: ServerMessage): void {
    this.heard.push(message);
  }

  signal(_from: string, text: string): void {
    this.heard.push(JSON.parse(text) as ServerMessage);
  }

  relay(from: string, frame: Uint8Array): void {
    this.heard.push({ type: 'relayed', from, bytes: toHex(frame.subarray(8)) });
  }

  end(code: SignalingErrorCode): void {
    this.ended = code;
    this.#rooms.leave(this.room, this);
  }

  /** The messages since the last call. */
  take(): unknown[] {
    return this.heard.splice(0);
  }
}

interface Process {
  readonly rooms: Rooms;
  readonly bus: MemoryBus;
  readonly cluster: Cluster;
  readonly context: { groupSecret: Uint8Array };
  join(peer: string, room?: string, group?: string): Tab;
}

function startProcess(hub: MemoryHub, maxMembers = 1_000): Process {
  const rooms = new Rooms(maxMembers, 1_000);
  const bus = hub.bus();
  const context = { rooms, limits: DEFAULT_LIMITS, groupSecret: randomBytes(16) };
  const cluster = new Cluster(bus, context);
  const join = (peer: string, room = ROOM, group = '00000000'): Tab => {
    const tab = new Tab(rooms, peer, room, group);
    rooms.join(room, tab);
    return tab;
  };
  return { rooms, bus, cluster, context, join };
}

/** Lets all messages under way arrive. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1);

async function start(count: number, maxMembers?: number): Promise<{ hub: MemoryHub; processes: Process[] }> {
  const hub = new MemoryHub();
  const processes = Array.from({ length: count }, () => startProcess(hub, maxMembers));
  await settle();
  return { hub, processes };
}

const signal = (from: Process, sender: Tab, to: string, data: unknown): void => {
  const target = from.rooms.find(sender.room, to)!;
  from.rooms.introduce(sender, target);
  target.signal(sender.peer, JSON.stringify({ type: 'signal', from: sender.peer, data }), 0);
};
const relay = (from: Process, sender: Tab, to: string, bytes: string): void =>
  from.rooms.find(sender.room, to)!.relay(sender.peer, concatBytes(fromHex(sender.peer), fromHex(bytes)));
const joined = (peer: string): ServerMessage => ({ type: 'joined', peer, group: '00000000' });
const left = (peer: string): ServerMessage => ({ type: 'left', peer });
const peersOf = ({ rooms }: Process, room = ROOM): string[] =>
  rooms
    .members(room)
    .map(({ peer }) => peer)
    .toSorted();

describe('tabs of two processes', () => {
  test('are introduced to each other, in either order', async () => {
    const [one, two] = (await start(2)).processes as [Process, Process];
    const alex = one.join(ALEX);
    await settle();
    const ming = two.join(MING);
    await settle();
    expect(alex.take()).toEqual([{ type: 'welcome', peers: [] }, joined(MING)]);
    expect(ming.take()).toEqual([{ type: 'welcome', peers: [] }, joined(ALEX)]);
    // From now on the welcome of either process names both.
    const wu = two.join(WU);
    await settle();
    const [welcome] = wu.take() as { peers: { peer: string }[] }[];
    expect(welcome!.peers.map(({ peer }) => peer).toSorted()).toEqual([ALEX, MING]);
    expect([alex.take(), ming.take()]).toEqual([[joined(WU)], [joined(WU)]]);
  });

  test('exchange signals and relayed bytes, and nobody else hears them', async () => {
    const [one, two, three] = (await start(3)).processes as [Process, Process, Process];
    const [alex, ming, wu] = [one.join(ALEX), two.join(MING), three.join(WU)];
    await settle();
    for (const tab of [alex, ming, wu]) tab.take();
    signal(one, alex, MING, { offer: 1 });
    relay(one, alex, MING, '0a00ff');
    signal(two, ming, ALEX, 'answer');
    await settle();
    expect(ming.take()).toEqual([
      { type: 'signal', from: ALEX, data: { offer: 1 } },
      { type: 'relayed', from: ALEX, bytes: '0a00ff' },
    ]);
    expect(alex.take()).toEqual([{ type: 'signal', from: MING, data: 'answer' }]);
    expect(wu.take()).toEqual([]);
  });

  test('learn who leaves, and what was sent to a tab that has just left', async () => {
    const [one, two] = (await start(2)).processes as [Process, Process];
    const [alex, ming] = [one.join(ALEX), two.join(MING)];
    await settle();
    alex.take();
    // The signal crosses the news.
    two.rooms.leave(ROOM, ming);
    signal(one, alex, MING, 1);
    await settle();
    expect(alex.take()).toEqual([left(MING), left(MING)]);
    expect([peersOf(one), peersOf(two)]).toEqual([[ALEX], []]);
  });

  test('in other rooms stay unknown, and a process reads only the rooms of its own tabs', async () => {
    const { hub, processes } = await start(2);
    const [one, two] = processes as [Process, Process];
    const other = 'a5'.repeat(32);
    const alex = one.join(ALEX);
    two.join(MING, other);
    await settle();
    expect(alex.take()).toEqual([{ type: 'welcome', peers: [] }]);
    expect([one.rooms.names(), two.rooms.names()]).toEqual([[ROOM], [other]]);
    expect(new Set(hub.channels.map((name) => name.replace(/[0-9a-f]{16,}/, '*')))).toEqual(
      new Set(['tabchain:1:all', 'tabchain:1:room:*']),
    );
  });

  test('that are one tab: the newer socket takes over, unnoticed by the others', async () => {
    const [one, two, three] = (await start(3)).processes as [Process, Process, Process];
    const [alex, ming, wu] = [one.join(ALEX), two.join(MING), three.join(WU)];
    await settle();
    for (const tab of [alex, ming, wu]) tab.take();
    const moved = two.join(ALEX);
    await settle();
    expect(alex.ended).toBe('replaced');
    expect(moved.ended).toBeNull();
    expect(wu.take()).not.toContainEqual(left(ALEX));
    signal(three, wu, ALEX, 'hello');
    await settle();
    expect(moved.take()).toContainEqual({ type: 'signal', from: WU, data: 'hello' });
    expect([peersOf(two), peersOf(three)]).toEqual([
      [ALEX, MING, WU],
      [ALEX, MING, WU],
    ]);
  });

  test('share a full room: the newest of the largest group leaves, wherever its socket is', async () => {
    const [one, two] = (await start(2, 3)).processes as [Process, Process];
    const crowd = ['01', '02', '03'].map((digits) => one.join(digits.repeat(8), ROOM, 'cccccccc'));
    // A process learns of the room's members with its first tab.
    const first = two.join(MING, ROOM, '11111111');
    await settle();
    const guest = two.join(ALEX, ROOM, '22222222');
    await settle();
    expect(crowd.map(({ ended }) => ended)).toEqual([null, null, 'room-full']);
    expect([first.ended, guest.ended]).toEqual([null, null]);
  });
});

describe('a process', () => {
  test('shares the secret of group names with the others', async () => {
    const [one, two] = (await start(2)).processes as [Process, Process];
    expect(toHex(one.context.groupSecret)).toBe(toHex(two.context.groupSecret));
  });

  test('that stops takes its tabs along at once', async () => {
    const [one, two] = (await start(2)).processes as [Process, Process];
    const alex = one.join(ALEX);
    two.join(MING);
    await settle();
    alex.take();
    await two.cluster.stop();
    await settle();
    expect([alex.take(), one.cluster.others]).toEqual([[left(MING)], 0]);
  });

  test('that dies is noticed within twenty seconds', async () => {
    const { hub, processes } = await start(2);
    const [one, two] = processes as [Process, Process];
    const alex = one.join(ALEX);
    two.join(MING);
    await settle();
    alex.take();
    hub.buses.delete(two.bus);
    two.bus.takes = false;
    await vi.advanceTimersByTimeAsync(9_000);
    expect([alex.take(), one.cluster.others]).toEqual([[], 1]);
    await vi.advanceTimersByTimeAsync(11_000);
    expect([alex.take(), one.cluster.others]).toEqual([[left(MING)], 0]);
  });

  test('that loses the bus goes on with its own tabs, and finds the others again', async () => {
    const [one, two] = (await start(2)).processes as [Process, Process];
    const [alex, ming] = [one.join(ALEX), two.join(MING)];
    await settle();
    for (const tab of [alex, ming]) tab.take();
    one.bus.isUp = two.bus.isUp = false;
    const wu = one.join(WU);
    signal(one, wu, ALEX, 'still here');
    await settle();
    expect(alex.take()).toEqual([left(MING), joined(WU), { type: 'signal', from: WU, data: 'still here' }]);
    expect([ming.take(), one.cluster.live]).toEqual([[left(ALEX)], false]);
    one.bus.isUp = two.bus.isUp = true;
    await settle();
    expect([peersOf(one), peersOf(two)]).toEqual([
      [ALEX, MING, WU],
      [ALEX, MING, WU],
    ]);
    expect(ming.take()).toEqual(expect.arrayContaining([joined(ALEX), joined(WU)]));
    expect([alex.take(), wu.take()]).toEqual([
      [joined(MING)],
      [{ type: 'welcome', peers: [{ peer: ALEX, group: '00000000' }] }, joined(MING)],
    ]);
  });

  test('whose bus swallows everything counts as alone', async () => {
    const { hub, processes } = await start(2);
    const [one, two] = processes as [Process, Process];
    one.join(ALEX);
    two.join(MING);
    await settle();
    hub.buses.clear();
    await vi.advanceTimersByTimeAsync(21_000);
    expect([one.cluster.live, peersOf(one)]).toEqual([false, [ALEX]]);
  });

  test('whose bus is full makes the link between two tabs again, and sends no bytes of the old link', async () => {
    const [one, two] = (await start(2)).processes as [Process, Process];
    const [alex, ming] = [one.join(ALEX), two.join(MING)];
    await settle();
    for (const tab of [alex, ming]) tab.take();
    one.bus.takes = false;
    relay(one, alex, MING, '01');
    expect(alex.take()).toEqual([left(MING), joined(MING)]);
    one.bus.takes = true;
    relay(one, alex, MING, '02');
    signal(one, alex, MING, 'new link');
    relay(one, alex, MING, '03');
    await settle();
    expect(ming.take()).toEqual([
      { type: 'signal', from: ALEX, data: 'new link' },
      { type: 'relayed', from: ALEX, bytes: '03' },
    ]);
  });
});

test('a cut link is announced to both tabs', async () => {
  const [one, two] = (await start(2)).processes as [Process, Process];
  const [alex, ming] = [one.join(ALEX), two.join(MING)];
  await settle();
  for (const tab of [alex, ming]) tab.take();
  one.rooms.reintroduce(alex, one.rooms.find(ROOM, MING)!);
  await settle();
  expect([alex.take(), ming.take()]).toEqual([
    [left(MING), joined(MING)],
    [left(ALEX), joined(ALEX)],
  ]);
});

test('after any history of joins, moves, departures and outages, all processes know the same tabs', async () => {
  const rooms = [ROOM, 'a5'.repeat(32)];
  const peers = Array.from({ length: 6 }, (_, i) => `0${i}`.repeat(8));
  const step = fc.record({
    act: fc.constantFrom('join', 'join', 'join', 'leave', 'down', 'up', 'wait'),
    process: fc.nat(2),
    room: fc.nat(1),
    peer: fc.nat(5),
    settles: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { processes } = await start(3);
      // Newest socket of each tab, and the sockets that the tab has abandoned.
      const current = new Map<string, Tab>();
      const abandoned: [Process, Tab][] = [];
      const owners = new Map<Tab, Process>();
      for (const { act, process: at, room, peer, settles } of steps) {
        const process = processes[at]!;
        const old = current.get(peers[peer]!);
        if (act === 'join' || act === 'leave') {
          if (old !== undefined) abandoned.push([owners.get(old)!, old]);
          current.delete(peers[peer]!);
        }
        if (act === 'join') {
          const tab = process.join(peers[peer]!, rooms[room]);
          current.set(tab.peer, tab);
          owners.set(tab, process);
        } else if (act === 'down') process.bus.isUp = false;
        else if (act === 'up') process.bus.isUp = true;
        else if (act === 'wait') await vi.advanceTimersByTimeAsync(7_000);
        if (settles) await settle();
      }
      for (const process of processes) process.bus.isUp = true;
      await settle();
      // Pings notice abandoned sockets.
      for (const [process, tab] of abandoned) process.rooms.leave(tab.room, tab);
      await vi.advanceTimersByTimeAsync(130_000);
      for (const room of rooms) {
        const expected = [...current.values()].filter((tab) => tab.room === room && tab.ended === null);
        for (const process of processes) {
          const own = expected.filter((tab) => owners.get(tab) === process);
          expect(peersOf(process, room)).toEqual(own.length === 0 ? [] : expected.map(({ peer }) => peer).toSorted());
        }
      }
      for (const { cluster } of processes) await cluster.stop();
    }),
    { numRuns: 60 },
  );
});
