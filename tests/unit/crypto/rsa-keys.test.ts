import { createHash, createPrivateKey, randomBytes, webcrypto, type JsonWebKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { DerReader, der, derInteger, Tag } from '../../../src/crypto/rsa/der.ts';
import { generateKeyPair, sign } from '../../../src/crypto/rsa/keys.ts';
import { assertModulus } from '../../../src/crypto/rsa/modulus.ts';
import { MAX_SEALED_BYTES, open, seal } from '../../../src/crypto/rsa/oaep.ts';
import {
  numbersFromPkcs8,
  privateKeyFromNumbers,
  privateKeyFromPkcs8,
  publicKeyPem,
  type PrivateKey,
} from '../../../src/crypto/rsa/private-key.ts';
import { verifyPkcs1 } from '../../../src/crypto/rsa/verify.ts';
import { equalBytes, fromHex, toHex, utf8 } from '../../../src/util/bytes.ts';

const subtle = webcrypto.subtle as SubtleCrypto;
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const env = { subtle, random };
const plainHttp = { subtle: null, random };
const message = utf8('two ways, one signature');

/** Random bytes from a seed, the same in each run. */
function seeded(seed: string): { bytes(length: number): Uint8Array } {
  let count = 0;
  return {
    bytes: (length) => {
      const parts: Buffer[] = [];
      for (let size = 0; size < length; size += 32) parts.push(createHash('sha256').update(`${seed}:${count++}`).digest());
      return new Uint8Array(Buffer.concat(parts).subarray(0, length));
    },
  };
}

let key: PrivateKey;
let other: PrivateKey;
beforeAll(async () => {
  key = await generateKeyPair(env);
  other = await generateKeyPair(env);
});

describe('key pairs', () => {
  it('come from WebCrypto in the only DER form', () => {
    assertModulus(key.modulus);
    expect(equalBytes(privateKeyFromPkcs8(key.pkcs8).pkcs8, key.pkcs8)).toBe(true);
  });

  it('come from BigInt if there is no WebCrypto, from the given randomness alone', { timeout: 120_000 }, async () => {
    const [first, second] = [
      await generateKeyPair({ subtle: null, random: seeded('a') }),
      await generateKeyPair({ subtle: null, random: seeded('a') }),
    ];
    expect(toHex(first.pkcs8)).toBe(toHex(second.pkcs8));
    assertModulus(first.modulus);
    const signature = await sign(first, message, subtle);
    expect(verifyPkcs1(first.modulus, message, signature)).toBe(true);
  });

  it('are read by OpenSSL', () => {
    const jwk: JsonWebKey = createPrivateKey({ key: Buffer.from(key.pkcs8), format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
    expect(jwk.n).toBe(Buffer.from(key.modulus).toString('base64url'));
    expect(jwk.e).toBe('AQAB');
  });

  it('are refused when their numbers do not belong together', () => {
    const numbers = numbersFromPkcs8(key.pkcs8);
    const foreign = numbersFromPkcs8(other.pkcs8);
    for (const field of ['n', 'd', 'p', 'q', 'dP', 'dQ', 'qInv'] as const) {
      const mixed = privateKeyFromNumbers({ ...numbers, [field]: foreign[field] });
      expect(() => privateKeyFromPkcs8(mixed.pkcs8), field).toThrow(expect.objectContaining({ code: 'key-invalid' }));
    }
    for (const damaged of [new Uint8Array(), key.pkcs8.subarray(0, 600), utf8('not a key')]) {
      expect(() => privateKeyFromPkcs8(damaged)).toThrow(expect.objectContaining({ code: 'key-invalid' }));
    }
  });

  it('show their public half as SubjectPublicKeyInfo', async () => {
    const pem = publicKeyPem(key.modulus);
    expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PUBLIC KEY-----\n$/);
    const { createPublicKey } = await import('node:crypto');
    expect(createPublicKey(pem).export({ format: 'jwk' }).n).toBe(Buffer.from(key.modulus).toString('base64url'));
  });
});

describe('signing', () => {
  it('gives the same bytes by WebCrypto and by node-forge', async () => {
    const [native, fallback] = [await sign(key, message, subtle), await sign(key, message, null)];
    expect(toHex(fallback)).toBe(toHex(native));
    expect(verifyPkcs1(key.modulus, message, native)).toBe(true);
  });

  it('refuses to hand out a signature that does not verify', async () => {
    const mismatched: PrivateKey = { modulus: other.modulus, pkcs8: key.pkcs8 };
    await expect(sign(mismatched, message, subtle)).rejects.toMatchObject({ code: 'signing-failed' });
  });
});

describe('sealing', () => {
  const texts = [new Uint8Array(), utf8('für Ming 明'), new Uint8Array(MAX_SEALED_BYTES).fill(7)];

  it.each([
    ['WebCrypto', 'node-forge', env, plainHttp],
    ['node-forge', 'WebCrypto', plainHttp, env],
    ['node-forge', 'node-forge', plainHttp, plainHttp],
  ] as const)('by %s opens by %s', async (_sealer, _opener, sealer, opener) => {
    for (const text of texts) {
      const sealed = await seal(key.modulus, text, sealer);
      expect(sealed).toHaveLength(256);
      expect(toHex(await open(key, sealed, opener.subtle))).toBe(toHex(text));
    }
  });

  it.each([
    ['WebCrypto', subtle],
    ['node-forge', null],
  ])('opens only for its recipient, and only undamaged (%s)', async (_name, api) => {
    const sealed = await seal(key.modulus, utf8('secret'), env);
    const damaged = sealed.map((byte, i) => (i === 100 ? byte ^ 1 : byte));
    await expect(open(other, sealed, api)).rejects.toMatchObject({ code: 'memo-unreadable' });
    await expect(open(key, damaged, api)).rejects.toMatchObject({ code: 'memo-unreadable' });
    await expect(open(key, sealed.subarray(1), api)).rejects.toMatchObject({ code: 'memo-unreadable' });
    await expect(open(key, new Uint8Array(256).fill(0xff), api)).rejects.toMatchObject({ code: 'memo-unreadable' });
  });

  it('refuses a message that is too long, and an invalid modulus', async () => {
    await expect(seal(key.modulus, new Uint8Array(MAX_SEALED_BYTES + 1), env)).rejects.toMatchObject({ code: 'memo-too-long' });
    await expect(seal(key.modulus.subarray(1), utf8('x'), env)).rejects.toMatchObject({ code: 'modulus-invalid' });
  });
});

describe('DER', () => {
  it('reads back what it writes, at every length form', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535]) {
      const reader = new DerReader(der(Tag.octetString, new Uint8Array(length)));
      expect(reader.read(Tag.octetString)).toHaveLength(length);
      expect(reader.atEnd).toBe(true);
    }
    expect(() => der(Tag.octetString, new Uint8Array(65_536))).toThrow(expect.objectContaining({ code: 'der-invalid' }));
    for (const [value, encoded] of [
      ['', '020100'],
      ['00', '020100'],
      ['7f', '02017f'],
      ['80', '02020080'],
      ['0001', '020101'],
    ] as const) {
      expect(toHex(derInteger(fromHex(value)))).toBe(encoded);
    }
  });

  it.each([
    ['no tag', ''],
    ['no length', '02'],
    ['contents cut', '020200'],
    ['long form for a short length', '02810100'],
    ['three length octets', '0283000001' + '00'],
    ['indefinite length', '0280' + '0000'],
    ['negative integer', '020180'],
    ['integer with a spare zero', '02020001'],
    ['empty integer', '0200'],
    ['other tag', '040100'],
  ])('refuses %s', (_name, hex) => {
    expect(() => new DerReader(fromHex(hex)).unsigned()).toThrow(expect.objectContaining({ code: 'der-invalid' }));
  });

  it('refuses trailing bytes', () => {
    const reader = new DerReader(fromHex('02010000'));
    reader.unsigned();
    expect(() => reader.end()).toThrow(expect.objectContaining({ code: 'der-invalid' }));
  });
});
