import { randomInt } from 'node:crypto';
import { MAX_WELCOME_PEERS, type ServerMessage, type SignalingErrorCode } from '../src/net/webrtc/signaling-messages.ts';
import { TabchainError } from '../src/util/errors.ts';

/** One joined tab as its room sees it. */
export interface Member {
  readonly peer: string;
  readonly key: string | undefined;
  send(message: ServerMessage): void;
  /** Closes the socket, saying why. */
  end(code: SignalingErrorCode): void;
}

/**
 * Who is where. In a large room nobody is told of everybody: a newcomer and a random sample are introduced to each other,
 * and who leaves is announced to those who were introduced or have since exchanged messages.
 */
export class Rooms<M extends Member> {
  readonly #rooms = new Map<string, Map<string, M>>();
  readonly #acquaintances = new Map<M, Set<M>>();
  readonly #maxMembers: number;

  constructor(maxMembers: number) {
    this.#maxMembers = maxMembers;
  }

  /**
   * Lets a tab in, welcomes it and announces it.
   * @throws TabchainError `room-full`, `peer-taken`
   */
  join(room: string, member: M): void {
    const members = this.#rooms.get(room) ?? new Map<string, M>();
    const previous = members.get(member.peer);
    if (previous !== undefined && previous.key !== member.key) {
      throw new TabchainError('peer-taken', 'Another tab holds this peer id.');
    }
    if (previous === undefined && members.size >= this.#maxMembers) throw new TabchainError('room-full', 'The room is full.');

    const others = [...members.values()].filter((other) => other !== previous);
    this.#rooms.set(room, members.set(member.peer, member));
    this.#acquaintances.set(member, new Set());
    if (previous !== undefined) this.#inherit(previous, member);

    const sample = randomSample(others, MAX_WELCOME_PEERS);
    member.send({ type: 'welcome', peers: sample.map((other) => other.peer) });
    for (const other of sample) {
      this.introduce(member, other);
      other.send({ type: 'joined', peer: member.peer });
    }
  }

  /** Forgets a tab and tells its acquaintances; without effect when it is not, or no longer, the holder of its peer id. */
  leave(room: string, member: M): void {
    const members = this.#rooms.get(room);
    if (members?.get(member.peer) !== member) return;
    members.delete(member.peer);
    if (members.size === 0) this.#rooms.delete(room);
    for (const other of this.#forget(member)) other.send({ type: 'left', peer: member.peer });
  }

  find(room: string, peer: string): M | undefined {
    return this.#rooms.get(room)?.get(peer);
  }

  /** From now on each is told when the other leaves. */
  introduce(a: M, b: M): void {
    this.#acquaintances.get(a)?.add(b);
    this.#acquaintances.get(b)?.add(a);
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

/** Up to `count` different elements, each set equally likely (the first steps of a Fisher–Yates shuffle). Reorders `items`. */
function randomSample<T>(items: T[], count: number): T[] {
  const size = Math.min(count, items.length);
  for (let i = 0; i < size; i++) {
    const j = randomInt(i, items.length);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items.slice(0, size);
}
