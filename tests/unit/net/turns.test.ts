import { describe, expect, it } from 'vitest';
import { Allowance } from '../../../src/net/allowance.ts';
import {
  ALL_LINKS_MS_PER_SECOND,
  CARRIAGE_MS,
  FIRST_ALLOWANCE_MS,
  LINK_BURST_MS,
  LINK_MS_PER_SECOND,
  TURNS_SLICE_MS,
} from '../../../src/net/peer-limits.ts';
import { Turns, type TurnTaker } from '../../../src/net/turns.ts';
import { VirtualTime } from './support/virtual-time.ts';

/** Tasks that take virtual time. */
class Load implements TurnTaker {
  waiting = 0;
  done = 0;
  readonly times: number[] = [];
  readonly #time: VirtualTime;
  readonly #costMs: number;
  readonly #charged: boolean;

  constructor(time: VirtualTime, costMs: number, charged = true) {
    this.#time = time;
    this.#costMs = costMs;
    this.#charged = charged;
  }

  ready(): boolean {
    return this.waiting > 0;
  }

  async work(): Promise<boolean> {
    this.waiting--;
    this.done++;
    this.times.push(this.#time.now());
    this.#time.sleep(this.#costMs);
    return this.#charged;
  }
}

function setUp(): { time: VirtualTime; turns: Turns; tasks: (() => Promise<void>)[] } {
  const time = new VirtualTime(0);
  const tasks: (() => Promise<void>)[] = [];
  let tail = Promise.resolve();
  const enqueue = (task: () => Promise<void>): void => {
    tasks.push(task);
    tail = tail.then(task);
  };
  return { time, turns: new Turns({ clock: time, timers: time, enqueue }), tasks };
}

describe('an allowance', () => {
  it('grows to its burst and no further, and owes no more than that', () => {
    const allowance = new Allowance(100, 50, 10, 0);
    expect(allowance.left(0)).toBe(10);
    expect(allowance.left(200)).toBe(30);
    expect(allowance.left(10_000)).toBe(50);
    allowance.spend(20, 10_000);
    expect(allowance.waitMs(10_000)).toBe(0);
    allowance.spend(1e6, 10_000);
    expect(allowance.left(10_000)).toBe(-50);
    expect(allowance.waitMs(10_000)).toBe(510);
    expect(allowance.left(10_510)).toBeCloseTo(1);
  });

  it('remembers recent use', () => {
    const allowance = new Allowance(100, 50, 10, 0);
    allowance.spend(40, 1_000);
    expect(allowance.used(1_000)).toBe(40);
    expect(allowance.used(6_000)).toBe(20);
    allowance.spend(10, 6_000);
    expect(allowance.used(6_000)).toBe(30);
  });
});

describe('turns', () => {
  it('grant a link its milliseconds per second, measured, and no more', async () => {
    const { time, turns } = setUp();
    const load = new Load(time, 6.5);
    turns.add(load);
    load.waiting = 1e6;
    turns.wake();
    await time.advance(10_000);
    const allowed = FIRST_ALLOWANCE_MS + 10 * LINK_MS_PER_SECOND;
    expect(load.done * 6.5).toBeGreaterThan(0.9 * allowed);
    expect(load.done * 6.5).toBeLessThan(1.1 * allowed);
  });

  it('charge a price for each piece, however little time it takes here, because the page has transferred it', async () => {
    const { time, turns } = setUp();
    const load = new Load(time, 0);
    turns.add(load);
    load.waiting = 1e6;
    turns.wake();
    await time.advance(10_000);
    const allowed = FIRST_ALLOWANCE_MS + 10 * LINK_MS_PER_SECOND;
    expect(load.done * CARRIAGE_MS).toBeGreaterThan(0.9 * allowed);
    expect(load.done * CARRIAGE_MS).toBeLessThan(1.1 * allowed);
  });

  it('grant all links together no more than their share, each the same', async () => {
    const { time, turns } = setUp();
    const loads = Array.from({ length: 24 }, () => new Load(time, 6.5));
    for (const load of loads) {
      turns.add(load);
      load.waiting = 1e6;
    }
    turns.wake();
    await time.advance(20_000);
    const done = loads.map((load) => load.done);
    expect(done.reduce((sum, n) => sum + n) * 6.5).toBeLessThan(1.1 * (ALL_LINKS_MS_PER_SECOND + 20 * ALL_LINKS_MS_PER_SECOND));
    expect(Math.max(...done) - Math.min(...done)).toBeLessThanOrEqual(0.1 * Math.max(...done));
  });

  it('put a link that has used little before all that ask for more', async () => {
    const { time, turns } = setUp();
    const greedy = Array.from({ length: 24 }, () => new Load(time, 13));
    const modest = new Load(time, 1);
    for (const load of [...greedy, modest]) turns.add(load);
    for (const load of greedy) load.waiting = 1e6;
    turns.wake();
    await time.advance(5_000);
    for (let i = 0; i < 20; i++) {
      const askedAt = time.now();
      modest.waiting = 1;
      turns.wake();
      await time.advance(250);
      expect(modest.done).toBe(i + 1);
      // One piece of another link, plus the time until all together have an allowance again.
      expect(modest.times.at(-1)! - askedAt).toBeLessThan(60);
    }
  });

  it('charge no link for work that this node wanted itself', async () => {
    const { time, turns } = setUp();
    const load = new Load(time, 5, false);
    turns.add(load);
    load.waiting = 400;
    turns.wake();
    await time.advance(2_000);
    expect(load.done).toBe(400);
  });

  it('make a link that caused one long piece of work wait for a bounded time', async () => {
    const { time, turns } = setUp();
    const load = new Load(time, 60_000);
    turns.add(load);
    load.waiting = 2;
    turns.wake();
    await time.advance(1);
    expect(load.done).toBe(1);
    await time.advance(2 * ((LINK_BURST_MS / LINK_MS_PER_SECOND) * 1000) + 100);
    expect(load.done).toBe(2);
  });

  it('release the thread after each slice', async () => {
    const { time, turns, tasks } = setUp();
    const load = new Load(time, TURNS_SLICE_MS / 2, false);
    turns.add(load);
    load.waiting = 10;
    turns.wake();
    let heard = 0;
    time.set(() => (heard = load.done), 0);
    await time.advance(0);
    expect(heard).toBe(2);
    await time.advance(100);
    expect(load.done).toBe(10);
    expect(tasks.length).toBeGreaterThanOrEqual(10);
  });

  it('go on after a failed piece of work, and forget links that have left', async () => {
    const time = new VirtualTime(0);
    const failures: unknown[] = [];
    const turns = new Turns({ clock: time, timers: time, enqueue: (task) => void task().catch((error: unknown) => failures.push(error)) });
    const load = new Load(time, 1);
    let broken = 3;
    const taker = { ready: () => broken > 0, work: () => Promise.reject(new RangeError(`broken ${broken--}`)) };
    turns.add(taker);
    turns.add(load);
    load.waiting = 3;
    turns.wake();
    await time.advance(100);
    expect(failures).toHaveLength(3);
    expect(load.done).toBe(3);
    turns.remove(load);
    load.waiting = 1;
    turns.wake();
    await time.advance(1_000);
    expect(load.done).toBe(3);
  });
});
