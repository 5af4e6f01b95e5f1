import forge from 'node-forge/lib/forge.js';
import 'node-forge/lib/rsa.js';
import { createVerifier } from '../../src/crypto/rsa/verifier.ts';
import { signatureItem, type SignatureData } from './page/signatures.ts';

export interface VerifyRequest {
  readonly means: 'webcrypto' | 'bigint' | 'forge';
  /** Signatures checked beforehand, so that the verifier knows the keys. */
  readonly earlier: readonly SignatureData[];
  /** Signatures that the returned function checks. */
  readonly fresh: readonly SignatureData[];
}

/** Prepares a verifier. @returns a function that checks the fresh signatures on this thread and returns the milliseconds */
export async function prepareVerification({ means, earlier, fresh }: VerifyRequest, subtle: SubtleCrypto): Promise<() => Promise<number>> {
  if (means === 'forge') return prepareForge(fresh);
  const verifier = createVerifier({ subtle: means === 'webcrypto' ? subtle : null });
  await verifier.prefetch(earlier.map(signatureItem));
  const items = fresh.map(signatureItem);
  return async () => {
    const startedAt = performance.now();
    await verifier.prefetch(items);
    const valid = items.filter((item) => verifier.verify(item)).length;
    const elapsedMs = performance.now() - startedAt;
    if (valid !== items.length) throw new Error(`Only ${valid} of ${items.length} signatures are valid.`);
    return elapsedMs;
  };
}

function prepareForge(fresh: readonly SignatureData[]): () => Promise<number> {
  const exponent = new forge.jsbn.BigInteger('10001', 16);
  const items = fresh.map(({ modulus, message, signature }) => ({
    key: forge.pki.rsa.setPublicKey(new forge.jsbn.BigInteger(modulus, 16), exponent),
    message: forge.util.hexToBytes(message),
    signature: forge.util.hexToBytes(signature),
  }));
  return () => {
    const startedAt = performance.now();
    for (const { key, message, signature } of items) {
      const digest = forge.md.sha256.create();
      digest.update(message, 'raw');
      if (!key.verify(digest.digest().getBytes(), signature)) throw new Error('forge refuses a signature.');
    }
    return Promise.resolve(performance.now() - startedAt);
  };
}
