/** Just enough of the WebAssembly binary format (core specification 2.0, chapter 5) for a module of a few functions on one memory. */

export const ValueType = { i32: 0x7f, v128: 0x7b } as const;
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/** Opcodes as they stand in the specification's index of instructions. */
export const Op = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i32Store: 0x36,
  i32Const: 0x41,
  i32LtU: 0x49,
  i32LeU: 0x4d,
  i32GeS: 0x4e,
  i32Ctz: 0x68,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivU: 0x6e,
  i32And: 0x71,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i32Rotr: 0x78,
} as const;

/** Opcodes behind the vector prefix. */
export const VectorOp = {
  load: 0,
  loadSplat: 9,
  store: 11,
  const: 12,
  splat: 17,
  leU: 62,
  and: 78,
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

/** One function, written instruction by instruction. */
export class Code {
  readonly parameters: number;
  /** Whether it leaves an i32. */
  readonly hasResult: boolean;
  readonly #bytes: number[] = [];
  readonly #locals: ValueType[] = [];

  /** @param parameters i32 all of them; they are the first local variables */
  constructor(parameters: number, hasResult: boolean) {
    this.parameters = parameters;
    this.hasResult = hasResult;
  }

  /** Declares a local variable; returns its index. */
  local(type: ValueType): number {
    return this.parameters + this.#locals.push(type) - 1;
  }

  op(opcode: number, ...immediates: readonly number[]): this {
    this.#bytes.push(opcode, ...immediates.flatMap((value) => unsigned(value)));
    return this;
  }

  vector(opcode: number, ...immediates: readonly number[]): this {
    this.#bytes.push(VECTOR_PREFIX, ...[opcode, ...immediates].flatMap((value) => unsigned(value)));
    return this;
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
    this.#bytes.push(Op.i32Const, ...signed(value));
    return this;
  }

  /** A vector constant of four words. */
  v128(words: readonly [number, number, number, number]): this {
    this.vector(VectorOp.const);
    for (const word of words) this.#bytes.push(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
    return this;
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

/** The type section's entry. */
function typeOf(code: Code): number[] {
  const parameters = Array.from({ length: code.parameters }, () => ValueType.i32);
  return [0x60, parameters.length, ...parameters, ...(code.hasResult ? [1, ValueType.i32] : [0])];
}

/** A module of `functions` (called by their index) on one page of memory, which exports the last of them as `search` and `memory`. */
export function encodeModule(functions: readonly Code[]): Uint8Array<ArrayBuffer> {
  const count = functions.length;
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const types = section(1, [count, ...functions.flatMap(typeOf)]);
  const declarations = section(3, [count, ...functions.keys()]);
  const memory = section(5, [1, 0x00, 1]);
  const exports = section(7, [2, ...name('search'), 0x00, count - 1, ...name('memory'), 0x02, 0]);
  return Uint8Array.from([
    ...magic,
    ...types,
    ...declarations,
    ...memory,
    ...exports,
    ...section(10, [count, ...functions.flatMap((f) => f.finish())]),
  ]);
}
