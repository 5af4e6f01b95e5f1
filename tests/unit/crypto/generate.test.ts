import { checkPrimeSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateByBigInt, isProbablePrime } from '../../../src/crypto/rsa/generate.ts';
import { numbersFromPkcs8 } from '../../../src/crypto/rsa/private-key.ts';

const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };

describe('primality', () => {
  it('agrees with OpenSSL on any odd number', () => {
    fc.assert(
      fc.property(fc.bigInt(5n, 2n ** 128n), (number) => {
        const odd = number | 1n;
        expect(isProbablePrime(odd, random)).toBe(checkPrimeSync(odd));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a Carmichael number', 561n],
    ['a strong pseudoprime to the bases 2, 3, 5 and 7', 3_215_031_751n],
    ['2^1024 − 1', 2n ** 1024n - 1n],
    ['the square of a prime', (2n ** 521n - 1n) ** 2n],
  ])('refuses %s', (_name, composite) => expect(isProbablePrime(composite, random)).toBe(false));

  it.each([
    ['2^521 − 1', 2n ** 521n - 1n],
    ['the prime of Curve25519', 2n ** 255n - 19n],
  ])('accepts %s', (_name, prime) => expect(isProbablePrime(prime, random)).toBe(true));
});

describe('a key pair made by BigInt', () => {
  it('holds two primes of 1024 bits, far from each other, and the smallest private exponent', () => {
    let halves = 0;
    const { p, q, n, d } = numbersFromPkcs8(generateByBigInt(random, () => halves++).pkcs8);
    expect(halves).toBe(1);
    for (const prime of [p, q]) {
      expect(checkPrimeSync(prime)).toBe(true);
      expect(prime >> 1022n).toBe(3n);
    }
    expect(n >> 2047n).toBe(1n);
    expect(p > q ? p - q : q - p).toBeGreaterThan(2n ** 924n);
    // FIPS 186-5 appendix A.1.1: 2^1024 < d < lcm(p − 1, q − 1).
    expect(d).toBeGreaterThan(2n ** 1024n);
    expect(d * 2n).toBeLessThanOrEqual((p - 1n) * (q - 1n));
  });
});
