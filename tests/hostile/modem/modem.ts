/**
 * The attacker's page makes links with the product's own code, by WebRTC or relay, and passes bytes between them and the test process. The
 * test process decides what to send. The page follows no protocol rule.
 */
import { createIdentity, type TabIdentity } from '../../../src/webrtc/identity.ts';
import { PeerManager } from '../../../src/webrtc/peer-manager.ts';
import type { RtcPeerFactory } from '../../../src/webrtc/rtc-peer.ts';
import { SignalingClient } from '../../../src/webrtc/signaling-client.ts';
import { SignedSignals } from '../../../src/webrtc/signed-signals.ts';
import { createSimplePeer } from '../../../src/webrtc/simple-peer-rtc.ts';
import type { Rendezvous, RendezvousEvents } from '../../../src/webrtc/rendezvous.ts';
import type { PeerSignal } from '../../../src/webrtc/peer-signals.ts';
import type { Link } from '../../../src/net/transport.ts';
import type { Random, Timers } from '../../../src/util/ports.ts';

/** Events from the page to the test process. */
export type ModemEvent =
  | { kind: 'present'; self: number; peer: string }
  | { kind: 'open'; self: number; selfId: string; link: string; peer: string; linkKind: string }
  | { kind: 'message'; link: string; base64: string }
  | { kind: 'close'; link: string; reason: string };

export interface DialOptions {
  readonly url: string;
  readonly room: string;
  /** Uses only the relay through the server. */
  readonly relayed: boolean;
  /** The only tab to link with; null for an identity that only lists the tabs in the room. */
  readonly victim: string | null;
  readonly identities: number;
}

/** Bytes that may wait in a link before a flood pauses. */
const FLOOD_HIGH_WATER = 256 * 1024;
const FLOOD_TICK_MS = 10;
const FLOOD_TICK_BYTES = 64 * 1024;

const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
const clock = { monotonic: () => performance.now() };
const timers: Timers = { set: (callback, delayMs) => window.setTimeout(callback, delayMs), clear: (id) => window.clearTimeout(id) };

const noWebRtc: RtcPeerFactory = () => {
  throw new Error('This modem only relays.');
};

interface Self {
  readonly identity: TabIdentity;
  readonly client: SignalingClient;
  readonly manager: PeerManager;
  readonly signals: SignedSignals;
}

class Modem {
  readonly #selves: Self[] = [];
  readonly #links = new Map<string, Link>();
  readonly #floods = new Set<number>();
  /** Links whose messages go to the test process; messages of other links are dropped. */
  readonly #heard = new Set<string>();

  /** Joins as `identities` tabs. Returns at once; events report the results. */
  dial({ url, room, relayed, victim, identities }: DialOptions): void {
    for (let i = 0; i < identities; i++) {
      const self = this.#selves.length;
      const identity = createIdentity(random);
      const client = new SignalingClient({
        url,
        room,
        identity,
        openSocket: (address) => new WebSocket(address),
        clock,
        timers,
        random,
        log: () => undefined,
        onState: () => undefined,
      });
      const rendezvous = onlyOf(client, victim, (peer) => tell({ kind: 'present', self, peer }));
      const createPeer = relayed ? noWebRtc : createSimplePeer;
      const manager = new PeerManager({
        identity,
        room,
        rendezvous: [rendezvous],
        createPeer,
        clock,
        timers,
        random,
        log: () => undefined,
      });
      this.#selves.push({ identity, client, manager, signals: new SignedSignals(identity, room) });
      manager.start({
        open: (link) => {
          const key = `${self}/${link.id}`;
          this.#links.set(key, link);
          this.#heard.add(key);
          tell({ kind: 'open', self, selfId: identity.peerId, link: key, peer: link.peerId, linkKind: link.kind });
        },
        message: (link, bytes) => {
          const key = `${self}/${link.id}`;
          if (this.#heard.has(key)) tell({ kind: 'message', link: key, base64: toBase64(bytes) });
        },
        close: (link, reason) => {
          this.#links.delete(`${self}/${link.id}`);
          tell({ kind: 'close', link: `${self}/${link.id}`, reason });
        },
        drained: () => undefined,
      });
    }
  }

  /** Stops reporting a link's messages, because the answers to a flood would fill the channel to the test process. */
  deafen(link: string): void {
    this.#heard.delete(link);
  }

  send(link: string, frames: readonly string[]): void {
    for (const frame of frames) this.#links.get(link)?.send(fromBase64(frame));
  }

  /**
   * Sends the frames again and again, as fast as the links accept them, but at most `bytesPerSecond`.
   * @param links null for all open links, including later ones
   */
  flood(links: readonly string[] | null, frames: readonly string[], bytesPerSecond: number): void {
    const bytes = frames.map(fromBase64);
    const perTick = Math.min(FLOOD_TICK_BYTES, (bytesPerSecond * FLOOD_TICK_MS) / 1000);
    const credit = new Map<string, number>();
    let at = 0;
    const timer = window.setInterval(() => {
      for (const key of links ?? this.#links.keys()) {
        const link = this.#links.get(key);
        if (!link) continue;
        let left = Math.min((credit.get(key) ?? 0) + perTick, FLOOD_TICK_BYTES);
        while (left > 0 && link.bufferedBytes() < FLOOD_HIGH_WATER) {
          const frame = bytes[at++ % bytes.length]!;
          link.send(frame.slice());
          left -= frame.length;
        }
        credit.set(key, left);
      }
    }, FLOOD_TICK_MS);
    this.#floods.add(timer);
  }

  /** Sends signed signals from every identity to one tab, `perSecond` each. */
  signal(to: string, signal: PeerSignal, perSecond: number): void {
    const timer = window.setInterval(() => {
      for (const { client, signals } of this.#selves) client.signal(to, signals.seal(to, signal));
    }, 1000 / perSecond);
    this.#floods.add(timer);
  }

  /** Ends every flood and disconnects every identity. */
  hangUp(): void {
    for (const timer of this.#floods) window.clearInterval(timer);
    this.#floods.clear();
    for (const { manager } of this.#selves.splice(0)) manager.stop();
    this.#links.clear();
  }
}

/** A rendezvous through the server that shows only the victim. */
function onlyOf(client: SignalingClient, victim: string | null, seen: (peer: string) => void): Rendezvous {
  return {
    kind: 'server',
    relay: client.relay,
    start: (events: RendezvousEvents) =>
      client.start({
        ...events,
        present: (peer, group) => {
          seen(peer);
          if (peer === victim) events.present(peer, group);
        },
        signal: (from, data) => {
          if (from === victim) events.signal(from, data);
        },
      }),
    stop: () => client.stop(),
    signal: (to, data) => client.signal(to, data),
  };
}

function tell(event: ModemEvent): void {
  void (window as unknown as { toAttacker(event: ModemEvent): Promise<void> }).toAttacker(event);
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

function fromBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const modem = new Modem();
export type ModemPage = { readonly modem: Modem };
(window as unknown as { modem: Modem }).modem = modem;
