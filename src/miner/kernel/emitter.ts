import { TabchainError } from '../../util/errors.ts';
import { Op, ValueType } from '../../util/wasm-binary.ts';
import { VectorOp, type Code } from './code.ts';
import { argumentsOf, type BytePattern, type Expression } from './expression.ts';

/** 32-bit arithmetic on one nonce, or on four in the lanes of a vector. */
export interface Arithmetic {
  readonly lanes: 1 | 4;
  readonly type: ValueType;
  /** Bytes of one value in memory. */
  readonly bytes: number;
  binary(code: Code, op: 'add' | 'xor' | 'and'): void;
  /** Pops the number of bits. */
  shift(code: Code, op: 'rotateRight' | 'shiftRight' | 'shiftLeft'): void;
  /** Pops a value, and pushes the value with both 16-bit halves shifted left. */
  shiftHalves(code: Code, bits: number): void;
  pickBytes(code: Code, pattern: BytePattern): void;
  /** Pushes the value at an address of the table. */
  word(code: Code, address: number): void;
  /** Pops a pointer, and pushes the value at `offset` from the pointer. */
  load(code: Code, offset: number): void;
  /** Pops a value and a pointer. */
  store(code: Code, offset: number): void;
}

/** Alignments, as powers of two. */
const [WORD_ALIGNED, VECTOR_ALIGNED] = [2, 4];

function notScalar(): never {
  throw new TabchainError('invariant-broken', 'Only vectors have this operation.');
}

export const SCALAR: Arithmetic = {
  lanes: 1,
  type: ValueType.i32,
  bytes: 4,
  binary: (code, op) => code.op({ add: Op.i32Add, xor: Op.i32Xor, and: Op.i32And }[op]),
  shift: (code, op) => code.op({ rotateRight: Op.i32Rotr, shiftRight: Op.i32ShrU, shiftLeft: Op.i32Shl }[op]),
  shiftHalves: () => notScalar(),
  pickBytes: () => notScalar(),
  word: (code, address) => code.i32(0).op(Op.i32Load, WORD_ALIGNED, address),
  load: (code, offset) => code.op(Op.i32Load, WORD_ALIGNED, offset),
  store: (code, offset) => code.op(Op.i32Store, WORD_ALIGNED, offset),
};

export const VECTOR: Arithmetic = {
  lanes: 4,
  type: ValueType.v128,
  bytes: 16,
  binary: (code, op) => code.vector(VectorOp[op]),
  shift: (code, op) => {
    if (op === 'rotateRight') throw new TabchainError('invariant-broken', 'Vectors have no rotation.');
    code.vector({ shiftRight: VectorOp.shrU, shiftLeft: VectorOp.shl }[op]);
  },
  shiftHalves: (code, bits) => {
    const factor = 0x10001 << bits;
    code.v128([factor, factor, factor, factor]).vector(VectorOp.mulHalves);
  },
  pickBytes: (code, pattern) => {
    // An index beyond the vector gives zero.
    const indexes = (lane: number): number =>
      pattern.reduce<number>((word, byte, at) => word | ((byte === null ? 0xff : 4 * lane + byte) << (8 * at)), 0);
    code.v128([indexes(0), indexes(1), indexes(2), indexes(3)]).vector(VectorOp.swizzle);
  },
  word: (code, address) => code.i32(0).vector(VectorOp.load, VECTOR_ALIGNED, address),
  load: (code, offset) => code.vector(VectorOp.load, VECTOR_ALIGNED, offset),
  store: (code, offset) => code.vector(VectorOp.store, VECTOR_ALIGNED, offset),
};

/** Scalar arithmetic that stores each value in all lanes of a vector. */
export const SCALAR_TO_LANES: Arithmetic = {
  ...SCALAR,
  store: (code, offset) => code.vector(VectorOp.splat).vector(VectorOp.store, VECTOR_ALIGNED, offset),
};

/** Where an emitter loads values that it does not compute, and stores values. */
export interface Storage {
  /** Pushes the value of an expression that the emitter does not compute; false if the emitter must compute the value. */
  fetch(expression: Expression): boolean;
  /** Pushes the pointer to the stored values. */
  pointer(): void;
}

/** Writes the instructions of expressions. A value with several uses is in a local variable, which is reused after the last use. */
export class Emitter {
  readonly #code: Code;
  readonly #arithmetic: Arithmetic;
  readonly #storage: Storage;
  readonly #usesLeft = new Map<Expression, number>();
  readonly #locals = new Map<Expression, number>();
  readonly #free: number[] = [];

  constructor(code: Code, arithmetic: Arithmetic, storage: Storage) {
    this.#code = code;
    this.#arithmetic = arithmetic;
    this.#storage = storage;
  }

  /**
   * Computes `expressions`, which are in order of creation, and stores the values of `kept` at their offsets. A value with one use is
   * computed at its use. A value that none of them uses is computed by {@link push}.
   */
  compute(expressions: readonly Expression[], kept: ReadonlyMap<Expression, number>): void {
    for (const argument of expressions.flatMap((expression) => argumentsOf(expression))) {
      this.#usesLeft.set(argument, (this.#usesLeft.get(argument) ?? 0) + 1);
    }
    for (const expression of expressions) {
      const offset = kept.get(expression);
      const uses = this.#usesLeft.get(expression) ?? 0;
      if (offset === undefined && uses <= 1) continue;
      if (offset === undefined) {
        this.#value(expression);
        this.#code.set(this.#localFor(expression));
        continue;
      }
      this.#storage.pointer();
      this.#value(expression);
      if (uses > 0) this.#code.tee(this.#localFor(expression));
      this.#arithmetic.store(this.#code, offset);
    }
  }

  /** Pushes the value of `expression`, which counts as one of its uses. */
  push(expression: Expression): void {
    const usesLeft = (this.#usesLeft.get(expression) ?? 1) - 1;
    this.#usesLeft.set(expression, usesLeft);
    const local = this.#locals.get(expression);
    if (local === undefined) {
      this.#value(expression);
      if (usesLeft > 0) this.#code.tee(this.#localFor(expression));
      return;
    }
    this.#code.get(local);
    if (usesLeft > 0) return;
    this.#locals.delete(expression);
    this.#free.push(local);
  }

  #localFor(expression: Expression): number {
    const local = this.#free.pop() ?? this.#code.local(this.#arithmetic.type);
    this.#locals.set(expression, local);
    return local;
  }

  #value(expression: Expression): void {
    if (this.#storage.fetch(expression)) return;
    switch (expression.op) {
      case 'add':
      case 'xor':
      case 'and':
        this.push(expression.left);
        this.push(expression.right);
        this.#arithmetic.binary(this.#code, expression.op);
        return;
      case 'rotateRight':
      case 'shiftRight':
      case 'shiftLeft':
        this.push(expression.left);
        this.#code.i32(expression.bits);
        this.#arithmetic.shift(this.#code, expression.op);
        return;
      case 'shiftHalves':
        this.push(expression.left);
        this.#arithmetic.shiftHalves(this.#code, expression.bits);
        return;
      case 'pickBytes':
        this.push(expression.left);
        this.#arithmetic.pickBytes(this.#code, expression.pattern);
        return;
      case 'constant':
        this.#code.i32(expression.value);
        return;
      case 'job':
      case 'nonce':
        throw new TabchainError('invariant-broken', 'This has to be fetched.', { op: expression.op });
    }
  }
}
