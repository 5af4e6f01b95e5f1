/** Makes new key pairs for the simulated tabs: `node tests/sim/make-keys.mjs`. They are published, hence worthless outside these tests. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';

/** Accounts of the largest simulation. Its further tabs have no account. */
const COUNT = 40;

const keys = Array.from({ length: COUNT }, () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 65537 });
  const modulus = Buffer.from(privateKey.export({ format: 'jwk' }).n, 'base64url').toString('hex');
  return { modulus, pkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') };
});
const description = 'RSA-2048 key pairs of the simulated tabs. Published, hence worthless: never use them for anything but tests.';
writeFileSync(new URL('./engine/keys.json', import.meta.url), JSON.stringify({ description, keys }, null, 2) + '\n');
