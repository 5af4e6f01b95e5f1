import { webcrypto, createPublicKey, verify as nodeVerify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicKeyDer } from '../../../src/crypto/rsa/private-key.ts';
import { isStrict, looseEncodings, probeModulus, probeSignature } from '../../../src/crypto/rsa/probe.ts';
import { createBigIntVerifier, createVerifier, type SignatureItem } from '../../../src/crypto/rsa/verifier.ts';
import { encodePkcs1, verifyPkcs1, VerifyingKey } from '../../../src/crypto/rsa/verify.ts';
import { assertModulus } from '../../../src/crypto/rsa/modulus.ts';
import { bigIntToBytes, bytesToBigInt, fromHex, utf8 } from '../../../src/util/bytes.ts';
import vectors from '../../vectors/rsa-pkcs1-verify.json' with { type: 'json' };

const subtle = webcrypto.subtle as SubtleCrypto;
const modulus = fromHex(vectors.modulus);
const items: (SignatureItem & { valid: boolean })[] = vectors.tests.map((test, index) => ({
  key: `vector ${index}`,
  modulus,
  message: fromHex(test.message),
  signature: fromHex(test.signature),
  valid: test.valid,
}));
const good = items[0]!;

/** WebCrypto with some functions replaced. */
function fakeSubtle(overrides: Partial<SubtleCrypto>): SubtleCrypto {
  return {
    importKey: subtle.importKey.bind(subtle),
    verify: subtle.verify.bind(subtle),
    ...overrides,
  } as SubtleCrypto;
}

describe('RSASSA-PKCS1-v1_5 verification', () => {
  it.each(vectors.tests.map((test) => [test.comment, test] as const))('vector: %s', (_comment, test) => {
    expect(verifyPkcs1(modulus, fromHex(test.message), fromHex(test.signature))).toBe(test.valid);
  });

  it('agrees with OpenSSL on every vector', () => {
    const key = createPublicKey({ key: Buffer.from(publicKeyDer(modulus)), format: 'der', type: 'spki' });
    expect(items.map((item) => nodeVerify('sha256', item.message, key, item.signature))).toEqual(items.map((item) => item.valid));
  });

  it('gives the same answers through WebCrypto, BigInt and the pure verifier', async () => {
    const prefetched = createVerifier({ subtle });
    await prefetched.prefetch(items);
    const cold = createVerifier({ subtle: null });
    await cold.prefetch(items);
    const simulated = createBigIntVerifier();
    for (const verifier of [prefetched, cold, simulated]) {
      expect(items.map((item) => verifier.verify(item))).toEqual(items.map((item) => item.valid));
    }
  });

  it('refuses moduli of other lengths and even ones', () => {
    for (const wrong of [modulus.subarray(1), new Uint8Array(257).fill(0xff), modulus.map((byte, i) => (i === 0 ? byte & 0x7f : byte))]) {
      expect(() => assertModulus(wrong)).toThrow(expect.objectContaining({ code: 'modulus-invalid' }));
      expect(verifyPkcs1(wrong, good.message, good.signature)).toBe(false);
    }
    expect(() => assertModulus(modulus.map((byte, i) => (i === 255 ? byte & 0xfe : byte)))).toThrow();
    expect(() => assertModulus(modulus)).not.toThrow();
  });

  it('accepts no changed signature or message', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.integer({ min: 1, max: 255 }), fc.boolean(), (index, flip, inSignature) => {
        const signature = good.signature.slice();
        const message = good.message.slice();
        const target = inSignature ? signature : message;
        target[index % target.length]! ^= flip;
        expect(verifyPkcs1(modulus, message, signature)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the power modulo a key', () => {
  const edges = [1n << 2047n, (1n << 2048n) - 1n, (1n << 2048n) - (1n << 1024n)].map((n) => n | 1n);
  const plainPower = (base: bigint, n: bigint): bigint => {
    let power = base;
    for (let i = 0; i < 16; i++) power = (power * power) % n;
    return (power * base) % n;
  };
  const agrees = (n: bigint, base: bigint): void => expect(new VerifyingKey(bigIntToBytes(n, 256)).power(base)).toBe(plainPower(base, n));

  it('is the true remainder at the edges', () => {
    for (const n of edges) for (const base of [0n, 1n, 2n, (n >> 1n) + 1n, n - 2n, n - 1n]) agrees(n, base);
  });

  it('is the true remainder whatever the modulus and the number', () => {
    const bytes = fc.uint8Array({ minLength: 256, maxLength: 256 });
    // Estimated quotients go wrong at runs of ones and zeros.
    const runs = fc.array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 96 })), { minLength: 3, maxLength: 12 }).map((parts) => {
      const all = parts.flatMap(([byte, length]) => Array<number>(length).fill(byte > 128 ? 0xff : byte > 64 ? 0 : byte));
      return Uint8Array.from({ length: 256 }, (_, i) => all[i % all.length]!);
    });
    fc.assert(
      fc.property(fc.oneof(bytes, runs), fc.oneof(bytes, runs), (first, second) => {
        const n = bytesToBigInt(first) | 1n | (1n << 2047n);
        agrees(n, bytesToBigInt(second) % n);
      }),
      { numRuns: 300 },
    );
  });
});

describe('verifier', () => {
  it('asks WebCrypto once for many signatures and then answers from the cache', async () => {
    let calls = 0;
    const counting = fakeSubtle({
      verify: (...args: Parameters<SubtleCrypto['verify']>) => {
        calls++;
        return subtle.verify(...args);
      },
    });
    const verifier = createVerifier({ subtle: counting });
    await verifier.prefetch(items);
    const probed = calls;
    await verifier.prefetch([good]);
    expect(calls).toBe(probed);
    expect(verifier.verify({ ...good, signature: new Uint8Array(256) })).toBe(true);
  });

  it('does not use WebCrypto while there is nothing to check', async () => {
    let calls = 0;
    const counting = fakeSubtle({ importKey: () => Promise.reject(new DOMException(`call ${++calls}`, 'DataError')) });
    await createVerifier({ subtle: counting }).prefetch([]);
    expect(calls).toBe(0);
  });

  it('falls back to BigInt if WebCrypto refuses the key', async () => {
    const refusing = fakeSubtle({ importKey: () => Promise.reject(new DOMException('no', 'DataError')) });
    const verifier = createVerifier({ subtle: refusing });
    await verifier.prefetch(items);
    expect(items.map((item) => verifier.verify(item))).toEqual(items.map((item) => item.valid));
  });

  it('does not use a WebCrypto that is looser than the rule', async () => {
    const loose = fakeSubtle({ verify: () => Promise.resolve(true) });
    expect(await isStrict(loose)).toBe(false);
    const verifier = createVerifier({ subtle: loose });
    await verifier.prefetch(items);
    expect(items.map((item) => verifier.verify(item))).toEqual(items.map((item) => item.valid));
  });

  it('finds this WebCrypto strict, by forgeries that are refused only for their encoding', async () => {
    expect(await isStrict(subtle)).toBe(true);
    const message = utf8('probe');
    expect(verifyPkcs1(probeModulus(), message, probeSignature(encodePkcs1(message)))).toBe(true);
    for (const encoding of Object.values(looseEncodings(message))) {
      expect(encoding).toHaveLength(256);
      expect(verifyPkcs1(probeModulus(), message, probeSignature(encoding))).toBe(false);
    }
  });
});
