import { TabchainError } from '../util/errors.ts';

/**
 * Expands a compact target as in Bitcoin's nBits: exponent byte and 23-bit mantissa, target = mantissa · 256^(exponent − 3).
 * @throws TabchainError `bits-non-canonical`: each target has exactly one valid compact form
 */
export function expandBits(bits: number): bigint {
  const exponent = bits >>> 24;
  const mantissa = BigInt(bits & 0x7fffff);
  const shift = 8n * BigInt(exponent - 3);
  const target = exponent <= 3 ? mantissa >> -shift : mantissa << shift;
  if ((bits & 0x800000) !== 0 || target === 0n || target >> 256n !== 0n || compactBits(target) !== bits) {
    throw new TabchainError('bits-non-canonical', 'The compact target is not in canonical form.', { bits: bits.toString(16) });
  }
  return target;
}

/** The canonical compact form, rounding the target down. `target` in [1, 2^256). */
export function compactBits(target: bigint): number {
  let size = Math.ceil(target.toString(16).length / 2);
  let mantissa = size <= 3 ? Number(target) * 256 ** (3 - size) : Number(target >> BigInt(8 * (size - 3)));
  if (mantissa & 0x800000) {
    mantissa = Math.floor(mantissa / 256);
    size++;
  }
  return ((size << 24) | mantissa) >>> 0;
}

/** Expected number of hashes to meet `target`: ⌊2^256 / (target + 1)⌋, exact. */
export function workOfTarget(target: bigint): bigint {
  return (1n << 256n) / (target + 1n);
}

/** {@link workOfTarget} of a compact target. @throws TabchainError `bits-non-canonical` */
export function workOfBits(bits: number): bigint {
  return workOfTarget(expandBits(bits));
}
