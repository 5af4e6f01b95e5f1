import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createInProcessMiner } from '../../../src/miner/in-process.ts';
import { referenceKernel } from '../../../src/miner/kernel/reference.ts';
import { STALE_PATIENCE_MS } from '../../../src/net/peer-limits.ts';
import { loadSqlJs, NETWORK } from '../../fuzz/support/node.ts';
import { testAccount } from '../../scenarios/support/builders.ts';
import { MemoryNetwork, type MemoryLink, type MemoryTransport } from '../net/support/memory-transport.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';
import { Browser, slow, TestTab } from './support.ts';

const [alex, ming] = [testAccount('alex'), testAccount('ming')];
/** Longer than a late timer, shorter than the time after which the other end closes the link. */
const ASLEEP_SECONDS = 12;

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

/** A tab whose thread can be suspended: its timers run late, and all at once. */
class Sleeper {
  readonly transport: MemoryTransport;
  readonly tab: TestTab;
  #late: (() => void)[] | null = null;

  constructor(network: MemoryNetwork, peerId: string, browser: Browser, time: VirtualTime) {
    this.transport = network.transport(peerId);
    const timers = {
      set: (callback: () => void, delayMs: number) => time.set(() => (this.#late ? void this.#late.push(callback) : callback()), delayMs),
      clear: (id: number) => time.clear(id),
    };
    const spawnMiner = () => createInProcessMiner({ kernel: referenceKernel, clock: time, timers: slow(timers), maxSliceWords: 64 });
    this.tab = new TestTab(sqlJs, browser, { transport: this.transport, timers, spawnMiner }, time);
  }

  suspend(): void {
    this.#late = [];
  }

  resume(): void {
    const late = this.#late ?? [];
    this.#late = null;
    for (const callback of late) callback();
  }
}

let time: VirtualTime;
let network: MemoryNetwork;
let sleeper: Sleeper;
let other: Sleeper;
beforeEach(async () => {
  time = new VirtualTime(NETWORK.genesisTimeMs + 3_600_000);
  network = new MemoryNetwork(time);
  const browsers = [new Browser(), new Browser()];
  await browsers[0]!.populate(sqlJs, alex);
  await browsers[1]!.populate(sqlJs, ming);
  sleeper = new Sleeper(network, 'a'.repeat(16), browsers[0]!, time);
  other = new Sleeper(network, 'b'.repeat(16), browsers[1]!, time);
  await sleeper.tab.open(alex);
  await other.tab.open(ming);
});

async function connect(latencyMs = 1): Promise<MemoryLink> {
  const link = network.connect(sleeper.transport, other.transport, { latencyMs });
  await time.advance(10 * latencyMs + 1_000);
  return link;
}

const waiting = async () => (await sleeper.tab.node.status()).mining.waiting;

describe('a device that slept while the network went on', () => {
  test('stops mining until a peer has answered, catches up, and mines on by itself', async () => {
    const link = await connect(200);
    await sleeper.tab.node.mine(true);
    await time.advance(1_000);
    sleeper.suspend();
    link.frozen = link.other.frozen = true;
    await other.tab.mine(6);
    await time.advance(ASLEEP_SECONDS * 1_000);
    const { tip, height } = await other.tab.node.status();
    link.frozen = link.other.frozen = false;
    sleeper.resume();
    await time.advance(50);
    expect(await waiting()).toBe('checking');
    await time.advance(2_000);
    expect(await waiting()).toBe(null);
    await time.advance(5_000);
    const status = await sleeper.tab.node.status();
    expect(status.height).toBeGreaterThan(height);
    // Its new blocks extend the chain of the others.
    expect((await sleeper.tab.node.activeId(height))!).toBe(tip);
  });

  test('waits only a while if nobody is there', async () => {
    await sleeper.tab.node.mine(true);
    sleeper.suspend();
    await time.advance(ASLEEP_SECONDS * 1_000);
    sleeper.resume();
    await time.advance(1_000);
    expect(await waiting()).toBe('checking');
    const { height } = await sleeper.tab.node.status();
    await time.advance(STALE_PATIENCE_MS - 2_000);
    expect(await sleeper.tab.node.status()).toMatchObject({ height, mining: { waiting: 'checking' } });
    await time.advance(7_000);
    expect(await waiting()).toBe(null);
  });

  test('mines on when a new link brings the first answer', async () => {
    await sleeper.tab.node.mine(true);
    sleeper.suspend();
    await time.advance(ASLEEP_SECONDS * 1_000);
    sleeper.resume();
    await time.advance(1_000);
    expect(await waiting()).toBe('checking');
    await connect();
    await time.advance(1_000);
    expect(await waiting()).toBe(null);
  });
});

describe('a page that reports doubt about its links', () => {
  test('stops mining after a change of its network, until a peer has answered', async () => {
    await connect(400);
    await sleeper.tab.node.mine(true);
    sleeper.tab.node.doubtLinks(true);
    await time.advance(100);
    expect(await waiting()).toBe('checking');
    await time.advance(2_000);
    expect(await waiting()).toBe(null);
  });

  test('mines on if the page only became visible', async () => {
    await connect(400);
    await sleeper.tab.node.mine(true);
    sleeper.tab.node.doubtLinks(false);
    await time.advance(100);
    expect(await waiting()).toBe(null);
  });
});
