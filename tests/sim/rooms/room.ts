import type { Rendezvous } from '../../../src/webrtc/rendezvous.ts';
import { Prng } from '../engine/prng.ts';
import { SimTime, type Owner } from '../engine/time.ts';
import { Trace } from '../engine/trace.ts';
import { SimBrowser } from './browser.ts';
import { Page } from './page.ts';
import type { Person } from './person.ts';
import type { Quality } from './pipe.ts';
import { SimRtc, type RtcPage, type RtcWorld } from './rtc.ts';
import { SimServer } from './server.ts';

/** Values drawn once for a room. */
export interface RoomPlan {
  readonly servers: number;
  /** Latency between two places, ms. */
  readonly latencyMs: readonly [number, number];
  readonly loss: number;
  /** Shares of pairs that WebRTC cannot connect, of dials that hang for no reason, and of tabs without UDP, without WebRTC, hidden. */
  readonly blockedPairs: number;
  readonly hangs: number;
  readonly noUdp: number;
  readonly noRtc: number;
  readonly hidden: number;
  /** Share of persons who have a second tab in their browser. */
  readonly twins: number;
  /** Number of network addresses behind which honest tabs sit; a school has one, a country as many as tabs. */
  readonly addresses: number;
}

export interface Violation {
  readonly code: string;
  readonly text: string;
  readonly atMs: number;
}

/** Mean time between two blocks. */
const BLOCK_MS = 8_000;
const START_MS = 1_000_000;

/** A room of pages, its servers and the network between them. The same seed and plan give the same room, event by event. */
export class Room implements RtcWorld {
  readonly plan: RoomPlan;
  readonly time = new SimTime(START_MS, false);
  readonly rng: Prng;
  readonly trace: Trace;
  readonly rtc: SimRtc;
  readonly servers: readonly SimServer[];
  readonly people: Person[] = [];
  readonly violations: Violation[] = [];
  readonly figures = new Map<string, number>();
  /** Number of the key for the next page. */
  nextSecret: number;
  readonly #draws: Prng;
  readonly #pages = new Map<string, Page>();
  readonly #pairs = new Map<number, { readonly quality: Quality; readonly blocked: boolean }>();
  readonly #nature: Owner = { alive: true, deferred: null, scheduled: 0 };
  #block = 0;

  constructor(seed: string, plan: RoomPlan, print: boolean) {
    this.plan = plan;
    this.#draws = new Prng(seed);
    this.rng = this.#draws.fork('wires');
    this.nextSecret = this.#draws.fork('keys').int(0, 1_000_000);
    this.trace = new Trace(() => this.time.now(), print);
    this.rtc = new SimRtc(this);
    this.servers = Array.from({ length: plan.servers }, (_, index) => new SimServer(this.time, this.#draws.fork(`server ${index}`)));
    this.#mine();
  }

  /** Virtual milliseconds since the beginning. */
  get ageMs(): number {
    return this.time.now() - START_MS;
  }

  get hangs(): number {
    return this.plan.hangs;
  }

  /** An independent stream of this room. */
  stream(name: string): Prng {
    return this.#draws.fork(name);
  }

  violate(code: string, text: string): void {
    this.violations.push({ code, text, atMs: this.ageMs });
    this.trace.note('CHECK', `${code}: ${text}`);
  }

  figure(name: string, value: number): void {
    this.figures.set(name, value);
  }

  register(page: Page): void {
    this.#pages.set(page.peerId, page);
  }

  pageOf(peerId: string): Page | undefined {
    return this.#pages.get(peerId);
  }

  nameOf(peerId: string): string {
    return this.#pages.get(peerId)?.person.name ?? peerId;
  }

  later(delayMs: number, action: () => void): void {
    this.time.schedule(this.#nature, action, delayMs);
  }

  async run(durationMs: number): Promise<void> {
    await this.time.runUntil(this.time.now() + durationMs);
  }

  /** Runs until the condition holds. @returns milliseconds that took; null if it did not hold in time */
  async until(condition: () => boolean, limitMs: number, stepMs = 250): Promise<number | null> {
    const from = this.time.now();
    while (!condition()) {
      if (this.time.now() - from >= limitMs) return null;
      await this.run(stepMs);
    }
    return this.time.now() - from;
  }

  /** Adds a person. @param traits instead of those drawn */
  addPerson(traits: Partial<Person> = {}): Person {
    const index = this.people.length;
    const rng = this.stream(`person ${index}`);
    const { noUdp, noRtc, hidden, twins, addresses, latencyMs, loss } = this.plan;
    const latency = rng.logarithmic(...latencyMs) / 2;
    const previous = this.people.at(-1);
    const isTwin = rng.chance(twins) && previous !== undefined && !previous.hostile;
    const hasUdp = isTwin ? previous.hasUdp : !rng.chance(noUdp);
    const person: Person = {
      index,
      name: `${traits.hostile ? 'evil' : 'tab'}${index}`,
      hostile: false,
      address: isTwin ? previous.address : `10.0.${rng.int(0, addresses - 1)}.1`,
      servers: this.servers,
      browser: isTwin ? previous.browser : new SimBrowser(this.time),
      hasRtc: isTwin ? previous.hasRtc : !rng.chance(noRtc),
      hasUdp,
      hidden: rng.chance(hidden),
      setUpMs: rng.chance(0.2) ? rng.int(100, 1_000) : rng.int(50, 140),
      toServer: { latencyMs: latency, jitterMs: latency * rng.float(), loss },
      memory: [],
      page: null,
      ...traits,
    };
    this.people.push(person);
    return person;
  }

  /** Opens a page of a person, who has none. */
  enter(person: Person, disguise?: (rendezvous: Rendezvous) => Rendezvous): Page {
    const loads = [...this.#pages.values()].filter((page) => page.person === person).length;
    const page = new Page(this, person, this.stream(`page ${person.index} ${loads}`), disguise);
    person.page = page;
    return page;
  }

  leave(person: Person, how: 'closed' | 'killed' | 'silent'): void {
    person.page?.leave(how);
    person.page = null;
  }

  honest(): Page[] {
    return this.people.flatMap(({ hostile, page }) => (hostile || !page ? [] : [page]));
  }

  reachable(a: RtcPage, b: RtcPage): boolean {
    const one = this.people[a.index]!;
    const two = this.people[b.index]!;
    const sameBrowser = one.browser !== null && one.browser === two.browser;
    return sameBrowser || (one.hasUdp && two.hasUdp && !this.#pair(a, b).blocked);
  }

  quality(a: RtcPage, b: RtcPage): Quality {
    return this.#pair(a, b).quality;
  }

  /** What lies between two places, the same for the whole run. */
  #pair(a: RtcPage, b: RtcPage): { readonly quality: Quality; readonly blocked: boolean } {
    const key = Math.min(a.index, b.index) * 10_000 + Math.max(a.index, b.index);
    let pair = this.#pairs.get(key);
    if (!pair) {
      const rng = this.stream(`pair ${key}`);
      const latencyMs = rng.logarithmic(...this.plan.latencyMs);
      pair = {
        quality: { latencyMs, jitterMs: latencyMs * rng.float(), loss: this.plan.loss },
        blocked: rng.chance(this.plan.blockedPairs),
      };
      this.#pairs.set(key, pair);
    }
    return pair;
  }

  #mine(): void {
    const rng = this.stream('blocks');
    const next = (): void => {
      const pages = this.honest();
      if (pages.length > 0) rng.pick(pages).node.found(++this.#block);
      this.later(rng.exponential(BLOCK_MS), next);
    };
    this.later(rng.exponential(BLOCK_MS), next);
  }

  /** Sizes of the connected components of these pages over links that both ends have open, the largest first. */
  components(pages: readonly Page[]): number[] {
    const left = new Map(pages.map((page) => [page.peerId, page]));
    const neighbours = new Map(pages.map((page) => [page.peerId, page.node.neighbours()]));
    const sizes: number[] = [];
    for (const page of pages) {
      if (!left.delete(page.peerId)) continue;
      const component = [page];
      for (const one of component) {
        for (const peer of neighbours.get(one.peerId)!) {
          const other = left.get(peer);
          if (!other || !neighbours.get(peer)!.has(one.peerId)) continue;
          left.delete(peer);
          component.push(other);
        }
      }
      sizes.push(component.length);
    }
    return sizes.sort((a, b) => b - a);
  }
}
