import type { LinkKind } from '../net/transport.ts';
import type { Log } from '../util/log.ts';
import { randomBelow, type MonotonicClock, type Random } from '../util/ports.ts';
import { TokenBucket } from '../util/token-bucket.ts';
import { encodeControlFrame, parseControlFrame, type ControlFrame, type Neighbour, type TeamFrame } from './control-frames.ts';
import {
  ALL_INTRODUCTIONS,
  ALL_PASSES,
  CONTROL_FRAMES,
  LINK_INTRODUCTIONS,
  LINK_PASSES,
  MAX_NEIGHBOURS,
  NEIGHBOURS_PAUSE_MS,
  OWN_PASSES,
  PASS_BUFFERED_BYTES,
  ROUTE_MS,
  TARGET_PASSES,
} from './link-limits.ts';
import type { OpenLink } from './open-link.ts';
import type { Rendezvous, RendezvousEvents } from './rendezvous.ts';
import { SharedBudget } from './shared-budget.ts';

export interface PeerRendezvousOptions {
  readonly identity: { readonly peerId: string };
  readonly clock: MonotonicClock;
  readonly random: Random;
  readonly log: Log;
  /** Takes what a tab of the same team tells. */
  readonly onTeam?: (peer: string, frame: TeamFrame) => void;
}

/** A tab with an open link to this tab. */
interface Forwarder {
  readonly peer: string;
  /** Open links; the newest is used. */
  readonly links: OpenLink[];
  /** The other links of that tab, as far as it has told. */
  lists: ReadonlyMap<string, LinkKind>;
  /** Whether some of them are not announced yet. */
  waits: boolean;
  /** Control frames that are read, and signals that go to the tab. */
  readonly frames: TokenBucket;
  readonly passes: TokenBucket;
}

/**
 * Introduces tabs through the links that exist. Tabs tell their neighbours which links they have, so each tab knows the neighbours of its
 * neighbours. A signal goes to such a tab through one neighbour of both, and no further. So the network heals and grows without any server.
 *
 * A forwarder can read signals and can drop them, but it cannot change or invent them: the ends sign (signed-signals.ts). What one forwarder
 * can cost this tab is bounded by the limits of link-limits.ts. A route is chosen at random, and again for the next attempt. So a forwarder
 * that drops signals delays an attempt, but prevents no link as long as another forwarder lists the tab.
 */
export class PeerRendezvous implements Rendezvous {
  readonly kind = 'peers';
  readonly relay = null;
  readonly #options: PeerRendezvousOptions;
  readonly #own: TokenBucket;
  readonly #asked: SharedBudget;
  readonly #introductions: SharedBudget;
  readonly #forwarders = new Map<string, Forwarder>();
  /** Tabs announced as present. */
  readonly #announced = new Set<string>();
  readonly #routes = new Map<string, { readonly forwarder: Forwarder; readonly until: number }>();
  #events: RendezvousEvents | null = null;
  #changed = false;
  #toldAt = -Infinity;

  constructor(options: PeerRendezvousOptions) {
    const now = options.clock.monotonic();
    this.#options = options;
    this.#own = TokenBucket.of(OWN_PASSES, now);
    this.#asked = new SharedBudget(LINK_PASSES, ALL_PASSES, now);
    this.#introductions = new SharedBudget(LINK_INTRODUCTIONS, ALL_INTRODUCTIONS, now);
  }

  start(events: RendezvousEvents): void {
    this.#events = events;
  }

  stop(): void {
    this.#events = null;
    this.#forwarders.clear();
    this.#announced.clear();
    this.#routes.clear();
  }

  signal(to: string, data: unknown): void {
    const forwarder = this.#route(to);
    if (forwarder && this.#own.take(this.#now())) this.#send(forwarder, { type: 'pass', to, data });
  }

  /** The links that a neighbour says it has, without its link to this tab. */
  neighboursOf(peer: string): Neighbour[] {
    return [...(this.#forwarders.get(peer)?.lists ?? [])].map(([id, kind]) => ({ peer: id, kind }));
  }

  /** Does what had to wait for time to pass; call about every second. */
  tend(): void {
    if (this.#changed) this.#tell();
    for (const forwarder of this.#forwarders.values()) if (forwarder.waits) this.#announceAll(forwarder);
    const now = this.#now();
    for (const [to, { until }] of this.#routes) if (until <= now) this.#routes.delete(to);
  }

  // Links that come and go

  /** A link to a tab that understands control frames has opened. */
  opened(link: OpenLink): void {
    if (!this.#events) return;
    const now = this.#now();
    const known = this.#forwarders.get(link.peerId);
    const forwarder: Forwarder = known ?? {
      peer: link.peerId,
      links: [],
      lists: new Map(),
      waits: false,
      frames: TokenBucket.of(CONTROL_FRAMES, now),
      passes: TokenBucket.of(TARGET_PASSES, now),
    };
    forwarder.links.push(link);
    this.#forwarders.set(link.peerId, forwarder);
    if (!this.#tell()) this.#send(forwarder, this.#ownList());
  }

  closed(link: OpenLink): void {
    const forwarder = this.#forwarders.get(link.peerId);
    const at = forwarder?.links.indexOf(link) ?? -1;
    if (!forwarder || at < 0) return;
    forwarder.links.splice(at, 1);
    if (forwarder.links.length === 0) {
      this.#forwarders.delete(forwarder.peer);
      this.#forget(forwarder.lists.keys());
    }
    this.#tell();
  }

  /** Tells all neighbours this tab's links, at once or, soon after the last time, later. @returns whether it has told them */
  #tell(): boolean {
    const now = this.#now();
    this.#changed = now - this.#toldAt < NEIGHBOURS_PAUSE_MS;
    if (this.#changed) return false;
    this.#toldAt = now;
    const bytes = encodeControlFrame(this.#ownList());
    if (bytes) for (const { links } of this.#forwarders.values()) links.at(-1)!.send(bytes);
    return true;
  }

  /** Tells all neighbours, who are the team. */
  tellTeam(frame: TeamFrame): void {
    for (const forwarder of this.#forwarders.values()) this.#send(forwarder, frame);
  }

  #ownList(): ControlFrame {
    const links = [...this.#forwarders.values()].map(({ peer, links }) => ({ peer, kind: links.at(-1)!.kind }));
    return { type: 'neighbours', links: links.slice(0, MAX_NEIGHBOURS) };
  }

  // Frames of neighbours

  /** Takes a control frame from a link. */
  received(link: OpenLink, message: Uint8Array): void {
    const forwarder = this.#forwarders.get(link.peerId);
    if (!forwarder?.frames.take(this.#now())) return;
    const frame = parseControlFrame(message);
    if (!frame) return this.#options.log('debug', 'webrtc/control-senseless', { peer: link.peerId });
    if (frame.type === 'neighbours') this.#listed(forwarder, frame.links);
    else if (frame.type === 'team') this.#options.onTeam?.(link.peerId, frame);
    else if (frame.type === 'pass') this.#pass(forwarder, frame.to, frame.data);
    else this.#passed(forwarder, frame.from, frame.data);
  }

  #listed(forwarder: Forwarder, links: readonly Neighbour[]): void {
    const before = forwarder.lists;
    const lists = new Map(links.map(({ peer, kind }) => [peer, kind]));
    for (const end of [this.#options.identity.peerId, forwarder.peer]) lists.delete(end);
    forwarder.lists = lists;
    this.#announceAll(forwarder);
    this.#forget([...before.keys()].filter((peer) => !lists.has(peer)));
  }

  /** Passes a signal on, if its target is a neighbour: no signal goes further than that. */
  #pass(source: Forwarder, to: string, data: unknown): void {
    const target = this.#forwarders.get(to);
    if (!target || target === source) return;
    const now = this.#now();
    if (!this.#asked.take(source.peer, now) || !target.passes.take(now)) return;
    this.#send(target, { type: 'passed', from: source.peer, data });
  }

  #passed(forwarder: Forwarder, from: string, data: unknown): void {
    if (from === this.#options.identity.peerId || from === forwarder.peer) return;
    // A newcomer's first signal may arrive before the forwarder's next list.
    if (!forwarder.lists.has(from) && forwarder.lists.size < MAX_NEIGHBOURS)
      forwarder.lists = new Map([...forwarder.lists, [from, 'direct']]);
    if (!forwarder.lists.has(from)) return;
    forwarder.waits ||= !this.#announced.has(from);
    if (this.#announce(forwarder, from)) this.#events?.signal(from, data);
  }

  #send(forwarder: Forwarder, frame: ControlFrame): void {
    const link = forwarder.links.at(-1)!;
    // A slow link must not collect the signals of others.
    if (frame.type !== 'neighbours' && link.bufferedBytes() > PASS_BUFFERED_BYTES) return;
    const bytes = encodeControlFrame(frame);
    if (bytes) link.send(bytes);
  }

  // Tabs behind the neighbours

  /** Announces the tabs of a list as far as their introducer's budget goes; the rest waits for {@link tend}. */
  #announceAll(forwarder: Forwarder): void {
    forwarder.waits = true;
    for (const peer of [...forwarder.lists.keys()]) if (!this.#announce(forwarder, peer)) return;
    forwarder.waits = false;
  }

  /** @returns whether the tab is announced */
  #announce(forwarder: Forwarder, peer: string): boolean {
    if (this.#announced.has(peer)) return true;
    if (!this.#introductions.take(forwarder.peer, this.#now())) return false;
    this.#announced.add(peer);
    this.#events?.present(peer, `via ${forwarder.peer}`);
    return true;
  }

  /** Reports the tabs that no neighbour lists any more. */
  #forget(peers: Iterable<string>): void {
    for (const peer of peers) {
      if (!this.#announced.has(peer) || this.#isListed(peer)) continue;
      this.#announced.delete(peer);
      this.#routes.delete(peer);
      this.#events?.absent(peer);
    }
  }

  #isListed(peer: string): boolean {
    for (const { lists } of this.#forwarders.values()) if (lists.has(peer)) return true;
    return false;
  }

  #listers(peer: string): Forwarder[] {
    return [...this.#forwarders.values()].filter(({ lists }) => lists.has(peer));
  }

  /** The neighbour through which this tab reaches another: the same for the signals of one attempt, so that they keep their order. */
  #route(to: string): Forwarder | null {
    const now = this.#now();
    const route = this.#routes.get(to);
    if (route && route.until > now && this.#forwarders.get(route.forwarder.peer) === route.forwarder && route.forwarder.lists.has(to)) {
      return route.forwarder;
    }
    const listers = this.#listers(to);
    if (listers.length === 0) return null;
    const forwarder = listers[listers.length > 1 ? randomBelow(this.#options.random, listers.length) : 0]!;
    this.#routes.set(to, { forwarder, until: now + ROUTE_MS });
    return forwarder;
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}
