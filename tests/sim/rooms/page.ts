import { ED25519_SECRET_BYTES } from '../../../src/crypto/ed25519.ts';
import { createIdentity } from '../../../src/webrtc/identity.ts';
import { LocalRendezvous } from '../../../src/webrtc/local-rendezvous.ts';
import { PeerManager } from '../../../src/webrtc/peer-manager.ts';
import type { Rendezvous } from '../../../src/webrtc/rendezvous.ts';
import { SignalingClient } from '../../../src/webrtc/signaling-client.ts';
import type { Log } from '../../../src/util/log.ts';
import type { Timers } from '../../../src/util/ports.ts';
import { Prng } from '../engine/prng.ts';
import type { Owner } from '../engine/time.ts';
import { LightNode } from './light-node.ts';
import type { Person } from './person.ts';
import type { Room } from './room.ts';
import type { RtcPage } from './rtc.ts';
import type { ServerClient } from './server.ts';

/** Where all tabs of a room meet. */
const ROOM = 'ab'.repeat(32);
/** A browser runs the timers of a hidden page once a second. */
const HIDDEN_TIMER_MS = 1_000;

/** All rooms of a process use these keys, each key for one page of a room, because OpenSSL needs a millisecond to parse a new key. */
const SECRETS = 8_000;

const secretOf = (index: number): Uint8Array => new Prng(`secret ${index}`).bytes(ED25519_SECRET_BYTES);

/** One load of a page, with the program's own link maker (src/webrtc). */
export class Page implements RtcPage, ServerClient {
  readonly owner: Owner = { alive: true, deferred: null, scheduled: 0 };
  readonly person: Person;
  readonly manager: PeerManager;
  readonly node: LightNode;
  readonly #room: Room;
  #most = 0;

  constructor(room: Room, person: Person, rng: Prng, disguise: (rendezvous: Rendezvous) => Rendezvous = (rendezvous) => rendezvous) {
    const { time } = room;
    this.#room = room;
    this.person = person;
    const clock = { monotonic: () => time.now() };
    const timers = this.#timers();
    const identity = createIdentity({ bytes: () => secretOf(room.nextSecret++ % SECRETS) });
    const log: Log = (level, event, details) => {
      if (level !== 'debug') room.trace.note(person.name, `${event} ${JSON.stringify(details ?? {})}`);
    };
    const shared = { identity, room: ROOM, clock, timers, random: rng, log };
    const clients = person.servers.map((server, index) => {
      const openSocket = (): ReturnType<typeof server.open> => server.open(this);
      return new SignalingClient({ ...shared, url: `wss://server${index}`, openSocket, onState: () => undefined });
    });
    const rendezvous: Rendezvous[] = [...clients];
    const { browser } = person;
    if (browser) rendezvous.unshift(new LocalRendezvous(identity.peerId, () => browser.open(this.owner)));
    const createPeer: ConstructorParameters<typeof PeerManager>[0]['createPeer'] = (initiator, events) =>
      room.rtc.create(this, initiator, events);
    const memory = { read: () => person.memory, write: (peers: readonly string[]) => (person.memory = peers) };
    this.manager = new PeerManager({ ...shared, rendezvous: rendezvous.map(disguise), createPeer, memory });
    this.node = new LightNode({
      transport: this.manager,
      clock,
      timers,
      opened: (link) => {
        room.trace.note(person.name, `${link.id} to ${room.nameOf(link.peerId)}`);
        const peers = new Set(this.node.links().map(({ peerId }) => peerId)).size;
        this.#most = Math.max(this.#most, peers);
      },
      closed: (link, reason) => room.trace.note(person.name, `${link.id} to ${room.nameOf(link.peerId)} closed: ${reason}`),
    });
    room.register(this);
    this.manager.start(this.node);
  }

  get peerId(): string {
    return this.manager.peerId;
  }

  get index(): number {
    return this.person.index;
  }

  get hasRtc(): boolean {
    return this.person.hasRtc;
  }

  get setUpMs(): number {
    return this.person.setUpMs;
  }

  get address(): string {
    return this.person.address;
  }

  get toServer(): Person['toServer'] {
    return this.person.toServer;
  }

  /** The most peers that this page had links to at a time. */
  get mostPeers(): number {
    return this.#most;
  }

  /** @param how `closed`: `pagehide` closes the links; `killed`: the machine closes the sockets; `silent`: the machine is gone */
  leave(how: 'closed' | 'killed' | 'silent'): void {
    this.#room.trace.note(this.person.name, how);
    if (how === 'closed') this.manager.stop();
    else this.#room.rtc.vanish(this.owner);
    if (how === 'killed') for (const server of this.person.servers) server.lost(this.owner, true);
    this.person.browser?.lost(this.owner);
    this.owner.alive = false;
  }

  #timers(): Timers {
    const { time } = this.#room;
    const { hidden } = this.person;
    return {
      set: (callback, delayMs) => {
        const now = time.now();
        const late = hidden ? Math.ceil((now + delayMs) / HIDDEN_TIMER_MS) * HIDDEN_TIMER_MS - now : delayMs;
        return time.schedule(this.owner, callback, late);
      },
      clear: (id) => time.cancel(id),
    };
  }
}
