/**
 * RSA key pairs where `crypto.subtle` does not exist (plain http on a LAN), by FIPS 186-5 appendix A.1.3 (random probable primes).
 * Modular powers with BigInt are about twenty times as fast as with node-forge's numbers, in Chromium and in Firefox.
 */
import { lcm, modInv, modPow } from 'bigint-mod-arith';
import { bytesToBigInt } from '../../util/bytes.ts';
import type { Random } from '../../util/ports.ts';
import { MODULUS_BYTES, PUBLIC_EXPONENT } from './modulus.ts';
import { privateKeyFromNumbers, type PrivateKey } from './private-key.ts';

const PRIME_BYTES = MODULUS_BYTES / 2;
const PRIME_BITS = 8 * PRIME_BYTES;
const E = BigInt(PUBLIC_EXPONENT);
/** The two highest bits put a prime above √2 · 2^1023, so the product of two such primes has 2048 bits. The lowest bit makes it odd. */
const FIXED_BITS = (3n << BigInt(PRIME_BITS - 2)) | 1n;
/** FIPS 186-5 table B.1 for primes of 1024 bits: a composite passes less often than once in 2^112. */
const MILLER_RABIN_ROUNDS = 5;
/** Trial division by larger primes would cost more than it saves, because they rule out only few candidates. */
const TRIAL_LIMIT = 2_000;
/** Minimum distance between the primes, FIPS 186-5 appendix A.1.3 step 5.4: Fermat's method factors products of closer primes. */
const MIN_DISTANCE = 1n << BigInt(PRIME_BITS - 100);

/**
 * A new key, in about half a second. Blocks the thread, so call it in a worker. `random` is the only source of randomness.
 * @param onPrime called after the first of the two primes
 */
export function generateByBigInt(random: Random, onPrime: () => void = () => undefined): PrivateKey {
  const small = primesBelow(TRIAL_LIMIT);
  const p = findPrime(random, small, () => true);
  onPrime();
  const q = findPrime(random, small, (candidate) => distance(p, candidate) > MIN_DISTANCE);
  const d = modInv(E, lcm(p - 1n, q - 1n));
  return privateKeyFromNumbers({ n: p * q, d, p, q, dP: d % (p - 1n), dQ: d % (q - 1n), qInv: modInv(q, p) });
}

function findPrime(random: Random, small: readonly bigint[], accept: (candidate: bigint) => boolean): bigint {
  for (;;) {
    const candidate = bytesToBigInt(random.bytes(PRIME_BYTES)) | FIXED_BITS;
    if (small.some((prime) => candidate % prime === 0n)) continue;
    // With such a prime, e would have no inverse.
    if (candidate % E === 1n) continue;
    if (accept(candidate) && isProbablePrime(candidate, random)) return candidate;
  }
}

/** The Miller–Rabin test (FIPS 186-5 appendix B.3.1) of an odd number above {@link TRIAL_LIMIT}. */
export function isProbablePrime(candidate: bigint, random: Random): boolean {
  let odd = candidate - 1n;
  let halvings = 0;
  for (; (odd & 1n) === 0n; halvings++) odd >>= 1n;
  for (let round = 0; round < MILLER_RABIN_ROUNDS; round++) {
    if (!passes(randomBase(candidate, random), odd, halvings, candidate)) return false;
  }
  return true;
}

function passes(base: bigint, odd: bigint, halvings: number, candidate: bigint): boolean {
  let power = modPow(base, odd, candidate);
  if (power === 1n) return true;
  for (let i = 0; i < halvings; i++) {
    if (power === candidate - 1n) return true;
    power = (power * power) % candidate;
  }
  return false;
}

/** A number in [2, candidate − 2]. */
function randomBase(candidate: bigint, random: Random): bigint {
  for (;;) {
    const base = bytesToBigInt(random.bytes(PRIME_BYTES)) % candidate;
    if (base > 1n && base < candidate - 1n) return base;
  }
}

function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

function primesBelow(limit: number): bigint[] {
  const primes: number[] = [];
  for (let n = 3; n < limit; n += 2) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.map(BigInt);
}
