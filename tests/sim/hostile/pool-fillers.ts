import { encodePkcs1 } from '../../../src/crypto/rsa/verify.ts';
import { MODULUS_BYTES } from '../../../src/crypto/rsa/modulus.ts';
import { MAX_NONCE_GAP } from '../../../src/chain/mempool-limits.ts';
import { meetsTarget } from '../../../src/consensus/header.ts';
import { sealDigest } from '../../../src/protocol/block.ts';
import {
  encodeTransaction,
  networkTag,
  signedMessage,
  stampHash,
  type DecodedTransaction,
  type RegistrationBody,
} from '../../../src/protocol/transaction.ts';
import { bigIntToBytes, bytesToBigInt, toHex } from '../../../src/util/bytes.ts';
import type { Prng } from '../engine/prng.ts';
import type { Forger } from './forge.ts';

/** Addresses that share the first twelve bits share a leaf of the state tree. */
const CROWDED_LEAF = 'abc';
const PUBLIC_EXPONENT = 65_537n;
/** A prime from here on, to this power, has exactly 2048 bits. */
const LEAST_PRIME = Math.ceil(2 ** (2047 / 64));
const PRIME_POWER = 64n;

/** Transfers behind a number that never comes, as many as are kept: they pay nothing, for no block can take them. */
export function gapped(forger: Forger): DecodedTransaction[] {
  const nonce = forger.nonce();
  return Array.from({ length: MAX_NONCE_GAP }, (_, i) => forger.transfer({ nonce: nonce + 1 + i, fee: 5_000 }));
}

/** Transfers of the least amount to accounts that nobody has, all in one leaf of the state tree. */
export function dust(forger: Forger, count: number): DecodedTransaction[] {
  const nonce = forger.nonce();
  const recipient = (): string => CROWDED_LEAF + forger.rng.hex(20).slice(CROWDED_LEAF.length);
  return Array.from({ length: count }, (_, i) => forger.transfer({ nonce: nonce + i, amount: 1, fee: 400, recipient: recipient() }));
}

/** A valid registration of an account that nobody wants, with the least stamp there is. */
export function idleRegistration({ network, rng }: Forger): DecodedTransaction {
  const key = cheapKey(rng);
  const body: RegistrationBody = {
    kind: 'registration',
    networkTag: networkTag(network.id),
    name: `z${rng.hex(6)}`,
    signingModulus: bigIntToBytes(key.modulus, MODULUS_BYTES),
    encryptionModulus: bigIntToBytes(key.modulus, MODULUS_BYTES),
  };
  const hash = stampHash(network.id, body);
  let stamp = rng.bytes(20);
  while (!meetsTarget(toHex(sealDigest(hash, stamp)), network.stampBits)) stamp = rng.bytes(20);
  const encoded = bytesToBigInt(encodePkcs1(signedMessage(network.id, { ...body, stamp })));
  return encodeTransaction({ ...body, stamp, signature: bigIntToBytes(power(encoded, key.exponent, key.modulus), MODULUS_BYTES) });
}

/** No key that protects anything, but one that a verifier takes: a power of a small prime is made in no time, and so is its inverse. */
function cheapKey(rng: Prng): { modulus: bigint; exponent: bigint } {
  let prime = rng.int(LEAST_PRIME, 2 ** 32 - 1);
  while (!isPrime(prime) || (prime - 1) % Number(PUBLIC_EXPONENT) === 0) prime = rng.int(LEAST_PRIME, 2 ** 32 - 1);
  const p = BigInt(prime);
  const order = p ** (PRIME_POWER - 1n) * (p - 1n);
  return { modulus: p ** PRIME_POWER, exponent: inverse(PUBLIC_EXPONENT, order) };
}

function isPrime(value: number): boolean {
  if (value % 2 === 0) return false;
  for (let divisor = 3; divisor * divisor <= value; divisor += 2) if (value % divisor === 0) return false;
  return true;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, value, 0n, 1n];
  while (r1 > 0n) [r0, r1, t0, t1] = [r1, r0 % r1, t1, t0 - (r0 / r1) * t1];
  return t0 < 0n ? t0 + modulus : t0;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let e = exponent, b = base; e > 0n; e >>= 1n, b = (b * b) % modulus) if (e & 1n) result = (result * b) % modulus;
  return result;
}
