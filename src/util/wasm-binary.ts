/** The part of the WebAssembly binary format (core specification 2.0, chapter 5) that a module of a few functions with one memory needs. */

export const ValueType = { i32: 0x7f, v128: 0x7b } as const;
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/** Opcodes from the specification's index of instructions. */
export const Op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
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
  i32GeU: 0x4f,
  i32Ctz: 0x68,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivU: 0x6e,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i32Rotl: 0x77,
  i32Rotr: 0x78,
} as const;

/** Type of a block without a result. */
export const EMPTY_BLOCK = 0x40;

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

/** An instruction with its immediates, all unsigned. */
export function instruction(opcode: number, ...immediates: readonly number[]): number[] {
  return [opcode, ...immediates.flatMap((value) => unsigned(value))];
}

/** The instruction that pushes a 32-bit constant. */
export function i32Constant(value: number): number[] {
  return [Op.i32Const, ...signed(value)];
}

/** The code of one function. */
export class FunctionCode {
  readonly parameters: number;
  /** Whether the function returns an i32. */
  readonly hasResult: boolean;
  readonly #bytes: number[] = [];
  /** Groups of local variables of one type. */
  readonly #locals: { readonly type: ValueType; readonly count: number }[] = [];
  #nextLocal: number;

  /** @param parameters number of parameters, all i32; they are the first local variables */
  constructor(parameters: number, hasResult: boolean) {
    this.parameters = parameters;
    this.#nextLocal = parameters;
    this.hasResult = hasResult;
  }

  /** Declares `count` local variables; returns the index of the first. */
  local(type: ValueType, count = 1): number {
    const first = this.#nextLocal;
    this.#locals.push({ type, count });
    this.#nextLocal += count;
    return first;
  }

  /** Adds instructions in their binary form. */
  append(instructions: readonly number[]): this {
    for (const byte of instructions) this.#bytes.push(byte);
    return this;
  }

  /** The function's entry in the code section. */
  finish(): number[] {
    const locals = this.#locals.flatMap(({ type, count }) => [...unsigned(count), type]);
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
function typeOf(code: FunctionCode): number[] {
  const parameters = Array.from({ length: code.parameters }, () => ValueType.i32);
  return [0x60, parameters.length, ...parameters, ...(code.hasResult ? [1, ValueType.i32] : [0])];
}

/** A module of `functions` (called by their index) with one page of memory. Exports the last function as `exported`, and `memory`. */
export function encodeModule(functions: readonly FunctionCode[], exported: string): Uint8Array<ArrayBuffer> {
  const count = functions.length;
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const types = section(1, [count, ...functions.flatMap(typeOf)]);
  const declarations = section(3, [count, ...functions.keys()]);
  const memory = section(5, [1, 0x00, 1]);
  const exports = section(7, [2, ...name(exported), 0x00, count - 1, ...name('memory'), 0x02, 0]);
  return Uint8Array.from([
    ...magic,
    ...types,
    ...declarations,
    ...memory,
    ...exports,
    ...section(10, [count, ...functions.flatMap((f) => f.finish())]),
  ]);
}
