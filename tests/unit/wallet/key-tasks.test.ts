import { randomBytes, webcrypto } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { addressOfModulus, addressText } from '../../../src/crypto/address.ts';
import { equalBytes } from '../../../src/util/bytes.ts';
import { runKeyTask, type KeyTaskResult } from '../../../src/wallet/key-tasks.ts';
import { decryptKeyFile, encryptKeyFile } from '../../../src/wallet/keyfile.ts';

const subtle = webcrypto.subtle as SubtleCrypto;
const env = { subtle, random: { bytes: (length: number) => new Uint8Array(randomBytes(length)) } };
const passphrase = 'twelve green bottles';
const networkId = '0f'.repeat(32);

let made: KeyTaskResult;
const steps: string[] = [];
beforeAll(async () => {
  const task = { kind: 'create', name: 'ming', networkId, passphrase, existing: null } as const;
  made = await runKeyTask(task, env, (step, fraction) => steps.push(`${step} ${fraction}`));
});

describe('key tasks', () => {
  it('make two different key pairs and their file, and report progress', () => {
    expect(steps).toEqual(['keys 0', 'keys 0.5', 'encrypt null']);
    expect(equalBytes(made.keys.signing.modulus, made.keys.encryption.modulus)).toBe(false);
    expect(made).toMatchObject({ name: 'ming', networkId, address: addressText(addressOfModulus(made.keys.signing.modulus)) });
  });

  it('open the file to the same keys', async () => {
    const opened = await runKeyTask({ kind: 'open', pem: made.pem, passphrase }, env);
    expect(opened).toMatchObject({ name: 'ming', networkId, address: made.address, pem: made.pem });
    expect(equalBytes(opened.keys.signing.pkcs8, made.keys.signing.pkcs8)).toBe(true);
    expect(equalBytes(opened.keys.encryption.pkcs8, made.keys.encryption.pkcs8)).toBe(true);
    await expect(runKeyTask({ kind: 'open', pem: made.pem, passphrase: 'wrong wrong' }, env)).rejects.toMatchObject({
      code: 'passphrase-wrong',
    });
  });

  it('give existing keys another name and passphrase', async () => {
    const task = { kind: 'create', name: 'wu', networkId, passphrase: 'another one', existing: made.keys } as const;
    const renamed = await runKeyTask(task, env);
    expect(renamed).toMatchObject({ name: 'wu', address: made.address });
    await expect(decryptKeyFile(renamed.pem, 'another one', subtle)).resolves.toMatchObject({ name: 'wu' });
  });

  it('refuse a short passphrase before any work', async () => {
    const seen: string[] = [];
    const task = { kind: 'create', name: 'wu', networkId, passphrase: 'short', existing: null } as const;
    await expect(runKeyTask(task, env, (step) => seen.push(step))).rejects.toMatchObject({ code: 'passphrase-too-short' });
    expect(seen).toEqual([]);
  });

  it('refuse common passphrases before any work, and let existing keys keep theirs', async () => {
    const seen: string[] = [];
    const task = { kind: 'create', name: 'wu', networkId, passphrase: 'Password123!', existing: null } as const;
    await expect(runKeyTask(task, env, (step) => seen.push(step))).rejects.toMatchObject({ code: 'passphrase-common' });
    expect(seen).toEqual([]);
    await expect(runKeyTask({ ...task, existing: made.keys }, env)).resolves.toMatchObject({ name: 'wu' });
  });

  it('open with the passphrase of another keyboard, and keep the file as it was', async () => {
    await expect(runKeyTask({ kind: 'open', pem: made.pem, passphrase: ' ｔｗｅｌｖｅ green bottles' }, env)).resolves.toMatchObject({
      pem: made.pem,
    });
  });

  it('ask before opening a slow file, and open it on request', async () => {
    const pem = await encryptKeyFile({ ...made.keys, name: null, networkId: null }, passphrase, env, 2_000_001);
    const seen: string[] = [];
    await expect(runKeyTask({ kind: 'open', pem, passphrase, refuseSlow: true }, env, (step) => seen.push(step))).rejects.toMatchObject({
      code: 'key-file-slow',
      details: { iterations: 2_000_001, seconds: 1 },
    });
    expect(seen).toEqual([]);
    await expect(runKeyTask({ kind: 'open', pem, passphrase, refuseSlow: true }, { ...env, subtle: null })).rejects.toMatchObject({
      code: 'key-file-slow',
      details: { seconds: 7 },
    });
    await expect(runKeyTask({ kind: 'open', pem, passphrase }, env)).resolves.toMatchObject({ pem });
  });

  it('keep a strong copy of a weakly encrypted file', async () => {
    const weak = await encryptKeyFile({ ...made.keys, name: null, networkId: null }, passphrase, env, 2_048);
    const opened = await runKeyTask({ kind: 'open', pem: weak, passphrase }, env);
    expect(opened).toMatchObject({ name: null, networkId: null, address: made.address });
    expect((await decryptKeyFile(opened.pem, passphrase, subtle)).iterations).toBe(600_000);
  });
});
