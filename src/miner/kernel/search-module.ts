import { TabchainError } from '../../util/errors.ts';
import { argumentsOf, Graph, Level, type Expression } from './expression.ts';
import { sealTop } from './sha256-graph.ts';
import { Code, encodeModule, Op, ValueType, VectorOp } from './wasm-binary.ts';

/** Nonces that one pass of the loop tries: one in i32 arithmetic, four in the lanes of a vector. */
export type Lanes = 1 | 4;

/** Writes the instructions of expressions; values used more than once live in local variables, which are used again when done with. */
class Emitter {
  readonly #code: Code;
  readonly #lanes: Lanes;
  readonly #bound = new Map<Expression, number>();
  readonly #shared = new Map<Expression, { local: number; usesLeft: number }>();
  readonly #free: number[] = [];

  constructor(code: Code, lanes: Lanes) {
    this.#code = code;
    this.#lanes = lanes;
  }

  /** Says that `local` holds `expression` from here to the end of the function. */
  bind(expression: Expression, local: number): void {
    this.#bound.set(expression, local);
  }

  /** Leaves the value of `root` on the stack. */
  emit(root: Expression): void {
    for (const [expression, usesLeft] of this.#sharedPartsOf(root)) {
      this.#compute(expression);
      const local = this.#free.pop() ?? this.#code.local(this.#lanes === 1 ? ValueType.i32 : ValueType.v128);
      this.#shared.set(expression, { local, usesLeft });
      this.#code.set(local);
    }
    this.#push(root);
  }

  /** Parts used more than once with their number of uses, arguments before what they are arguments of. */
  #sharedPartsOf(root: Expression): [Expression, number][] {
    const uses = new Map<Expression, number>();
    const visit = (expression: Expression): void => {
      if (this.#bound.has(expression) || expression.op === 'constant') return;
      const before = uses.get(expression) ?? 0;
      uses.set(expression, before + 1);
      if (before > 0) return;
      for (const argument of argumentsOf(expression)) visit(argument);
      // A vector has no rotation: it is two shifts, hence two uses of what it rotates.
      if (expression.op === 'rotateRight' && this.#lanes === 4) visit(expression.left);
    };
    visit(root);
    return [...uses].filter(([, count]) => count > 1).sort(([a], [b]) => a.id - b.id);
  }

  #push(expression: Expression): void {
    const bound = this.#bound.get(expression);
    const shared = this.#shared.get(expression);
    if (bound !== undefined) this.#code.get(bound);
    else if (!shared) this.#compute(expression);
    else {
      this.#code.get(shared.local);
      shared.usesLeft--;
      if (shared.usesLeft > 0) return;
      this.#shared.delete(expression);
      this.#free.push(shared.local);
    }
  }

  #compute(expression: Expression): void {
    const code = this.#code;
    const scalar = this.#lanes === 1;
    switch (expression.op) {
      case 'constant': {
        const { value } = expression;
        if (scalar) code.i32(value);
        else code.v128([value, value, value, value]);
        return;
      }
      case 'nonce':
        // Always bound by the loop before anything is emitted.
        throw new TabchainError('invariant-broken', 'The nonce has no local.');
      case 'job':
        code.load(4 * expression.index);
        if (!scalar) code.vector(VectorOp.splat);
        return;
      case 'add':
      case 'xor':
      case 'and': {
        this.#push(expression.left);
        this.#push(expression.right);
        const scalarOp = { add: Op.i32Add, xor: Op.i32Xor, and: Op.i32And }[expression.op];
        if (scalar) code.op(scalarOp);
        else code.vector(VectorOp[expression.op]);
        return;
      }
      case 'shiftRight':
        this.#push(expression.left);
        code.i32(expression.bits);
        if (scalar) code.op(Op.i32ShrU);
        else code.vector(VectorOp.shrU);
        return;
      case 'rotateRight':
        this.#push(expression.left);
        code.i32(expression.bits);
        if (scalar) {
          code.op(Op.i32Rotr);
        } else {
          code.vector(VectorOp.shrU);
          this.#push(expression.left);
          code
            .i32(32 - expression.bits)
            .vector(VectorOp.shl)
            .vector(VectorOp.or);
        }
    }
  }
}

/** What the loop needs of the job: values of job level that something of nonce level is made of. */
function jobFrontier(root: Expression): Expression[] {
  const seen = new Set<Expression>();
  const frontier = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (seen.has(expression)) return;
    seen.add(expression);
    for (const argument of argumentsOf(expression)) {
      if (argument.level === Level.job) frontier.add(argument);
      else visit(argument);
    }
  };
  visit(root);
  return [...frontier].sort((a, b) => a.id - b.id);
}

const PARAMETERS = 3;
const [FIRST, COUNT, TOP] = [0, 1, 2];

/**
 * Assembles `search(first, count, top)`: the least i < count (rounded up to whole vectors) such that the most significant 32 bits of
 * the seal of job and word first + i are ≤ top, or −1. The job's twelve words stand at address 0. About 20 KB, made in a few
 * milliseconds; no binary is kept in the sources.
 */
export function assembleSearch(lanes: Lanes): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const root = sealTop(graph);
  const code = new Code(PARAMETERS);
  const index = code.local(ValueType.i32);

  // Once a call: in scalars, then spread over the lanes.
  const prologue = new Emitter(code, 1);
  const body = new Emitter(code, lanes);
  for (const expression of jobFrontier(root)) {
    const scalar = code.local(ValueType.i32);
    prologue.emit(expression);
    code.set(scalar);
    prologue.bind(expression, scalar);
    if (lanes === 1) {
      body.bind(expression, scalar);
    } else {
      const vector = code.local(ValueType.v128);
      code.get(scalar).vector(VectorOp.splat).set(vector);
      body.bind(expression, vector);
    }
  }
  emitLoop(code, lanes, index, body, graph.nonce(), root);
  code.i32(-1);
  return encodeModule(PARAMETERS, code);
}

function emitLoop(code: Code, lanes: Lanes, index: number, body: Emitter, nonce: Expression, root: Expression): void {
  const word = code.local(lanes === 1 ? ValueType.i32 : ValueType.v128);
  body.bind(nonce, word);
  code.open(Op.loop).get(FIRST).get(index).op(Op.i32Add);
  if (lanes === 4) code.vector(VectorOp.splat).v128([0, 1, 2, 3]).vector(VectorOp.add);
  code.set(word);
  body.emit(root);
  if (lanes === 1) {
    code.get(TOP).op(Op.i32LeU).open(Op.if).get(index).op(Op.return).end();
  } else {
    const mask = code.local(ValueType.v128);
    code.get(TOP).vector(VectorOp.splat).vector(VectorOp.leU).set(mask);
    code.get(mask).vector(VectorOp.anyTrue).open(Op.if);
    code.get(index).get(mask).vector(VectorOp.bitmask).op(Op.i32Ctz).op(Op.i32Add).op(Op.return).end();
  }
  code.get(index).i32(lanes).op(Op.i32Add).set(index);
  code.get(index).get(COUNT).op(Op.i32LtU).op(Op.brIf, 0).end();
}
