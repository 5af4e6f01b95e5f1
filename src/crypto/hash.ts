import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** Bytes of every digest and root. */
export const HASH_BYTES = 32;

/** SHA-256 (FIPS 180-4) of the concatenation of `parts`. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first) return nobleSha256(first);
  const hash = nobleSha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 applied twice, as Bitcoin does. */
export function sha256d(...parts: readonly Uint8Array[]): Uint8Array {
  return nobleSha256(sha256(...parts));
}
