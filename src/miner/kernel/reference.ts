import { meetsTarget, type Kernel, type SearchJob, type SearchResult } from './kernel.ts';

/** The plain search with the hash library: the reference for the other kernels, and the fallback without WebAssembly. */
export const referenceKernel: Kernel = {
  name: 'noble',
  search(job: SearchJob, firstWord: number, count: number): SearchResult {
    for (let i = 0; i < count; i++) {
      if (meetsTarget(job, firstWord + i)) return { found: firstWord + i, hashes: i + 1 };
    }
    return { found: null, hashes: count };
  },
};
