import { TabchainError } from '../../util/errors.ts';

/** Bytes of an RSA-2048 modulus, of a signature and of a sealed memo. */
export const MODULUS_BYTES = 256;

/** The public exponent of every key (F4): 17 multiplications per verification, and every library can generate keys with it. */
export const PUBLIC_EXPONENT = 65537;

const TOP_BIT = 0x80;

/** Whether `modulus` (big-endian) is exactly 256 bytes, exactly 2048 bits long, and odd. */
export function isModulus(modulus: Uint8Array): boolean {
  return modulus.length === MODULUS_BYTES && (modulus[0]! & TOP_BIT) !== 0 && (modulus[MODULUS_BYTES - 1]! & 1) === 1;
}

/**
 * The form rule of every key on the chain. Nobody can see from outside whether the number is a product of two secret primes. A user who
 * publishes another number endangers only their own account.
 * @throws TabchainError `modulus-invalid`
 */
export function assertModulus(modulus: Uint8Array): void {
  if (!isModulus(modulus)) throw new TabchainError('modulus-invalid', 'The public key is not an odd number of exactly 2048 bits.');
}
