import type { Log } from '../util/log.ts';
import type { Clock, Random, Timers } from '../util/ports.ts';
import type { HandMet, Neighbourhood, SignalingState, Transport, TransportEvents } from '../net/transport.ts';
import type { IceServer } from '../protocol/ice-servers.ts';
import { ByHand } from './by-hand.ts';
import { handmadePeers, type HandmadePeerFactory } from './handmade-peers.ts';
import type { TeamFrame } from './control-frames.ts';
import { createIdentity, type TabIdentity } from './identity.ts';
import type { Rendezvous } from './rendezvous.ts';
import { LocalRendezvous } from './local-rendezvous.ts';
import { sessionMemory } from './neighbour-memory.ts';
import { PeerManager } from './peer-manager.ts';
import type { SealedRoom } from './sealed-room.ts';
import { SignalingClient } from './signaling-client.ts';
import { SignalingList } from './signaling-list.ts';
import type { RtcPeerFactory } from './rtc-peer.ts';
import { createSimplePeer } from './simple-peer-rtc.ts';

export interface RtcTransportOptions {
  /** Where the tabs of this network meet (protocol/room.ts), 64 hexadecimal digits. */
  readonly room: string;
  /** Null without a room key. */
  readonly sealed: SealedRoom | null;
  /** Addresses of the signaling servers, `ws:` or `wss:`; all are used together. */
  readonly servers: readonly string[];
  /** STUN and TURN servers. Without any, WebRTC asks no third party. */
  readonly iceServers: readonly IceServer[];
  readonly onSignaling: (state: SignalingState) => void;
  readonly onMet: (met: HandMet) => void;
  /** Takes what a tab of the same team tells. Absent on the links of the network, where nobody speaks for a team. */
  readonly onTeam?: (peer: string, frame: TeamFrame) => void;
  readonly log: Log;
}

/** The links of a page, and what the page may ask about them. */
export interface PageLinks extends Transport {
  readonly byHand: ByHand;
  neighbourhood(): Neighbourhood;
  /** Call when the network may have changed: probes the servers, and tries failed dials again. */
  checkNow(stale?: boolean): void;
  /** Uses these signaling servers from now on. Links that need none of the servers left out stay. */
  useServers(urls: readonly string[]): void;
  /** Uses these STUN and TURN servers for new dials. */
  useIceServers(servers: readonly IceServer[]): void;
  /** Tells all linked tabs, which are those of the team. */
  tellTeam(frame: TeamFrame): void;
  /** Opens a connection to each signaling server in use, in another room and under a new identity. The caller stops the connections. */
  openRoom(room: string): Rendezvous[];
}

/** The links of this page, under a new identity: by WebRTC where it connects, otherwise through the signaling server. */
export function createRtcTransport(options: RtcTransportOptions): PageLinks {
  const { log, onSignaling, onMet, onTeam } = options;
  const room = options.sealed?.room ?? options.room;
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
  const identity = createIdentity(random);
  const timers: Timers = { set: (callback, delayMs) => window.setTimeout(callback, delayMs), clear: (id) => window.clearTimeout(id) };
  const openSocket = (address: string): WebSocket => new WebSocket(address);
  const sealed = options.sealed?.sealFor(identity.peerId, random) ?? ((rendezvous: Rendezvous): Rendezvous => rendezvous);
  const browser =
    'BroadcastChannel' in globalThis
      ? [sealed(new LocalRendezvous(identity.peerId, () => new BroadcastChannel(`tabchain-links:${room}`)))]
      : [];
  const createPeer: RtcPeerFactory = (initiator, events) => createSimplePeer(initiator, events, links.iceServers);
  const memory = sessionMemory(tabStorage(), room);
  const manager = new PeerManager({
    identity,
    room,
    rendezvous: browser,
    createPeer,
    clock,
    timers,
    random,
    log,
    memory,
    ...(onTeam && { onTeam }),
  });
  const openServer = (url: string, where: string, who: TabIdentity, onState: (state: SignalingState) => void): SignalingClient =>
    new SignalingClient({ url, room: where, identity: who, openSocket, clock, timers, random, log, onState });
  const servers = new SignalingList({
    open: (url, onState) => openServer(url, room, identity, onState),
    sealed,
    manager,
    onState: onSignaling,
  });
  servers.use(options.servers);
  const preparePeers = (): Promise<HandmadePeerFactory> => handmadePeers(() => links.iceServers);
  const byHand = new ByHand({ identity, room, preparePeers, adopt: (peer, rtc) => manager.adopt(peer, rtc), onMet, clock, timers });
  const openRoom = (other: string): Rendezvous[] =>
    servers.states().map(({ url }) => openServer(url, other, createIdentity(random), () => undefined));
  const links = new PageTransport(manager, servers, byHand, options.iceServers, openRoom);
  return links;
}

/** The storage of this tab; null where the browser denies it, as with blocked cookies. */
function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Closes the links when the page goes, so neighbours notice in milliseconds instead of 16 seconds. */
class PageTransport implements PageLinks {
  readonly peerId: string;
  readonly #manager: PeerManager;
  readonly byHand: ByHand;
  readonly #servers: SignalingList;
  iceServers: readonly IceServer[];
  readonly openRoom: PageLinks['openRoom'];
  #events: TransportEvents | null = null;

  constructor(
    manager: PeerManager,
    servers: SignalingList,
    byHand: ByHand,
    iceServers: readonly IceServer[],
    openRoom: PageLinks['openRoom'],
  ) {
    this.peerId = manager.peerId;
    this.#manager = manager;
    this.#servers = servers;
    this.byHand = byHand;
    this.iceServers = iceServers;
    this.openRoom = openRoom;
    window.addEventListener('pagehide', () => this.#pause());
    // The page is back from the browser's page cache, which keeps the page but not its links.
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted && this.#events) this.start(this.#events);
    });
  }

  start(events: TransportEvents): void {
    this.#events = events;
    this.#manager.start(events);
    this.byHand.start();
  }

  stop(): void {
    this.#events = null;
    this.#pause();
  }

  #pause(): void {
    this.byHand.stop();
    this.#manager.stop();
  }

  checkNow(stale = false): void {
    this.#manager.checkRendezvous();
    if (stale) this.#manager.doubtLinks();
    else this.#manager.retryNow();
  }

  useServers(urls: readonly string[]): void {
    this.#servers.use(urls);
  }

  useIceServers(servers: readonly IceServer[]): void {
    this.iceServers = servers;
    this.#manager.retryNow();
  }

  tellTeam(frame: TeamFrame): void {
    this.#manager.tellTeam(frame);
  }

  neighbourhood(): Neighbourhood {
    return { self: this.peerId, links: this.#manager.links(), known: this.#manager.known, servers: this.#servers.states() };
  }
}
