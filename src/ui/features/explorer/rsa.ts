import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

/**
 * The check of a signature, step by step, from public numbers alone (RFC 8017, section 8.2.2). This is a second computation in the page. The
 * node has made its own before it accepted the transaction.
 */

const BLOCK_DIGITS = 512;
const DIGEST_DIGITS = 64;
/** ASN.1: "SHA-256 with no parameters, 32 bytes follow". */
const DIGEST_INFO = '3031300d060960864801650304020105000420';

const toNumber = (hex: string): bigint => BigInt(`0x${hex}`);

export function toBlock(value: bigint): string {
  return value.toString(16).padStart(BLOCK_DIGITS, '0');
}

/** SHA-256 of bytes in hexadecimal. */
export function digestOf(message: string): string {
  return bytesToHex(sha256(hexToBytes(message)));
}

/**
 * The powers of s on the way to s^65537 mod n: s, then sixteen squares (s^2, s^4, … s^65536), then one more multiplication by s.
 * 65537 = 2^16 + 1.
 */
export function powers(signature: string, modulus: string): { exponent: number; value: bigint }[] {
  const [s, n] = [toNumber(signature), toNumber(modulus)];
  const steps = [{ exponent: 1, value: s % n }];
  for (let i = 0; i < 16; i++) {
    const { exponent, value } = steps.at(-1)!;
    steps.push({ exponent: 2 * exponent, value: (value * value) % n });
  }
  const { exponent, value } = steps.at(-1)!;
  return [...steps, { exponent: exponent + 1, value: (value * s) % n }];
}

/** A formula, the same in every language. @param exponent as the page writes numbers */
export function powerText(exponent: string): string {
  return `s^${exponent} mod n`;
}

export interface BlockPart {
  readonly name: 'start' | 'padding' | 'end' | 'info' | 'digest';
  readonly hex: string;
}

/** Cuts a block of 256 bytes at the places that PKCS #1 v1.5 gives its parts, whatever the parts hold. */
export function blockParts(block: string): BlockPart[] {
  const info = BLOCK_DIGITS - DIGEST_DIGITS - DIGEST_INFO.length;
  return [
    { name: 'start', hex: block.slice(0, 4) },
    { name: 'padding', hex: block.slice(4, info - 2) },
    { name: 'end', hex: block.slice(info - 2, info) },
    { name: 'info', hex: block.slice(info, -DIGEST_DIGITS) },
    { name: 'digest', hex: block.slice(-DIGEST_DIGITS) },
  ];
}

/** The only block that a signature of a message with this digest may give. */
export function expectedBlock(digest: string): string {
  const padding = BLOCK_DIGITS - DIGEST_DIGITS - DIGEST_INFO.length - 6;
  return `0001${'f'.repeat(padding)}00${DIGEST_INFO}${digest}`;
}

/** Parts of a transaction's bytes without the signature (PROTOCOL.md, section 6). */
export type BodyPart =
  | 'kind'
  | 'networkTag'
  | 'sender'
  | 'recipient'
  | 'amount'
  | 'fee'
  | 'nonce'
  | 'memo'
  | 'name'
  | 'signingModulus'
  | 'encryptionModulus'
  | 'stamp'
  | 'rest';

/** A part of any signed bytes: of a transaction's, or the text that an experiment signs. */
export type SignedPart = BodyPart | 'domain' | 'networkId' | 'text';

type Layout = readonly (readonly [name: BodyPart, bytes: number])[];

const START: Layout = [
  ['kind', 1],
  ['networkTag', 4],
];
/** The layout after {@link START}, by the first byte. */
const LAYOUTS: Readonly<Record<string, (body: string) => Layout>> = {
  '01': () => [
    ['sender', 20],
    ['recipient', 20],
    ['amount', 8],
    ['fee', 8],
    ['nonce', 4],
    ['memo', Number.POSITIVE_INFINITY],
  ],
  '02': (body) => [
    ['name', 1 + Number.parseInt(body.slice(10, 12), 16)],
    ['signingModulus', 256],
    ['encryptionModulus', 256],
    ['stamp', 20],
  ],
};

export function bodyParts(body: string): { name: BodyPart; hex: string }[] {
  const layout = LAYOUTS[body.slice(0, 2)];
  if (!layout) return [{ name: 'rest', hex: body }];
  const parts: { name: BodyPart; hex: string }[] = [];
  let at = 0;
  for (const [name, bytes] of [...START, ...layout(body)]) {
    const hex = body.slice(at, at + 2 * bytes);
    at += hex.length;
    if (hex !== '') parts.push({ name, hex });
  }
  return parts;
}

const UNIT_DECIMALS = 6;

/** What the bytes of a part say, where that is more readable than the bytes; null for ids, keys and proofs. */
export function partText(name: SignedPart, hex: string): string | null {
  const text = (from: number): string => new TextDecoder().decode(hexToBytes(hex.slice(from)));
  switch (name) {
    case 'domain':
      return text(0).trimEnd();
    case 'text':
      return text(0);
    case 'name':
      return text(2);
    case 'memo':
      return hex.startsWith('01') ? text(4) : null;
    case 'nonce':
      return String(Number.parseInt(hex, 16));
    case 'amount':
    case 'fee':
      return coinsOf(hex);
    default:
      return null;
  }
}

function coinsOf(hex: string): string {
  const digits = String(Number.parseInt(hex, 16)).padStart(UNIT_DECIMALS + 1, '0');
  const fraction = digits.slice(-UNIT_DECIMALS).replace(/0+$/, '');
  return digits.slice(0, -UNIT_DECIMALS) + (fraction === '' ? '' : `.${fraction}`);
}
