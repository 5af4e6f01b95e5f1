import { randomBytes } from 'node:crypto';
import type { RoomPeer } from '../src/protocol/signaling.ts';
import { fromHex, toHex } from '../src/util/bytes.ts';
import type { Bus } from './bus.ts';
import type { ConnectionContext } from './connection.ts';
import { CHANNELS, GROUP_SECRET_KEY, encodeBusMessage, parseBusMessage, type BusMessage } from './bus-messages.ts';
import { logFault } from './log.ts';
import { RemoteMember, type Outgoing, type RemoteOutlet } from './remote-member.ts';
import type { Member, RoomEvents, Rooms } from './rooms.ts';

/** How often a process says that it is alive. */
const HEARTBEAT_MS = 5_000;
/** A process that was not heard for this long is dead: two heartbeats may come late. */
const EXPIRY_MS = 15_000;
/** Heartbeats between two full lists of members, which mend what lost messages have left wrong. */
const BEATS_PER_LIST = 12;
/** A tab elsewhere that no list has named for this long is gone: the news of its departure was lost. */
const UNLISTED_MS = 3 * BEATS_PER_LIST * HEARTBEAT_MS;

/** Tabs of this process that meet newly known tabs of another process, and how many each meets: enough to join two halves of a room. */
const BRIDGES = 40;
const MEETINGS_PER_BRIDGE = 25;

/** Group secrets are 16 bytes. */
const SECRET = /^[0-9a-f]{32}$/;

type ClusterContext = Pick<ConnectionContext, 'rooms' | 'limits' | 'groupSecret'>;
type Routed = Extract<BusMessage, { from: string }>;

/**
 * Shares rooms with other processes. Each process knows the members of all processes in the rooms of its own tabs, welcomes its own tabs,
 * and passes on what they send to tabs elsewhere. Only messages connect the processes: a process that dies is forgotten, and a process that
 * loses the bus goes on with its own tabs.
 */
export class Cluster implements RoomEvents, RemoteOutlet {
  readonly #id = randomBytes(8).toString('hex');
  readonly #context: ClusterContext;
  readonly #bus: Bus;
  readonly #rooms: Rooms;
  readonly #timer: NodeJS.Timeout;
  /** When each other process was last heard. */
  readonly #servers = new Map<string, number>();
  /** Rooms whose channels this process reads. */
  readonly #watched = new Set<string>();
  /** Whether this process hears its own messages; only then does it know of others. */
  #live = false;
  #heardSelfMs = 0;
  #beats = 0;

  constructor(bus: Bus, context: ClusterContext) {
    this.#context = context;
    this.#bus = bus;
    this.#rooms = context.rooms;
    this.#rooms.observe(this);
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
    const listener = (bytes: Buffer): void => this.#receive(bytes);
    for (const channel of [CHANNELS.all, CHANNELS.server(this.#id)]) void this.#bus.subscribe(channel, listener).catch(logFault);
    this.#bus.observe(
      // If the bus fails meanwhile, the next heartbeat that passes begins again.
      () => void this.#up().catch(() => undefined),
      () => this.#down(),
    );
  }

  /** Whether messages of other processes arrive. */
  get live(): boolean {
    return this.#live;
  }

  /** Number of other processes. */
  get others(): number {
    return this.#servers.size;
  }

  /** Tells the others that all tabs of this process leave, and closes the bus. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#publish(CHANNELS.all, { type: 'stopping', server: this.#id });
    this.#live = false;
    this.#watched.clear();
    await this.#bus.close();
  }

  joined(room: string, { peer, group }: Member): void {
    this.#watch(room);
    if (this.#live) this.#publish(CHANNELS.room(room), { type: 'joined', server: this.#id, room, peer, group });
  }

  left(room: string, { peer }: Member): void {
    if (this.#live) this.#publish(CHANNELS.room(room), { type: 'left', server: this.#id, room, peer });
    this.#unwatchIfEmpty(room);
  }

  tell(server: string, message: Outgoing): boolean {
    return this.#publish(CHANNELS.server(server), { ...message, server: this.#id });
  }

  lost(room: string, from: string, target: RemoteMember): void {
    const sender = this.#local(room, from);
    if (sender !== undefined) this.#rooms.reintroduce(sender, target);
  }

  async #up(): Promise<void> {
    await this.#agree();
    this.#publish(CHANNELS.all, { type: 'alive', server: this.#id });
  }

  async #agree(): Promise<void> {
    const secret = await this.#bus.agree(GROUP_SECRET_KEY, toHex(this.#context.groupSecret));
    if (SECRET.test(secret)) this.#context.groupSecret = fromHex(secret);
  }

  #down(): void {
    this.#live = false;
    for (const server of [...this.#servers.keys()]) this.#forget(server);
  }

  #beat(): void {
    const nowMs = performance.now();
    if (this.#live && nowMs - this.#heardSelfMs > EXPIRY_MS) this.#down();
    for (const [server, heardMs] of this.#servers) if (nowMs - heardMs > EXPIRY_MS) this.#forget(server);
    this.#publish(CHANNELS.all, { type: 'alive', server: this.#id });
    if (!this.#live || ++this.#beats % BEATS_PER_LIST !== 0) return;
    this.#listAll();
    this.#agree().catch(() => undefined);
    this.#remove((member) => nowMs - member.listedMs > UNLISTED_MS);
  }

  #watch(room: string): void {
    if (this.#watched.has(room)) return;
    this.#watched.add(room);
    this.#bus
      .subscribe(CHANNELS.room(room), (bytes) => this.#receive(bytes))
      .then(() => this.#ask(room))
      .catch(logFault);
  }

  #unwatchIfEmpty(room: string): void {
    if (this.#rooms.has(room) || !this.#watched.delete(room)) return;
    this.#bus.unsubscribe(CHANNELS.room(room)).catch(logFault);
  }

  #ask(room: string, channel = CHANNELS.room(room)): void {
    if (this.#live && this.#watched.has(room)) this.#publish(channel, { type: 'ask', server: this.#id, room });
  }

  #listAll(): void {
    for (const room of this.#watched) {
      this.#publish(CHANNELS.room(room), { type: 'members', server: this.#id, room, members: this.#own(room) });
    }
  }

  #own(room: string): RoomPeer[] {
    const own = this.#rooms.members(room).filter(({ here }) => here);
    return own.map(({ peer, group }) => ({ peer, group }));
  }

  #publish(channel: string, message: BusMessage): boolean {
    return this.#bus.publish(channel, encodeBusMessage(message));
  }

  #receive(bytes: Buffer): void {
    const message = parseBusMessage(bytes);
    try {
      if (message?.server === this.#id) this.#heardSelf();
      else if (message !== null && this.#live) this.#hear(message);
    } catch (error) {
      logFault(error);
    }
  }

  #hear(message: BusMessage): void {
    const isNew = !this.#servers.has(message.server);
    this.#servers.set(message.server, performance.now());
    if (isNew) for (const room of this.#watched) this.#ask(room, CHANNELS.server(message.server));
    this.#handle(message);
  }

  #heardSelf(): void {
    this.#heardSelfMs = performance.now();
    if (this.#live) return;
    this.#live = true;
    this.#listAll();
    for (const room of this.#watched) this.#ask(room);
  }

  #handle(message: BusMessage): void {
    switch (message.type) {
      case 'alive':
        break;
      case 'stopping':
        return this.#forget(message.server);
      case 'ask':
        if (this.#watched.has(message.room))
          this.tell(message.server, { type: 'answer', room: message.room, members: this.#own(message.room) });
        break;
      case 'answer':
      case 'members':
        return this.#learn(message);
      case 'joined':
        return this.#admit(message.server, message.room, message);
      case 'left': {
        const member = this.#remote(message.server, message.room, message.peer);
        if (member !== undefined) this.#rooms.leave(message.room, member);
        break;
      }
      case 'displace':
        this.#local(message.room, message.to)?.end('room-full');
        break;
      case 'introduce':
      case 'absent':
      case 'signal':
      case 'relay':
        return this.#deliver(message);
    }
  }

  /** Delivers a message about or from a tab elsewhere to a tab of this process. */
  #deliver(message: Routed): void {
    const { type, server, room, from, to } = message;
    const target = this.#local(room, to);
    if (type === 'absent') return void (target && this.#rooms.part(room, target, from));
    const sender = this.#remote(server, room, from);
    if (target !== undefined && sender !== undefined) {
      this.#rooms.introduce(sender, target);
      if (type === 'signal')
        target.signal(from, new TextDecoder().decode(message.body), message.body.length + this.#context.limits.frameCostBytes);
      else if (type === 'relay') target.relay(from, message.body);
    } else if (type !== 'introduce') {
      this.tell(server, { type: 'absent', room, from: to, to: from });
    }
  }

  /**
   * Compares the whole list of a process with what was known. Brings own tabs together with tabs that they may not know: with all tabs of an
   * answer, because tabs that joined at the same moment elsewhere were announced to nobody here; otherwise with those that were unknown.
   */
  #learn({ type, server, room, members }: Extract<BusMessage, { members: RoomPeer[] }>): void {
    const listed = new Set(members.map(({ peer }) => peer));
    this.#remove((member) => member.server === server && !listed.has(member.peer), [room]);
    for (const { peer } of members) this.#remote(server, room, peer)?.listed();
    // A tab that is known elsewhere may have moved since the list was made; its new process has announced it.
    const unknown = members.filter(({ peer }) => this.#rooms.find(room, peer) === undefined);
    for (const member of unknown) this.#admit(server, room, member);
    const others = (type === 'answer' ? members : unknown).flatMap(({ peer }) => this.#remote(server, room, peer) ?? []);
    if (others.length === 0) return;
    const own = this.#rooms.members(room).filter(({ here }) => here);
    // The newest have the most free places for links.
    for (const member of own.slice(-BRIDGES)) this.#rooms.bring(member, others, MEETINGS_PER_BRIDGE);
  }

  #admit(server: string, room: string, { peer, group }: RoomPeer): void {
    if (this.#remote(server, room, peer)?.group === group) return;
    const own = this.#local(room, peer);
    this.#rooms.admit(room, new RemoteMember(this, server, room, { peer, group }));
    // If the tab joined both processes at once, each closes its socket for the other's. Each then takes back its own news.
    if (own !== undefined) this.left(room, own);
  }

  #forget(server: string): void {
    this.#servers.delete(server);
    this.#remove((member) => member.server === server);
  }

  #remove(isGone: (member: RemoteMember) => boolean, rooms = this.#rooms.names()): void {
    for (const room of rooms) {
      for (const member of this.#rooms.members(room)) {
        if (member instanceof RemoteMember && isGone(member)) this.#rooms.leave(room, member);
      }
    }
  }

  #local(room: string, peer: string): Member | undefined {
    const member = this.#rooms.find(room, peer);
    return member?.here ? member : undefined;
  }

  #remote(server: string, room: string, peer: string): RemoteMember | undefined {
    const member = this.#rooms.find(room, peer);
    return member instanceof RemoteMember && member.server === server ? member : undefined;
  }
}
