import { sha256 } from '@noble/hashes/sha2.js';
import { createSHA256 } from 'hash-wasm';
import { chooseKernel } from '../../../src/miner/kernel/choose.ts';
import type { Kernel, SearchJob } from '../../../src/miner/kernel/kernel.ts';
import { createWasmKernel, SCALAR_VARIANT } from '../../../src/miner/kernel/wasm-kernel.ts';
import type { Random } from '../../../src/util/ports.ts';

export interface Work {
  readonly seals: number;
  readonly milliseconds: number;
}

/** One way to compute seals on one thread, in Node or in a browser. */
export interface Contestant {
  /** "noble", "hash-wasm", "scalar", or "ours": the kernel that a mining thread chooses here, with its name. */
  readonly name: string;
  /** Works for about `milliseconds` on this thread. */
  work(milliseconds: number): Work;
}

const MESSAGE_BYTES = 52;
const NONCE_AT = 48;
/** Longer than the resolution of any clock, much shorter than a sample. */
const SLICE_MS = 10;

/** Works in slices of about {@link SLICE_MS} until the time is over. */
function measured(name: string, work: (firstWord: number, count: number) => void): Contestant {
  let count = 64;
  return {
    name,
    work(milliseconds) {
      const startedAt = performance.now();
      let done = 0;
      for (;;) {
        const sliceAt = performance.now();
        work(done, count);
        done += count;
        const now = performance.now();
        if (now - sliceAt < SLICE_MS / 2) count *= 2;
        if (now - startedAt >= milliseconds) return { seals: done, milliseconds: now - startedAt };
      }
    },
  };
}

/** Seals by a general hash function: hashes whole messages, writes the nonce in place, and checks only the last word of the digest. */
function byLibrary(name: string, hash: (message: Uint8Array) => Uint8Array): Contestant {
  const message = new Uint8Array(MESSAGE_BYTES);
  const view = new DataView(message.buffer);
  let good = 0;
  return measured(name, (firstWord, count) => {
    for (let i = 0; i < count; i++) {
      view.setUint32(NONCE_AT, firstWord + i);
      const digest = hash(hash(message));
      if (digest[31] === 0 && digest[30] === 0 && digest[29] === 0 && digest[28] === 0) good++;
    }
    // Uses the result, so that no compiler removes the work.
    if (good < 0) throw new RangeError('Impossible.');
  });
}

function byKernel(name: string, kernel: Kernel): Contestant {
  const job: SearchJob = { headerHash: new Uint8Array(32), nonceBase: new Uint8Array(16), target: new Uint8Array(32) };
  return measured(name, (firstWord, count) => void kernel.search(job, firstWord, count));
}

/** All contestants, warmed up. */
export async function createContestants(random: Random): Promise<Contestant[]> {
  const hasher = await createSHA256();
  const ours = chooseKernel(random, { monotonic: () => performance.now() });
  const contestants = [
    byLibrary('noble', sha256),
    byLibrary('hash-wasm', (message) => hasher.init().update(message).digest('binary')),
    byKernel('scalar', createWasmKernel(SCALAR_VARIANT)),
    byKernel(`ours (${ours.name})`, ours),
  ];
  for (const contestant of contestants) contestant.work(200);
  return contestants;
}
