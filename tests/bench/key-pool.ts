import { createPrivateKey, type KeyObject } from 'node:crypto';
import { addressOfModulus, type Address } from '../../src/crypto/address.ts';
import { bigIntToBytes, bytesToBigInt } from '../../src/util/bytes.ts';
import primes from './primes.json' with { type: 'json' };

/** An account whose keys are the same in every run. */
export interface PoolKey {
  readonly name: string;
  readonly address: Address;
  readonly modulus: Uint8Array;
  readonly privateKey: KeyObject;
}

const EXPONENT = 65_537n;
const HALF_BYTES = 128;

/** Keys that the pool can make, one from any two of its primes. Keys that share primes would be insecure outside a benchmark. */
export const MAX_POOL_KEYS = (primes.length * (primes.length - 1)) / 2;

/** The first `count` keys of the pool. Each takes half a millisecond; a newly generated key would take a hundred. */
export function keyPool(count: number): PoolKey[] {
  if (count > MAX_POOL_KEYS) throw new RangeError(`The pool holds ${MAX_POOL_KEYS} keys.`);
  const numbers = primes.map((prime) => bytesToBigInt(new Uint8Array(Buffer.from(prime, 'base64'))));
  const keys: PoolKey[] = [];
  for (let second = 1; keys.length < count; second++) {
    for (let first = 0; first < second && keys.length < count; first++) {
      keys.push(poolKey(`user${keys.length}`, numbers[second]!, numbers[first]!));
    }
  }
  return keys;
}

function poolKey(name: string, p: bigint, q: bigint): PoolKey {
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const modulus = bigIntToBytes(p * q, 2 * HALF_BYTES);
  const field = (value: bigint, bytes = HALF_BYTES): string => Buffer.from(bigIntToBytes(value, bytes)).toString('base64url');
  const key = {
    kty: 'RSA',
    n: field(p * q, 2 * HALF_BYTES),
    e: field(EXPONENT, 3),
    d: field(d, 2 * HALF_BYTES),
    p: field(p),
    q: field(q),
    dp: field(d % (p - 1n)),
    dq: field(d % (q - 1n)),
    qi: field(inverse(q, p)),
  };
  return { name, address: addressOfModulus(modulus), modulus, privateKey: createPrivateKey({ key, format: 'jwk' }) };
}

/** The inverse of `value` modulo `modulus`, by Euclid's extended algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}
