import type { NeighbourLink, Transport, TransportEvents } from '../net/transport.ts';
import type { Random, TimerId, Timers } from '../util/ports.ts';
import type { TeamFrame } from './control-frames.ts';
import { DirectLinks, type DirectLinksOptions } from './direct-links.ts';
import { Gate, type GateOptions } from './gate.ts';
import { LinkChoice, type LinkChoiceOptions } from './link-choice.ts';
import { MAINTAIN_MS, PRESENCE_PAUSE_MS } from './link-limits.ts';
import { OpenLinks } from './open-links.ts';
import type { PeerSignal } from './peer-signals.ts';
import { PeerRendezvous } from './peer-rendezvous.ts';
import { RelayedLinks } from './relayed-links.ts';
import type { Remote } from './remote.ts';
import { Remotes } from './remotes.ts';
import type { Rendezvous } from './rendezvous.ts';
import type { RtcPeer, RtcPeerEvents } from './rtc-peer.ts';

/** The group of the tabs that people have introduced by hand. */
const HAND_GROUP = 'hand';

export interface PeerManagerOptions extends GateOptions, DirectLinksOptions, LinkChoiceOptions {
  readonly identity: GateOptions['identity'];
  readonly rendezvous: readonly Rendezvous[];
  readonly timers: Timers;
  readonly random: Random;
  readonly onTeam?: (peer: string, frame: TeamFrame) => void;
}

/** A channel of this browser asks no server, and a server reaches a tab without another tab's help. */
const PREFERENCE: readonly Rendezvous['kind'][] = ['browser', 'server', 'peers', 'hand'];

/**
 * Keeps this tab's links: to all tabs of a small room, to a random few of a large room. Links are direct where WebRTC connects, otherwise
 * relayed. Broken links are made again with growing pauses (`remote.ts` draws the states of one tab). Links outlive the rendezvous that
 * helped to make them.
 */
export class PeerManager implements Transport {
  readonly peerId: string;
  readonly #options: PeerManagerOptions;
  /** In order of preference. */
  readonly #rendezvous: Rendezvous[] = [];
  readonly #peers: PeerRendezvous;
  readonly #remotes: Remotes;
  readonly #gate: Gate;
  readonly #links: OpenLinks;
  readonly #relayed: RelayedLinks;
  readonly #direct: DirectLinks;
  readonly #choice: LinkChoice;
  #timer: TimerId | null = null;
  #presenceTimer: TimerId | null = null;
  #maintainedAt = -Infinity;

  constructor(options: PeerManagerOptions) {
    const { clock, random, log, rendezvous } = options;
    this.#options = options;
    this.peerId = options.identity.peerId;
    this.#peers = new PeerRendezvous(options);
    this.#remotes = new Remotes(clock, random, this.#rendezvous);
    this.#gate = new Gate(options, this.#remotes);
    this.#links = new OpenLinks(this.#remotes, this.#peers, clock, log);
    this.#relayed = new RelayedLinks(this.peerId, this.#remotes, this.#gate, this.#links, clock);
    this.#direct = new DirectLinks(options, this.#remotes, this.#gate, this.#links, this.#relayed);
    this.#choice = new LinkChoice(options, this.#remotes, this.#links, this.#direct);
    // A link without an answer may mean that this tab's network is gone, and then the sockets to the servers are dead, too.
    this.#links.doubted = () => this.checkRendezvous();
    for (const each of [...rendezvous, this.#peers]) this.add(each);
  }

  /** Meets tabs through one more rendezvous. */
  add(rendezvous: Rendezvous): void {
    this.#rendezvous.push(rendezvous);
    this.#rendezvous.sort((a, b) => PREFERENCE.indexOf(a.kind) - PREFERENCE.indexOf(b.kind));
    if (this.#links.events) this.#meetThrough(rendezvous);
  }

  /** Meets no tab through this rendezvous any more. Its relayed links end; other links stay. */
  remove(rendezvous: Rendezvous): void {
    if (!this.#rendezvous.includes(rendezvous)) return;
    this.#rendezvous.splice(this.#rendezvous.indexOf(rendezvous), 1);
    rendezvous.stop();
    this.#lost(rendezvous);
  }

  start(events: TransportEvents): void {
    if (this.#links.events) return;
    this.#links.events = events;
    for (const rendezvous of this.#rendezvous) this.#meetThrough(rendezvous);
    this.#scheduleMaintain();
  }

  stop(): void {
    if (!this.#links.events) return;
    for (const timer of [this.#timer, this.#presenceTimer]) if (timer !== null) this.#options.timers.clear(timer);
    this.#timer = this.#presenceTimer = null;
    // First, because nobody needs to hear of each link that ends.
    this.#peers.stop();
    for (const remote of this.#remotes.all()) {
      remote.via.clear();
      this.#links.endAll(remote, 'stopped');
    }
    this.#remotes.clear();
    for (const rendezvous of this.#rendezvous) rendezvous.stop();
    this.#links.events = null;
  }

  /** Checks now whether the connections to the servers still work. */
  checkRendezvous(): void {
    for (const rendezvous of this.#rendezvous) rendezvous.checkNow?.();
  }

  /** Tries failed dials again now, because the reason of their failure may be gone. */
  retryNow(): void {
    this.#direct.networkChanged();
    for (const remote of this.#remotes.all()) remote.retryNow();
    this.#maintain();
  }

  /**
   * Does the same after a sleep or a change of the network. Then a direct link that gives no sign of life soon gets another dial beside
   * it; the node must ask for that sign.
   */
  doubtLinks(): void {
    this.#direct.networkChanged();
    for (const remote of this.#remotes.all()) remote.doubt();
    this.#maintain();
  }

  /** Takes over an open connection that people have made by hand. @returns its listener; null while stopped, or where it cannot be kept */
  adopt(id: string, rtc: RtcPeer): RtcPeerEvents | null {
    const remote = this.#links.events ? this.#remotes.meet(id, HAND_GROUP, true) : null;
    return remote && this.#direct.adopt(remote, rtc);
  }

  /** The open links, one for each tab. */
  links(): NeighbourLink[] {
    const now = this.#options.clock.monotonic();
    return this.#remotes.engaged().flatMap(({ link, outgoing }) => {
      if (!link) return [];
      const { peerId: peer, kind, met, openedAt, sentBytes, receivedBytes } = link;
      return [
        {
          peer,
          kind,
          met,
          outgoing,
          sinceMs: Math.round(now - openedAt),
          sentBytes,
          receivedBytes,
          neighbours: this.#peers.neighboursOf(peer),
        },
      ];
    });
  }

  tellTeam(frame: TeamFrame): void {
    this.#peers.tellTeam(frame);
  }

  /** Number of other tabs that this tab could link with. */
  get known(): number {
    return this.#remotes.size;
  }

  // Tabs that come and go

  #meetThrough(rendezvous: Rendezvous): void {
    rendezvous.start({
      present: (peer, group) => this.#present(rendezvous, peer, group),
      absent: (peer) => this.#absent(rendezvous, peer),
      signal: (from, data) => this.#onSignal(rendezvous, from, data),
      relayed: (from, bytes) => this.#relayed.received(rendezvous, from, bytes),
      drained: (to) => this.#relayed.drained(rendezvous, to),
      lost: () => this.#lost(rendezvous),
    });
  }

  #lost(rendezvous: Rendezvous): void {
    for (const { id } of this.#remotes.all()) this.#absent(rendezvous, id);
  }

  #present(rendezvous: Rendezvous, id: string, group: string): void {
    if (id === this.peerId) return;
    this.#choice.recall(rendezvous);
    const remote = this.#remotes.meet(id, group);
    if (!remote) return;
    remote.announced(rendezvous, group);
    this.#maintainSoon();
  }

  #absent(rendezvous: Rendezvous, id: string): void {
    const remote = this.#remotes.get(id);
    if (!remote?.via.delete(rendezvous)) return;
    this.#relayed.lost(remote, rendezvous);
    this.#remotes.tidy(remote);
  }

  // Maintenance

  /** Maintains again after {@link MAINTAIN_MS}, or as soon as a dial needs a relayed link beside it. */
  #scheduleMaintain(): void {
    if (this.#timer !== null) this.#options.timers.clear(this.#timer);
    const dueMs = this.#remotes.engaged().map((remote) => this.#direct.relayDueMs(remote));
    this.#timer = this.#options.timers.set(() => this.#maintain(), Math.min(MAINTAIN_MS, ...dueMs));
  }

  /** Maintains now, or after a short pause together with further changes, because a thousand tabs may arrive at once. */
  #maintainSoon(): void {
    if (this.#presenceTimer !== null) return;
    const pauseMs = this.#maintainedAt + PRESENCE_PAUSE_MS - this.#options.clock.monotonic();
    if (pauseMs <= 0) return this.#maintain();
    this.#presenceTimer = this.#options.timers.set(() => {
      this.#presenceTimer = null;
      this.#maintain();
    }, pauseMs);
  }

  #maintain(): void {
    if (!this.#links.events) return;
    this.#maintainedAt = this.#options.clock.monotonic();
    try {
      for (const remote of this.#remotes.engaged()) {
        this.#relayed.expire(remote);
        this.#direct.watch(remote);
      }
      this.#peers.tend();
      this.#choice.maintain();
    } finally {
      this.#scheduleMaintain();
    }
  }

  // Signals of other tabs

  #onSignal(rendezvous: Rendezvous, from: string, data: unknown): void {
    const heard = this.#gate.hear(rendezvous, from, data);
    if (!heard) return;
    this.#obey(heard.remote, rendezvous, heard.signal);
    this.#remotes.tidy(heard.remote);
  }

  #obey(remote: Remote, rendezvous: Rendezvous, signal: PeerSignal): void {
    switch (signal.kind) {
      case 'rtc':
        return this.#direct.signalled(remote, rendezvous, signal.attempt, signal.data);
      case 'want':
        return this.#direct.wanted(remote, rendezvous);
      case 'busy':
        remote.relayRefused();
        return this.#direct.refused(remote);
      case 'relay-close':
        return this.#relayed.ended(remote, rendezvous, 'closed by the other end');
      case 'relay-ok':
        return this.#relayed.granted(remote, rendezvous);
      case 'relay-open':
        return this.#relayed.asked(remote, rendezvous);
    }
  }
}
