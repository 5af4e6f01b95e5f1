import { randomInt } from 'node:crypto';
import { MAX_WELCOME_PEERS, type RoomPeer, type ServerMessage, type SignalingErrorCode } from '../src/protocol/signaling.ts';
import { TabchainError } from '../src/util/errors.ts';
import { Crowd } from './crowd.ts';

/** One joined tab as its room sees it. Its peer id is proven. */
export interface Member extends RoomPeer {
  /** The address group that the tab counts for when a room is full. */
  readonly address: string;
  send(message: ServerMessage): void;
  /** Closes the socket with a reason. */
  end(code: SignalingErrorCode): void;
}

interface Room<M> {
  readonly members: Map<string, M>;
  readonly crowd: Crowd<M>;
}

/**
 * The rooms and their members. In a large room no tab learns of all others: a newcomer and a random sample are introduced to each other. A
 * leaving tab is announced to the tabs that were introduced to it or have exchanged messages with it.
 */
export class Rooms<M extends Member> {
  readonly #rooms = new Map<string, Room<M>>();
  /**
   * The tabs that each tab knows, the longest known first. The lists are arrays, because a set of a hundred takes three times the memory and
   * is hardly faster.
   */
  readonly #acquaintances = new Map<M, M[]>();
  readonly #maxMembers: number;
  readonly #maxAcquaintances: number;

  /** @param maxAcquaintances of one tab; beyond that, a tab no longer learns when the longest known tabs leave */
  constructor(maxMembers: number, maxAcquaintances: number) {
    this.#maxMembers = maxMembers;
    this.#maxAcquaintances = maxAcquaintances;
  }

  /** Number of rooms with members. */
  get size(): number {
    return this.#rooms.size;
  }

  /**
   * Adds a tab to a room, welcomes it and announces it. An older socket of the same tab is closed. If the room is full, the newest tab of the
   * address with the most tabs has to leave.
   * @throws TabchainError `room-full` if that tab is the newcomer
   */
  join(room: string, member: M): void {
    const { members, crowd } = this.#rooms.get(room) ?? { members: new Map<string, M>(), crowd: new Crowd<M>() };
    const previous = members.get(member.peer);
    if (previous === undefined && members.size >= this.#maxMembers) makeRoom(crowd, member);

    const others = [...members.values()].filter((other) => other !== previous);
    members.set(member.peer, member);
    crowd.add(member.address, member);
    this.#rooms.set(room, { members, crowd });
    this.#acquaintances.set(member, []);
    if (previous !== undefined) {
      crowd.delete(previous.address, previous);
      this.#inherit(previous, member);
    }

    const sample = diverseSample(others, MAX_WELCOME_PEERS);
    member.send({ type: 'welcome', peers: sample.map(({ peer, group }) => ({ peer, group })) });
    for (const other of sample) {
      this.#acquaint(member, other);
      announce(member, other);
    }
  }

  /** Removes a tab and tells its acquaintances. Has no effect if another socket holds the tab's peer id, or none does. */
  leave(room: string, member: M): void {
    const { members, crowd } = this.#rooms.get(room) ?? {};
    if (members?.get(member.peer) !== member) return;
    members.delete(member.peer);
    crowd?.delete(member.address, member);
    if (members.size === 0) this.#rooms.delete(room);
    for (const other of this.#forget(member)) other.send({ type: 'left', peer: member.peer });
  }

  find(room: string, peer: string): M | undefined {
    return this.#rooms.get(room)?.members.get(peer);
  }

  /** Announces `stranger` to a tab that it writes to, unless they are acquainted. From now on each learns when the other leaves. */
  introduce(stranger: M, to: M): void {
    const isNews = this.#acquaintances.get(to)?.includes(stranger) === false;
    this.#acquaint(stranger, to);
    if (isNews) announce(stranger, to);
  }

  #acquaint(a: M, b: M): void {
    this.#meet(a, b);
    this.#meet(b, a);
  }

  /** Tells each tab that the other has left and joined again, because bytes between them were lost. They can then make a new link. */
  reintroduce(a: M, b: M): void {
    this.#acquaint(a, b);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      one.send({ type: 'left', peer: other.peer });
      announce(other, one);
    }
  }

  #meet(member: M, other: M): void {
    const known = this.#acquaintances.get(member);
    if (known === undefined || known.includes(other)) return;
    known.push(other);
    if (known.length > this.#maxAcquaintances) known.shift();
  }

  /** The newest socket of a tab takes over from the previous one, unnoticed by the other tabs. */
  #inherit(previous: M, member: M): void {
    for (const other of this.#forget(previous)) this.#acquaint(member, other);
    previous.end('replaced');
  }

  #forget(member: M): readonly M[] {
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

function makeRoom<M extends Member>(crowd: Crowd<M>, newcomer: M): void {
  crowd.add(newcomer.address, newcomer);
  const leaving = crowd.newestOfLargest(newcomer.address)!;
  crowd.delete(newcomer.address, newcomer);
  if (leaving === newcomer) throw new TabchainError('room-full', 'The room is full.');
  leaving.end('room-full');
}

function announce({ peer, group }: Member, to: Member): void {
  to.send({ type: 'joined', peer, group });
}

/**
 * Up to `count` different elements, chosen in rounds: each round takes one random element of each group. So the many sockets of one address
 * do not crowd out other addresses.
 */
function diverseSample<M extends Member>(items: readonly M[], count: number): M[] {
  const groups = new Map<string, M[]>();
  for (const item of items) {
    const group = groups.get(item.group);
    if (group) group.push(item);
    else groups.set(item.group, [item]);
  }
  const sample: M[] = [];
  for (let round = [...groups.values()]; round.length > 0; round = round.filter((group) => group.length > 0)) {
    while (round.length + sample.length > count) takeRandom(round);
    for (const group of round) sample.push(takeRandom(group));
    if (sample.length === count) break;
  }
  return sample;
}

/** Removes and returns a random element of a non-empty list. */
function takeRandom<T>(items: T[]): T {
  const index = randomInt(items.length);
  const taken = items[index]!;
  items[index] = items.at(-1)!;
  items.pop();
  return taken;
}
