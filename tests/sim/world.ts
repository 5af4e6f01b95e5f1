import type { SqlJsStatic } from 'sql.js';
import { createBigIntVerifier, type SignatureVerifier } from '../../src/crypto/rsa/verifier.ts';
import { formatNetworkLink, type Network } from '../../src/protocol/network.ts';
import { Checks } from './checks/checks.ts';
import { ACCOUNT_COUNT, simAccount } from './engine/keys.ts';
import { SimNetwork, type LinkQuality } from './engine/links.ts';
import { Prng } from './engine/prng.ts';
import { SimTime, type Owner } from './engine/time.ts';
import { Trace } from './engine/trace.ts';
import { EvilTab } from './hostile/evil-tab.ts';
import { joinTrouble } from './join-trouble.ts';
import type { LongChain } from './long-chain.ts';
import { networkOf, type Plan } from './plan.ts';
import { settle } from './settlers.ts';
import { SimTab } from './tab.ts';

/** How often each page checks whether it has enough links. */
const INTRODUCE_MS = 2_000;
/** Links that a page wants in a healed world: in a small world every tab is linked with every other. */
const HEALED_LINKS = 8;
/** Most links of a page. */
const MAX_LINKS = 12;

export interface Violation {
  readonly code: string;
  readonly text: string;
  readonly atMs: number;
}

/** Tabs, the network between them, one clock, one source of randomness, and the checks. */
export class World {
  readonly plan: Plan;
  readonly network: Network;
  readonly link: string;
  readonly rng: Prng;
  readonly time: SimTime;
  readonly trace: Trace;
  readonly wires: SimNetwork;
  readonly verifier: SignatureVerifier = createBigIntVerifier();
  readonly sqlJs: SqlJsStatic;
  readonly checks: Checks;
  readonly tabs: SimTab[] = [];
  readonly violations: Violation[] = [];
  readonly counters = new Map<string, number>();
  readonly startMs: number;
  /** The chain with which the world begins; null for genesis. */
  readonly long: LongChain | null;
  /** Mishaps have ended. */
  healed = false;
  /** A hostile tab has cut off a victim. */
  eclipsed = false;
  /** Owner of events outside any tab. */
  readonly #fate: Owner = { alive: true, deferred: null, scheduled: 0 };
  readonly #qualities = new Map<string, LinkQuality>();
  readonly #joins: Prng;

  constructor(seed: string, plan: Plan, sqlJs: SqlJsStatic, print: boolean, long: LongChain | null = null) {
    this.plan = plan;
    this.sqlJs = sqlJs;
    this.rng = new Prng(seed);
    this.#joins = this.rng.fork('joins');
    this.network = networkOf(plan);
    this.long = long;
    this.link = formatNetworkLink(this.network);
    this.startMs = long ? long.main.timeMs + 1_000 : this.network.genesisTimeMs + 3_600_000;
    this.time = new SimTime(this.startMs);
    this.trace = new Trace(() => this.time.now(), print);
    this.wires = new SimNetwork(this.time, this.rng.fork('wires'), this.trace);
    this.wires.closed = (reason) => this.count(`link:${reason}`);
    this.checks = new Checks(this);
  }

  get sql(): SqlJsStatic {
    return this.sqlJs;
  }

  honest(): SimTab[] {
    return this.tabs.filter((tab) => !tab.hostile);
  }

  /** Records a violation and ends the run. */
  violate(code: string, text: string): void {
    this.violations.push({ code, text, atMs: this.time.now() - this.startMs });
    this.trace.note('CHECK', `${code}: ${text}`);
    this.time.stop();
  }

  /** Counts an event. */
  count(counter: string): void {
    this.counters.set(counter, (this.counters.get(counter) ?? 0) + 1);
  }

  later(delayMs: number, action: () => void): void {
    this.time.schedule(this.#fate, action, delayMs);
  }

  /** Makes the tabs, each with its account. The second tab may be another browser of the first tab's person. */
  populate(): void {
    const { nodes, hostile, hashesPerBlock, blockTimeMs } = this.plan;
    const mean = hashesPerBlock / (nodes * (blockTimeMs / 1000));
    const twins = this.rng.chance(0.3);
    for (let index = 0; index < nodes; index++) {
      const rate = mean * this.rng.logarithmic(0.3, 3);
      const owner = twins && index === 1 ? 0 : index;
      const account = owner < ACCOUNT_COUNT ? simAccount(owner) : null;
      // Sometimes two people want the same name.
      const userName = this.rng.chance(0.1) && owner > 0 ? 'user0' : `user${owner}`;
      const evil = account !== null && index >= nodes - hostile;
      const tab = evil ? new EvilTab(this, index, account, userName, rate) : new SimTab(this, index, account, userName, rate);
      tab.twin = owner !== index;
      tab.bound = tab.twin;
      this.tabs.push(tab);
    }
    if (this.long) settle(this, this.long);
  }

  /** Keeps every page linked, as the signaling server and the page's peer manager do. */
  introduce(): void {
    const wanted = this.healed ? Math.min(this.tabs.length - 1, HEALED_LINKS) : this.plan.degree;
    for (const tab of this.tabs) {
      const page = tab.running ? tab.page! : null;
      if (!page?.ready || page.transport.links.size >= wanted) continue;
      const others = this.tabs.filter(({ page: other, running, index }) => {
        if (!other?.ready || !running || other === page || other.transport.links.size >= MAX_LINKS) return false;
        const reachable = this.wires.flows(tab.index, index) && this.wires.flows(index, tab.index);
        return reachable && !page.transport.linkTo(other.peerId);
      });
      if (others.length === 0) continue;
      this.connect(tab, this.rng.pick(others));
    }
    this.later(INTRODUCE_MS, () => this.introduce());
  }

  /** A tab has proven a recent chain, or has begun to use it. */
  joining(tab: SimTab): void {
    if (!this.healed && !tab.hostile) joinTrouble(this, tab, this.#joins);
  }

  /** Makes a link between the pages of two tabs. */
  connect(a: SimTab, b: SimTab): void {
    this.wires.connect(a.page!.transport, b.page!.transport, this.#quality(a.index, b.index));
  }

  /** Link quality between two places, the same for the whole run. */
  #quality(a: number, b: number): LinkQuality {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    let quality = this.#qualities.get(key);
    if (!quality) {
      const rng = this.rng.fork(`quality ${key}`);
      const { latencyMs, bytesPerSecond, loss } = this.plan;
      const latency = rng.logarithmic(...latencyMs);
      quality = { latencyMs: latency, jitterMs: latency * rng.float(), bytesPerSecond: bytesPerSecond * rng.logarithmic(0.5, 2), loss };
      this.#qualities.set(key, quality);
    }
    return quality;
  }
}
