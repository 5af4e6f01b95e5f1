import { constants, createHash, createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt, sign, type KeyObject } from 'node:crypto';
import type { PrivateKey } from '../../../src/crypto/rsa/private-key.ts';
import { addressOfModulus, addressText, type Address } from '../../../src/crypto/address.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';
import type { AccountKeys } from '../../../src/wallet/account-keys.ts';
import pool from './keys.json' with { type: 'json' };
import type { Prng } from './prng.ts';

/** An account that a simulated person holds. */
export interface SimAccount {
  readonly keys: AccountKeys;
  /** The signing key, parsed by OpenSSL. */
  readonly signer: KeyObject;
  readonly address: Address;
  readonly addressText: string;
}

export const ACCOUNT_COUNT = pool.keys.length;

function keyOf(index: number): PrivateKey {
  const { modulus, pkcs8 } = pool.keys[index % ACCOUNT_COUNT]!;
  return { modulus: fromHex(modulus), pkcs8: new Uint8Array(Buffer.from(pkcs8, 'base64')) };
}

/** Account number `index` of the pool. Its encryption key is the next account's signing key, which that account never decrypts with. */
export function simAccount(index: number): SimAccount {
  const signing = keyOf(index);
  const address = addressOfModulus(signing.modulus);
  return {
    keys: { signing, encryption: keyOf(index + 1) },
    signer: parsed('pkcs8', signing.pkcs8),
    address,
    addressText: addressText(address),
  };
}

/** Keys parsed by OpenSSL, shared by all worlds of a process because parsing a key takes longer than signing with it. */
const PARSED = new Map<string, KeyObject>();

function parsed(type: 'pkcs8' | 'spki', der: Uint8Array): KeyObject {
  const id = `${type} ${toHex(der.subarray(40, 72))}`;
  const options = { key: Buffer.from(der), format: 'der' } as const;
  const key = PARSED.get(id) ?? (type === 'pkcs8' ? createPrivateKey({ ...options, type }) : createPublicKey({ ...options, type }));
  PARSED.set(id, key);
  return key;
}

/** RSASSA-PKCS1-v1_5 with SHA-256 by OpenSSL, synchronous. */
export function signNow(signer: KeyObject, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign('sha256', message, signer));
}

const MODULUS_BYTES = 256;
const HASH_BYTES = 32;

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** `data` combined with MGF1's mask (RFC 8017 §B.2.1, SHA-256). */
function masked(data: Uint8Array, seed: Uint8Array): Uint8Array {
  return data.map((byte, i) => byte ^ sha256(seed, Uint8Array.of(0, 0, 0, Math.floor(i / HASH_BYTES)))[i % HASH_BYTES]!);
}

/** RSA-OAEP with SHA-256 (RFC 8017 §7.1.1). The seed comes from the simulation, because OpenSSL would draw its own. */
function sealNow(key: KeyObject, message: Uint8Array, rng: Prng): Uint8Array {
  const block = new Uint8Array(MODULUS_BYTES - HASH_BYTES - 1);
  block.set(sha256());
  block[block.length - message.length - 1] = 1;
  block.set(message, block.length - message.length);
  const seed = rng.bytes(HASH_BYTES);
  const maskedBlock = masked(block, seed);
  const encoded = Buffer.concat([Uint8Array.of(0), masked(seed, maskedBlock), maskedBlock]);
  return new Uint8Array(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded));
}

/** The part of WebCrypto that the program uses, by OpenSSL. Unlike real WebCrypto, answers come in the order of the calls. */
export function orderlySubtle(rng: Prng): SubtleCrypto {
  const importKey = async (format: string, data: Uint8Array): Promise<unknown> => {
    return format === 'spki' || format === 'pkcs8' ? parsed(format, data) : null;
  };
  const stand = {
    importKey,
    sign: async (_name: string, key: KeyObject, message: Uint8Array) => sign('sha256', message, key),
    encrypt: async (_name: string, key: KeyObject, message: Uint8Array) => sealNow(key, message, rng),
    decrypt: async (_name: string, key: KeyObject, sealed: Uint8Array) =>
      privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, sealed),
  };
  return stand as unknown as SubtleCrypto;
}
