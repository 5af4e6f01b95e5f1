import { bigIntToBytes, bytesToBigInt, concatBytes, fromHex, utf8 } from '../../util/bytes.ts';
import { sha256 } from '../hash.ts';
import { MODULUS_BYTES, PUBLIC_EXPONENT } from './modulus.ts';
import { importVerifyingKey, SIGNING_ALGORITHM, unshared } from './subtle.ts';
import { encodePkcs1 } from './verify.ts';

/**
 * The modulus is the product of the eight largest primes below 2^256. Its factors are public, so anybody can sign and forge with this key,
 * and with such small factors this takes milliseconds.
 */
const PROBE_PRIMES = [189n, 357n, 435n, 587n, 617n, 923n, 1053n, 1299n].map((distance) => 2n ** 256n - distance);
const PROBE_MODULUS = PROBE_PRIMES.reduce((product, prime) => product * prime);
const PROBE_MESSAGE = utf8('Is this verifier as strict as RFC 8017 section 8.2.2?');

/** Wrong encodings that some library is known to accept. */
export function looseEncodings(message: Uint8Array): Record<string, Uint8Array> {
  const digest = sha256(message);
  const padded = (digestInfo: string, tail: Uint8Array = digest): Uint8Array => {
    const end = concatBytes(fromHex(digestInfo), tail);
    const padding = new Uint8Array(MODULUS_BYTES - 3 - end.length).fill(0xff);
    return concatBytes(Uint8Array.of(0, 1), padding, Uint8Array.of(0), end);
  };
  return {
    'missing NULL parameters': padded('302f300b06096086480165030402010420'),
    'SHA-224 named instead': padded('3031300d060960864801650304020405000420'),
    'length in long form': padded('308131300d060960864801650304020105000420'),
    'NULL with a byte in it': padded('3032300e06096086480165030402010501000420'),
    'bytes after the digest': padded('3031300d060960864801650304020105000420', concatBytes(digest, Uint8Array.of(0, 0))),
  };
}

/** The signature that opens to `encoding` under the probe's modulus: the roots modulo each prime, combined (Chinese remainder theorem). */
export function probeSignature(encoding: Uint8Array): Uint8Array {
  const value = bytesToBigInt(encoding);
  const parts = PROBE_PRIMES.map((prime) => {
    const root = power(value % prime, inverse(BigInt(PUBLIC_EXPONENT), prime - 1n), prime);
    const others = PROBE_MODULUS / prime;
    return root * others * inverse(others % prime, prime);
  });
  return bigIntToBytes(parts.reduce((sum, part) => sum + part) % PROBE_MODULUS, MODULUS_BYTES);
}

export const probeModulus = (): Uint8Array => bigIntToBytes(PROBE_MODULUS, MODULUS_BYTES);

/**
 * Whether this platform's WebCrypto accepts a correct signature and refuses each forged signature. A platform that is looser than the
 * others would split the chain, and the network-security library of one browser has a switch for missing parameters. So each platform is
 * checked before use (some ten milliseconds, once), and not used if it fails.
 */
export async function isStrict(subtle: SubtleCrypto): Promise<boolean> {
  try {
    const key = await importVerifyingKey(subtle, probeModulus());
    const accepts = (encoding: Uint8Array): Promise<boolean> =>
      subtle.verify(SIGNING_ALGORITHM.name, key, unshared(probeSignature(encoding)), unshared(PROBE_MESSAGE));
    if (!(await accepts(encodePkcs1(PROBE_MESSAGE)))) return false;
    for (const encoding of Object.values(looseEncodings(PROBE_MESSAGE))) {
      if (await accepts(encoding)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** `base`^`exponent` mod `modulus`, by square and multiply; not constant-time, because nothing here is secret. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return result;
}

/** The inverse of `value` modulo `modulus` by Euclid's extended algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [previous, current] = [modulus, value];
  let [previousFactor, factor] = [0n, 1n];
  while (current !== 0n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [previousFactor, factor] = [factor, previousFactor - quotient * factor];
  }
  return ((previousFactor % modulus) + modulus) % modulus;
}
