import { Graph, type Expression } from './expression.ts';

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

/** SHA-256 (FIPS 180-4 §6.2.2) of one block of sixteen words, as expressions. */
function compress(graph: Graph, block: Words): Expression[] {
  const rotated = (value: Expression, x: number, y: number, z: number): Expression =>
    graph.xor(graph.rotateRight(value, x), graph.rotateRight(value, y), graph.rotateRight(value, z));
  const mixed = (value: Expression, x: number, y: number, shift: number): Expression =>
    graph.xor(graph.rotateRight(value, x), graph.rotateRight(value, y), graph.shiftRight(value, shift));
  const w = [...block];
  for (let t = 16; t < 64; t++) w.push(graph.add(w[t - 16]!, mixed(w[t - 15]!, 7, 18, 3), w[t - 7]!, mixed(w[t - 2]!, 17, 19, 10)));
  const start = INITIAL_STATE.map((word) => graph.constant(word));
  let [a, b, c, d, e, f, g, h] = start as [Expression, Expression, Expression, Expression, Expression, Expression, Expression, Expression];
  for (let t = 0; t < 64; t++) {
    const choice = graph.xor(g, graph.and(e, graph.xor(f, g)));
    // b ⊕ c is the a ⊕ b of the round before: one operation less than the textbook's form.
    const majority = graph.xor(b, graph.and(graph.xor(a, b), graph.xor(b, c)));
    const first = graph.add(h, graph.constant(ROUND_CONSTANTS[t]!), w[t]!, rotated(e, 6, 11, 25), choice);
    const second = graph.add(rotated(a, 2, 13, 22), majority);
    [h, g, f, e, d, c, b, a] = [g, f, e, graph.add(d, first), c, b, a, graph.add(first, second)];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => graph.add(start[i]!, word));
}

/** Bytes of the sealed message: header hash and nonce. */
const MESSAGE_BYTES = 52;
const DIGEST_BYTES = 32;
/** Word that the search varies. */
export const NONCE_WORD = 12;
const END_MARK = 0x80000000;

/**
 * The most significant 32 bits, as a number, of the seal of job words 0…11 and the nonce word: the last word of
 * SHA-256(SHA-256(message)), its bytes reversed. What is not needed for it (the last rounds) is never part of the result.
 */
export function sealTop(graph: Graph): Expression {
  const zero = graph.constant(0);
  const job = Array.from({ length: NONCE_WORD }, (_, i) => graph.job(i));
  const inner = compress(graph, [...job, graph.nonce(), graph.constant(END_MARK), zero, graph.constant(8 * MESSAGE_BYTES)]);
  const padding = [graph.constant(END_MARK), zero, zero, zero, zero, zero, zero, graph.constant(8 * DIGEST_BYTES)];
  const last = compress(graph, [...inner, ...padding])[7]!;
  return graph.xor(
    graph.and(graph.rotateRight(last, 8), graph.constant(0xff00ff00)),
    graph.and(graph.rotateRight(last, 24), graph.constant(0x00ff00ff)),
  );
}
