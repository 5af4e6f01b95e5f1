import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreesWithReference, chooseKernel, fastest } from '../../../src/miner/kernel/choose.ts';
import { argumentsOf, Graph, Level, partsOf, type Expression } from '../../../src/miner/kernel/expression.ts';
import { meetsTarget, nonceOf, type Kernel, type SearchJob } from '../../../src/miner/kernel/kernel.ts';
import { referenceKernel } from '../../../src/miner/kernel/reference.ts';
import { assembleSearch } from '../../../src/miner/kernel/search-module.ts';
import { planPasses } from '../../../src/miner/kernel/passes.ts';
import { sealTop } from '../../../src/miner/kernel/sha256-graph.ts';
import { createWasmKernel, SCALAR_VARIANT, VECTOR_VARIANTS } from '../../../src/miner/kernel/wasm-kernel.ts';
import { bigIntToBytes, bytesToBigInt, fromHex, toHex } from '../../../src/util/bytes.ts';

const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const ALL = (1n << 256n) - 1n;
const clock = { monotonic: () => performance.now() };
const VARIANTS = [SCALAR_VARIANT, ...VECTOR_VARIANTS];
const kernels: Kernel[] = [referenceKernel, ...VARIANTS.map(createWasmKernel)];

function makeJob(target: bigint): SearchJob {
  return { headerHash: random.bytes(32), nonceBase: random.bytes(16), target: bigIntToBytes(target, 32) };
}

/** The seal computed by another library, as a number. */
function sealOf(job: SearchJob, word: number): bigint {
  const inner = createHash('sha256').update(job.headerHash).update(nonceOf(job.nonceBase, word)).digest();
  return bytesToBigInt(new Uint8Array(createHash('sha256').update(inner).digest().reverse()));
}

describe.each(kernels.map((kernel) => [kernel.name, kernel] as const))('kernel %s', (_name, kernel) => {
  it('finds the first good word, and no other', () => {
    const job = makeJob(ALL >> 9n);
    const good = Array.from({ length: 3_000 }, (_, word) => word).filter((word) => sealOf(job, word) <= ALL >> 9n);
    const found: number[] = [];
    for (let next = 0; next < 3_000;) {
      const result = kernel.search(job, next, 3_000 - next);
      if (result.found === null) {
        expect(result.hashes).toBe(3_000 - next);
        break;
      }
      expect(result.hashes).toBe(result.found - next + 1);
      found.push(result.found);
      next = result.found + 1;
    }
    expect(found).toEqual(good);
  });

  it('compares all 256 bits: the target is the largest valid number', () => {
    for (let i = 0; i < 8; i++) {
      const probe = makeJob(ALL);
      const seal = sealOf(probe, 77);
      expect(kernel.search({ ...probe, target: bigIntToBytes(seal, 32) }, 77, 1).found).toBe(77);
      expect(kernel.search({ ...probe, target: bigIntToBytes(seal - 1n, 32) }, 77, 1).found).toBeNull();
    }
  });

  it('searches exactly the words asked for, whatever their count', () => {
    const job = makeJob(ALL);
    for (const count of [1, 2, 3, 4, 5, 8]) expect(kernel.search(job, 9, count)).toEqual({ found: 9, hashes: 1 });
    expect(kernel.search(job, 9, 0)).toEqual({ found: null, hashes: 0 });
    const good = [...Array(400).keys()].find((word) => word > 4 && sealOf({ ...job }, word) <= ALL >> 5n)!;
    const hard = { ...job, target: bigIntToBytes(ALL >> 5n, 32) };
    const before = [...Array(good).keys()].filter((word) => sealOf(job, word) <= ALL >> 5n);
    const first = before.length > 0 ? before[before.length - 1]! + 1 : 0;
    expect(kernel.search(hard, first, good - first).found).toBeNull();
    expect(kernel.search(hard, first, good - first + 1).found).toBe(good);
  });

  it('reaches the last words of a base', () => {
    const job = makeJob(ALL);
    expect(kernel.search(job, 2 ** 32 - 1, 1)).toEqual({ found: 2 ** 32 - 1, hashes: 1 });
    const hard = makeJob(ALL >> 4n);
    const words = Array.from({ length: 64 }, (_, i) => 2 ** 32 - 64 + i);
    expect(kernel.search(hard, words[0]!, 64).found).toBe(words.find((word) => sealOf(hard, word) <= ALL >> 4n) ?? null);
  });

  it('works on views into a larger buffer', () => {
    const job = makeJob(ALL >> 6n);
    const shifted = (bytes: Uint8Array): Uint8Array => Uint8Array.of(1, 2, 3, ...bytes).subarray(3);
    const moved = { headerHash: shifted(job.headerHash), nonceBase: shifted(job.nonceBase), target: shifted(job.target) };
    expect(kernel.search(moved, 0, 2_000)).toEqual(referenceKernel.search(job, 0, 2_000));
  });
});

describe('choice of kernel', () => {
  it('takes vectors here', () => {
    expect(chooseKernel(random, clock).name).toMatch(/^wasm-simd-(nested|flat|multiplied)$/);
  });

  it('keeps the kernel that does most work in the same time, however slow its first rounds are', () => {
    let nowMs = 0;
    const paced = (name: string, rates: (round: number) => number): Kernel => {
      let round = 0;
      return {
        name,
        search: (_job, _first, count) => {
          nowMs += Math.floor(count / rates(round++));
          return { found: null, hashes: count };
        },
      };
    };
    const even = paced('even', () => 2_000);
    const late = paced('late', (round) => (round < 6 ? 500 : 2_500));
    expect(fastest([even, late], { monotonic: () => nowMs })?.name).toBe('late');
    expect(fastest([late, even], { monotonic: () => nowMs })?.name).toBe('late');
    expect(fastest([even], clock)).toBe(even);
    expect(fastest([], clock)).toBeNull();
  });

  it('refuses a kernel that misses, invents or misplaces a result', () => {
    const right = createWasmKernel(SCALAR_VARIANT);
    expect(agreesWithReference(right, random)).toBe(true);
    const wrong: Kernel['search'][] = [
      (_job, _first, count) => ({ found: null, hashes: count }),
      (_job, first) => ({ found: first, hashes: 1 }),
      (job, first, count) => {
        const result = right.search(job, first, count);
        return { ...result, found: result.found === null ? null : result.found + 1 };
      },
    ];
    for (const search of wrong) expect(agreesWithReference({ name: 'wrong', search }, random)).toBe(false);
  });
});

describe('generator', () => {
  /** Evaluates an expression by plain recursion. */
  function evaluate(expression: Expression, job: Uint32Array, nonce: number, known = new Map<Expression, number>()): number {
    const value = known.get(expression);
    if (value !== undefined) return value;
    const [left = 0, right = 0] = argumentsOf(expression).map((argument) => evaluate(argument, job, nonce, known));
    const computed = ((): number => {
      switch (expression.op) {
        case 'constant':
          return expression.value;
        case 'job':
          return job[expression.index]!;
        case 'nonce':
          return nonce;
        case 'add':
          return left + right;
        case 'xor':
          return left ^ right;
        case 'and':
          return left & right;
        case 'shiftRight':
          return left >>> expression.bits;
        case 'shiftLeft':
          return left << expression.bits;
        case 'rotateRight':
          return (left >>> expression.bits) | (left << (32 - expression.bits));
        case 'shiftHalves':
          return (((left & 0xffff0000) << expression.bits) & 0xffff0000) | ((left << expression.bits) & 0xffff);
        case 'pickBytes':
          return expression.pattern.reduce<number>(
            (word, byte, at) => word | (byte === null ? 0 : ((left >>> (8 * byte)) & 0xff) << (8 * at)),
            0,
          );
      }
    })();
    known.set(expression, computed >>> 0);
    return computed >>> 0;
  }

  it.each(['whole', 'flat', 'nested', 'multiplied'] as const)('describes SHA-256 twice over 52 bytes, rotations %s', (rotations) => {
    const root = sealTop(new Graph(), rotations);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 52, maxLength: 52 }), (message) => {
        const words = new Uint32Array(13).map((_, i) => new DataView(message.buffer, message.byteOffset).getUint32(4 * i));
        const inner = createHash('sha256').update(message).digest();
        const digest = new Uint8Array(createHash('sha256').update(inner).digest().reverse());
        expect(evaluate(root, words, words[12]!)).toBe(new DataView(digest.buffer).getUint32(0));
      }),
      { numRuns: 20 },
    );
  });

  it('folds constants and keeps per-job sums out of the loop', () => {
    const graph = new Graph();
    expect(graph.add(graph.constant(0xffffffff), graph.constant(2))).toBe(graph.constant(1));
    expect(graph.rotateRight(graph.constant(1), 1)).toBe(graph.constant(0x80000000));
    expect(graph.and(graph.job(0), graph.constant(0))).toBe(graph.constant(0));
    expect(graph.xor(graph.nonce(), graph.constant(0))).toBe(graph.nonce());
    const sum = graph.add(graph.nonce(), graph.constant(5), graph.job(1));
    expect(sum.level).toBe(Level.nonce);
    expect(
      argumentsOf(sum)
        .map((argument) => argument.level)
        .sort(),
    ).toEqual([Level.job, Level.nonce]);
  });

  it.each([1, 4, 7])('divides the work into %i passes that store exactly what later passes need', (count) => {
    const root = sealTop(new Graph(), 'nested');
    const { passes, slots } = planPasses(root, count);
    expect(passes).toHaveLength(count);
    expect(passes.flatMap(({ expressions }) => expressions)).toEqual(partsOf([root], ({ level }) => level === Level.nonce));
    const held = new Map<number, Expression>();
    for (const { expressions, inputs, kept } of passes) {
      for (const [expression, slot] of inputs) expect(held.get(slot)).toBe(expression);
      const here = new Set(expressions);
      for (const expression of expressions) {
        for (const argument of argumentsOf(expression)) {
          expect(argument.level < Level.nonce || here.has(argument) || inputs.has(argument)).toBe(true);
        }
      }
      for (const [expression, slot] of kept) {
        expect(here.has(expression)).toBe(true);
        expect(slot).toBeLessThan(slots);
        // Loads and stores share a pass, so a slot must not be reused within it.
        expect([...inputs.values()]).not.toContain(slot);
        held.set(slot, expression);
      }
    }
  });

  it('assembles valid modules, the same each time', () => {
    for (const variant of VARIANTS) {
      const bytes = assembleSearch(variant);
      expect(WebAssembly.validate(bytes)).toBe(true);
      expect(toHex(assembleSearch(variant))).toBe(toHex(bytes));
    }
  });

  it('agrees with the consensus rule', () => {
    const job: SearchJob = {
      headerHash: fromHex('11'.repeat(32)),
      nonceBase: fromHex('22'.repeat(16)),
      target: bigIntToBytes(ALL >> 12n, 32),
    };
    const { found } = kernels.at(-1)!.search(job, 0, 100_000);
    expect(found).not.toBeNull();
    expect(meetsTarget(job, found!)).toBe(true);
    expect(sealOf(job, found!) <= ALL >> 12n).toBe(true);
  });
});
