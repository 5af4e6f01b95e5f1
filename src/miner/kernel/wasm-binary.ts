/** Just enough of the WebAssembly binary format (core specification 2.0, chapter 5) for a module of one function and one memory. */

export const ValueType = { i32: 0x7f, v128: 0x7b } as const;
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/** Opcodes as they stand in the specification's index of instructions. */
export const Op = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  brIf: 0x0d,
  return: 0x0f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i32Const: 0x41,
  i32LtU: 0x49,
  i32LeU: 0x4d,
  i32Ctz: 0x68,
  i32Add: 0x6a,
  i32And: 0x71,
  i32Xor: 0x73,
  i32ShrU: 0x76,
  i32Rotr: 0x78,
} as const;

/** Opcodes behind the vector prefix. */
export const VectorOp = {
  const: 12,
  splat: 17,
  leU: 62,
  and: 78,
  or: 80,
  xor: 81,
  anyTrue: 83,
  bitmask: 164,
  shl: 171,
  shrU: 173,
  add: 174,
} as const;

const VECTOR_PREFIX = 0xfd;
const EMPTY_BLOCK = 0x40;

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    bytes.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    rest >>>= 7;
  } while (rest !== 0);
  return bytes;
}

/** LEB128 of a 32-bit word read as signed. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

/** The body of a function, written instruction by instruction. */
export class Code {
  readonly #bytes: number[] = [];
  readonly #locals: ValueType[] = [];
  readonly #parameters: number;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** Declares a local variable; returns its index. */
  local(type: ValueType): number {
    return this.#parameters + this.#locals.push(type) - 1;
  }

  op(opcode: number, ...immediates: readonly number[]): this {
    this.#bytes.push(opcode, ...immediates.flatMap((value) => unsigned(value)));
    return this;
  }

  vector(opcode: number): this {
    this.#bytes.push(VECTOR_PREFIX, ...unsigned(opcode));
    return this;
  }

  get(local: number): this {
    return this.op(Op.localGet, local);
  }

  set(local: number): this {
    return this.op(Op.localSet, local);
  }

  i32(value: number): this {
    this.#bytes.push(Op.i32Const, ...signed(value));
    return this;
  }

  /** A vector constant of four words. */
  v128(words: readonly [number, number, number, number]): this {
    this.vector(VectorOp.const);
    for (const word of words) this.#bytes.push(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
    return this;
  }

  /** Loads the aligned word at a constant address. */
  load(address: number): this {
    return this.i32(0).op(Op.i32Load, 2, address);
  }

  open(block: typeof Op.loop | typeof Op.if): this {
    this.#bytes.push(block, EMPTY_BLOCK);
    return this;
  }

  end(): this {
    return this.op(Op.end);
  }

  /** The function as the code section holds it. */
  finish(): number[] {
    const locals = this.#locals.flatMap((type) => [1, type]);
    const body = [...unsigned(this.#locals.length), ...locals, ...this.#bytes, Op.end];
    return [...unsigned(body.length), ...body];
  }
}

function section(id: number, contents: readonly number[]): number[] {
  return [id, ...unsigned(contents.length), ...contents];
}

function name(text: string): number[] {
  return [...unsigned(text.length), ...[...text].map((character) => character.charCodeAt(0))];
}

/** A module that exports `search`, of `parameters` i32 parameters and one i32 result, and one page of `memory`. */
export function encodeModule(parameters: number, code: Code): Uint8Array<ArrayBuffer> {
  const parameterTypes = Array.from({ length: parameters }, () => ValueType.i32);
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const types = section(1, [1, 0x60, ...unsigned(parameters), ...parameterTypes, 1, ValueType.i32]);
  const functions = section(3, [1, 0]);
  const memory = section(5, [1, 0x00, 1]);
  const exports = section(7, [2, ...name('search'), 0x00, 0, ...name('memory'), 0x02, 0]);
  return Uint8Array.from([...magic, ...types, ...functions, ...memory, ...exports, ...section(10, [1, ...code.finish()])]);
}
