import { EMPTY_BLOCK, FunctionCode, i32Constant, instruction, Op } from '../../util/wasm-binary.ts';

/** Opcodes after the vector prefix. */
export const VectorOp = {
  load: 0,
  loadSplat: 9,
  store: 11,
  const: 12,
  swizzle: 14,
  splat: 17,
  leU: 62,
  and: 78,
  xor: 81,
  anyTrue: 83,
  mulHalves: 149,
  bitmask: 164,
  shl: 171,
  shrU: 173,
  add: 174,
} as const;

const VECTOR_PREFIX = 0xfd;

/** The code of one function, built instruction by instruction. */
export class Code extends FunctionCode {
  op(opcode: number, ...immediates: readonly number[]): this {
    return this.append(instruction(opcode, ...immediates));
  }

  get(local: number): this {
    return this.op(Op.localGet, local);
  }

  set(local: number): this {
    return this.op(Op.localSet, local);
  }

  tee(local: number): this {
    return this.op(Op.localTee, local);
  }

  i32(value: number): this {
    return this.append(i32Constant(value));
  }

  open(block: typeof Op.block | typeof Op.loop | typeof Op.if): this {
    return this.append([block, EMPTY_BLOCK]);
  }

  end(): this {
    return this.op(Op.end);
  }

  vector(opcode: number, ...immediates: readonly number[]): this {
    return this.op(VECTOR_PREFIX, opcode, ...immediates);
  }

  /** A vector constant of four words. */
  v128(words: readonly [number, number, number, number]): this {
    this.vector(VectorOp.const);
    return this.append(words.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]));
  }
}
