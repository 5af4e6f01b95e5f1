import { Coverage } from './support/coverage.ts';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Prng } from '../sim/engine/prng.ts';
import { CURRENT_HEADER_BYTES, type FuzzOrder, type FuzzReport } from './messages.ts';
import { bytesOf } from './support/inputs.ts';
import { mutate } from './support/mutate.ts';
import type { Attempt, FuzzTarget } from './support/target.ts';
import { TARGETS, targetNamed } from './targets.ts';

/** Attempts between two looks at the clock. */
const CLOCK_EVERY = 64;
/** Attempts to make a finding smaller. */
const SHRINK_TRIES = 2_000;

const report = (message: FuzzReport): void => parentPort!.postMessage(message);

class Fuzzer {
  readonly #target: FuzzTarget;
  readonly #order: FuzzOrder;
  readonly #attempt: Attempt;
  readonly #random: Prng;
  readonly #coverage = new Coverage();
  readonly #words: readonly Uint8Array[];
  readonly #corpus: Uint8Array[] = [];
  readonly #head: Uint32Array;
  readonly #body: Uint8Array;
  #executions = 0;

  constructor(target: FuzzTarget, order: FuzzOrder, attempt: Attempt) {
    this.#target = target;
    this.#order = order;
    this.#attempt = attempt;
    this.#random = new Prng(`${order.seed}/${target.name}`);
    this.#words = (target.words ?? []).map(bytesOf);
    this.#head = new Uint32Array(order.current, 0, 2);
    this.#body = new Uint8Array(order.current, CURRENT_HEADER_BYTES);
  }

  async run(): Promise<void> {
    const { corpus, seconds, replay } = this.#order;
    if (replay) return void (await this.#try(replay));
    const kept = readdirSync(corpus).map((name) => new Uint8Array(readFileSync(join(corpus, name))));
    for (const input of [...(await this.#target.seeds()), ...kept]) {
      if (!(await this.#try(input))) return;
      if (this.#coverage.learn() || this.#corpus.length === 0) this.#corpus.push(input);
    }
    const endMs = performance.now() + 1_000 * seconds;
    while (this.#executions % CLOCK_EVERY !== 0 || performance.now() < endMs) {
      const input = mutate(this.#chosen(), this.#random, this.#corpus, this.#words, this.#target.maxBytes);
      if (!(await this.#try(input))) return;
      if (this.#coverage.learn()) this.#keep(input);
    }
  }

  /** Prefers newer inputs, because they reach further. */
  #chosen(): Uint8Array {
    const { length } = this.#corpus;
    const from = this.#random.chance(0.5) ? Math.floor(length * 0.8) : 0;
    return this.#corpus[this.#random.int(from, length - 1)]!;
  }

  #keep(input: Uint8Array): void {
    this.#corpus.push(input);
    writeFileSync(join(this.#order.corpus, `reached-${this.#coverage.features}-${this.#executions}`), input);
  }

  /** @returns false for a finding, which ends the run */
  async #try(input: Uint8Array): Promise<boolean> {
    const error = await this.#failure(input);
    if (error === null) return true;
    const [smallest, why] = await this.#shrunk(input, error);
    report({ type: 'finding', input: smallest, error: why });
    return false;
  }

  async #failure(input: Uint8Array): Promise<string | null> {
    this.#executions++;
    this.#head[0] = input.length;
    this.#head[1] = this.#executions;
    this.#body.set(input);
    this.#coverage.reset();
    try {
      // Awaiting a synchronous attempt would cost more than most attempts.
      const answer = this.#attempt(Uint8Array.from(input));
      if (answer) await answer;
      return null;
    } catch (error) {
      return describe(error);
    }
  }

  /** Removes bytes that the same failure does not need. */
  async #shrunk(input: Uint8Array, error: string): Promise<[Uint8Array, string]> {
    let best = input;
    let why = error;
    let tries = 0;
    for (let length = best.length >> 1; length >= 1; length >>= 1) {
      for (let at = 0; at < best.length && tries < SHRINK_TRIES; tries++) {
        const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + length)]);
        const failure = await this.#failure(new Uint8Array(shorter));
        if (failure?.split('\n')[0] === error.split('\n')[0]) [best, why] = [new Uint8Array(shorter), failure!];
        else at += length;
      }
    }
    return [best, why];
  }

  done(): void {
    const { places, features } = this.#coverage;
    report({ type: 'done', executions: this.#executions, places, features, corpus: this.#corpus.length });
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

const order = workerData as FuzzOrder | null;
if (order === null) {
  report({ type: 'targets', targets: TARGETS.map(({ name, about }) => ({ name, about })) });
} else {
  const target = targetNamed(order.target);
  const fuzzer = new Fuzzer(target, order, await target.prepare());
  await fuzzer.run();
  fuzzer.done();
}
