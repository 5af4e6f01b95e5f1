import { base64urlnopad } from '@scure/base';
import type { Random } from '../../util/ports.ts';

/** The parts of the platform that the RSA functions need; `subtle` is null on plain http, where node-forge replaces it. */
export interface RsaEnv {
  readonly subtle: SubtleCrypto | null;
  readonly random: Random;
}

export const SIGNING_ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
export const SEALING_ALGORITHM = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;

/** WebCrypto's types refuse shared memory. No bytes here are shared, because a page without COOP and COEP headers has no shared memory. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

/** The public exponent 65537 as JSON Web Keys write it. */
const EXPONENT_TEXT = 'AQAB';

/** The platform's verification key. Imports a JSON Web Key, because some platforms take four times as long to parse the key in DER. */
export function importVerifyingKey(subtle: SubtleCrypto, modulus: Uint8Array): Promise<CryptoKey> {
  const key = { kty: 'RSA', n: base64urlnopad.encode(modulus), e: EXPONENT_TEXT };
  return subtle.importKey('jwk', key, SIGNING_ALGORITHM, false, ['verify']);
}
