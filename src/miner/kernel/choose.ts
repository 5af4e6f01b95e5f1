import type { Random } from '../../util/ports.ts';
import type { Kernel, SearchJob } from './kernel.ts';
import { referenceKernel } from './reference.ts';
import { createWasmKernel } from './wasm-kernel.ts';

/** Jobs of the self-check and words of each: some thirty results with this target, in about ten milliseconds of the reference. */
const CHECK_JOBS = 4;
const CHECK_WORDS = 500;
/** One seal in about 60 meets it. */
const CHECK_TARGET = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 4 : (37 * i) & 0xff));

/**
 * The fastest search of this platform that gives the reference's results on random jobs. A wrong compiler, or a wrong generator, would
 * cost a miner every block: whoever fails is not used.
 */
export function chooseKernel(random: Random): Kernel {
  for (const create of [() => createWasmKernel(4), () => createWasmKernel(1)]) {
    try {
      const kernel = create();
      if (agreesWithReference(kernel, random)) return kernel;
    } catch {
      // The platform lacks these instructions, or forbids WebAssembly: the next one needs less.
    }
  }
  return referenceKernel;
}

/** Whether `kernel` finds exactly the words that the reference finds, on jobs drawn from `random`. */
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
