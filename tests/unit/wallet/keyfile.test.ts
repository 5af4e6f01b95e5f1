import { execFileSync } from 'node:child_process';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { addressOfModulus, addressText } from '../../../src/crypto/address.ts';
import { generateKeyPair } from '../../../src/crypto/rsa/keys.ts';
import { pemBlock } from '../../../src/crypto/rsa/pem.ts';
import { publicKeyPem } from '../../../src/crypto/rsa/private-key.ts';
import { equalBytes, fromHex } from '../../../src/util/bytes.ts';
import {
  decryptKeyFile,
  describeKeyFile,
  encryptKeyFile,
  keyFileIterations,
  keyFileLink,
  openKeyFile,
  relabelKeyFile,
  MAX_KEY_FILE_CHARACTERS,
  type KeyFileContents,
} from '../../../src/wallet/keyfile.ts';
import { MAX_READINGS, passphraseReadings } from '../../../src/wallet/passphrase-readings.ts';
import { decodeEncryptedKey, encodeEncryptedKey } from '../../../src/wallet/pbes2.ts';

const subtle = webcrypto.subtle as SubtleCrypto;
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const env = { subtle, random };
const passphrase = 'correct horse – 電池';
/** The fewest accepted iterations, so that tests without WebCrypto are fast. */
const FEW = 1_000;

let contents: KeyFileContents;
let file: string;
beforeAll(async () => {
  contents = { name: 'alex', networkId: 'ab'.repeat(32), signing: await generateKeyPair(env), encryption: await generateKeyPair(env) };
  file = await encryptKeyFile(contents, passphrase, env);
});

function openssl(arguments_: string[]): string | null {
  try {
    return execFileSync('openssl', arguments_, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const opensslVersion = openssl(['version']);
const onDisk = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'tabchain-')), 'key.pem');
  writeFileSync(path, text);
  return path;
};

describe('key file', () => {
  it('opens to the same keys', async () => {
    const opened = await decryptKeyFile(file, passphrase, subtle);
    expect(equalBytes(opened.signing.pkcs8, contents.signing.pkcs8)).toBe(true);
    expect(equalBytes(opened.encryption.pkcs8, contents.encryption.pkcs8)).toBe(true);
    expect(opened).toMatchObject({
      name: 'alex',
      networkId: contents.networkId,
      address: addressOfModulus(contents.signing.modulus),
      iterations: 600_000,
    });
  });

  it('describes itself, and shows no secret', () => {
    expect(describeKeyFile(file)).toEqual({
      name: 'alex',
      address: addressText(addressOfModulus(contents.signing.modulus)),
      networkId: contents.networkId,
    });
    expect(file).not.toContain('BEGIN PRIVATE KEY');
    expect(file.length).toBeLessThan(8_000);
  });

  it.each([
    ['node-forge', 'WebCrypto', null, subtle],
    ['WebCrypto', 'node-forge', subtle, null],
  ])('written by %s opens by %s', async (_writer, _reader, writer, reader) => {
    const text = await encryptKeyFile(contents, passphrase, { subtle: writer, random }, FEW);
    const opened = await decryptKeyFile(text, passphrase, reader);
    expect(equalBytes(opened.signing.pkcs8, contents.signing.pkcs8)).toBe(true);
    expect(opened.iterations).toBe(FEW);
    await expect(decryptKeyFile(text, 'wrong passphrase', reader)).rejects.toMatchObject({ code: 'passphrase-wrong' });
  });

  it('is never the same twice', async () => {
    const again = await encryptKeyFile(contents, passphrase, env);
    expect(again).not.toBe(file);
  });

  it('accepts a passphrase typed as composed or decomposed characters', async () => {
    const text = await encryptKeyFile(contents, 'caf\u00e9 terrasse', env, FEW);
    await expect(decryptKeyFile(text, 'cafe\u0301 terrasse', subtle)).resolves.toMatchObject({ name: 'alex' });
  });

  it.each(['wrong passphrase', '', passphrase + ' ', 'x'.repeat(5_000)])('refuses the passphrase "%.20s"', async (wrong) => {
    await expect(decryptKeyFile(file, wrong, subtle)).rejects.toMatchObject({ code: 'passphrase-wrong' });
  });

  it('needs a passphrase of eight characters or more', async () => {
    await expect(encryptKeyFile(contents, 'seven77', env)).rejects.toMatchObject({ code: 'passphrase-too-short' });
    await expect(encryptKeyFile(contents, 'x'.repeat(1_025), env)).rejects.toMatchObject({ code: 'passphrase-too-long' });
    await expect(encryptKeyFile(contents, '電池'.repeat(4), env, FEW)).resolves.toContain('ENCRYPTED');
  });
});

describe('a key file on another network, or under another name', () => {
  const label = { name: 'ming', address: '', networkId: 'cd'.repeat(32), link: 'http://10.0.0.5:8080/#net=pay1&T=5000' };

  it('names network, label and link, and opens as before', async () => {
    const address = addressText(addressOfModulus(contents.signing.modulus));
    const moved = relabelKeyFile(file, { ...label, address });
    expect(moved).toContain('\nLabel: pay1\n');
    expect(keyFileLink(moved)).toBe(label.link);
    expect(describeKeyFile(moved)).toEqual({ name: 'ming', address, networkId: label.networkId });
    const opened = await decryptKeyFile(moved, passphrase, subtle);
    expect(equalBytes(opened.signing.pkcs8, contents.signing.pkcs8)).toBe(true);
    if (opensslVersion !== null) {
      const read = openssl(['pkey', '-in', onDisk(moved), '-passin', `pass:${passphrase}`, '-pubout']);
      expect(read).toBe(publicKeyPem(contents.signing.modulus));
    }
  });

  it('is the same whether written so or relabelled', async () => {
    const written = await encryptKeyFile({ ...contents, link: label.link }, passphrase, env, FEW);
    const { name, networkId } = contents;
    const address = addressText(addressOfModulus(contents.signing.modulus));
    expect(relabelKeyFile(written, { name, networkId, address, link: label.link })).toBe(written);
    expect(keyFileLink(file)).toBeNull();
  });

  it('is refused if there is no key', () => {
    expect(() => relabelKeyFile('hello', label)).toThrow(expect.objectContaining({ code: 'key-file-invalid' }));
  });
});

describe('a passphrase from another keyboard', () => {
  // Made on one keyboard and typed on the other, in both directions.
  it.each([
    ['ｐａｓｓ ｗｏｒｄｓ', 'pass words'],
    ['ｐａｓｓ\u3000ｗｏｒｄｓ', 'pass words'],
    ['eight words', 'ｅｉｇｈｔ　ｗｏｒｄｓ'],
    ['eight words ', 'eight words'],
    ['eight words', '  eight words\n'],
    [' eight words', 'eight words'],
    ["that's it all", 'that’s it all'],
    ['that’s it all', "that's it all"],
    ['one; two; three', 'one； two； three'],
    ['one； two； three', 'one; two; three'],
    ['"quoted" words', '“quoted” words'],
    ['ガラスノパンダデス', 'ｶﾞﾗｽﾉﾊﾟﾝﾀﾞﾃﾞｽ'],
    ['ｶﾞﾗｽﾉﾊﾟﾝﾀﾞﾃﾞｽ', 'ガラスノパンダデス'],
    ['dash - dash - dash', 'dash – dash — dash'],
    ['really? 電池!', 'really？ 電池！'],
  ])('%j is opened by %j', async (made, typed) => {
    const text = await encryptKeyFile(contents, made, env, FEW);
    await expect(openKeyFile(text, typed, subtle)).resolves.toMatchObject({ name: 'alex', passphrase: made.normalize('NFC') });
  });

  it.each(['other words', 'Eight words', 'eightwords', 'eight word', '', 'x'.repeat(5_000)])(
    '%.20j does not open "eight words"',
    async (typed) => {
      const text = await encryptKeyFile(contents, 'eight words', env, FEW);
      await expect(openKeyFile(text, typed, subtle)).rejects.toMatchObject({ code: 'passphrase-wrong' });
    },
  );

  it('is tried in a few forms, each once, the typed form first', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."aＡ1 '’;；.。ガｶﾞ\u3000é-–") }), (typed) => {
        const readings = passphraseReadings(typed);
        expect(readings.length).toBeLessThanOrEqual(MAX_READINGS);
        expect(new Set(readings).size).toBe(readings.length);
        if (typed !== '') expect(readings[0]).toBe(typed.normalize('NFC'));
      }),
    );
  });

  it('gets fewer tries if each is slow', async () => {
    const dear = await encryptKeyFile(contents, 'eight words ', env, 3_000_000);
    expect(keyFileIterations(dear)).toBe(3_000_000);
    await expect(openKeyFile(dear, 'eight words', subtle)).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await expect(openKeyFile(dear, 'eight words ', subtle)).resolves.toMatchObject({ name: 'alex' });
  });
});

describe('damaged key file', () => {
  const damages: Record<string, (text: string) => string> = {
    'empty text': () => '',
    'other text': () => 'hello',
    'end cut off': (text) => text.slice(0, -100),
    'second block missing': (text) => text.slice(0, text.lastIndexOf('-----BEGIN')),
    'blocks in the other order': (text) => {
      const [head, first, second] = text.split('-----BEGIN') as [string, string, string];
      return `${head}-----BEGIN${second}-----BEGIN${first}`;
    },
    'a third block': (text) => text + text.slice(text.lastIndexOf('-----BEGIN')),
    'a character changed': (text) => {
      const at = text.lastIndexOf('-----END') - 500;
      return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    },
    'a character that is not base64': (text) => text.replace(/MIIF/, 'M*IF'),
    'another address': (text) => text.replace(/Address: .*/, `Address: ${addressText('00'.repeat(20))}`),
    'too long': (text) => 'x'.repeat(MAX_KEY_FILE_CHARACTERS) + text,
  };

  it.each(Object.keys(damages))('%s', async (name) => {
    await expect(decryptKeyFile(damages[name]!(file), passphrase, subtle)).rejects.toMatchObject({ code: 'key-file-invalid' });
  });

  it('any single changed byte before the ciphertext: refused with one code, or read as changed', () => {
    const valid = { salt: random.bytes(16), iterations: FEW, iv: random.bytes(16), ciphertext: random.bytes(1_232) };
    const bytes = encodeEncryptedKey(valid);
    expect(decodeEncryptedKey(bytes)).toEqual(valid);
    let refused = 0;
    for (let i = 0; i < bytes.length - valid.ciphertext.length; i++) {
      const changed = bytes.slice();
      changed[i]! ^= 0x01;
      try {
        decodeEncryptedKey(changed);
      } catch (error) {
        expect(error).toMatchObject({ code: 'key-file-invalid' });
        refused++;
      }
    }
    // All bytes except the salt, the IV, a bit of the iterations and the parameters of the hash.
    expect(refused).toBeGreaterThan(50);
  });

  it('unknown algorithms and senseless parameters', () => {
    const valid = { salt: random.bytes(16), iterations: FEW, iv: random.bytes(16), ciphertext: random.bytes(1_232) };
    const wrong = [
      { ...valid, iterations: FEW - 1 },
      { ...valid, iterations: 10_000_001 },
      { ...valid, salt: random.bytes(7) },
      { ...valid, salt: random.bytes(65) },
      { ...valid, iv: random.bytes(15) },
      { ...valid, ciphertext: random.bytes(17) },
      { ...valid, ciphertext: new Uint8Array() },
    ];
    for (const key of wrong)
      expect(() => decodeEncryptedKey(encodeEncryptedKey(key))).toThrow(expect.objectContaining({ code: 'key-file-invalid' }));
    expect(() => decodeEncryptedKey(fromHex('3000'))).toThrow(expect.objectContaining({ code: 'key-file-invalid' }));
  });
});

describe.skipIf(opensslVersion === null)('openssl', () => {
  it('opens the signing key with the passphrase', () => {
    const path = onDisk(file);
    expect(openssl(['pkey', '-in', path, '-passin', `pass:${passphrase}`, '-pubout'])).toBe(publicKeyPem(contents.signing.modulus));
    expect(() => openssl(['pkey', '-in', path, '-passin', 'pass:wrong passphrase', '-pubout'])).toThrow();
  });

  it('opens the encryption key if its block stands alone', () => {
    const path = onDisk(file.slice(file.lastIndexOf('-----BEGIN')));
    expect(openssl(['pkey', '-in', path, '-passin', `pass:${passphrase}`, '-pubout'])).toBe(publicKeyPem(contents.encryption.modulus));
  });

  it('writes blocks that open here, each with its own salt and few iterations', async () => {
    const blocks = [contents.signing, contents.encryption].map(({ pkcs8 }) => {
      const path = onDisk(pemBlock('PRIVATE KEY', pkcs8));
      return openssl(['pkcs8', '-topk8', '-in', path, '-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA256', '-passout', `pass:${passphrase}`])!;
    });
    const opened = await decryptKeyFile(blocks.join(''), passphrase, subtle);
    expect(equalBytes(opened.encryption.pkcs8, contents.encryption.pkcs8)).toBe(true);
    expect(opened).toMatchObject({ name: null, networkId: null, iterations: 2_048 });
  });

  it('writes other algorithms, which are refused as such', async () => {
    const blocks = [contents.signing, contents.encryption].map(({ pkcs8 }) => {
      const path = onDisk(pemBlock('PRIVATE KEY', pkcs8));
      return openssl(['pkcs8', '-topk8', '-in', path, '-v2', 'aes-128-cbc', '-passout', `pass:${passphrase}`])!;
    });
    await expect(decryptKeyFile(blocks.join(''), passphrase, subtle)).rejects.toMatchObject({ code: 'key-file-invalid' });
  });
});
