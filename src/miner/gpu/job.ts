import { concatBytes } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import { partsOf, type Expression } from '../kernel/expression.ts';
import type { SearchJob } from '../kernel/kernel.ts';
import { HEAD_WORDS, type SealShader } from './shader.ts';

/** The target's most significant word, the largest value for a seal's top. The GPU compares only this word. */
export function targetTop(target: Uint8Array): number {
  return new DataView(target.buffer, target.byteOffset, 4).getUint32(0);
}

/**
 * The uniforms of a job, in the shader's layout.
 * @returns words; each batch sets the first (its first search word)
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

/** The values of expressions that depend only on the job. */
export function evaluate(terms: readonly Expression[], jobWords: readonly number[]): number[] {
  const values = new Map<Expression, number>();
  const value = (part: Expression): number => values.get(part)!;
  // partsOf() puts arguments before the expressions that use them.
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
    case 'shiftHalves':
    case 'pickBytes':
      throw new TabchainError('invariant-broken', 'What depends on the nonce is computed on the GPU.');
  }
}
