/**
 * SHA-256 (FIPS 180-4) as a WebAssembly module of about 2 KB, written here instruction by instruction. Ids and roots are hashes of
 * many short messages. Engines do the 32-bit rotations of SHA-256 three times as fast in WebAssembly as in JavaScript.
 *
 * The module has one memory and one function, `compress(from, to, chain)`: it runs the compression function over the 64-byte blocks in
 * [from, to), starting from the state at `chain`, and leaves the digest at {@link DIGEST_AT}. The caller adds the padding.
 */

import { EMPTY_BLOCK, encodeModule, FunctionCode, i32Constant as constant, instruction, Op, ValueType } from '../util/wasm-binary.ts';

/** Layout of the memory: one page of 64 KiB. */
const ROUND_CONSTANTS_AT = 0;
const DIGEST_AT = 256;
/** States, as little-endian words: the initial state, and the states after the two padded keys of HMAC. */
const INITIAL_AT = 288;
const INNER_AT = 320;
const OUTER_AT = 352;
const MESSAGE_AT = 512;
const PAGE_BYTES = 65_536;
const BLOCK_BYTES = 64;
/** PBKDF2's number of the computed block. */
const FIRST_BLOCK = Uint8Array.of(0, 0, 0, 1);
const DIGEST_BYTES = 32;
/** 0x80 and the eight bytes of the length. */
const PADDING_BYTES = 9;
/** Longer messages do not fit into the memory. They are rare, and @noble/hashes hashes them. */
export const MAX_MESSAGE_BYTES = PAGE_BYTES - MESSAGE_AT - BLOCK_BYTES - PADDING_BYTES;

/** Rounds in one turn of the loop: after 16, the rotating names of state and message words are back at their start. */
const ROUNDS_PER_TURN = 16;
const ROUNDS = 64;
const STATE_WORDS = 8;

type Instructions = readonly number[];

/** Alignment of a word, as a power of two. */
const WORD_ALIGNED = 2;

// Expressions: each pushes one value.
const get = (local: number): Instructions => instruction(Op.localGet, local);
const both = (operation: number, ...parts: readonly Instructions[]): Instructions =>
  parts.reduce((left, right) => [...left, ...right, operation]);
const add = (...parts: readonly Instructions[]): Instructions => both(Op.i32Add, ...parts);
const xor = (...parts: readonly Instructions[]): Instructions => both(Op.i32Xor, ...parts);
const and = (a: Instructions, b: Instructions): Instructions => both(Op.i32And, a, b);
const or = (a: Instructions, b: Instructions): Instructions => both(Op.i32Or, a, b);
const rotateRight = (x: Instructions, bits: number): Instructions => both(Op.i32Rotr, x, constant(bits));
const rotateLeft = (x: Instructions, bits: number): Instructions => both(Op.i32Rotl, x, constant(bits));
const shiftRight = (x: Instructions, bits: number): Instructions => both(Op.i32ShrU, x, constant(bits));
const load = (at: Instructions, offset: number): Instructions => [...at, ...instruction(Op.i32Load, WORD_ALIGNED, offset)];

// Statements.
const set = (local: number, value: Instructions): Instructions => [...value, ...instruction(Op.localSet, local)];
const tee = (local: number, value: Instructions): Instructions => [...value, ...instruction(Op.localTee, local)];
const store = (at: Instructions, offset: number, value: Instructions): Instructions => [
  ...at,
  ...value,
  ...instruction(Op.i32Store, WORD_ALIGNED, offset),
];

/** Reverses the four bytes, because SHA-256 is big-endian and WebAssembly little-endian. */
const swapped = (local: number): Instructions =>
  or(and(rotateLeft(get(local), 8), constant(0x00ff00ff)), and(rotateRight(get(local), 8), constant(0xff00ff00)));

// Parameters and locals of `compress`.
const [FROM, TO, CHAIN_AT, TURN, TEMPORARY, STATE, CHAIN, MESSAGE] = [0, 1, 2, 3, 4, 5, 13, 21];
const PARAMETERS = 3;
const LOCALS = MESSAGE + ROUNDS_PER_TURN - PARAMETERS;

/** FIPS 180-4 §6.2.2 step 3 for one round. Instead of moving the state words, each round renames them by one position. */
function round(index: number): Instructions {
  const word = (position: number): number => STATE + ((position - index + ROUNDS) % STATE_WORDS);
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(word) as [number, number, number, number, number, number, number, number];
  const sum1 = xor(rotateRight(get(e), 6), rotateRight(get(e), 11), rotateRight(get(e), 25));
  const choice = xor(get(g), and(get(e), xor(get(f), get(g))));
  const roundConstant = load(get(TURN), ROUND_CONSTANTS_AT + 4 * index);
  const t1 = add(get(h), sum1, choice, roundConstant, get(MESSAGE + index));
  const sum0 = xor(rotateRight(get(a), 2), rotateRight(get(a), 13), rotateRight(get(a), 22));
  const majority = or(and(get(a), get(b)), and(get(c), or(get(a), get(b))));
  return [...set(TEMPORARY, t1), ...set(d, add(get(d), get(TEMPORARY))), ...set(h, add(get(TEMPORARY), sum0, majority))];
}

/** §6.2.2 step 1: the message word that replaces the word of 16 rounds before. */
function schedule(index: number): Instructions {
  const word = (back: number): Instructions => get(MESSAGE + ((index - back + ROUNDS_PER_TURN) % ROUNDS_PER_TURN));
  const sigma0 = xor(rotateRight(word(15), 7), rotateRight(word(15), 18), shiftRight(word(15), 3));
  const sigma1 = xor(rotateRight(word(2), 17), rotateRight(word(2), 19), shiftRight(word(2), 10));
  return set(MESSAGE + index, add(get(MESSAGE + index), sigma0, word(7), sigma1));
}

const each = (count: number, make: (index: number) => Instructions): Instructions =>
  Array.from({ length: count }, (_, index) => make(index)).flat();

function body(): Instructions {
  const turnBytes = 4 * ROUNDS_PER_TURN;
  const readMessage = each(ROUNDS_PER_TURN, (i) => [...set(TEMPORARY, load(get(FROM), 4 * i)), ...set(MESSAGE + i, swapped(TEMPORARY))]);
  const turns = [
    ...set(TURN, constant(0)),
    ...[Op.loop, EMPTY_BLOCK],
    ...[...get(TURN), Op.if, EMPTY_BLOCK, ...each(ROUNDS_PER_TURN, schedule), Op.end],
    ...each(ROUNDS_PER_TURN, round),
    ...[...tee(TURN, add(get(TURN), constant(turnBytes))), ...constant(4 * ROUNDS), Op.i32LtU, Op.brIf, 0],
    Op.end,
  ];
  const blocks = [
    ...[Op.block, EMPTY_BLOCK, Op.loop, EMPTY_BLOCK],
    ...[...get(FROM), ...get(TO), Op.i32GeU, Op.brIf, 1],
    ...readMessage,
    ...each(STATE_WORDS, (i) => set(STATE + i, get(CHAIN + i))),
    ...turns,
    ...each(STATE_WORDS, (i) => set(CHAIN + i, add(get(CHAIN + i), get(STATE + i)))),
    ...set(FROM, add(get(FROM), constant(BLOCK_BYTES))),
    ...[Op.br, 0, Op.end, Op.end],
  ];
  const digest = each(STATE_WORDS, (i) => store(constant(0), DIGEST_AT + 4 * i, swapped(CHAIN + i)));
  return [...each(STATE_WORDS, (i) => set(CHAIN + i, load(get(CHAIN_AT), 4 * i))), ...blocks, ...digest];
}

function assemble(): Uint8Array<ArrayBuffer> {
  const compress = new FunctionCode(PARAMETERS, false);
  compress.local(ValueType.i32, LOCALS);
  return encodeModule([compress.append(body())], 'compress');
}

/** First 32 bits of the fractional part of the `power`-th root (2 or 3) of the first `count` primes (§4.2.2, §5.3.3). */
function fractions(count: number, power: 2 | 3): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.map((prime) => {
    // In integers, because doubles have too few digits: the largest r with r^power ≤ prime · 2^(32 · power).
    const limit = BigInt(prime) << BigInt(32 * power);
    let root = BigInt(Math.floor(prime ** (1 / power) * 2 ** 32));
    while (root ** BigInt(power) > limit) root--;
    while ((root + 1n) ** BigInt(power) <= limit) root++;
    return Number(root & 0xffffffffn);
  });
}

export interface ShortHasher {
  /** SHA-256 of the concatenation, which may have at most {@link MAX_MESSAGE_BYTES}. */
  once(parts: readonly Uint8Array[], length: number): Uint8Array;
  /** SHA-256 of the digest that {@link once} gives. */
  twice(parts: readonly Uint8Array[], length: number): Uint8Array;
  /**
   * The first 32 bytes of PBKDF2-HMAC-SHA256 (RFC 8018 §5.2). Blocks the thread. Password and salt may each have at most
   * {@link MAX_MESSAGE_BYTES} less four bytes.
   */
  pbkdf2(password: Uint8Array, salt: Uint8Array, iterations: number): Uint8Array;
}

interface Machine {
  readonly compress: (from: number, to: number, chain: number) => void;
  readonly memory: Uint8Array;
  readonly view: DataView;
}

function createMachine(): Machine {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(assemble()));
  const exports = instance.exports as unknown as { memory: WebAssembly.Memory; compress: Machine['compress'] };
  const view = new DataView(exports.memory.buffer);
  fractions(STATE_WORDS, 2).forEach((value, index) => view.setUint32(INITIAL_AT + 4 * index, value, true));
  fractions(ROUNDS, 3).forEach((value, index) => view.setUint32(ROUND_CONSTANTS_AT + 4 * index, value, true));
  return { compress: exports.compress, memory: new Uint8Array(exports.memory.buffer), view };
}

/** Stores at `at` the state after an HMAC key (RFC 2104 §2), each byte of which is XORed with `pad`. */
function takeKey({ compress, memory, view }: Machine, key: Uint8Array, pad: number, at: number): void {
  memory.fill(pad, MESSAGE_AT, MESSAGE_AT + BLOCK_BYTES);
  key.forEach((byte, index) => (memory[MESSAGE_AT + index] = byte ^ pad));
  compress(MESSAGE_AT, MESSAGE_AT + BLOCK_BYTES, INITIAL_AT);
  for (let i = 0; i < DIGEST_BYTES; i += 4) view.setUint32(at + i, view.getUint32(DIGEST_AT + i), true);
}

/** All rounds of PBKDF2 after the first, whose digest is in memory at {@link DIGEST_AT} and, with padding, as the message. */
function nextRounds({ compress, memory }: Machine, iterations: number): Uint8Array {
  const words = new Int32Array(memory.buffer);
  const [from, to] = [DIGEST_AT / 4, MESSAGE_AT / 4];
  const result = words.slice(from, from + STATE_WORDS);
  for (let round = 1; round < iterations; round++) {
    for (let i = 0; i < STATE_WORDS; i++) words[to + i] = words[from + i]!;
    compress(MESSAGE_AT, MESSAGE_AT + BLOCK_BYTES, INNER_AT);
    for (let i = 0; i < STATE_WORDS; i++) words[to + i] = words[from + i]!;
    compress(MESSAGE_AT, MESSAGE_AT + BLOCK_BYTES, OUTER_AT);
    for (let i = 0; i < STATE_WORDS; i++) result[i]! ^= words[from + i]!;
  }
  memory.fill(0, DIGEST_AT, INITIAL_AT);
  memory.fill(0, INNER_AT, MESSAGE_AT + 2 * BLOCK_BYTES);
  return new Uint8Array(result.buffer);
}

/**
 * Makes the hasher.
 * @throws the platform's error where WebAssembly is missing or forbidden
 */
export function createShortHasher(): ShortHasher {
  const machine = createMachine();
  const { compress, memory, view } = machine;

  /** Pads the message in memory (§5.1.1) and hashes it, starting from the state at `chain` after `before` bytes. */
  const run = (length: number, chain = INITIAL_AT, before = 0): void => {
    const blocks = (length + PADDING_BYTES + BLOCK_BYTES - 1) >>> 6;
    const end = MESSAGE_AT + blocks * BLOCK_BYTES;
    memory[MESSAGE_AT + length] = 0x80;
    memory.fill(0, MESSAGE_AT + length + 1, end - 4);
    // The upper half of the length is zero.
    view.setUint32(end - 4, 8 * (before + length));
    compress(MESSAGE_AT, end, chain);
  };
  const put = (parts: readonly Uint8Array[]): void => {
    let at = MESSAGE_AT;
    for (const part of parts) {
      memory.set(part, at);
      at += part.length;
    }
  };
  const digest = (): Uint8Array => memory.slice(DIGEST_AT, DIGEST_AT + DIGEST_BYTES);
  const once = (parts: readonly Uint8Array[], length: number): Uint8Array => {
    put(parts);
    run(length);
    return digest();
  };
  return {
    once,
    pbkdf2(password, salt, iterations) {
      const key = password.length > BLOCK_BYTES ? once([password], password.length) : password;
      takeKey(machine, key, 0x36, INNER_AT);
      takeKey(machine, key, 0x5c, OUTER_AT);
      put([salt, FIRST_BLOCK]);
      run(salt.length + FIRST_BLOCK.length, INNER_AT, BLOCK_BYTES);
      memory.copyWithin(MESSAGE_AT, DIGEST_AT, DIGEST_AT + DIGEST_BYTES);
      run(DIGEST_BYTES, OUTER_AT, BLOCK_BYTES);
      return nextRounds(machine, iterations);
    },
    twice(parts, length) {
      put(parts);
      run(length);
      memory.copyWithin(MESSAGE_AT, DIGEST_AT, DIGEST_AT + DIGEST_BYTES);
      run(DIGEST_BYTES);
      return digest();
    },
  };
}
