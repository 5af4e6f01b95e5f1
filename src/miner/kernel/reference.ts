import { meetsTarget, type Kernel, type SearchJob, type SearchResult } from './kernel.ts';

/** The search in plain words, by the hash library: what the others are checked against, and the last resort without WebAssembly. */
export const referenceKernel: Kernel = {
  name: 'noble',
  search(job: SearchJob, firstWord: number, count: number): SearchResult {
    for (let i = 0; i < count; i++) {
      if (meetsTarget(job, firstWord + i)) return { found: firstWord + i, hashes: i + 1 };
    }
    return { found: null, hashes: count };
  },
};
