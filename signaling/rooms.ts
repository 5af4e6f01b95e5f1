import { MAX_WELCOME_PEERS, type RoomPeer, type ServerMessage, type SignalingErrorCode } from '../src/protocol/signaling.ts';
import { TabchainError } from '../src/util/errors.ts';
import { randomBelow, type Random } from '../src/util/ports.ts';
import { Crowd } from './crowd.ts';
import { NODE_PORTS } from './ports.ts';

/** One joined tab as its room sees it. Its peer id is proven. */
export interface Member extends RoomPeer {
  /** Whether this process holds the tab's socket. */
  readonly here: boolean;
  send(message: ServerMessage): void;
  /** Passes on a `signal` message. @param paid what its sender has paid for the answer */
  signal(from: string, text: string, paid: number): void;
  /** Passes on a binary frame, which names its sender. */
  relay(from: string, frame: Uint8Array): void;
  /** Closes the socket with a reason. */
  end(code: SignalingErrorCode): void;
}

/** Learns which tabs of this process join and leave. */
export interface RoomEvents {
  /** Before any other tab hears of the tab. */
  joined(room: string, member: Member): void;
  left(room: string, member: Member): void;
}

interface Room {
  readonly members: Map<string, Member>;
  /** By group, so that no address can fill a room alone. */
  readonly crowd: Crowd<Member>;
  /** Number of members whose sockets this process holds. */
  here: number;
}

/**
 * The rooms and their members. In a large room no tab learns of all others: a newcomer and a random sample are introduced to each other. A
 * leaving tab is announced to the tabs that were introduced to it or have exchanged messages with it.
 */
export class Rooms {
  readonly #rooms = new Map<string, Room>();
  /**
   * The tabs that each tab knows, the longest known first. The lists are arrays, because a set of a hundred takes three times the memory and
   * is hardly faster.
   */
  readonly #acquaintances = new Map<Member, Member[]>();
  readonly #maxMembers: number;
  readonly #maxAcquaintances: number;
  readonly #random: Random;
  #events: RoomEvents | null = null;

  /** @param maxAcquaintances of one tab; beyond that, a tab no longer learns when the longest known tabs leave */
  constructor(maxMembers: number, maxAcquaintances: number, random: Random = NODE_PORTS.random) {
    this.#maxMembers = maxMembers;
    this.#maxAcquaintances = maxAcquaintances;
    this.#random = random;
  }

  /** Number of rooms with members. */
  get size(): number {
    return this.#rooms.size;
  }

  names(): string[] {
    return [...this.#rooms.keys()];
  }

  has(name: string): boolean {
    return this.#rooms.has(name);
  }

  members(room: string): Member[] {
    return [...(this.#rooms.get(room)?.members.values() ?? [])];
  }

  observe(events: RoomEvents): void {
    this.#events = events;
  }

  /**
   * Adds a tab of this process to a room, welcomes it and announces it. An older socket of the same tab is closed. If the room is full, the
   * newest tab of the group with the most tabs has to leave.
   * @throws TabchainError `room-full` if that tab is the newcomer
   */
  join(name: string, member: Member): void {
    const room = this.#rooms.get(name) ?? { members: new Map<string, Member>(), crowd: new Crowd<Member>(), here: 0 };
    const previous = room.members.get(member.peer);
    if (previous === undefined && room.members.size >= this.#maxMembers) makeRoom(room.crowd, member);
    const others = [...room.members.values()].filter((other) => other !== previous);
    this.#rooms.set(name, room);
    this.#place(room, member);
    this.#events?.joined(name, member);

    const sample = sampleOf(others, MAX_WELCOME_PEERS, this.#random);
    member.send({ type: 'welcome', peers: sample.map(({ peer, group }) => ({ peer, group })) });
    for (const other of sample) {
      this.#acquaint(member, other);
      announce(member, other);
    }
  }

  /** Adds a tab of another process, which has welcomed it, to a room with tabs of this process. Takes over from an older socket of the tab. */
  admit(name: string, member: Member): void {
    const room = this.#rooms.get(name);
    // Processes that do not know each other's latest tabs may overfill a room, but not by more.
    if (room === undefined || room.members.size >= 2 * this.#maxMembers) return;
    this.#place(room, member);
    if (room.here === 0) this.#drop(name, room);
  }

  /** Removes a tab and tells its acquaintances. Has no effect if another socket holds the tab's peer id, or none does. */
  leave(name: string, member: Member): void {
    const room = this.#rooms.get(name);
    if (room?.members.get(member.peer) !== member) return;
    room.members.delete(member.peer);
    room.crowd.delete(member.group, member);
    // The processes of the others learn it from the events.
    for (const other of this.#forget(member)) if (other.here) other.send({ type: 'left', peer: member.peer });
    if (!member.here) return;
    if (--room.here === 0) this.#drop(name, room);
    this.#events?.left(name, member);
  }

  find(room: string, peer: string): Member | undefined {
    return this.#rooms.get(room)?.members.get(peer);
  }

  /** Announces `stranger` to a tab that it writes to, unless they are acquainted. From now on each learns when the other leaves. */
  introduce(stranger: Member, to: Member): void {
    const isNews = this.#acquaintances.get(to)?.includes(stranger) === false;
    this.#acquaint(stranger, to);
    if (isNews) announce(stranger, to);
  }

  /** Introduces `member` and a sample of up to `count` of `others` to each other. */
  bring(member: Member, others: readonly Member[], count: number): void {
    for (const other of sampleOf(others, count, this.#random)) {
      if (this.#acquaintances.get(member)?.includes(other) !== false) continue;
      this.#acquaint(member, other);
      announce(other, member);
      announce(member, other);
    }
  }

  /** Tells each tab that the other has left and joined again, because bytes between them were lost. They can then make a new link. */
  reintroduce(a: Member, b: Member): void {
    this.#acquaint(a, b);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      one.send({ type: 'left', peer: other.peer });
      announce(other, one);
    }
  }

  /** Tells `member` that the tab `peer` has left, because bytes between them were lost. An introduction may follow. */
  part(name: string, member: Member, peer: string): void {
    const other = this.find(name, peer);
    if (other !== undefined) {
      remove(this.#acquaintances.get(member), other);
      remove(this.#acquaintances.get(other), member);
    }
    member.send({ type: 'left', peer });
  }

  #place(room: Room, member: Member): void {
    const previous = room.members.get(member.peer);
    room.members.set(member.peer, member);
    room.crowd.add(member.group, member);
    if (member.here) room.here++;
    this.#acquaintances.set(member, []);
    if (previous === undefined) return;
    room.crowd.delete(previous.group, previous);
    if (previous.here) room.here--;
    // The newest socket of a tab takes over from the previous one, unnoticed by the other tabs.
    for (const other of this.#forget(previous)) this.#acquaint(member, other);
    previous.end('replaced');
  }

  /** Forgets a room without tabs of this process. */
  #drop(name: string, room: Room): void {
    this.#rooms.delete(name);
    for (const member of room.members.values()) this.#forget(member);
  }

  #acquaint(a: Member, b: Member): void {
    this.#meet(a, b);
    this.#meet(b, a);
  }

  #meet(member: Member, other: Member): void {
    const known = this.#acquaintances.get(member);
    if (known === undefined || known.includes(other)) return;
    known.push(other);
    if (known.length > this.#maxAcquaintances) known.shift();
  }

  #forget(member: Member): readonly Member[] {
    const known = this.#acquaintances.get(member) ?? [];
    this.#acquaintances.delete(member);
    for (const other of known) remove(this.#acquaintances.get(other), member);
    return known;
  }
}

function remove<T>(list: T[] | undefined, element: T): void {
  const at = list?.indexOf(element) ?? -1;
  if (at >= 0) list!.splice(at, 1);
}

function makeRoom(crowd: Crowd<Member>, newcomer: Member): void {
  crowd.add(newcomer.group, newcomer);
  const leaving = crowd.newestOfLargest(newcomer.group)!;
  crowd.delete(newcomer.group, newcomer);
  if (leaving === newcomer) throw new TabchainError('room-full', 'The room is full.');
  leaving.end('room-full');
}

function announce({ peer, group }: Member, to: Member): void {
  to.send({ type: 'joined', peer, group });
}

/**
 * Up to `count` different elements: first a random half, so that many addresses do not crowd out the tabs of one address; then rounds that take
 * one random element of each group, so that the many sockets of one address do not crowd out other addresses.
 */
function sampleOf(items: readonly Member[], count: number, random: Random): Member[] {
  const left = [...items];
  const sample: Member[] = [];
  while (left.length > 0 && sample.length < count / 2) sample.push(takeRandom(left, random));
  const groups = new Map<string, Member[]>();
  for (const item of left) {
    const group = groups.get(item.group);
    if (group) group.push(item);
    else groups.set(item.group, [item]);
  }
  for (let round = [...groups.values()]; round.length > 0; round = round.filter((group) => group.length > 0)) {
    while (round.length + sample.length > count) takeRandom(round, random);
    for (const group of round) sample.push(takeRandom(group, random));
    if (sample.length === count) break;
  }
  return sample;
}

/** Removes and returns a random element of a non-empty list. */
function takeRandom<T>(items: T[], random: Random): T {
  const index = randomBelow(random, items.length);
  const taken = items[index]!;
  items[index] = items.at(-1)!;
  items.pop();
  return taken;
}
