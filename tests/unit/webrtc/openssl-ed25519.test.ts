import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as library from '../../../src/crypto/ed25519.ts';
import * as openssl from './openssl-ed25519.ts';

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

test('OpenSSL makes the same keys and signatures as the library, and refuses the same changed bytes', () => {
  fc.assert(
    fc.property(bytes(library.ED25519_SECRET_BYTES), fc.uint8Array(), fc.nat(), (secret, message, place) => {
      const [publicKey, signature] = [openssl.ed25519PublicKey(secret), openssl.ed25519Sign(message, secret)];
      expect([publicKey, signature]).toEqual([library.ed25519PublicKey(secret), library.ed25519Sign(message, secret)]);
      const changed = signature.map((byte, index) => (index === place % signature.length ? byte ^ 1 : byte));
      for (const { ed25519Verify } of [openssl, library]) {
        expect([signature, changed].map((each) => ed25519Verify(each, message, publicKey))).toEqual([true, false]);
      }
    }),
    { numRuns: 20 },
  );
});
