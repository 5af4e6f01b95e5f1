/**
 * WebCrypto's functions by node-forge, where `crypto.subtle` does not exist (plain http on a LAN). Loaded on demand, so never
 * on https. node-forge's signature *verification* is looser than the chain's rule and must never be used.
 */
import forge from 'node-forge/lib/forge.js';
// Adds RSA, PKCS#1, AES and SHA-256 to the object above.
import 'node-forge/lib/rsa.js';
import { bytesToBigInt } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import type { Random } from '../../util/ports.ts';
import { PUBLIC_EXPONENT } from './modulus.ts';
import { numbersFromPkcs8, type PrivateKey } from './private-key.ts';

type BigInteger = forge.jsbn.BigInteger;

const OAEP_SEED_BYTES = 32;

/** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1): 256 bytes. */
export function forgeSign(key: PrivateKey, message: Uint8Array): Uint8Array {
  const digest = forge.md.sha256.create();
  digest.update(toBinary(message), 'raw');
  return fromBinary(toForgeKey(key).sign(digest, 'RSASSA-PKCS1-V1_5'));
}

/** RSA-OAEP with SHA-256 (RFC 8017 §7.1.1): 256 bytes. */
export function forgeSeal(modulus: Uint8Array, plaintext: Uint8Array, random: Random): Uint8Array {
  const publicKey = forge.pki.rsa.setPublicKey(toBigInteger(bytesToBigInt(modulus)), toBigInteger(BigInt(PUBLIC_EXPONENT)));
  const options = { ...oaepOptions(), seed: toBinary(random.bytes(OAEP_SEED_BYTES)) };
  return fromBinary(publicKey.encrypt(toBinary(plaintext), 'RSA-OAEP', options));
}

/** The inverse of {@link forgeSeal}; forge throws a plain Error if the padding is wrong. */
export function forgeOpen(key: PrivateKey, ciphertext: Uint8Array): Uint8Array {
  return fromBinary(toForgeKey(key).decrypt(toBinary(ciphertext), 'RSA-OAEP', oaepOptions()));
}

/** AES-CBC with PKCS#7 padding. */
export function forgeAesCbcEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return runCipher(forge.cipher.createCipher('AES-CBC', toBinary(key)), iv, plaintext);
}

/** The inverse of {@link forgeAesCbcEncrypt}. @throws TabchainError `padding-invalid` */
export function forgeAesCbcDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return runCipher(forge.cipher.createDecipher('AES-CBC', toBinary(key)), iv, ciphertext);
}

function runCipher(cipher: forge.cipher.BlockCipher, iv: Uint8Array, input: Uint8Array): Uint8Array {
  cipher.start({ iv: forge.util.createBuffer(toBinary(iv)) });
  cipher.update(forge.util.createBuffer(toBinary(input)));
  if (!cipher.finish()) throw new TabchainError('padding-invalid', 'The decrypted text has no valid padding.');
  return fromBinary(cipher.output.getBytes());
}

function oaepOptions(): { md: forge.md.MessageDigest; mgf1: { md: forge.md.MessageDigest } } {
  return { md: forge.md.sha256.create(), mgf1: { md: forge.md.sha256.create() } };
}

function toForgeKey(key: PrivateKey): forge.pki.rsa.PrivateKey {
  const { n, d, p, q, dP, dQ, qInv } = numbersFromPkcs8(key.pkcs8);
  const big = [n, BigInt(PUBLIC_EXPONENT), d, p, q, dP, dQ, qInv].map(toBigInteger);
  return forge.pki.rsa.setPrivateKey(...(big as Parameters<typeof forge.pki.rsa.setPrivateKey>));
}

function toBigInteger(value: bigint): BigInteger {
  return new forge.jsbn.BigInteger(value.toString(16), 16);
}

/** forge's strings hold one byte per character. */
function toBinary(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function fromBinary(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
