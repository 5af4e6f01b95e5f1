import { concatBytes } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import { partsOf, type Expression } from '../kernel/expression.ts';
import type { SearchJob } from '../kernel/kernel.ts';
import { HEAD_WORDS, type SealShader } from './shader.ts';

/** Largest number that a seal's most significant word may be: all that the GPU compares. */
export function targetTop(target: Uint8Array): number {
  return new DataView(target.buffer, target.byteOffset, 4).getUint32(0);
}

/**
 * The uniforms of a job, as the shader lays them out.
 * @returns words; the first one (where to begin) is for each batch to fill in
 */
export function packJob(shader: SealShader, job: SearchJob): Uint32Array<ArrayBuffer> {
  const message = concatBytes(job.headerHash, job.nonceBase);
  const view = new DataView(message.buffer, message.byteOffset);
  const words = Array.from({ length: message.length / 4 }, (_, i) => view.getUint32(4 * i));
  const packed = new Uint32Array(4 * shader.uniformVectors);
  packed[1] = targetTop(job.target);
  packed.set(evaluate(shader.jobTerms, words), HEAD_WORDS);
  return packed;
}

/** The values of expressions that depend on the job alone. */
export function evaluate(terms: readonly Expression[], jobWords: readonly number[]): number[] {
  const values = new Map<Expression, number>();
  const value = (part: Expression): number => values.get(part)!;
  // Arguments come before what they are arguments of.
  for (const part of partsOf(terms, () => true)) values.set(part, compute(part, jobWords, value) >>> 0);
  return terms.map(value);
}

function compute(part: Expression, jobWords: readonly number[], value: (part: Expression) => number): number {
  switch (part.op) {
    case 'constant':
      return part.value;
    case 'job':
      return jobWords[part.index]!;
    case 'add':
      return value(part.left) + value(part.right);
    case 'xor':
      return value(part.left) ^ value(part.right);
    case 'and':
      return value(part.left) & value(part.right);
    case 'rotateRight':
      return (value(part.left) >>> part.bits) | (value(part.left) << (32 - part.bits));
    case 'shiftRight':
      return value(part.left) >>> part.bits;
    case 'shiftLeft':
      return value(part.left) << part.bits;
    case 'nonce':
      throw new TabchainError('invariant-broken', 'What depends on the nonce is computed on the GPU.');
  }
}
