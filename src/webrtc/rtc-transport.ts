import type { Log } from '../util/log.ts';
import type { MonotonicClock, Random, Timers } from '../util/ports.ts';
import type { Neighbourhood, SignalingState, Transport, TransportEvents } from '../net/transport.ts';
import { createIdentity } from './identity.ts';
import type { Rendezvous } from './rendezvous.ts';
import { LocalRendezvous } from './local-rendezvous.ts';
import { PeerManager } from './peer-manager.ts';
import { SignalingClient } from './signaling-client.ts';
import { createSimplePeer } from './simple-peer-rtc.ts';

export interface RtcTransportOptions {
  /** Where the tabs of this network meet (protocol/room.ts), 64 hexadecimal digits. */
  readonly room: string;
  /** Addresses of the signaling servers, `ws:` or `wss:`; all are used together. */
  readonly servers: readonly string[];
  readonly onSignaling: (state: SignalingState) => void;
  readonly log: Log;
}

/** The links of a page, and what the page may ask about them. */
export interface PageLinks extends Transport {
  neighbourhood(): Neighbourhood;
  /** Call when the network may have changed: probes the servers, and tries failed dials again. */
  checkNow(): void;
}

/** The links of this page, under a new identity: by WebRTC where it connects, otherwise through the signaling server. */
export function createRtcTransport(options: RtcTransportOptions): PageLinks {
  const { room, servers, log, onSignaling } = options;
  const clock: MonotonicClock = { monotonic: () => performance.now() };
  const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
  const identity = createIdentity(random);
  const timers: Timers = { set: (callback, delayMs) => window.setTimeout(callback, delayMs), clear: (id) => window.clearTimeout(id) };
  const openSocket = (address: string): WebSocket => new WebSocket(address);
  const states = new Map<string, SignalingState>();
  const clients = servers.map((url) => {
    const onState = (state: SignalingState): void => onSignaling(bestState(states.set(url, state).values()));
    return new SignalingClient({ url, room, identity, openSocket, clock, timers, random, log, onState });
  });
  const rendezvous: Rendezvous[] = [...clients];
  if ('BroadcastChannel' in globalThis)
    rendezvous.unshift(new LocalRendezvous(identity.peerId, () => new BroadcastChannel(`tabchain-links:${room}`)));
  const manager = new PeerManager({ identity, room, rendezvous, createPeer: createSimplePeer, clock, timers, random, log });
  const links = new PageTransport(manager, clients);
  onNetworkChange(() => links.checkNow());
  return links;
}

/** The state of several servers for the user: one connected server suffices. */
function bestState(states: Iterable<SignalingState>): SignalingState {
  const all = new Set(states);
  return (['connected', 'connecting', 'unreachable'] as const).find((state) => all.has(state)) ?? 'off';
}

/** Calls `changed` whenever the browser gives a reason to doubt the connections, as long as the page lives. */
function onNetworkChange(changed: () => void): void {
  window.addEventListener('online', changed);
  // A change between networks without an offline moment; Chromium and Firefox on phones report it.
  (navigator as { connection?: EventTarget }).connection?.addEventListener?.('change', changed);
  // A frozen page misses events, and a page that becomes visible may have been frozen.
  document.addEventListener('resume', changed);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) changed();
  });
}

/** Closes the links when the page goes, so neighbours notice in milliseconds instead of 16 seconds. */
class PageTransport implements PageLinks {
  readonly peerId: string;
  readonly #manager: PeerManager;
  readonly #servers: readonly SignalingClient[];
  #events: TransportEvents | null = null;

  constructor(manager: PeerManager, servers: readonly SignalingClient[]) {
    this.peerId = manager.peerId;
    this.#manager = manager;
    this.#servers = servers;
    window.addEventListener('pagehide', () => manager.stop());
    // The page is back from the browser's page cache, which keeps the page but not its links.
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted && this.#events) manager.start(this.#events);
    });
  }

  start(events: TransportEvents): void {
    this.#events = events;
    this.#manager.start(events);
  }

  stop(): void {
    this.#events = null;
    this.#manager.stop();
  }

  checkNow(): void {
    for (const server of this.#servers) server.checkNow();
    this.#manager.retryNow();
  }

  neighbourhood(): Neighbourhood {
    const servers = this.#servers.map(({ url, state }) => ({ url, state }));
    return { self: this.peerId, links: this.#manager.links(), known: this.#manager.known, servers };
  }
}
