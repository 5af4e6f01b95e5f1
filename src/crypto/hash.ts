import { pbkdf2 as noblePbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { equalBytes } from '../util/bytes.ts';
import { createShortHasher, MAX_MESSAGE_BYTES, type ShortHasher } from './sha256-wasm.ts';

/** Bytes of every digest and root. */
export const HASH_BYTES = 32;

/** Lengths around those at which padding needs another block, and longer lengths. */
const CHECKED_LENGTHS = [0, 1, 55, 56, 63, 64, 65, 119, 120, 320, 4_000];

/**
 * Making and checking the fast hasher takes 15 to 35 ms, in which @noble/hashes makes this many digests. A thread that hashes less is
 * faster without the fast hasher: the page, or a node that opens a short chain.
 */
const FEW = 4_000;

/** The fast hasher of this thread, used from its {@link FEW}th digest on. */
class Fast {
  #calls = 0;
  #hasher: ShortHasher | null = null;

  /** Null if the platform forbids WebAssembly or runs it wrongly, because a wrong digest would split the chain. */
  get(calls = 1): ShortHasher | null {
    if (this.#calls < FEW && (this.#calls += calls) >= FEW) this.#hasher = checkedHasher();
    return this.#hasher;
  }
}

const fast = new Fast();

function checkedHasher(): ShortHasher | null {
  try {
    const hasher = createShortHasher();
    const agrees = CHECKED_LENGTHS.every((length) => {
      const message = Uint8Array.from({ length }, (_, i) => (i * 251 + length) & 0xff);
      const once = nobleSha256(message);
      return equalBytes(hasher.once([message], length), once) && equalBytes(hasher.twice([message], length), nobleSha256(once));
    });
    // Check PBKDF2 too, because a key file encrypted under a wrong key would never open again.
    const [password, salt] = [Uint8Array.of(1, 2, 3), new Uint8Array(16).fill(7)];
    const derived = noblePbkdf2(nobleSha256, password, salt, { c: 3, dkLen: HASH_BYTES });
    return agrees && equalBytes(hasher.pbkdf2(password, salt, 3), derived) ? hasher : null;
  } catch {
    return null;
  }
}

/** SHA-256 (FIPS 180-4) of the concatenation of `parts`. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const length = lengthOf(parts);
  return (length <= MAX_MESSAGE_BYTES && fast.get()?.once(parts, length)) || referenceSha256(parts);
}

/** SHA-256 applied twice, as Bitcoin does. */
export function sha256d(...parts: readonly Uint8Array[]): Uint8Array {
  const length = lengthOf(parts);
  return (length <= MAX_MESSAGE_BYTES && fast.get()?.twice(parts, length)) || nobleSha256(referenceSha256(parts));
}

/**
 * The first 32 bytes of PBKDF2-HMAC-SHA256 (RFC 8018 §5.2) without WebCrypto. On a busy machine WebAssembly did 600,000 rounds in
 * 1.3 s in Chromium and 1.8 s in Firefox; JavaScript took 10 s. Blocks the thread.
 * @param salt at most 1,024 bytes
 */
export function pbkdf2Sha256(password: Uint8Array, salt: Uint8Array, iterations: number): Uint8Array {
  const hasher = password.length <= MAX_MESSAGE_BYTES ? fast.get(iterations) : null;
  return hasher
    ? hasher.pbkdf2(password, salt, iterations)
    : noblePbkdf2(nobleSha256, password, salt, { c: iterations, dkLen: HASH_BYTES });
}

/** {@link sha256} by @noble/hashes alone: the reference, and the fallback without WebAssembly. */
export function referenceSha256(parts: readonly Uint8Array[]): Uint8Array {
  const hash = nobleSha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}
