import { TabchainError } from '../../util/errors.ts';
import { argumentsOf, Graph, Level, partsOf, type Expression } from '../kernel/expression.ts';
import { sealTop } from '../kernel/sha256-graph.ts';
import { ROWS, WORKGROUP_SIZE } from './batch.ts';

/** Most words that one batch can return. The self-check's batches return half as many, a real job's almost always none. */
export const FOUND_WORDS = 127;
/** Uniform words before the job's terms: the first search word, and the top of the target. */
export const HEAD_WORDS = 2;

export interface SealShader {
  /** WGSL with the entry point `search`. */
  readonly code: string;
  /** Values of a job that the search per nonce needs, in the uniforms' order. Computed once per job, never on the GPU. */
  readonly jobTerms: readonly Expression[];
  /** Length of the uniform array, in vectors of four words. */
  readonly uniformVectors: number;
}

/**
 * Writes the search as WGSL, from the same expressions as the WASM kernel: constants are folded, values that depend only on the job
 * are uniforms, and each invocation computes only the top word of one nonce's seal. The shader returns only words whose top is no
 * greater than the target's; the CPU checks these words in full.
 */
export function createSealShader(): SealShader {
  const top = sealTop(new Graph(), 'whole');
  const steps = partsOf([top], (part) => part.level === Level.nonce);
  const isTerm = (part: Expression): boolean => part.level === Level.job;
  const jobTerms = [...new Set(steps.flatMap((step) => argumentsOf(step).filter(isTerm)))].sort((a, b) => a.id - b.id);
  const uniforms = new Map(jobTerms.map((term, i) => [term, uniformWord(HEAD_WORDS + i)]));
  const uniformVectors = Math.ceil((HEAD_WORDS + jobTerms.length) / 4);
  const lines = steps.map((step) => `  let ${nameOf(step, uniforms)} = ${formula(step, uniforms)};`);
  const code = `struct Found {
  count: atomic<u32>,
  words: array<u32, ${FOUND_WORDS}>,
}
@group(0) @binding(0) var<uniform> job: array<vec4<u32>, ${uniformVectors}>;
@group(0) @binding(1) var<storage, read_write> found: Found;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn search(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let nonce = ${uniformWord(0)} + (group.y * groups.x + group.x) * ${WORKGROUP_SIZE}u + lane;
${lines.join('\n')}
  if (${nameOf(top, uniforms)} > ${uniformWord(1)}) { return; }
  let place = atomicAdd(&found.count, 1u);
  if (place < ${FOUND_WORDS}u) { found.words[place] = nonce; }
}
`;
  return { code, jobTerms, uniformVectors };
}

/** The grid of a batch, which `(group.y * groups.x + group.x)` in the shader counts through. */
export function gridOf(words: number): [columns: number, rows: number] {
  return [words / (WORKGROUP_SIZE * ROWS), ROWS];
}

function uniformWord(index: number): string {
  return `job[${Math.floor(index / 4)}].${'xyzw'[index % 4]!}`;
}

type Uniforms = ReadonlyMap<Expression, string>;

function nameOf(expression: Expression, uniforms: Uniforms): string {
  if (expression.op === 'constant') return `0x${expression.value.toString(16)}u`;
  return uniforms.get(expression) ?? (expression.op === 'nonce' ? 'word' : `v${expression.id}`);
}

function formula(expression: Expression, uniforms: Uniforms): string {
  const name = (part: Expression): string => nameOf(part, uniforms);
  switch (expression.op) {
    case 'nonce':
      return 'nonce';
    case 'add':
      return `${name(expression.left)} + ${name(expression.right)}`;
    case 'xor':
      return `${name(expression.left)} ^ ${name(expression.right)}`;
    case 'and':
      return `${name(expression.left)} & ${name(expression.right)}`;
    case 'rotateRight':
      // WGSL has no rotation; drivers recognise this form as a rotation.
      return `(${name(expression.left)} >> ${expression.bits}u) | (${name(expression.left)} << ${32 - expression.bits}u)`;
    case 'shiftRight':
      return `${name(expression.left)} >> ${expression.bits}u`;
    case 'shiftLeft':
      return `${name(expression.left)} << ${expression.bits}u`;
    case 'shiftHalves':
    case 'pickBytes':
      throw new TabchainError('invariant-broken', 'The shader rotates whole words.', { op: expression.op });
    case 'job':
    case 'constant':
      throw new TabchainError('invariant-broken', 'What does not depend on the nonce is computed once a job.');
  }
}
