import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_MS, BATCH_STEP_WORDS, FIRST_BATCH_WORDS, fitBatch, MAX_BATCH_WORDS, WORKGROUP_SIZE } from '../../../src/miner/gpu/batch.ts';
import { firstFind } from '../../../src/miner/gpu/candidates.ts';
import { hasAdapter, openGpu } from '../../../src/miner/gpu/device.ts';
import { packJob, targetTop } from '../../../src/miner/gpu/job.ts';
import { createSealShader, FOUND_WORDS, gridOf, HEAD_WORDS } from '../../../src/miner/gpu/shader.ts';
import { checkGpu, wordsBelow } from '../../../src/miner/gpu/self-check.ts';
import type { GpuSearch } from '../../../src/miner/gpu/search.ts';
import { nonceOf, WORDS_PER_BASE, type SearchJob } from '../../../src/miner/kernel/kernel.ts';
import { bigIntToBytes, bytesToBigInt } from '../../../src/util/bytes.ts';

const ALL = (1n << 256n) - 1n;
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };

function makeJob(target: bigint): SearchJob {
  return { headerHash: random.bytes(32), nonceBase: random.bytes(16), target: bigIntToBytes(target, 32) };
}

/** The seal computed by another library, as a number. */
function sealOf(job: SearchJob, word: number): bigint {
  const inner = createHash('sha256').update(job.headerHash).update(nonceOf(job.nonceBase, word)).digest();
  return bytesToBigInt(new Uint8Array(createHash('sha256').update(inner).digest().reverse()));
}

const topOf = (seal: bigint): number => Number(seal >> 224n);

/**
 * Runs the shader's own text without a GPU. Each step is one `let`, and of WGSL's operators on u32 only > > and + have another meaning in
 * JavaScript.
 */
function interpreted(code: string): (packed: Uint32Array, word: number) => { top: number; limit: number } {
  const steps = [...code.matchAll(/^ {2}let (word|v\d+) = (.+);$/gm)].map(
    ([, name, formula]) => `const ${name} = (${javascript(formula!)}) >>> 0;`,
  );
  const [, top, limit] = /^ {2}if \((v\d+) > (job\[0\]\.y)\) \{ return; \}$/m.exec(code)!;
  const body = `${steps.join('\n')}\nreturn { top: ${top}, limit: ${javascript(limit!)} };`;
  const run = new Function('job', 'nonce', body) as (job: Uint32Array, nonce: number) => { top: number; limit: number };
  return run;
}

function javascript(formula: string): string {
  return formula
    .replace(/\b(0x[0-9a-f]+|\d+)u\b/g, '$1')
    .replaceAll('>>', '>>>')
    .replace(/job\[(\d+)\]\.([xyzw])/g, (_all, vector: string, part: string) => `job[${4 * Number(vector) + 'xyzw'.indexOf(part)}]`);
}

/** A correct GPU, computed by noble; `spoil` may change its results. */
function honestGpu(spoil: (claimed: number[], slot: number) => number[] = (claimed) => claimed): GpuSearch {
  const jobs = new Map<object, SearchJob>();
  return {
    name: 'stand-in',
    pack: (job) => {
      const packed = new Uint32Array(1);
      jobs.set(packed, job);
      return packed;
    },
    search: (slot, packed, first, words) => Promise.resolve(spoil(wordsBelow(jobs.get(packed)!, first, words).reverse(), slot)),
  };
}

describe('seal shader', () => {
  const shader = createSealShader();

  it('computes the top of the seal, and takes the target’s top from the job', () => {
    const run = interpreted(shader.code);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 80, maxLength: 80 }),
        fc.oneof(fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, WORDS_PER_BASE - 1), fc.nat(WORDS_PER_BASE - 1)),
        (bytes, word) => {
          const job = { headerHash: bytes.slice(0, 32), nonceBase: bytes.slice(32, 48), target: bytes.slice(48) };
          const { top, limit } = run(packJob(shader, job), word);
          expect(top).toBe(topOf(sealOf(job, word)));
          expect(limit).toBe(topOf(bytesToBigInt(job.target)));
        },
      ),
    );
  });

  it('leaves terms that depend only on the job to the job', () => {
    const steps = [...shader.code.matchAll(/^ {2}let v\d+ = (.+);$/gm)].map(([, formula]) => formula!);
    expect(steps.length).toBeGreaterThan(1_000);
    // The loop does not contain the first twelve rounds, nor any sums of constants.
    expect(steps.filter((formula) => !/\b(word|v\d+)\b/.test(formula))).toEqual([]);
    expect(shader.jobTerms.length).toBeLessThan(64);
    expect(shader.code).toContain(`array<vec4<u32>, ${shader.uniformVectors}>`);
    expect(4 * shader.uniformVectors).toBeGreaterThanOrEqual(HEAD_WORDS + shader.jobTerms.length);
  });

  it('counts through every word of a batch, within the limits that WebGPU guarantees', () => {
    for (const words of [BATCH_STEP_WORDS, FIRST_BATCH_WORDS, 77 * BATCH_STEP_WORDS, MAX_BATCH_WORDS]) {
      const [columns, rows] = gridOf(words);
      expect(columns * rows * WORKGROUP_SIZE).toBe(words);
      expect(Number.isInteger(columns)).toBe(true);
      expect(Math.max(columns, rows)).toBeLessThanOrEqual(65_535);
    }
  });
});

describe('job', () => {
  it('can be packed from views into a larger buffer', () => {
    const shader = createSealShader();
    const job = makeJob(ALL >> 9n);
    const shifted = (bytes: Uint8Array): Uint8Array => Uint8Array.of(1, 2, 3, ...bytes).subarray(3);
    const moved = { headerHash: shifted(job.headerHash), nonceBase: shifted(job.nonceBase), target: shifted(job.target) };
    expect(packJob(shader, moved)).toEqual(packJob(shader, job));
    expect(targetTop(moved.target)).toBe(2 ** 23 - 1);
  });
});

describe('batch size', () => {
  it('settles at the intended batch time, whatever the speed', () => {
    for (const wordsPerMs of [100, 1_000, 400_000, 10_000_000]) {
      let words = FIRST_BATCH_WORDS;
      for (let i = 0; i < 30; i++) words = fitBatch(words, words / wordsPerMs);
      const lasts = words / wordsPerMs;
      expect(words === BATCH_STEP_WORDS || lasts <= BATCH_MS).toBe(true);
      expect(words === BATCH_STEP_WORDS || words === MAX_BATCH_WORDS || lasts > 0.7 * BATCH_MS).toBe(true);
    }
  });

  it('is always a whole number above zero, and at most doubles', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), fc.double({ min: 0, max: 1e6, noNaN: true }), (steps, elapsedMs) => {
        const words = steps * BATCH_STEP_WORDS;
        const next = fitBatch(words, elapsedMs);
        expect(next % BATCH_STEP_WORDS).toBe(0);
        expect(next).toBeGreaterThan(0);
        expect(next).toBeLessThanOrEqual(Math.min(MAX_BATCH_WORDS, 2 * words));
        expect(WORDS_PER_BASE % BATCH_STEP_WORDS).toBe(0);
      }),
    );
  });
});

describe('candidates', () => {
  it('are checked fully: the smallest that meets the target is the find', () => {
    const job = makeJob(ALL >> 4n);
    const good = Array.from({ length: 400 }, (_, i) => 1_000 + i).filter((word) => sealOf(job, word) <= ALL >> 4n);
    expect(firstFind({ job, firstWord: 1_000, words: 400, candidates: good.toReversed() })).toBe(good[0]);
    expect(firstFind({ job, firstWord: 1_000, words: 400, candidates: [] })).toBeNull();
  });

  it('with the target’s top but a larger rest are neither a find nor a false claim', () => {
    const probe = makeJob(ALL);
    const seal = sealOf(probe, 5);
    const claim = (target: bigint) =>
      firstFind({ job: { ...probe, target: bigIntToBytes(target, 32) }, firstWord: 0, words: 9, candidates: [5] });
    expect(claim(seal)).toBe(5);
    expect(claim(seal - 1n)).toBeNull();
    expect(() => claim(((seal >> 224n) << 224n) - 1n)).toThrow(expect.objectContaining({ code: 'gpu-wrong' }));
  });

  it('outside of the batch are a false claim', () => {
    const job = makeJob(ALL);
    for (const word of [9, 20]) {
      const claim = { job, firstWord: 10, words: 10, candidates: [word] };
      expect(() => firstFind(claim)).toThrow(expect.objectContaining({ code: 'gpu-wrong' }));
    }
  });
});

describe('self-check', () => {
  it('passes an honest GPU', async () => {
    await expect(checkGpu(honestGpu(), random)).resolves.toBeUndefined();
  });

  it.each([
    ['misses one', (claimed: number[]) => claimed.slice(1)],
    ['invents one', (claimed: number[]) => [...claimed, 77]],
    ['finds nothing', () => []],
    ['errs in its second slot only', (claimed: number[], slot: number) => (slot === 1 ? claimed.map((word) => word ^ 1) : claimed)],
  ])('refuses one that %s', async (_what, spoil) => {
    await expect(checkGpu(honestGpu(spoil), random)).rejects.toMatchObject({ code: 'gpu-wrong' });
  });

  it('asks for no more words than a batch returns', async () => {
    const counts: number[] = [];
    await checkGpu(
      honestGpu((claimed) => (counts.push(claimed.length), claimed)),
      random,
    );
    expect(counts.length).toBeGreaterThan(1);
    for (const count of counts) expect(count > 10 && count <= FOUND_WORDS).toBe(true);
  });
});

describe('without WebGPU', () => {
  const gpuThat = (requestAdapter: () => Promise<GPUAdapter | null>): GPU => ({ requestAdapter }) as unknown as GPU;

  it('there is neither an adapter nor an error', async () => {
    expect(await hasAdapter(undefined)).toBe(false);
    expect(await hasAdapter(gpuThat(() => Promise.resolve(null)))).toBe(false);
    expect(await hasAdapter(gpuThat(() => Promise.reject(new TypeError('no'))))).toBe(false);
    expect(await hasAdapter(gpuThat(() => Promise.resolve({} as GPUAdapter)))).toBe(true);
    await expect(openGpu(undefined)).rejects.toMatchObject({ code: 'gpu-unavailable' });
  });

  it('a refused device counts as a lost GPU', async () => {
    const adapter = { info: {}, requestDevice: () => Promise.reject(new DOMException('too many', 'OperationError')) };
    const gpu = gpuThat(() => Promise.resolve(adapter as unknown as GPUAdapter));
    await expect(openGpu(gpu)).rejects.toMatchObject({ code: 'gpu-lost', message: expect.stringContaining('too many') as string });
  });
});
