import { describe, expect, it } from 'vitest';
import { MiningPool } from '../../../src/miner/pool.ts';
import type { TabchainError } from '../../../src/util/errors.ts';
import { SilentPort } from './silent-port.ts';

/** A pool on a machine with a GPU. */
class Machine {
  time = 1_000;
  draws = 0;
  readonly cpus: SilentPort[] = [];
  readonly gpus: SilentPort[] = [];
  readonly failures: TabchainError[] = [];
  readonly timers: { at: number; callback: () => void }[] = [];
  readonly pool: MiningPool;

  constructor(hasGpu = true) {
    const spawn = (list: SilentPort[]) => (): SilentPort => {
      const port = new SilentPort();
      list.push(port);
      return port;
    };
    this.pool = new MiningPool({
      spawn: spawn(this.cpus),
      spawnGpu: hasGpu ? spawn(this.gpus) : undefined,
      random: { bytes: (length) => new Uint8Array(length).fill(++this.draws) },
      clock: { monotonic: () => this.time },
      timers: { set: (callback, delayMs) => this.timers.push({ at: this.time + delayMs, callback }), clear: () => undefined },
    });
    this.pool.onGpuFailed((error) => this.failures.push(error));
  }

  job(tag: number): void {
    this.pool.setJob({ headerHash: new Uint8Array(32).fill(tag), target: 1n, tag });
  }

  /** Moves the clock by one second. */
  tick(): void {
    this.time += 1_000;
    for (const timer of this.timers.filter(({ at }) => at <= this.time)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      timer.callback();
    }
  }
}

describe('the GPU in the pool', () => {
  it('is off by default, and absent on a machine without one', () => {
    const machine = new Machine();
    machine.pool.start({ threads: 1, throttle: 100 });
    expect([machine.gpus.length, machine.pool.gpuState()]).toEqual([0, 'off']);
    const without = new Machine(false);
    without.pool.start({ threads: 1, throttle: 100, gpu: true });
    expect(without.pool.gpuState()).toBe('off');
  });

  it('is one more thread: with its own nonce base, its work counted and its finds accepted', () => {
    const { pool, cpus, gpus, ...machine } = new Machine();
    const found: number[] = [];
    pool.onFound((tag, nonce) => found.push(tag, nonce.at(-1)!));
    pool.start({ threads: 1, throttle: 60, gpu: true });
    expect(pool.gpuState()).toBe('starting');
    pool.setJob({ headerHash: new Uint8Array(32), target: 1n, tag: 4 });
    const bases = [...cpus, ...gpus].map((port) => {
      const command = port.commands.at(-1)!;
      expect(command).toMatchObject({ type: 'work', tag: 4, throttle: 60 });
      return command.type === 'work' ? command.job.nonceBase.join() : '';
    });
    expect(new Set(bases).size).toBe(2);
    cpus[0]!.report({ type: 'ready', kernel: 'wasm-simd' });
    expect(pool.kernelName()).toBe('wasm-simd');
    gpus[0]!.report({ type: 'ready', kernel: 'webgpu (some card)' });
    expect([pool.gpuState(), pool.kernelName()]).toEqual(['on', 'wasm-simd + webgpu (some card)']);
    expect(machine.failures).toEqual([]);
    gpus[0]!.report({ type: 'found', tag: 4, word: 9 });
    expect(found).toEqual([4, 9]);
    expect(gpus[0]!.commands.at(-1)).toEqual({ type: 'stop' });
  });

  it('counts in the hash rate', () => {
    const machine = new Machine();
    machine.pool.start({ threads: 1, throttle: 100, gpu: true });
    machine.job(1);
    machine.time += 1_000;
    machine.gpus[0]!.report({ type: 'progress', hashes: 5_000 });
    machine.cpus[0]!.report({ type: 'progress', hashes: 70 });
    expect(machine.pool.hashrate()).toBe(5_070);
  });

  it('comes and goes without touching the threads', () => {
    const { pool, cpus, gpus } = new Machine();
    pool.start({ threads: 2, throttle: 100, gpu: true });
    pool.configure({ gpu: false });
    expect([gpus[0]!.terminated, pool.gpuState()]).toEqual([true, 'off']);
    pool.configure({ gpu: true, throttle: 30 });
    expect([gpus.length, pool.gpuState()]).toEqual([2, 'starting']);
    expect(cpus.map((port) => port.terminated)).toEqual([false, false]);
    pool.stop();
    expect(gpus[1]!.terminated).toBe(true);
  });

  it('is ended and reported after a failure, and not tried again until requested', () => {
    const machine = new Machine();
    const { pool, cpus, gpus } = machine;
    pool.start({ threads: 1, throttle: 100, gpu: true });
    machine.job(1);
    gpus[0]!.report({ type: 'failed', code: 'gpu-lost', reason: 'driver reset' });
    expect(machine.failures).toMatchObject([{ code: 'gpu-lost', message: 'driver reset' }]);
    expect([gpus[0]!.terminated, cpus[0]!.terminated, pool.gpuState()]).toEqual([true, false, 'failed']);
    pool.configure({ throttle: 50 });
    gpus[0]!.report({ type: 'found', tag: 1, word: 1 });
    expect([gpus.length, pool.gpuState()]).toEqual([1, 'failed']);
    machine.job(2);
    expect(cpus[0]!.commands.at(-1)).toMatchObject({ type: 'work', tag: 2 });
    pool.configure({ gpu: true });
    expect([gpus.length, pool.gpuState()]).toEqual([2, 'starting']);
  });

  it('counts as failed once silent, however often its work changes', () => {
    const machine = new Machine();
    machine.pool.start({ threads: 1, throttle: 100, gpu: true });
    for (let second = 0; second < 45; second++) {
      // One block per second: the tab finds it, waits, and gets another template.
      machine.job(second);
      machine.pool.setJob(null);
      machine.job(second);
      machine.cpus[0]!.report({ type: 'progress', hashes: 10 });
      machine.tick();
    }
    expect(machine.failures).toMatchObject([{ code: 'gpu-silent' }]);
    expect([machine.cpus.length, machine.pool.gpuState()]).toEqual([1, 'failed']);
  });

  it('may be silent while there is no work', () => {
    const machine = new Machine();
    machine.pool.start({ threads: 1, throttle: 100, gpu: true });
    machine.job(1);
    machine.tick();
    machine.pool.setJob(null);
    for (let second = 0; second < 100; second++) machine.tick();
    machine.job(2);
    for (let second = 0; second < 15; second++) machine.tick();
    expect(machine.failures).toEqual([]);
    expect([machine.cpus.length, machine.gpus.length]).toEqual([1, 1]);
  });
});
