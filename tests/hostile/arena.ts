import { readdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Page } from 'playwright-core';
import type { TabchainApi } from '../../src/api/api.ts';
import { JOIN_BLOCKS } from '../../src/net/peer-limits.ts';
import { formatNetworkLink, type Network } from '../../src/protocol/network.ts';
import { roomOf } from '../../src/protocol/room.ts';
import type { TipClaim } from '../../src/protocol/wire.ts';
import { benchNetwork, buildChain } from '../bench/chain-builder.ts';
import { FedTab } from '../bench/fed-tab.ts';
import { processesWithWorkers } from '../bench/framework/processor-time.ts';
import { Chromium } from '../browser/harness/chromium.ts';
import { createFeedChain, type FeedChain } from '../browser/harness/feeder.ts';
import { TestServer } from '../browser/harness/server.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { agree, waitUntil } from '../browser/harness/wait.ts';
import { Attacker } from './attacker.ts';
import { eventually } from './eventually.ts';

const PASSPHRASE = 'a neighbour who keeps the rules';
const BLOCK_TIME_MS = 2_000;
/** Age of the prepared chain's newest block, so that the difficulty has time to settle. */
const HEAD_START_MS = 60_000;
const STATUS_EVERY_MS = 100;
const MEGABYTE = 2 ** 20;

export interface ArenaPlan {
  readonly blocks: number;
  readonly transactionsPerBlock: number;
  readonly accounts: number;
}

/** A chain that is expensive to serve: several hundred accounts, full blocks. */
export const FULL_PLAN: ArenaPlan = { blocks: 25, transactionsPerBlock: 700, accounts: 300 };
/** A small version for the tests. */
export const SHORT_PLAN: ArenaPlan = { blocks: 3, transactionsPerBlock: 700, accounts: 100 };

/** A chain that newcomers do not replay before they use it ({@link JOIN_BLOCKS}). */
export const LONG_PLAN: ArenaPlan = { blocks: JOIN_BLOCKS + 150, transactionsPerBlock: 2, accounts: 100 };

/** What an honest page has recorded since {@link Arena.watch}. */
export interface Readings {
  /** Longest duration of a `status()` call in ms, including an unanswered call. */
  readonly worstStatusMs: number;
  /** When that call ended, Unix ms. */
  readonly worstEndedAt: number;
  readonly calls: number;
  /** Block id to the time when the page heard of the block, Unix ms. */
  readonly blocks: Readonly<Record<string, number>>;
}

interface WatchedWindow {
  tabchain: TabchainApi;
  /** Added delay of the neighbour's links, milliseconds. */
  delayMs: number;
  watch: { worstStatusMs: number; worstEndedAt: number; calls: number; askedAt: number | null; blocks: Record<string, number> };
}

/**
 * A real server, the victim and an honest mining neighbour, each in its own Chromium and linked by WebRTC; and an attacker in a third one.
 * All honest tabs run the built product. Real attackers have their own machines, so here they run at low priority and take little more
 * processor time than the honest tabs leave over.
 */
export class Arena {
  readonly server: TestServer;
  readonly network: Network;
  /** Where the tabs of the network meet. */
  readonly room: string;
  readonly chain: FeedChain;
  readonly victim: Tab<Page>;
  readonly neighbour: Tab<Page>;
  readonly attacker: Attacker;
  readonly victimId: string;
  readonly neighbourId: string;
  readonly #fed: FedTab;
  readonly #browser: Chromium;
  readonly #victimProcess: number | null;

  private constructor(parts: {
    server: TestServer;
    chain: FeedChain;
    fed: FedTab;
    browser: Chromium;
    neighbour: Tab<Page>;
    attacker: Attacker;
    ids: readonly [string, string];
    victimProcess: number | null;
  }) {
    this.server = parts.server;
    this.network = parts.chain.network;
    this.room = roomOf(this.network);
    this.chain = parts.chain;
    this.#fed = parts.fed;
    this.victim = parts.fed.tab;
    this.#browser = parts.browser;
    this.neighbour = parts.neighbour;
    this.attacker = parts.attacker;
    [this.victimId, this.neighbourId] = parts.ids;
    this.#victimProcess = parts.victimProcess;
  }

  static async open(plan: ArenaPlan, label: string): Promise<Arena> {
    // This process also plays the attackers.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    const blocks = plan.blocks + 20;
    const parameters = { label, blockTimeMs: BLOCK_TIME_MS, genesisTimeMs: Date.now() - blocks * BLOCK_TIME_MS - HEAD_START_MS };
    const chain = await createFeedChain(benchNetwork(parameters), buildChain({ ...plan, network: parameters }));
    const server = await TestServer.start();
    const foreign = new Set(processesWithWorkers());
    const fed = await FedTab.open(server.url, chain.network, { flags: ['--js-flags=--expose-gc'] });
    const victimProcess = processesWithWorkers().find((pid) => !foreign.has(pid)) ?? null;
    // Both honest tabs have all blocks from the beginning.
    await fed.tab.call('chooseChain', 'replay');
    const feed = await fed.prepare(chain);
    await feed();
    // From the LAN address if there is one, so that strangers form their own address group, as on separate machines.
    const attacker = await Attacker.launch(server.lanUrl ?? server.url, chain.network);
    const room = { url: attacker.signalingUrl, room: roomOf(chain.network) };
    const [victimId] = await attacker.lookAround(room, 1);
    const browser = await Chromium.launch();
    const neighbour = await browser.newTab('neighbour');
    await neighbour.page.addInitScript(delayLinks);
    await neighbour.open(server.url + formatNetworkLink(chain.network));
    await neighbour.call('chooseChain', 'replay');
    await neighbour.call('register', { name: 'neighbour', passphrase: PASSPHRASE });
    const neighbourId = (await attacker.lookAround(room, 2)).find((id) => id !== victimId)!;
    const arena = new Arena({ server, chain, fed, browser, neighbour, attacker, ids: [victimId!, neighbourId], victimProcess });
    await neighbour.call('mine', true, { threads: 1, throttle: 10 });
    await waitUntil([arena.victim, neighbour], 'the honest tabs to settle', (statuses) => {
      const [victim] = statuses;
      return agree(statuses) && victim!.height > chain.chain.tip().height + 3;
    });
    return arena;
  }

  /** The victim's tip, which an attacker claims to look honest. */
  async victimTip(): Promise<TipClaim> {
    const { height, tip, work } = await this.victim.status();
    return { height, tip, work: BigInt(work), base: 0 };
  }

  /** Starts recording in the two honest pages. */
  async watch(): Promise<void> {
    for (const { page } of [this.victim, this.neighbour]) await page.evaluate(watchInPage, STATUS_EVERY_MS);
  }

  /** Ends {@link watch} and returns the recordings. */
  async readings(): Promise<{ victim: Readings; neighbour: Readings }> {
    const [victim, neighbour] = await Promise.all([this.victim, this.neighbour].map(({ page }) => page.evaluate(readInPage)));
    return { victim: victim!, neighbour: neighbour! };
  }

  /** Blocks that the neighbour has seen since {@link watch}. */
  async neighbourBlocks(): Promise<number> {
    return Object.keys(await this.neighbour.page.evaluate(blocksInPage)).length;
  }

  /** Whether the victim has heard of the newest block that the neighbour has heard of; otherwise that block may still be on its way. */
  async victimHasNewest(): Promise<boolean> {
    const [victim, neighbour] = await Promise.all([this.victim, this.neighbour].map(({ page }) => page.evaluate(blocksInPage)));
    const newest = Object.keys(neighbour!).at(-1);
    return newest === undefined || newest in victim!;
  }

  /** Delays everything that the neighbour sends by WebRTC. */
  async delayNeighbour(ms: number): Promise<void> {
    await this.neighbour.page.evaluate((delayMs) => void ((window as unknown as WatchedWindow).delayMs = delayMs), ms);
  }

  /** Expects that an honest payment with the suggested fee is confirmed within 30 s. @throws otherwise */
  async expectConfirmedPayment(): Promise<void> {
    const { suggested } = await this.neighbour.call('feeHint');
    if (Number(suggested) > 0.05) throw new Error(`The fee hint is ${suggested}.`);
    const { txid } = await this.neighbour.call('transfer', { to: 'reader', amount: '0.25' });
    const confirmed = async (): Promise<boolean> => (await this.victim.call('transaction', txid))?.status === 'confirmed';
    await eventually(300, 'A payment with the suggested fee was not confirmed within 30 s.', confirmed);
  }

  /** Expects that the victim hears of an honest payment within 5 s. @throws otherwise */
  async expectHeardPayment(): Promise<void> {
    const { txid } = await this.neighbour.call('transfer', { to: 'reader', amount: '0.5' });
    await eventually(50, 'A payment was not heard of within 5 s.', async () => (await this.victim.call('transaction', txid)) !== null);
  }

  /** Opens another honest tab in its own browser for the duration of `work`. */
  async withNewcomer(work: (newcomer: Tab<Page>) => Promise<unknown>): Promise<void> {
    const browser = await Chromium.launch();
    try {
      await work(await browser.openTab('newcomer', this.server.url + formatNetworkLink(this.network)));
    } finally {
      await browser.dispose();
    }
  }

  /** Suspends both honest tabs. @returns a function that resumes them */
  async standStill(): Promise<() => void> {
    const resumes = [await this.#fed.browser.standStill(), await this.#browser.standStill()];
    return () => resumes.forEach((resume) => resume());
  }

  /** Milliseconds that the victim's page and worker threads have waited for a processor: slowness of this machine, not of the tab. */
  victimWaitMs(): number {
    if (this.#victimProcess === null) return 0;
    const tasks = `/proc/${this.#victimProcess}/task`;
    const waits = readdirSync(tasks)
      .filter((task) => Number(task) === this.#victimProcess || readFileSync(`${tasks}/${task}/comm`, 'utf8').startsWith('DedicatedWorker'))
      .map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[1]) / 1e6);
    return waits.reduce((sum, wait) => sum + wait, 0);
  }

  /** Memory of the victim's process after garbage collection, MB; null if the system does not tell. */
  async victimMegabytes(): Promise<number | null> {
    if (this.#victimProcess === null) return null;
    await this.victim.page.evaluate('gc()');
    for (const worker of this.victim.page.workers()) await worker.evaluate('gc()');
    return this.victimMegabytesNow();
  }

  /** Memory of the victim's process including garbage, MB. */
  victimMegabytesNow(): number | null {
    if (this.#victimProcess === null) return null;
    const status = readFileSync(`/proc/${this.#victimProcess}/status`, 'utf8');
    return (Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)![1]) * 1024) / MEGABYTE;
  }

  /** Whether the victim still counts the neighbour among its ready peers. */
  async honestLinkLives(): Promise<boolean> {
    const { peers } = await this.victim.status();
    return peers.some(({ id, state }) => id === this.neighbourId && state === 'ready');
  }

  async close(): Promise<void> {
    await this.attacker.close();
    await this.#browser.dispose();
    await this.#fed.close();
    await this.server.kill();
    setPriority(constants.priority.PRIORITY_NORMAL);
  }
}

/** Runs in the page before its own scripts: delays every data channel's messages by {@link Arena.delayNeighbour}, in order. */
function delayLinks(): void {
  const watched = window as unknown as WatchedWindow;
  watched.delayMs = 0;
  const { prototype } = RTCDataChannel;
  const sendNow = prototype.send as (this: RTCDataChannel, data: unknown) => void;
  const queues = new WeakMap<RTCDataChannel, Promise<void>>();
  prototype.send = function (this: RTCDataChannel, data: unknown): void {
    const before = queues.get(this);
    if (watched.delayMs === 0 && !before) return sendNow.call(this, data);
    const due = new Promise<void>((resolve) => setTimeout(resolve, watched.delayMs));
    const sent = Promise.all([before, due]).then(() => {
      if (this.readyState === 'open') sendNow.call(this, data);
      if (queues.get(this) === sent) queues.delete(this);
    });
    queues.set(this, sent);
  };
}

/** Runs in the page, so it may use only its own code. */
async function watchInPage(everyMs: number): Promise<void> {
  const watched = window as unknown as WatchedWindow;
  const first = watched.watch === undefined;
  const watch: WatchedWindow['watch'] = (watched.watch = { worstStatusMs: 0, worstEndedAt: 0, calls: 0, askedAt: null, blocks: {} });
  if (first) {
    watched.tabchain.subscribe((event) => {
      if (event.type === 'block') watched.watch.blocks[event.id] ??= Date.now();
    });
  }
  // No named function: the test compiler would add a helper call that the page does not have.
  void (async () => {
    while (watched.watch === watch) {
      watch.askedAt = performance.now();
      await watched.tabchain.status();
      const took = performance.now() - watch.askedAt;
      if (took > watch.worstStatusMs) {
        watch.worstStatusMs = took;
        watch.worstEndedAt = Date.now();
      }
      watch.askedAt = null;
      watch.calls++;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return Promise.resolve();
}

/** Runs in the page. */
function blocksInPage(): Readings['blocks'] {
  return (window as unknown as WatchedWindow).watch.blocks;
}

/** Runs in the page. */
function readInPage(): Readings {
  const watched = window as unknown as WatchedWindow;
  const { worstStatusMs, worstEndedAt, calls, askedAt, blocks } = watched.watch;
  const unansweredMs = askedAt === null ? 0 : performance.now() - askedAt;
  watched.watch = { worstStatusMs: 0, worstEndedAt: 0, calls: 0, askedAt: null, blocks: {} };
  if (unansweredMs > worstStatusMs) return { worstStatusMs: unansweredMs, worstEndedAt: Date.now(), calls, blocks };
  return { worstStatusMs, worstEndedAt, calls, blocks };
}
