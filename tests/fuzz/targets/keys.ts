import { createCipheriv, createDecipheriv } from 'node:crypto';
import { sha256 } from '../../../src/crypto/hash.ts';
import { DerReader, Tag } from '../../../src/crypto/rsa/der.ts';
import { isModulus } from '../../../src/crypto/rsa/modulus.ts';
import { pemBlock, pemBlocks } from '../../../src/crypto/rsa/pem.ts';
import { numbersFromPkcs8, privateKeyFromPkcs8 } from '../../../src/crypto/rsa/private-key.ts';
import { decodeEncryptedKey, encodeEncryptedKey } from '../../../src/wallet/pbes2.ts';
import { decryptKeyFile, describeKeyFile, encryptKeyFile } from '../../../src/wallet/keyfile.ts';
import { bytesOf, testKey, textOf } from '../support/inputs.ts';
import { withinMemory } from '../support/memory.ts';
import { must, mustEqual, orRefused, orRefusedLater, type FuzzTarget } from '../support/target.ts';

const PASSPHRASE = 'a passphrase that fits';
const TIMES_INPUT = 8;

/**
 * WebCrypto's part in a key file, but fast: the derivation is one hash, whatever the iterations. Ciphers are real, so a wrong padding fails
 * as in a browser.
 */
const quickSubtle = {
  importKey: async (_format: string, data: Uint8Array) => data,
  deriveBits: async (algorithm: { salt: Uint8Array; iterations: number }, secret: Uint8Array) => {
    const digest = sha256(secret, algorithm.salt, bytesOf(String(algorithm.iterations)));
    return digest.buffer.slice(digest.byteOffset, digest.byteOffset + digest.length);
  },
  encrypt: async ({ iv }: { iv: Uint8Array }, key: Uint8Array, data: Uint8Array) => {
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  },
  decrypt: async ({ iv }: { iv: Uint8Array }, key: Uint8Array, data: Uint8Array) => {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  },
} as unknown as SubtleCrypto;

async function sampleKeyFile(named: boolean): Promise<string> {
  const random = { bytes: (length: number) => new Uint8Array(length).fill(length) };
  const contents = {
    signing: testKey('alex', 'signing'),
    encryption: testKey('alex', 'encryption'),
    name: named ? 'alex' : null,
    networkId: named ? 'ab'.repeat(32) : null,
  };
  return encryptKeyFile(contents, PASSPHRASE, { subtle: quickSubtle, random }, 1_000);
}

const keyFile: FuzzTarget = {
  name: 'key-file',
  about: 'describeKeyFile and decryptKeyFile: refused with a code, or consistent keys',
  maxBytes: 6_000,
  words: [
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    '-----END ENCRYPTED PRIVATE KEY-----',
    'Name: ',
    'Address: ',
    'Network: ',
    'Check: ',
    '\n',
  ],
  seeds: async () => [bytesOf(await sampleKeyFile(true)), bytesOf(await sampleKeyFile(false)), bytesOf('Tabchain key file\n')],
  prepare: () => async (input) => {
    const text = textOf(input);
    const said = describeKeyFile(text);
    for (const value of Object.values(said)) must(value === null || (value.length <= 100 && !/\s/.test(value)), 'A field is no word.');
    const opened = await orRefusedLater(/^(key-file-invalid|passphrase-wrong)$/, () => decryptKeyFile(text, PASSPHRASE, quickSubtle));
    if (!opened) return;
    must(isModulus(opened.signing.modulus) && isModulus(opened.encryption.modulus), 'A key of another size was taken.');
    mustEqual(opened.signing.pkcs8, privateKeyFromPkcs8(opened.signing.pkcs8).pkcs8, 'A key has two forms.');
  },
};

const pem: FuzzTarget = {
  name: 'pem',
  about: 'pemBlocks: refused, or blocks that can be written and read back',
  maxBytes: 2_000,
  words: ['-----BEGIN X-----', '-----END X-----', '=', '\r\n'],
  seeds: () => [bytesOf(pemBlock('X', new Uint8Array(100)) + pemBlock('X', new Uint8Array(3))), bytesOf('text\n-----BEGIN X-----\nAA==')],
  prepare: () => (input) => {
    const text = textOf(input);
    withinMemory(text, TIMES_INPUT, () => {
      const blocks = orRefused(/^pem-invalid$/, () => pemBlocks('X', text));
      if (!blocks) return;
      const again = pemBlocks('X', blocks.map((block) => pemBlock('X', block)).join(''));
      must(again.length === blocks.length, 'Blocks were lost.');
      again.forEach((block, i) => mustEqual(block, blocks[i]!, 'A block has changed.'));
    });
  },
};

const der: FuzzTarget = {
  name: 'der',
  about: 'DerReader: only the shortest encoding is accepted',
  maxBytes: 2_000,
  seeds: () => [testKey('ming', 'signing').pkcs8, Uint8Array.of(0x30, 3, 2, 1, 5), Uint8Array.of(2, 1, 0)],
  prepare: () => (input) => withinMemory(input, TIMES_INPUT, () => void orRefused(/^der-invalid$/, () => walk(new DerReader(input)))),
};

function walk(reader: DerReader): void {
  while (!reader.atEnd) {
    if (reader.nextTag === Tag.sequence) walk(reader.enter(Tag.sequence));
    else if (reader.nextTag === Tag.integer) checkInteger(reader.unsigned());
    else reader.read(reader.nextTag);
  }
}

function checkInteger(value: Uint8Array): void {
  must(value.length === 1 || value[0] !== 0, 'An integer has a leading zero.');
}

const pbes2: FuzzTarget = {
  name: 'pbes2',
  about: 'decodeEncryptedKey: refused, or an encrypted key within the limits that can be written and read back',
  maxBytes: 2_000,
  seeds: async () => pemBlocks('ENCRYPTED PRIVATE KEY', await sampleKeyFile(true)),
  prepare: () => (input) =>
    withinMemory(input, TIMES_INPUT, () => {
      const key = orRefused(/^key-file-invalid$/, () => decodeEncryptedKey(input));
      if (!key) return;
      must(key.iterations >= 1_000 && key.iterations <= 10_000_000 && key.salt.length <= 64, 'A derivation is beyond its limits.');
      const again = decodeEncryptedKey(encodeEncryptedKey(key));
      must(again.iterations === key.iterations, 'The iterations have changed.');
      for (const field of ['salt', 'iv', 'ciphertext'] as const) mustEqual(again[field], key[field], `The ${field} has changed.`);
    }),
};

const pkcs8: FuzzTarget = {
  name: 'pkcs8',
  about: 'privateKeyFromPkcs8: refused, or a consistent key with a single encoding',
  maxBytes: 2_000,
  seeds: () => [testKey('alex', 'signing').pkcs8, testKey('wu', 'encryption').pkcs8],
  prepare: () => (input) => {
    const key = orRefused(/^key-invalid$/, () => privateKeyFromPkcs8(input));
    if (!key) return;
    must(isModulus(key.modulus), 'A key of another size was taken.');
    mustEqual(privateKeyFromPkcs8(key.pkcs8).pkcs8, key.pkcs8, 'A key has two forms.');
    const { p, q, n } = numbersFromPkcs8(key.pkcs8);
    must(p * q === n, 'The primes belong to another modulus.');
  },
};

export const KEY_TARGETS: readonly FuzzTarget[] = [keyFile, pem, der, pbes2, pkcs8];
