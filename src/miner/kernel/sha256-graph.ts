import { Level, type Expression, type Graph } from './expression.ts';

type Words = readonly Expression[];

/** The first `count` primes. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

/** First 32 bits of the fractional part of the `degree`-th root of `value`, exactly (FIPS 180-4 §4.2.2, §5.3.3). */
function rootFraction(value: number, degree: 2 | 3): number {
  const scaled = BigInt(value) << BigInt(32 * degree);
  let [low, high] = [0n, 1n << 40n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(degree) <= scaled) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

const ROUND_CONSTANTS = primes(64).map((prime) => rootFraction(prime, 3));
const INITIAL_STATE = primes(8).map((prime) => rootFraction(prime, 2));

/**
 * How rotations of words that depend on the nonce are written. `whole`: one instruction. Vectors have no rotation, so it takes two shifts.
 * An XOR of three rotations then has them side by side (`flat`) or each inside the next (`nested`). `nested` has as many operations, but
 * a longer chain with fewer live values. Which form is faster depends on the compiler and the processor.
 *
 * `multiplied`: multiplications and byte shuffles instead of shifts. JavaScriptCore (WebKit 2.50) makes four instructions of each vector
 * shift, because the compiler moves even a constant number of bits through a general register; a multiplication or a shuffle is one instruction.
 */
export type Rotations = 'whole' | 'flat' | 'nested' | 'multiplied';

/** Builds SHA-256 of one block from expressions. */
class Sha256 {
  readonly #graph: Graph;
  readonly #rotations: Rotations;

  constructor(graph: Graph, rotations: Rotations) {
    this.#graph = graph;
    this.#rotations = rotations;
  }

  rotate(value: Expression, bits: number): Expression {
    const graph = this.#graph;
    if (this.#rotations === 'whole' || value.level < Level.nonce) return graph.rotateRight(value, bits);
    return graph.xor(graph.shiftRight(value, bits), graph.shiftLeft(value, 32 - bits));
  }

  /** FIPS 180-4 §6.2.2: takes sixteen words, and returns eight. */
  compress(block: Words): Expression[] {
    const graph = this.#graph;
    const start = INITIAL_STATE.map((word) => graph.constant(word));
    let [a, b, c, d, e, f, g, h] = start as [
      Expression,
      Expression,
      Expression,
      Expression,
      Expression,
      Expression,
      Expression,
      Expression,
    ];
    const w = [...block];
    for (let t = 0; t < 64; t++) {
      // Compute each word of the schedule just before its use, because all at once would fill every register.
      if (t >= 16) w.push(graph.add(w[t - 16]!, this.#mixed(w[t - 15]!, 7, 18, 3), w[t - 7]!, this.#mixed(w[t - 2]!, 17, 19, 10)));
      const choice = graph.xor(g, graph.and(e, graph.xor(f, g)));
      // b ⊕ c is a ⊕ b of the previous round, which saves one operation against the textbook's form.
      const majority = graph.xor(b, graph.and(graph.xor(a, b), graph.xor(b, c)));
      // In this order, so the value that is known last (the rotations of e) is added last.
      const first = graph.add(h, graph.constant(ROUND_CONSTANTS[t]!), w[t]!, choice, this.#rotated(e, 6, 11, 25));
      const second = graph.add(this.#rotated(a, 2, 13, 22), majority);
      [h, g, f, e, d, c, b, a] = [g, f, e, graph.add(d, first), c, b, a, graph.add(first, second)];
    }
    return [a, b, c, d, e, f, g, h].map((word, i) => graph.add(start[i]!, word));
  }

  /** The Σ functions: x < y < z. */
  #rotated(value: Expression, x: number, y: number, z: number): Expression {
    const graph = this.#graph;
    if (this.#rotations === 'nested') {
      const inner = graph.xor(value, this.rotate(value, z - y));
      return this.rotate(graph.xor(value, this.rotate(inner, y - x)), x);
    }
    if (this.#rotations === 'multiplied' && value.level === Level.nonce) return this.#multiplied(value, [x, y, z]);
    return graph.xor(this.rotate(value, x), this.rotate(value, y), this.rotate(value, z));
  }

  /**
   * The XOR of `value` rotated right by each of `amounts`. The even and the odd bytes of `value` each get a 16-bit half, where a
   * multiplication shifts a byte without losing bits. Products that then move by the same number of bytes are combined first.
   */
  #multiplied(value: Expression, amounts: readonly number[]): Expression {
    const graph = this.#graph;
    const even = graph.and(value, graph.constant(0x00ff00ff));
    const odd = graph.pickBytes(value, [1, null, 3, null]);
    const byBytes: Expression[][] = [[], [], [], []];
    for (const amount of amounts) {
      const left = 32 - amount;
      byBytes[left >> 3]!.push(graph.shiftHalves(even, left & 7));
      byBytes[((left >> 3) + 1) & 3]!.push(graph.shiftHalves(odd, left & 7));
    }
    const moved = byBytes.map((products, count) => (products.length === 0 ? [] : [rotateBytesLeft(graph, graph.xor(...products), count)]));
    return graph.xor(...moved.flat());
  }

  /** The σ functions. */
  #mixed(value: Expression, x: number, y: number, shift: number): Expression {
    const graph = this.#graph;
    const shifted = graph.shiftRight(value, shift);
    if (this.#rotations === 'multiplied' && value.level === Level.nonce) return graph.xor(this.#multiplied(value, [x, y]), shifted);
    return graph.xor(this.rotate(value, x), this.rotate(value, y), shifted);
  }
}

/** `value` rotated left by whole bytes. */
function rotateBytesLeft(graph: Graph, value: Expression, count: number): Expression {
  const from = (at: number): number => (at + 4 - count) % 4;
  return count === 0 ? value : graph.pickBytes(value, [from(0), from(1), from(2), from(3)]);
}

/** Bytes of the sealed message: header hash and nonce. */
const MESSAGE_BYTES = 52;
const DIGEST_BYTES = 32;
/** Index of the message word that the search changes. */
export const NONCE_WORD = 12;
const END_MARK = 0x80000000;

/**
 * The most significant 32 bits, as a number, of the seal of job words 0…11 and the nonce word: the last word of
 * SHA-256(SHA-256(message)) with reversed bytes. Parts of the last rounds that this word does not need are not in the result.
 */
export function sealTop(graph: Graph, rotations: Rotations): Expression {
  const sha256 = new Sha256(graph, rotations);
  const zero = graph.constant(0);
  const job = Array.from({ length: NONCE_WORD }, (_, i) => graph.job(i));
  const inner = sha256.compress([...job, graph.nonce(), graph.constant(END_MARK), zero, graph.constant(8 * MESSAGE_BYTES)]);
  const padding = [graph.constant(END_MARK), zero, zero, zero, zero, zero, zero, graph.constant(8 * DIGEST_BYTES)];
  const last = sha256.compress([...inner, ...padding])[7]!;
  return graph.xor(
    graph.and(sha256.rotate(last, 8), graph.constant(0xff00ff00)),
    graph.and(sha256.rotate(last, 24), graph.constant(0x00ff00ff)),
  );
}
