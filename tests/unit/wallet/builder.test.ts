import { randomBytes, webcrypto } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { addressOfModulus } from '../../../src/crypto/address.ts';
import { generateKeyPair } from '../../../src/crypto/rsa/keys.ts';
import { seal } from '../../../src/crypto/rsa/oaep.ts';
import { verifyPkcs1 } from '../../../src/crypto/rsa/verify.ts';
import { decodeTransaction, networkTag, signedMessage } from '../../../src/protocol/transaction.ts';
import { stampHash } from '../../../src/protocol/transactions/registration.ts';
import { fromHex, toHex, utf8 } from '../../../src/util/bytes.ts';
import type { AccountKeys } from '../../../src/wallet/account-keys.ts';
import { buildRegistration, buildTransfer, openMemo, plainMemo, sealedMemo, type TransferOrder } from '../../../src/wallet/builder.ts';

const subtle = webcrypto.subtle as SubtleCrypto;
const env = { subtle, random: { bytes: (length: number) => new Uint8Array(randomBytes(length)) } };
const networkId = 'c0ffee11'.repeat(8);

let alex: AccountKeys;
let ming: AccountKeys;
beforeAll(async () => {
  const [a, b, c, d] = await Promise.all([1, 2, 3, 4].map(() => generateKeyPair(env)));
  alex = { signing: a!, encryption: b! };
  ming = { signing: c!, encryption: d! };
});

function order(changes: Partial<TransferOrder> = {}): TransferOrder {
  const recipient = addressOfModulus(ming.signing.modulus);
  return { networkId, recipient, amount: 12_500_000, fee: 1_000, nonce: 3, memo: { kind: 'none' }, ...changes };
}

describe('transfer', () => {
  it('is signed over the whole network id and decodes to what was ordered', async () => {
    const built = await buildTransfer(order({ memo: plainMemo('tea 茶') }), alex, subtle);
    const decoded = decodeTransaction(built.bytes);
    expect(decoded).toEqual(built);
    expect(built.transaction).toMatchObject({
      sender: addressOfModulus(alex.signing.modulus),
      recipient: addressOfModulus(ming.signing.modulus),
      networkTag: 0xc0ffee11,
      amount: 12_500_000,
      nonce: 3,
      memo: { kind: 'plain', text: 'tea 茶' },
    });
    const { signature, ...body } = built.transaction;
    expect(verifyPkcs1(alex.signing.modulus, signedMessage(networkId, body), signature)).toBe(true);
    expect(verifyPkcs1(alex.signing.modulus, signedMessage('00'.repeat(32), body), signature)).toBe(false);
    expect(verifyPkcs1(alex.signing.modulus, signedMessage(networkId, { ...body, amount: 12_500_001 }), signature)).toBe(false);
  });

  it('has the same id by WebCrypto and by node-forge', async () => {
    const [native, fallback] = [await buildTransfer(order(), alex, subtle), await buildTransfer(order(), alex, null)];
    expect(fallback.id).toBe(native.id);
  });
});

describe('registration', () => {
  it('is stamped over its body and signed over the stamp', async () => {
    const hashes: string[] = [];
    const stamp = fromHex('5a'.repeat(20));
    const find = (hash: Uint8Array): Promise<Uint8Array> => {
      hashes.push(toHex(hash));
      return Promise.resolve(stamp);
    };
    const built = await buildRegistration({ networkId, name: 'alex' }, alex, find, subtle);
    const { signature, ...rest } = built.transaction;
    expect(decodeTransaction(built.bytes)).toEqual(built);
    expect(rest).toMatchObject({ name: 'alex', networkTag: networkTag(networkId), stamp });
    expect(hashes).toEqual([toHex(stampHash(networkId, rest))]);
    expect(verifyPkcs1(alex.signing.modulus, signedMessage(networkId, rest), signature)).toBe(true);
    const otherStamp = { ...rest, stamp: fromHex('5b'.repeat(20)) };
    expect(verifyPkcs1(alex.signing.modulus, signedMessage(networkId, otherStamp), signature)).toBe(false);
  });

  it.each(['', 'a', 'Alex', '1abc', 'a-b-c', 'a'.repeat(21), 'álex', 'alex\n'])('refuses the name "%s"', async (name) => {
    const never = (): Promise<Uint8Array> => Promise.reject(new Error('searched for nothing'));
    await expect(buildRegistration({ networkId, name }, alex, never, subtle)).rejects.toMatchObject({ code: 'name-invalid' });
  });
});

describe('memo', () => {
  it('is none when empty, and bounded in bytes, not characters', async () => {
    expect(plainMemo('')).toEqual({ kind: 'none' });
    expect(await sealedMemo('', ming.encryption.modulus, env)).toEqual({ kind: 'none' });
    expect(plainMemo('x'.repeat(140)).kind).toBe('plain');
    for (const text of ['x'.repeat(141), '茶'.repeat(47)]) {
      expect(() => plainMemo(text)).toThrow(expect.objectContaining({ code: 'memo-too-long' }));
      await expect(sealedMemo(text, ming.encryption.modulus, env)).rejects.toMatchObject({ code: 'memo-too-long' });
    }
    for (const text of ['two\nlines', 'right\u202eleft']) {
      expect(() => plainMemo(text)).toThrow(expect.objectContaining({ code: 'memo-invalid' }));
    }
  });

  it('sealed is read by its recipient alone', async () => {
    const memo = await sealedMemo('for Ming 明', ming.encryption.modulus, env);
    if (memo.kind !== 'sealed') throw new Error('not sealed');
    expect(await openMemo(memo.ciphertext, ming, subtle)).toBe('for Ming 明');
    expect(await openMemo(memo.ciphertext, ming, null)).toBe('for Ming 明');
    await expect(openMemo(memo.ciphertext, alex, subtle)).rejects.toMatchObject({ code: 'memo-unreadable' });
  });

  it('sealed with invalid bytes is not shown', async () => {
    for (const bytes of [Uint8Array.of(0xff, 0xfe), utf8('bell \u0007'), new Uint8Array(150).fill(97)]) {
      const ciphertext = await seal(ming.encryption.modulus, bytes, env);
      await expect(openMemo(ciphertext, ming, subtle)).rejects.toMatchObject({ code: 'memo-unreadable' });
    }
  });
});
