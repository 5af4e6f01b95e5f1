import { meetsTarget, type Kernel, type SearchJob, type SearchResult } from './kernel.ts';
import { assembleSearch, type Variant } from './search-module.ts';
import { NONCE_WORD } from './sha256-graph.ts';

/** Four nonces at a time. All forms of rotation are tried, because the fastest form depends on browser and processor. */
export const VECTOR_VARIANTS: readonly Variant[] = [
  { lanes: 4, rotations: 'nested' },
  { lanes: 4, rotations: 'flat' },
  { lanes: 4, rotations: 'multiplied' },
];
/** For platforms without vectors. */
export const SCALAR_VARIANT: Variant = { lanes: 1, rotations: 'whole' };

/**
 * A search in WebAssembly, assembled at run time; users see its name. Compiles synchronously, so call this in a worker.
 * @throws WebAssembly.CompileError if the platform lacks the instructions or forbids WebAssembly
 */
export function createWasmKernel(variant: Variant): Kernel {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembleSearch(variant)));
  const search = exports['search'] as (first: number, count: number, top: number) => number;
  const jobWords = new DataView((exports['memory'] as WebAssembly.Memory).buffer, 0, 4 * NONCE_WORD);
  const name = variant.lanes === 1 ? 'wasm-scalar' : `wasm-simd-${variant.rotations}`;
  return { name, search: (job, firstWord, count) => runSearch(search, jobWords, job, firstWord, count) };
}

function runSearch(
  search: (first: number, count: number, top: number) => number,
  jobWords: DataView,
  job: SearchJob,
  firstWord: number,
  count: number,
): SearchResult {
  writeWords(jobWords, 0, job.headerHash);
  writeWords(jobWords, job.headerHash.length, job.nonceBase);
  const top = new DataView(job.target.buffer, job.target.byteOffset).getUint32(0);
  let done = 0;
  while (done < count) {
    const index = search(firstWord + done, count - done, top);
    // A batch may reach past the end; a word found there belongs to the next call.
    if (index < 0 || done + index >= count) break;
    done += index + 1;
    const word = firstWord + done - 1;
    if (meetsTarget(job, word)) return { found: word, hashes: done };
  }
  return { found: null, hashes: count };
}

/** Copies big-endian words into the module's little-endian memory. */
function writeWords(memory: DataView, offset: number, bytes: Uint8Array): void {
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < bytes.length; i += 4) memory.setUint32(offset + i, source.getUint32(i), true);
}
