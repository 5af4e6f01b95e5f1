import { bigIntToBytes, bytesToBigInt, concatBytes, fromHex, utf8 } from '../../util/bytes.ts';
import { sha256 } from '../hash.ts';
import { MODULUS_BYTES, PUBLIC_EXPONENT } from './modulus.ts';
import { publicKeyDer } from './private-key.ts';
import { SIGNING_ALGORITHM, unshared } from './subtle.ts';
import { encodePkcs1 } from './verify.ts';

/**
 * The largest prime below 2^2048 serves as modulus: no factors are secret, φ(n) = n − 1, so anybody can sign, and forge, under it.
 */
const PROBE_MODULUS = 2n ** 2048n - 1557n;
const PROBE_MESSAGE = utf8('Is this verifier as strict as RFC 8017 section 8.2.2?');

/** Encodings that some library has been seen to accept; each differs from the one right encoding. */
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

/** The signature that opens to `encoding` under the probe's modulus. */
export function probeSignature(encoding: Uint8Array): Uint8Array {
  const d = inverse(BigInt(PUBLIC_EXPONENT), PROBE_MODULUS - 1n);
  return bigIntToBytes(power(bytesToBigInt(encoding), d, PROBE_MODULUS), MODULUS_BYTES);
}

export const probeModulus = (): Uint8Array => bigIntToBytes(PROBE_MODULUS, MODULUS_BYTES);

/**
 * Whether this platform's WebCrypto accepts a right signature and refuses each forged one. The network-security library of one
 * browser has a switch for missing parameters; a platform that is looser than the rest would split the chain, so it is asked first
 * (0.1 to 0.5 s, once, which is why the list is short) and not used when it fails.
 */
export async function isStrict(subtle: SubtleCrypto): Promise<boolean> {
  try {
    const key = await subtle.importKey('spki', unshared(publicKeyDer(probeModulus())), SIGNING_ALGORITHM, false, ['verify']);
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

/** `base`^`exponent` mod `modulus`, square and multiply; not constant-time, and nothing here is secret. */
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
