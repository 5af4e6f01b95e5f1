import { assert, TabchainError } from '../../util/errors.ts';
import { assertModulus, MODULUS_BYTES } from './modulus.ts';
import { publicKeyDer, type PrivateKey } from './private-key.ts';
import { SEALING_ALGORITHM, unshared, type RsaEnv } from './subtle.ts';

/** RFC 8017 §7.1.1: k − 2·hLen − 2 with SHA-256. */
export const MAX_SEALED_BYTES = MODULUS_BYTES - 2 * 32 - 2;

/**
 * RSA-OAEP (RFC 8017 §7.1) with SHA-256, MGF1 with SHA-256 and an empty label: 256 bytes, different each time.
 * @throws TabchainError `modulus-invalid`, `memo-too-long`
 */
export async function seal(modulus: Uint8Array, plaintext: Uint8Array, env: RsaEnv): Promise<Uint8Array> {
  assertModulus(modulus);
  if (plaintext.length > MAX_SEALED_BYTES) {
    throw new TabchainError('memo-too-long', `A sealed text holds at most ${MAX_SEALED_BYTES} bytes.`, { maximum: MAX_SEALED_BYTES });
  }
  const { subtle } = env;
  if (!subtle) return (await import('./forge.ts')).forgeSeal(modulus, plaintext, env.random);
  const key = await subtle.importKey('spki', unshared(publicKeyDer(modulus)), SEALING_ALGORITHM, false, ['encrypt']);
  return new Uint8Array(await subtle.encrypt(SEALING_ALGORITHM.name, key, unshared(plaintext)));
}

/**
 * The inverse of {@link seal}.
 * @throws TabchainError `memo-unreadable` if the text was not sealed to this key
 */
export async function open(key: PrivateKey, ciphertext: Uint8Array, subtle: SubtleCrypto | null): Promise<Uint8Array> {
  try {
    assert(ciphertext.length === MODULUS_BYTES, 'A sealed text is as long as the modulus.');
    if (!subtle) return (await import('./forge.ts')).forgeOpen(key, ciphertext);
    const imported = await subtle.importKey('pkcs8', unshared(key.pkcs8), SEALING_ALGORITHM, false, ['decrypt']);
    return new Uint8Array(await subtle.decrypt(SEALING_ALGORITHM.name, imported, unshared(ciphertext)));
  } catch (cause) {
    throw new TabchainError('memo-unreadable', 'This memo was not sealed to this account, or it is damaged.', {}, { cause });
  }
}
