import { fromHex } from '../../../src/util/bytes.ts';
import type { SignatureItem } from '../../../src/crypto/rsa/verifier.ts';

/** A {@link SignatureItem} in hexadecimal, so that it survives JSON. */
export interface SignatureData {
  readonly key: string;
  readonly modulus: string;
  readonly message: string;
  readonly signature: string;
}

export function signatureItem({ key, modulus, message, signature }: SignatureData): SignatureItem {
  return { key, modulus: fromHex(modulus), message: fromHex(message), signature: fromHex(signature) };
}
