import type { Random } from '../../util/ports.ts';

/** What the RSA functions need of the platform; `subtle` is null on plain http, where node-forge takes over. */
export interface RsaEnv {
  readonly subtle: SubtleCrypto | null;
  readonly random: Random;
}

export const SIGNING_ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
export const SEALING_ALGORITHM = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;

/** WebCrypto's types refuse shared memory, which nothing here uses: no page has it without COOP and COEP headers. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
