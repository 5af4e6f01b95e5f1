import { WebSocket } from 'ws';
import { createIdentity } from '../../src/webrtc/identity.ts';
import { LocalRendezvous } from '../../src/webrtc/local-rendezvous.ts';
import { OpenLink } from '../../src/webrtc/open-link.ts';
import { PeerRendezvous } from '../../src/webrtc/peer-rendezvous.ts';
import type { Rendezvous } from '../../src/webrtc/rendezvous.ts';
import { SignalingClient, type SocketLike } from '../../src/webrtc/signaling-client.ts';
import type { Random, Timers } from '../../src/util/ports.ts';
import { ROOM, startServer } from '../unit/signaling/test-client.ts';
import { rendezvousContract, type MeetingPlace, type MeetingTab } from './rendezvous.ts';

const clock = { monotonic: () => performance.now() };
/** Ten times as fast, so that no test waits for the pause between two lists of neighbours. */
const quickClock = { monotonic: () => 10 * performance.now() };
const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
const timers: Timers = {
  set: (callback, delayMs) => setTimeout(callback, delayMs) as unknown as number,
  clear: (id) => clearTimeout(id),
};
const log = (): void => undefined;

let channels = 0;

/** A place whose tabs are stopped at the end. */
function place(tab: () => MeetingTab, close: () => Promise<void> | void): MeetingPlace {
  const made: MeetingTab[] = [];
  return {
    tab: async () => {
      const one = tab();
      made.push(one);
      return one;
    },
    close: async () => {
      for (const { rendezvous } of made) rendezvous.stop();
      await close();
    },
  };
}

rendezvousContract('a channel of their browser', async () => {
  const name = `contract ${process.pid} ${channels++}`;
  return place(
    () => {
      const { peerId } = createIdentity(random);
      return { peerId, rendezvous: new LocalRendezvous(peerId, () => new BroadcastChannel(name)) };
    },
    () => undefined,
  );
});

rendezvousContract('a signaling server', async () => {
  const server = await startServer();
  return place(
    () => {
      const identity = createIdentity(random);
      const openSocket = (url: string): SocketLike => new WebSocket(url) as unknown as SocketLike;
      const options = { url: server.url, room: ROOM, identity, openSocket, clock, timers, random, log, onState: () => undefined };
      return { peerId: identity.peerId, rendezvous: new SignalingClient(options) };
    },
    () => server.stop(),
  );
});

/** Links every tab with one tab in the middle, and only with that tab. */
class Star {
  readonly #middle = this.#peers();

  constructor() {
    this.#middle.rendezvous.start({
      present: () => undefined,
      absent: () => undefined,
      signal: () => undefined,
      relayed: () => undefined,
      drained: () => undefined,
      lost: () => undefined,
    });
  }

  #peers(): { peerId: string; rendezvous: PeerRendezvous } {
    const identity = createIdentity(random);
    return { peerId: identity.peerId, rendezvous: new PeerRendezvous({ identity, clock: quickClock, random, log }) };
  }

  tab(): MeetingTab {
    const { peerId, rendezvous } = this.#peers();
    let end: OpenLink | null = null;
    // A link opens when a tab starts, and closes when it stops.
    const linked: Rendezvous = {
      kind: rendezvous.kind,
      relay: rendezvous.relay,
      start: (events) => {
        rendezvous.start(events);
        end = this.#link(peerId, rendezvous);
      },
      stop: () => {
        rendezvous.stop();
        end?.close('stopped');
        end = null;
      },
      signal: (to, data) => rendezvous.signal(to, data),
    };
    return { peerId, rendezvous: linked };
  }

  /** A link from a tab to the middle. @returns the tab's end */
  #link(peerId: string, peers: PeerRendezvous): OpenLink {
    const ends: OpenLink[] = [];
    const carrier = (to: PeerRendezvous, other: number) => ({
      rtc: true,
      send: (bytes: Uint8Array) => setTimeout(() => ends[other] && to.received(ends[other], bytes)),
      bufferedBytes: () => 0,
      close: () => setTimeout(() => ends[other]?.close('closed by the other end')),
    });
    const identity = (peer: string) => ({ id: `direct-${peer}`, peerId: peer, kind: 'direct', met: 'server', openedAt: 0 }) as const;
    ends[0] = new OpenLink(identity(this.#middle.peerId), carrier(this.#middle.rendezvous, 1), (link) => peers.closed(link));
    ends[1] = new OpenLink(identity(peerId), carrier(peers, 0), (link) => this.#middle.rendezvous.closed(link));
    peers.opened(ends[0]);
    this.#middle.rendezvous.opened(ends[1]);
    return ends[0];
  }

  tend(): void {
    this.#middle.rendezvous.tend();
  }
}

rendezvousContract('a peer of all', async () => {
  const star = new Star();
  const timer = setInterval(() => star.tend(), 100);
  return place(
    () => star.tab(),
    () => clearInterval(timer),
  );
});
