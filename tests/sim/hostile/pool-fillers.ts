import { modInv, modPow, toZn } from 'bigint-mod-arith';
import { encodePkcs1 } from '../../../src/crypto/rsa/verify.ts';
import { MODULUS_BYTES } from '../../../src/crypto/rsa/modulus.ts';
import { MAX_NONCE_GAP } from '../../../src/mempool/policy.ts';
import { meetsTarget } from '../../../src/consensus/header.ts';
import { sealDigest } from '../../../src/protocol/block.ts';
import type { Network } from '../../../src/protocol/network.ts';
import {
  encodeTransaction,
  networkTag,
  signedMessage,
  type DecodedTransaction,
  type RegistrationBody,
} from '../../../src/protocol/transaction.ts';
import { STAMP_BYTES, stampHash } from '../../../src/protocol/transactions/registration.ts';
import { bigIntToBytes, bytesToBigInt, toHex } from '../../../src/util/bytes.ts';
import type { Prng } from '../engine/prng.ts';
import type { Forger } from './forge.ts';

/** Addresses that share the first twelve bits share a leaf of the state tree. */
const CROWDED_LEAF = 'abc';
const PUBLIC_EXPONENT = 65_537n;
/** Any prime from LEAST_PRIME to 2^32, raised to PRIME_POWER, has exactly 2048 bits. */
const LEAST_PRIME = Math.ceil(2 ** (2047 / 64));
const PRIME_POWER = 64;

/** As many transfers behind a missing nonce as mempools keep. They cost nothing, because no block can contain them. */
export function gapped(forger: Forger): DecodedTransaction[] {
  const nonce = forger.nonce();
  return Array.from({ length: MAX_NONCE_GAP }, (_, i) => forger.transfer({ nonce: nonce + 1 + i, fee: 5_000 }));
}

/** Transfers of the smallest amount to accounts without owners, all in one leaf of the state tree. */
export function dust(forger: Forger, count: number): DecodedTransaction[] {
  const nonce = forger.nonce();
  const recipient = (): string => CROWDED_LEAF + forger.rng.hex(20).slice(CROWDED_LEAF.length);
  return Array.from({ length: count }, (_, i) => forger.transfer({ nonce: nonce + i, amount: 1, fee: 400, recipient: recipient() }));
}

/** A valid registration of a useless account, with the cheapest valid stamp. */
export function idleRegistration({ network, rng }: Forger): DecodedTransaction {
  const { prime, modulus } = cheapKey(rng);
  return leastRegistration({
    network,
    name: `z${rng.hex(6)}`,
    modulus: bigIntToBytes(modulus, MODULUS_BYTES),
    draw: (length) => rng.bytes(length),
    sign: (message) => bigIntToBytes(root(bytesToBigInt(encodePkcs1(message)), prime), MODULUS_BYTES),
  });
}

interface Registrant {
  readonly network: Network;
  readonly name: string;
  /** Modulus of the signing key, and of the encryption key where that has no own. */
  readonly modulus: Uint8Array;
  readonly encryptionModulus?: Uint8Array;
  draw(length: number): Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** A valid registration with the first stamp that meets the target. */
export function leastRegistration({ network, name, modulus, encryptionModulus = modulus, draw, sign }: Registrant): DecodedTransaction {
  const keys = { signingModulus: modulus, encryptionModulus };
  const body: RegistrationBody = { kind: 'registration', networkTag: networkTag(network.id), name, ...keys };
  const hash = stampHash(network.id, body);
  let stamp = draw(STAMP_BYTES);
  while (!meetsTarget(toHex(sealDigest(hash, stamp)), network.stampBits)) stamp = draw(STAMP_BYTES);
  const stamped = { ...body, stamp };
  return encodeTransaction({ ...stamped, signature: sign(signedMessage(network.id, stamped)) });
}

/** A worthless key that verifiers accept: its modulus is a power of a small prime, so that roots are quick to compute. */
function cheapKey(rng: Prng): { prime: bigint; modulus: bigint } {
  let prime = rng.int(LEAST_PRIME, 2 ** 32 - 1);
  while (!isPrime(prime) || (prime - 1) % Number(PUBLIC_EXPONENT) === 0) prime = rng.int(LEAST_PRIME, 2 ** 32 - 1);
  return { prime: BigInt(prime), modulus: BigInt(prime) ** BigInt(PRIME_POWER) };
}

function isPrime(value: number): boolean {
  if (value % 2 === 0) return false;
  for (let divisor = 3; divisor * divisor <= value; divisor += 2) if (value % divisor === 0) return false;
  return true;
}

/**
 * The signature of `value`: its e-th root modulo the power of `prime`, where e is the public exponent. Hensel's lemma: start with a root of
 * 1 / value modulo the prime; each step doubles the power. A hundred times faster than raising to the private exponent.
 */
function root(value: bigint, prime: bigint): bigint {
  let modulus = prime;
  let inverseRoot = modPow(modInv(value, prime), modInv(PUBLIC_EXPONENT, prime - 1n), prime);
  for (let power = 1; power < PRIME_POWER; power *= 2) {
    modulus *= modulus;
    const error = 1n - value * modPow(inverseRoot, PUBLIC_EXPONENT, modulus);
    inverseRoot = toZn(inverseRoot + inverseRoot * error * modInv(PUBLIC_EXPONENT, modulus), modulus);
  }
  return toZn(value * modPow(inverseRoot, PUBLIC_EXPONENT - 1n, modulus), modulus);
}
