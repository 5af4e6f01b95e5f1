import { randomInt } from 'node:crypto';
import { MAX_WELCOME_PEERS, type ServerMessage, type SignalingErrorCode } from '../src/net/webrtc/signaling-messages.ts';
import { TabchainError } from '../src/util/errors.ts';
import { Crowd } from './crowd.ts';

/** One joined tab as its room sees it. */
export interface Member {
  readonly peer: string;
  readonly key: string | undefined;
  /** Under which it is counted when a room is full. */
  readonly address: string;
  send(message: ServerMessage): void;
  /** Closes the socket, saying why. */
  end(code: SignalingErrorCode): void;
}

interface Room<M> {
  readonly members: Map<string, M>;
  readonly crowd: Crowd<M>;
}

/**
 * Who is where. In a large room nobody is told of everybody: a newcomer and a random sample are introduced to each other,
 * and who leaves is announced to those who were introduced or have since exchanged messages.
 */
export class Rooms<M extends Member> {
  readonly #rooms = new Map<string, Room<M>>();
  readonly #acquaintances = new Map<M, Set<M>>();
  readonly #maxMembers: number;
  readonly #maxAcquaintances: number;

  /** @param maxAcquaintances of one tab; beyond them it is not told of the leaving of those it has known longest */
  constructor(maxMembers: number, maxAcquaintances: number) {
    this.#maxMembers = maxMembers;
    this.#maxAcquaintances = maxAcquaintances;
  }

  /**
   * Lets a tab in, welcomes it and announces it. In a full room the newest tab of the address with the most tabs makes room.
   * @throws TabchainError `room-full` where that is the newcomer, `peer-taken`
   */
  join(room: string, member: M): void {
    const { members, crowd } = this.#rooms.get(room) ?? { members: new Map<string, M>(), crowd: new Crowd<M>() };
    const previous = members.get(member.peer);
    if (previous !== undefined && previous.key !== member.key) {
      throw new TabchainError('peer-taken', 'Another tab holds this peer id.');
    }
    if (previous === undefined && members.size >= this.#maxMembers) makeRoom(crowd, member);

    const others = [...members.values()].filter((other) => other !== previous);
    members.set(member.peer, member);
    crowd.add(member.address, member);
    this.#rooms.set(room, { members, crowd });
    this.#acquaintances.set(member, new Set());
    if (previous !== undefined) {
      crowd.delete(previous.address, previous);
      this.#inherit(previous, member);
    }

    const sample = randomSample(others, MAX_WELCOME_PEERS);
    member.send({ type: 'welcome', peers: sample.map((other) => other.peer) });
    for (const other of sample) {
      this.introduce(member, other);
      other.send({ type: 'joined', peer: member.peer });
    }
  }

  /** Forgets a tab and tells its acquaintances; without effect when it is not, or no longer, the holder of its peer id. */
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

  /** From now on each is told when the other leaves. */
  introduce(a: M, b: M): void {
    this.#meet(a, b);
    this.#meet(b, a);
  }

  /** Tells each that the other has left and come again, because something between them was lost: they may make a new link. */
  reintroduce(a: M, b: M): void {
    this.introduce(a, b);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      one.send({ type: 'left', peer: other.peer });
      one.send({ type: 'joined', peer: other.peer });
    }
  }

  #meet(member: M, other: M): void {
    const known = this.#acquaintances.get(member);
    if (known === undefined || known.has(other)) return;
    known.add(other);
    if (known.size <= this.#maxAcquaintances) return;
    const [oldest] = known;
    known.delete(oldest!);
  }

  /** The newest socket of a tab wins; the others need not notice. */
  #inherit(previous: M, member: M): void {
    for (const other of this.#forget(previous)) this.introduce(member, other);
    previous.end('replaced');
  }

  #forget(member: M): Set<M> {
    const known = this.#acquaintances.get(member) ?? new Set<M>();
    this.#acquaintances.delete(member);
    for (const other of known) this.#acquaintances.get(other)?.delete(member);
    return known;
  }
}

function makeRoom<M extends Member>(crowd: Crowd<M>, newcomer: M): void {
  crowd.add(newcomer.address, newcomer);
  const leaving = crowd.newestOfLargest(newcomer.address)!;
  crowd.delete(newcomer.address, newcomer);
  if (leaving === newcomer) throw new TabchainError('room-full', 'The room is full.');
  leaving.end('room-full');
}

/** Up to `count` different elements, each set equally likely (the first steps of a Fisher–Yates shuffle). Reorders `items`. */
function randomSample<T>(items: T[], count: number): T[] {
  const size = Math.min(count, items.length);
  for (let i = 0; i < size; i++) {
    const j = randomInt(i, items.length);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items.slice(0, size);
}
