import { expect, test } from 'vitest';
import { der, derInteger, Tag } from '../../../src/crypto/rsa/der.ts';
import { numbersFromPkcs8, privateKeyFromPkcs8 } from '../../../src/crypto/rsa/private-key.ts';
import { bigIntToBytes, fromHex } from '../../../src/util/bytes.ts';
import { assertName } from '../../../src/wallet/name.ts';
import { testKey } from '../../fuzz/support/inputs.ts';
import { targetNamed } from '../../fuzz/targets.ts';

/** Inputs that fuzzing has found to fail. */

const coded = (code: string) => expect.objectContaining({ code });

test('a key whose private exponent is longer than its modulus is refused as a key', () => {
  const { n, d, p, q, dP, dQ, qInv } = numbersFromPkcs8(testKey('alex', 'signing').pkcs8);
  const long = d + (p - 1n) * (q - 1n) * 2n ** 16n;
  const integers = [0n, n, 65_537n, long, p, q, dP, dQ, qInv].map((value) => derInteger(bigIntToBytes(value, 300)));
  const algorithm = der(Tag.sequence, der(Tag.oid, fromHex('2a864886f70d010101')), der(Tag.null));
  const pkcs8 = der(Tag.sequence, derInteger(Uint8Array.of(0)), algorithm, der(Tag.octetString, der(Tag.sequence, ...integers)));
  expect(() => privateKeyFromPkcs8(pkcs8)).toThrow(coded('key-invalid'));
});

test.each([null, undefined, true, ['alex'], { toString: () => 'alex' }])('%s is not a user name, whatever its text would be', (name) => {
  expect(() => assertName(name)).toThrow(coded('name-invalid'));
});

test('options that are not an object are refused with a code', async () => {
  const call = await targetNamed('console').prepare();
  const [history, blocks, checkName] = [1, 2, 9];
  for (const [method, args] of [
    [history, '[null]'],
    [history, '[5]'],
    [blocks, '[null]'],
    [checkName, '[null]'],
  ] as const) {
    await call(Buffer.concat([Uint8Array.of(method), Buffer.from(args)]));
  }
});
