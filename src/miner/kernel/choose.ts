import type { MonotonicClock, Random } from '../../util/ports.ts';
import type { Kernel, SearchJob } from './kernel.ts';
import { referenceKernel } from './reference.ts';
import { createWasmKernel, SCALAR_VARIANT, VECTOR_VARIANTS } from './wasm-kernel.ts';
import type { Variant } from './search-module.ts';

/** Jobs of the self-check and words of each: about thirty results with this target, in about ten milliseconds of the reference. */
const CHECK_JOBS = 4;
const CHECK_WORDS = 500;
/** About one seal in 60 meets this target. */
const CHECK_TARGET = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 4 : (37 * i) & 0xff));

/** Long enough for the coarsest clock of a browser (1 ms), and most slices end before the system takes the core away. */
const TRIAL_SLICE_MS = 4;
/** Enough that the best slice runs on code that the browser has already optimised, unlike the first slices. */
const TRIAL_ROUNDS = 10;
/** A busy machine decides with the trials until then, because mining must start. */
const TRIAL_LIMIT_MS = 200;
const FIRST_TRIAL_WORDS = 2_048;
/** No seal meets this target, so every trial does all its work. */
const TRIAL_JOB: SearchJob = { headerHash: new Uint8Array(32), nonceBase: new Uint8Array(16), target: new Uint8Array(32) };

/**
 * The fastest search on this platform, of those that give the reference's results on random jobs. A search that fails this check is not
 * used, because a wrong compiler or generator would lose every block. Takes about a tenth of a second.
 */
export function chooseKernel(random: Random, clock: MonotonicClock): Kernel {
  const usable = (variants: readonly Variant[]): Kernel[] => variants.flatMap((variant) => checkedKernel(variant, random));
  return fastest(usable(VECTOR_VARIANTS), clock) ?? usable([SCALAR_VARIANT])[0] ?? referenceKernel;
}

function checkedKernel(variant: Variant, random: Random): Kernel[] {
  try {
    const kernel = createWasmKernel(variant);
    return agreesWithReference(kernel, random) ? [kernel] : [];
  } catch {
    // The platform lacks these instructions, or forbids WebAssembly. The next variant needs less.
    return [];
  }
}

/** The kernel with the fastest slice, after several slices of each; null without kernels. */
export function fastest(kernels: readonly Kernel[], clock: MonotonicClock): Kernel | null {
  if (kernels.length < 2) return kernels[0] ?? null;
  const trials = kernels.map((kernel) => ({ kernel, words: FIRST_TRIAL_WORDS, rate: 0 }));
  const endMs = clock.monotonic() + TRIAL_LIMIT_MS;
  for (let round = 0; round < TRIAL_ROUNDS && clock.monotonic() < endMs; round++) {
    for (const trial of trials) {
      const startedAt = clock.monotonic();
      trial.kernel.search(TRIAL_JOB, 0, trial.words);
      const elapsedMs = clock.monotonic() - startedAt;
      // Short slices only find the length, because the clock is too coarse to time them.
      if (elapsedMs < TRIAL_SLICE_MS) trial.words *= 2;
      else trial.rate = Math.max(trial.rate, trial.words / elapsedMs);
    }
  }
  return trials.reduce((best, trial) => (trial.rate > best.rate ? trial : best)).kernel;
}

/** Whether `kernel` finds exactly the same words as the reference, on random jobs. */
export function agreesWithReference(kernel: Kernel, random: Random): boolean {
  for (let i = 0; i < CHECK_JOBS; i++) {
    const job: SearchJob = { headerHash: random.bytes(32), nonceBase: random.bytes(16), target: CHECK_TARGET };
    const first = new DataView(random.bytes(4).slice().buffer).getUint32(0) >>> 1;
    if (allFound(kernel, job, first).join() !== allFound(referenceKernel, job, first).join()) return false;
  }
  return true;
}

function allFound(kernel: Kernel, job: SearchJob, firstWord: number): number[] {
  const found: number[] = [];
  const end = firstWord + CHECK_WORDS;
  for (let next = firstWord; next < end;) {
    const result = kernel.search(job, next, end - next);
    if (result.found === null) break;
    found.push(result.found);
    next = result.found + 1;
  }
  return found;
}
