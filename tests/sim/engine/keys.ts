import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import type { PrivateKey } from '../../../src/crypto/rsa/private-key.ts';
import { addressOfModulus, addressText, type Address } from '../../../src/crypto/address.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';
import type { AccountKeys } from '../../../src/wallet/account-keys.ts';
import pool from './keys.json' with { type: 'json' };
import type { Prng } from './prng.ts';

/** An account that a simulated person holds. */
export interface SimAccount {
  readonly keys: AccountKeys;
  readonly address: Address;
  readonly addressText: string;
}

export const ACCOUNT_COUNT = pool.keys.length;

function keyOf(index: number): PrivateKey {
  const { modulus, pkcs8 } = pool.keys[index % ACCOUNT_COUNT]!;
  return { modulus: fromHex(modulus), pkcs8: new Uint8Array(Buffer.from(pkcs8, 'base64')) };
}

/** Account number `index` of the pool. Its encryption key is its neighbour's signing key: here nobody opens what is sealed. */
export function simAccount(index: number): SimAccount {
  const signing = keyOf(index);
  const address = addressOfModulus(signing.modulus);
  return { keys: { signing, encryption: keyOf(index + 1) }, address, addressText: addressText(address) };
}

/** RSASSA-PKCS1-v1_5 with SHA-256 by OpenSSL, at once. */
export function signNow(pkcs8: Uint8Array, message: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  return new Uint8Array(sign('sha256', message, key));
}

/**
 * What the program uses of WebCrypto, answering in the order in which it is asked, as the real one does not. Signatures are OpenSSL's;
 * a sealed memo is noise of the right length, for nobody in the simulation can open one.
 */
export function orderlySubtle(rng: Prng): SubtleCrypto {
  const parsed = new Map<string, KeyObject>();
  const importKey = async (format: string, data: Uint8Array): Promise<unknown> => {
    if (format !== 'pkcs8') return null;
    const id = toHex(data.subarray(40, 72));
    let key = parsed.get(id);
    if (!key) parsed.set(id, (key = createPrivateKey({ key: Buffer.from(data), format: 'der', type: 'pkcs8' })));
    return key;
  };
  const stand = {
    importKey,
    sign: async (_name: string, key: KeyObject, message: Uint8Array) => sign('sha256', message, key),
    encrypt: async () => rng.bytes(256),
  };
  return stand as unknown as SubtleCrypto;
}
