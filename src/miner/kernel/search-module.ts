import { encodeModule, Op, ValueType } from '../../util/wasm-binary.ts';
import { Code, VectorOp } from './code.ts';
import { Emitter, SCALAR, SCALAR_TO_LANES, VECTOR, type Arithmetic } from './emitter.ts';
import { Graph, Level, partsOf, type Expression } from './expression.ts';
import { planPasses, type Pass, type Plan } from './passes.ts';
import { sealTop, type Rotations } from './sha256-graph.ts';

/** One form of the search; all give the same result. */
export interface Variant {
  /** Nonces per value: one in i32 arithmetic, four in the lanes of a vector. */
  readonly lanes: 1 | 4;
  readonly rotations: Rotations;
}

/**
 * Passes over a batch, and the vectors of a batch. One pass gives 7.4 MH/s, 4 × 16 give 8.4, 4 × 64 and 8 × 32 give 8.5 (Chromium 156 on
 * Zen 4). At 32 the values between the passes (17 KB) leave half of a first-level data cache free.
 */
const VECTOR_PASSES = 4;
const BATCH = 32;

// Memory: the job's words, the largest top that meets the target, the words that no nonce changes, and then the batch.
const TOP_ADDRESS = 64;
const TABLE_ADDRESS = 80;
const BATCH_ADDRESS = 8192;

/** Addresses of the words that no nonce changes. For vectors a word is stored in all lanes: to load and spread one takes JavaScriptCore three instructions. */
class WordTable {
  readonly addresses = new Map<Expression, number>();
  readonly #bytes: number;

  /** @param bytes of an entry */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  addressOf(expression: Expression): number {
    const known = this.addresses.get(expression);
    if (known !== undefined) return known;
    const address = TABLE_ADDRESS + this.#bytes * this.addresses.size;
    this.addresses.set(expression, address);
    return address;
  }
}

/** Data that the functions of one module share. */
interface Build {
  readonly arithmetic: Arithmetic;
  readonly table: WordTable;
  readonly root: Expression;
  readonly plan: Plan;
  /** Bytes from one element of the batch to the next. */
  readonly stride: number;
}

/**
 * Assembles `search(first, count, top)`: the least i < count (rounded up to whole batches) such that the most significant 32 bits of
 * the seal of job and word first + i are ≤ top, or −1. The job's twelve words are at address 0. The module has 30 to 90 KB and is made
 * in some milliseconds, so the sources contain no binary.
 */
export function assembleSearch({ lanes, rotations }: Variant): Uint8Array<ArrayBuffer> {
  const root = sealTop(new Graph(), rotations);
  const arithmetic = lanes === 1 ? SCALAR : VECTOR;
  const plan = planPasses(root, lanes === 1 ? 1 : VECTOR_PASSES);
  const build: Build = {
    arithmetic,
    table: new WordTable(arithmetic.bytes),
    root,
    plan,
    stride: arithmetic.bytes * Math.max(1, plan.slots),
  };
  const passes = plan.passes.map((pass, i) => passFunction(build, pass, i === 0, i === plan.passes.length - 1));
  return encodeModule([...passes, searchFunction(build)], 'search');
}

/**
 * One pass over the batch. The first pass takes the batch's first word; the last pass returns the index of the first word of the batch
 * that meets the target, or −1.
 */
function passFunction(build: Build, pass: Pass, isFirst: boolean, isLast: boolean): Code {
  const { arithmetic, root, stride } = build;
  const code = new Code(isFirst ? 1 : 0, isLast);
  const pointer = code.local(ValueType.i32);
  const nonce = code.local(arithmetic.type);
  code.i32(BATCH_ADDRESS).set(pointer);
  if (isFirst) {
    code.get(0);
    if (arithmetic.lanes === 4) code.vector(VectorOp.splat).v128([0, 1, 2, 3]).vector(VectorOp.add);
    code.set(nonce);
  }
  code.open(Op.loop);
  const emitter = passEmitter(build, pass, code, pointer, nonce);
  emitter.compute(pass.expressions, offsetsOf(pass.kept, arithmetic));
  if (isLast) {
    emitter.push(root);
    returnIfGood(build, code, pointer);
  }
  if (isFirst) {
    code.get(nonce);
    if (arithmetic.lanes === 4) code.v128([4, 4, 4, 4]).vector(VectorOp.add);
    else code.i32(1).op(Op.i32Add);
    code.set(nonce);
  }
  code.get(pointer).i32(stride).op(Op.i32Add).tee(pointer);
  code
    .i32(BATCH_ADDRESS + BATCH * stride)
    .op(Op.i32LtU)
    .op(Op.brIf, 0)
    .end();
  if (isLast) code.i32(-1);
  return code;
}

function offsetsOf(slots: ReadonlyMap<Expression, number>, arithmetic: Arithmetic): Map<Expression, number> {
  return new Map([...slots].map(([expression, slot]) => [expression, arithmetic.bytes * slot]));
}

function passEmitter(build: Build, pass: Pass, code: Code, pointer: number, nonce: number): Emitter {
  const { arithmetic, table } = build;
  const inputs = offsetsOf(pass.inputs, arithmetic);
  return new Emitter(code, arithmetic, {
    pointer: () => void code.get(pointer),
    fetch: (expression) => {
      const offset = inputs.get(expression);
      if (offset !== undefined) {
        code.get(pointer);
        arithmetic.load(code, offset);
      } else if (expression.op === 'nonce') {
        code.get(nonce);
      } else if (expression.level === Level.job || (expression.op === 'constant' && arithmetic.lanes === 4)) {
        // A vector constant in the code costs three instructions, a constant in memory one load.
        arithmetic.word(code, table.addressOf(expression));
      } else {
        return false;
      }
      return true;
    },
  });
}

/** Pops the tops of the element at `pointer`, and returns the index if a top meets the target. */
function returnIfGood({ arithmetic, stride }: Build, code: Code, pointer: number): void {
  const index = (): Code =>
    code.get(pointer).i32(BATCH_ADDRESS).op(Op.i32Sub).i32(stride).op(Op.i32DivU).i32(arithmetic.lanes).op(Op.i32Mul);
  arithmetic.word(code, TOP_ADDRESS);
  if (arithmetic.lanes === 1) {
    code.op(Op.i32LeU).open(Op.if);
    index().op(Op.return).end();
    return;
  }
  const good = code.local(ValueType.v128);
  code.vector(VectorOp.leU).tee(good).vector(VectorOp.anyTrue).open(Op.if);
  index().get(good).vector(VectorOp.bitmask).op(Op.i32Ctz).op(Op.i32Add).op(Op.return).end();
}

const [FIRST, COUNT, TOP] = [0, 1, 2];

/** Fills the table once, with scalar code, and then runs all passes for each batch. */
function searchFunction({ arithmetic, table, plan }: Build): Code {
  const code = new Code(3, true);
  const index = code.local(ValueType.i32);
  const found = code.local(ValueType.i32);
  const scalar = arithmetic.lanes === 1 ? SCALAR : SCALAR_TO_LANES;
  const prologue = new Emitter(code, scalar, {
    pointer: () => void code.i32(0),
    fetch: (expression) => {
      if (expression.op !== 'job') return false;
      SCALAR.word(code, 4 * expression.index);
      return true;
    },
  });
  prologue.compute(
    partsOf(table.addresses.keys(), () => true),
    table.addresses,
  );
  code.i32(0).get(TOP);
  scalar.store(code, TOP_ADDRESS);

  code.open(Op.loop).get(FIRST).get(index).op(Op.i32Add);
  for (const pass of plan.passes.keys()) code.op(Op.call, pass);
  code.tee(found).i32(0).op(Op.i32GeS).open(Op.if).get(index).get(found).op(Op.i32Add).op(Op.return).end();
  code
    .get(index)
    .i32(arithmetic.lanes * BATCH)
    .op(Op.i32Add)
    .tee(index);
  code.get(COUNT).op(Op.i32LtU).op(Op.brIf, 0).end();
  return code.i32(-1);
}
