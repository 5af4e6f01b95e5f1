import { TabchainError } from '../../util/errors.ts';
import { generateByBigInt } from './generate.ts';
import { MODULUS_BYTES } from './modulus.ts';
import { privateKeyFromPkcs8, type PrivateKey } from './private-key.ts';
import { SIGNING_ALGORITHM, unshared, type RsaEnv } from './subtle.ts';
import { verifyPkcs1 } from './verify.ts';

const F4 = Uint8Array.of(1, 0, 1);

/** Fetches the code that replaces WebCrypto, so a page on plain http can continue after its server is gone. */
export async function preloadFallback(): Promise<void> {
  await import('./forge.ts');
}

/**
 * A new RSA-2048 key: WebCrypto takes about 0.1 s; BigInt takes about half a second (2 s at worst) and blocks its thread.
 * @param onHalf called when half of the work is done; only BigInt calls it
 */
export async function generateKeyPair(env: RsaEnv, onHalf?: () => void): Promise<PrivateKey> {
  const { subtle } = env;
  if (!subtle) return generateByBigInt(env.random, onHalf);
  const algorithm = { ...SIGNING_ALGORITHM, modulusLength: 8 * MODULUS_BYTES, publicExponent: F4 };
  const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return privateKeyFromPkcs8(new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey)));
}

/**
 * RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1): the only signature of `message` by `key`, 256 bytes.
 * @throws TabchainError `signing-failed` if the result does not verify, because a fault in the arithmetic would leak a prime
 */
export async function sign(key: PrivateKey, message: Uint8Array, subtle: SubtleCrypto | null): Promise<Uint8Array> {
  const signature = subtle ? await subtleSign(subtle, key, message) : (await import('./forge.ts')).forgeSign(key, message);
  if (!verifyPkcs1(key.modulus, message, signature)) throw new TabchainError('signing-failed', 'The signature came out wrong.');
  return signature;
}

async function subtleSign(subtle: SubtleCrypto, key: PrivateKey, message: Uint8Array): Promise<Uint8Array> {
  const imported = await subtle.importKey('pkcs8', unshared(key.pkcs8), SIGNING_ALGORITHM, false, ['sign']);
  return new Uint8Array(await subtle.sign(SIGNING_ALGORITHM.name, imported, unshared(message)));
}
