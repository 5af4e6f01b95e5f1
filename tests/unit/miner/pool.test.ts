import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createInProcessMiner } from '../../../src/miner/in-process.ts';
import { WORDS_PER_BASE, type Kernel } from '../../../src/miner/kernel/kernel.ts';
import { createWasmKernel, SCALAR_VARIANT } from '../../../src/miner/kernel/wasm-kernel.ts';
import { MAX_THREADS, MiningPool, type MinerCommand, type MinerPort, type MinerReport } from '../../../src/miner/pool.ts';
import { sealDigest } from '../../../src/protocol/block.ts';
import { bytesToBigInt, toHex } from '../../../src/util/bytes.ts';
import { SilentPort } from './silent-port.ts';

const EASY = (1n << 246n) - 1n;
const IMPOSSIBLE = 0n;

/** Time, randomness and timers under the test's control. */
class World {
  time = 1_000_000;
  draws = 0;
  readonly queue: { at: number; id: number; callback: () => void }[] = [];
  nextId = 1;
  readonly clock = { monotonic: () => this.time };
  readonly random = {
    bytes: (length: number) => new Uint8Array(createHash('sha256').update(`draw ${this.draws++}`).digest().subarray(0, length)),
  };
  readonly timers = {
    set: (callback: () => void, delayMs: number) => {
      const id = this.nextId++;
      this.queue.push({ at: this.time + delayMs, id, callback });
      return id;
    },
    clear: (id: number) => {
      const at = this.queue.findIndex((timer) => timer.id === id);
      if (at >= 0) this.queue.splice(at, 1);
    },
  };

  /** Moves the time by `durationMs` and runs the timers that are due. */
  run(durationMs: number): void {
    const end = this.time + durationMs;
    for (;;) {
      const [next] = this.queue.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.id - b.id);
      if (!next) break;
      this.timers.clear(next.id);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = Math.max(this.time, end);
  }
}

function silentPool(): { world: World; pool: MiningPool; ports: SilentPort[] } {
  const world = new World();
  const ports: SilentPort[] = [];
  const spawn = (): SilentPort => {
    const port = new SilentPort();
    ports.push(port);
    return port;
  };
  return { world, ports, pool: new MiningPool({ spawn, random: world.random, clock: world.clock, timers: world.timers }) };
}

/** A pool of threads with a real search; each word takes `wordMs` of the world's time. */
function workingPool(wordMs = 0.01): { world: World; pool: MiningPool; spawned: () => number } {
  const world = new World();
  const real = createWasmKernel(SCALAR_VARIANT);
  let spawned = 0;
  const kernel: Kernel = {
    name: real.name,
    search: (job, first, count) => {
      const result = real.search(job, first, count);
      world.time += result.hashes * wordMs;
      return result;
    },
  };
  const spawn = (): MinerPort => {
    spawned++;
    return createInProcessMiner({ kernel, clock: world.clock, timers: world.timers });
  };
  return { world, spawned: () => spawned, pool: new MiningPool({ spawn, random: world.random, clock: world.clock, timers: world.timers }) };
}

const headerHash = new Uint8Array(32).fill(5);

describe('mining pool', () => {
  it('finds nonces that meet the target by the rule of blocks, then waits for the next job', () => {
    const { world, pool } = workingPool();
    const found: [number, Uint8Array][] = [];
    pool.onFound((tag, nonce) => found.push([tag, nonce]));
    pool.start({ threads: 2, throttle: 100 });
    pool.setJob({ headerHash, target: EASY, tag: 7 });
    world.run(1_000);
    expect(found).toHaveLength(1);
    const [tag, nonce] = found[0]!;
    expect(tag).toBe(7);
    expect(nonce).toHaveLength(20);
    expect(bytesToBigInt(sealDigest(headerHash, nonce)) <= EASY).toBe(true);
    pool.setJob({ headerHash, target: EASY, tag: 8 });
    world.run(1_000);
    expect(found.map(([each]) => each)).toEqual([7, 8]);
    expect(pool.kernelName()).toBe('wasm-scalar');
  });

  it('starts a new job within 50 ms at any time', () => {
    const { world, pool } = workingPool();
    const found: number[] = [];
    pool.onFound((tag) => found.push(tag));
    pool.start({ threads: 1, throttle: 100 });
    pool.setJob({ headerHash, target: IMPOSSIBLE, tag: 1 });
    world.run(5_000);
    // With this target the very first word is valid.
    pool.setJob({ headerHash, target: (1n << 256n) - 1n, tag: 2 });
    world.run(50);
    expect(found).toEqual([2]);
  });

  it('measures the hash rate from work done', () => {
    const { world, pool } = workingPool(0.01);
    expect(pool.hashrate()).toBe(0);
    pool.start({ threads: 1, throttle: 100 });
    pool.setJob({ headerHash, target: IMPOSSIBLE, tag: 1 });
    world.run(10_000);
    // 0.01 ms a word are 100,000 a second, and one thread does nothing else here.
    expect(pool.hashrate()).toBeGreaterThan(90_000);
    expect(pool.hashrate()).toBeLessThan(110_000);
    pool.configure({ throttle: 25 });
    world.run(10_000);
    expect(pool.hashrate()).toBeGreaterThan(20_000);
    expect(pool.hashrate()).toBeLessThan(30_000);
    pool.setJob(null);
    world.run(4_000);
    expect(pool.hashrate()).toBe(0);
    pool.setJob({ headerHash, target: IMPOSSIBLE, tag: 2 });
    world.run(1_000);
    expect(pool.hashrate()).toBeGreaterThan(0);
    pool.stop();
    expect(pool.hashrate()).toBe(0);
    expect(pool.running).toBe(false);
  });

  it('gives each thread and each job its own nonce base', () => {
    const { pool, ports } = silentPool();
    pool.start({ threads: 3, throttle: 100 });
    const seen: string[] = [];
    for (const tag of [1, 2, 3]) {
      pool.setJob({ headerHash, target: EASY, tag });
      seen.push(...ports.map((port) => port.nonceBase));
    }
    expect(new Set(seen).size).toBe(9);
    expect(seen.every((base) => base.length === 32)).toBe(true);
  });

  it('moves to a fresh base when all words are used up', () => {
    const { pool, ports } = silentPool();
    pool.start({ threads: 1, throttle: 100 });
    pool.setJob({ headerHash, target: EASY, tag: 4 });
    const [port] = ports as [SilentPort];
    const before = port.nonceBase;
    port.report({ type: 'exhausted', tag: 3 });
    expect(port.nonceBase).toBe(before);
    port.report({ type: 'exhausted', tag: 4 });
    expect(port.nonceBase).not.toBe(before);
    expect(port.last).toMatchObject({ type: 'work', tag: 4 });
  });

  it('ignores finds for an outdated job', () => {
    const { pool, ports } = silentPool();
    const found: number[] = [];
    pool.onFound((tag) => found.push(tag));
    pool.start({ threads: 2, throttle: 100 });
    pool.setJob({ headerHash, target: EASY, tag: 1 });
    pool.setJob({ headerHash, target: EASY, tag: 2 });
    ports[0]!.report({ type: 'found', tag: 1, word: 1 });
    expect(found).toEqual([]);
    ports[0]!.report({ type: 'found', tag: 2, word: 1 });
    ports[1]!.report({ type: 'found', tag: 2, word: 9 });
    expect(found).toEqual([2]);
    expect(ports.map((port) => port.last?.type)).toEqual(['stop', 'stop']);
  });

  it('follows the requested number of threads and throttle, within bounds', () => {
    const { pool, ports } = silentPool();
    pool.configure({ threads: 5 });
    expect(ports).toHaveLength(0);
    pool.start({ threads: 2, throttle: 500 });
    pool.setJob({ headerHash, target: EASY, tag: 1 });
    expect(ports[0]!.last).toMatchObject({ throttle: 100 });
    pool.configure({ threads: 1, throttle: 0 });
    expect(ports.map((port) => port.terminated)).toEqual([false, true]);
    expect(ports[0]!.last).toEqual({ type: 'throttle', throttle: 1 });
    pool.start({ threads: 1_000, throttle: 50 });
    expect(ports.filter((port) => !port.terminated)).toHaveLength(MAX_THREADS);
    expect(ports.at(-1)!.last).toMatchObject({ type: 'work', tag: 1, throttle: 50 });
    pool.stop();
    expect(ports.every((port) => port.terminated)).toBe(true);
  });

  it('replaces a thread that has died, and keeps threads that report', () => {
    const { world, pool, ports } = silentPool();
    pool.start({ threads: 2, throttle: 100 });
    pool.setJob({ headerHash, target: EASY, tag: 1 });
    for (let i = 0; i < 50; i++) {
      world.run(1_000);
      ports[1]!.report({ type: 'progress', hashes: 10 });
    }
    expect(ports.length).toBeGreaterThanOrEqual(3);
    expect(ports[0]!.terminated).toBe(true);
    expect(ports[1]!.terminated).toBe(false);
    expect(ports[2]!.commands[0]).toMatchObject({ type: 'work', tag: 1 });
    pool.stop();
    const count = ports.length;
    world.run(100_000);
    expect(ports).toHaveLength(count);
  });
});

describe('one search', () => {
  it('finds a seal with mining off and beside mining, in a thread that ends', async () => {
    const { world, pool, spawned } = workingPool();
    let tried = 0;
    const search = pool.findSeal(headerHash, EASY, { onProgress: (hashes) => (tried = hashes) });
    world.run(1_000);
    expect(bytesToBigInt(sealDigest(headerHash, await search)) <= EASY).toBe(true);
    expect(tried).toBeGreaterThan(0);
    expect(spawned()).toBe(1);
    pool.start({ threads: 1, throttle: 100 });
    pool.setJob({ headerHash, target: IMPOSSIBLE, tag: 1 });
    const beside = pool.findSeal(headerHash, EASY);
    world.run(1_000);
    expect(await beside).toHaveLength(20);
    expect(pool.hashrate()).toBeGreaterThan(0);
  });

  it('can be cancelled before and during', async () => {
    const { pool, ports } = silentPool();
    await expect(pool.findSeal(headerHash, EASY, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'search-cancelled' });
    expect(ports).toHaveLength(0);
    const controller = new AbortController();
    const search = pool.findSeal(headerHash, EASY, { signal: controller.signal });
    controller.abort();
    await expect(search).rejects.toMatchObject({ code: 'search-cancelled' });
    expect(ports[0]!.terminated).toBe(true);
  });

  it('says that it is stalled when all its threads have stopped searching, but not while one searches or none has a job', () => {
    const { world, pool, ports } = silentPool();
    const progress = (index: number): void => ports[index]!.report({ type: 'progress', hashes: 1 });
    pool.start({ threads: 2, throttle: 100 });
    pool.setJob({ headerHash: new Uint8Array(32), target: IMPOSSIBLE, tag: 1 });
    progress(0);
    progress(1);
    world.run(4_000);
    progress(1);
    world.run(4_000);
    expect(pool.isStalled).toBe(false);
    world.run(4_000);
    expect(pool.isStalled).toBe(true);
    progress(0);
    expect(pool.isStalled).toBe(false);
    pool.setJob(null);
    world.run(8_000);
    expect(pool.isStalled).toBe(false);
  });

  it('replaces a thread that falls silent, and leaves nothing behind', async () => {
    const { world, pool, ports } = silentPool();
    const search = pool.findSeal(headerHash, EASY);
    world.run(15_000);
    ports[0]!.report({ type: 'progress', hashes: 5 });
    world.run(15_000);
    expect(ports).toHaveLength(1);
    world.run(6_000);
    expect(ports).toHaveLength(2);
    expect(ports[0]!.terminated).toBe(true);
    // Reports after its end are ignored.
    ports[0]!.report({ type: 'found', tag: 0, word: 1 });
    ports[1]!.report({ type: 'found', tag: 0, word: 2 });
    expect(toHex(await search)).toBe(`${ports[1]!.nonceBase}00000002`);
    expect(ports[1]!.terminated).toBe(true);
    world.run(100_000);
    expect(ports).toHaveLength(2);
  });

  it('goes on with a fresh base', async () => {
    const { pool, ports } = silentPool();
    const search = pool.findSeal(headerHash, EASY);
    const [port] = ports as [SilentPort];
    const first = port.nonceBase;
    port.report({ type: 'exhausted', tag: 0 });
    const second = port.nonceBase;
    expect(second).not.toBe(first);
    port.report({ type: 'found', tag: 0, word: 0x01020304 });
    expect(toHex(await search)).toBe(`${second}01020304`);
  });
});

describe('search loop', () => {
  it('reports an exhausted base', () => {
    const world = new World();
    const reports: MinerReport[] = [];
    const kernel: Kernel = { name: 'fast', search: (_job, _first, count) => ({ found: null, hashes: count }) };
    const port = createInProcessMiner({ kernel, clock: world.clock, timers: world.timers });
    port.onMessage((report) => reports.push(report));
    const job = { headerHash, nonceBase: new Uint8Array(16), target: new Uint8Array(32) };
    port.post({ type: 'work', tag: 3, throttle: 100, job });
    world.run(1_000);
    expect(reports.at(-1)).toEqual({ type: 'exhausted', tag: 3 });
    const done = reports.reduce((sum, report) => sum + (report.type === 'progress' ? report.hashes : 0), 0);
    expect(done).toBe(WORDS_PER_BASE);
  });
});

describe('when the script of mining threads is blocked', () => {
  /** A pool whose threads fail as soon as they are made; the node's own search is real. */
  function blockedPool(isBlocked: () => boolean = () => true) {
    const world = new World();
    const ports: SilentPort[] = [];
    const local: MinerCommand[] = [];
    let locals = 0;
    const spawn = (): MinerPort => {
      const port = new SilentPort();
      ports.push(port);
      if (isBlocked())
        world.timers.set(() => port.terminated || port.report({ type: 'failed', code: 'thread-failed', reason: 'not loaded' }), 1);
      return port;
    };
    const real = createWasmKernel(SCALAR_VARIANT);
    const kernel: Kernel = {
      name: real.name,
      search: (job, first, count) => {
        const result = real.search(job, first, count);
        world.time += result.hashes * 0.01;
        return result;
      },
    };
    const spawnLocal = (): MinerPort => {
      locals++;
      const miner = createInProcessMiner({ kernel, clock: world.clock, timers: world.timers });
      return { ...miner, post: (command) => (local.push(command), miner.post(command)) };
    };
    const pool = new MiningPool({ spawn, spawnLocal, random: world.random, clock: world.clock, timers: world.timers });
    const told: string[] = [];
    pool.onBlocked(({ code }) => told.push(code));
    return { world, pool, ports, local, told, locals: () => locals };
  }

  it('the node itself searches, throttled, after two failures, and reports this once', () => {
    const { world, pool, ports, local, told, locals } = blockedPool();
    const found: number[] = [];
    pool.onFound((tag) => found.push(tag));
    pool.start({ threads: 4, throttle: 100 });
    pool.setJob({ headerHash, target: EASY, tag: 1 });
    world.run(5_000);
    expect(told).toEqual(['miner-blocked']);
    expect(locals()).toBe(1);
    expect(ports.every((port) => port.terminated)).toBe(true);
    expect(found).toEqual([1]);
    pool.setJob({ headerHash, target: IMPOSSIBLE, tag: 2 });
    expect(local.at(-1)).toMatchObject({ type: 'work', throttle: 25 });
    pool.configure({ throttle: 10, threads: 8 });
    expect(local.at(-1)).toMatchObject({ type: 'throttle', throttle: 10 });
    pool.stop();
    pool.start({ threads: 2, throttle: 100 });
    world.run(1_000);
    // Four threads, one replacement for the first failed one, and no more.
    expect(ports).toHaveLength(5);
    expect(told).toHaveLength(1);
  });

  it('a stamp is still found', async () => {
    const { world, pool, told } = blockedPool();
    const stamp = pool.findSeal(headerHash, EASY);
    world.run(10_000);
    expect(bytesToBigInt(sealDigest(headerHash, await stamp)) <= EASY).toBe(true);
    expect(told).toEqual(['miner-blocked']);
  });

  it('threads that never report count as blocked too', async () => {
    const { world, pool, told } = blockedPool(() => false);
    const stamp = pool.findSeal(headerHash, EASY);
    world.run(60_000);
    expect(bytesToBigInt(sealDigest(headerHash, await stamp)) <= EASY).toBe(true);
    expect(told).toEqual(['miner-blocked']);
  });

  it('a thread that fails after it has searched is replaced', () => {
    const { world, pool, ports, told, locals } = blockedPool(() => false);
    pool.start({ threads: 1, throttle: 100 });
    pool.setJob({ headerHash, target: IMPOSSIBLE, tag: 1 });
    for (let i = 0; i < 5; i++) {
      ports.at(-1)!.report({ type: 'progress', hashes: 1 });
      ports.at(-1)!.report({ type: 'failed', code: 'thread-failed', reason: 'crashed' });
      world.run(1);
    }
    expect(ports).toHaveLength(6);
    expect(ports.at(-1)!.last).toMatchObject({ type: 'work', tag: 1, throttle: 100 });
    expect([told, locals()]).toEqual([[], 0]);
  });
});
