import { createHash } from 'node:crypto';

/**
 * A second implementation of the formats, written from src/PROTOCOL.md with Node's own tools and none of the program's code.
 * If both agree, the program follows the text. Simple on purpose.
 */

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

export function sha256d(...parts: readonly Uint8Array[]): Buffer {
  return sha256(sha256(...parts));
}

export function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

export function integer(value: number | bigint, bytes: number): Buffer {
  return Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(2 * bytes, '0'),
    'hex',
  );
}

/** A length byte, and as many bytes as the value needs; none for 0. */
function shortInteger(value: bigint): Buffer[] {
  const bytes = value === 0n ? 0 : Math.ceil(value.toString(16).length / 2);
  return [integer(bytes, 1), ...(bytes === 0 ? [] : [integer(value, bytes)])];
}

export function text8(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([integer(bytes.length, 1), bytes]);
}

/** BIP-350 with the checksum constant as an argument (1 gives bech32). */
export function bech32mEncode(prefix: string, words: readonly number[], constant = 0x2bc830a3): string {
  const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  const codes = [...prefix].map((character) => character.charCodeAt(0));
  const values = [...codes.map((c) => c >> 5), 0, ...codes.map((c) => c & 31), ...words, 0, 0, 0, 0, 0, 0];
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    for (let i = 0; i < 5; i++) if ((top >>> i) & 1) checksum ^= generator[i]!;
  }
  checksum ^= constant;
  const tail = [5, 4, 3, 2, 1, 0].map((i) => (checksum >>> (5 * i)) & 31);
  return prefix + '1' + [...words, ...tail].map((value) => alphabet[value]).join('');
}

export function addressText(address: string): string {
  const bits = BigInt('0x' + address);
  const words = Array.from({ length: 32 }, (_, i) => Number((bits >> BigInt(155 - 5 * i)) & 31n));
  return bech32mEncode('tab', words);
}

export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(hex('00'), leaves[0]!);
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha256(hex('01'), merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

export interface HistoryTree {
  hash: Buffer;
  work: bigint;
}

/** The history tree over blocks with their own works, genesis first. */
export function historyTree(blocks: readonly { id: string; work: bigint }[]): HistoryTree {
  if (blocks.length === 0) return { hash: sha256(), work: 0n };
  if (blocks.length === 1) {
    const [{ id, work }] = blocks as [{ id: string; work: bigint }];
    return { hash: sha256(hex('00'), hex(id), integer(work, 32)), work };
  }
  const split = 2 ** Math.floor(Math.log2(blocks.length - 1));
  const [left, right] = [historyTree(blocks.slice(0, split)), historyTree(blocks.slice(split))];
  const hash = sha256(hex('01'), left.hash, integer(left.work, 32), right.hash, integer(right.work, 32));
  return { hash, work: left.work + right.work };
}

/** The siblings on the way from a block's leaf to the root of the history tree, lowest first. */
export function historySiblings(blocks: readonly { id: string; work: bigint }[], height: number): HistoryTree[] {
  if (blocks.length === 1) return [];
  const split = 2 ** Math.floor(Math.log2(blocks.length - 1));
  const [left, right] = [blocks.slice(0, split), blocks.slice(split)];
  return height < split
    ? [...historySiblings(left, height), historyTree(right)]
    : [...historySiblings(right, height - split), historyTree(left)];
}

export function historyProofBytes(siblings: readonly HistoryTree[]): Buffer {
  return Buffer.concat([integer(siblings.length, 1), ...siblings.flatMap(({ hash, work }) => [hash, ...shortInteger(work)])]);
}

export interface Parameters {
  label: string;
  blockTimeMs: number;
  subsidy: number;
  halvingInterval: number;
  maxBlockBytes: number;
  powLimitBits: string;
  stampBits: string;
  genesisTimeMs: number;
  startBits: string;
  grant: number;
}

export function parameterBytes(p: Parameters): Buffer {
  return Buffer.concat([
    text8(p.label),
    integer(p.blockTimeMs, 8),
    integer(p.subsidy, 8),
    integer(p.halvingInterval, 8),
    integer(p.maxBlockBytes, 8),
    hex(p.powLimitBits),
    hex(p.stampBits),
    integer(p.genesisTimeMs, 8),
    hex(p.startBits),
    integer(p.grant, 8),
  ]);
}

/** Units in existence after a block with so many registrations (§4). */
export function supplyAfter(p: Parameters, height: number, supplyBefore: number, registrations: number): number {
  let supply = BigInt(supplyBefore);
  const mint = (units: bigint): void => {
    const left = 2n ** 53n - 1n - supply;
    supply += units < left ? units : left;
  };
  for (let i = 0; i < registrations; i++) mint(BigInt(p.grant));
  const halvings = p.halvingInterval === 0 ? 0 : Math.floor(height / p.halvingInterval);
  mint(BigInt(p.subsidy) >> BigInt(halvings));
  return Number(supply);
}

export interface Header {
  version: number;
  height: number;
  previous: string;
  historyRoot: string;
  transactionRoot: string;
  stateRoot: string;
  timeMs: number;
  bits: string;
  supply: number;
  miner: string;
}

export function headerBytes(h: Header): Buffer {
  return Buffer.concat([
    integer(h.version, 4),
    integer(h.height, 4),
    hex(h.previous),
    hex(h.historyRoot),
    hex(h.transactionRoot),
    hex(h.stateRoot),
    integer(h.timeMs, 8),
    hex(h.bits),
    integer(h.supply, 8),
    hex(h.miner),
  ]);
}

/** Id of a block, or digest of a stamp: the seal digest in display order. */
export function seal(hash: Uint8Array, nonce: string): string {
  return sha256d(hash, hex(nonce)).reverse().toString('hex');
}

export function genesisHeader(p: Parameters): Header {
  return {
    version: 2,
    height: 0,
    previous: '00'.repeat(32),
    historyRoot: historyTree([]).hash.toString('hex'),
    transactionRoot: merkleRoot([parameterBytes(p)]).toString('hex'),
    stateRoot: stateRoot([]),
    timeMs: p.genesisTimeMs,
    bits: p.startBits,
    supply: 0,
    miner: '00'.repeat(20),
  };
}

export interface AccountRow {
  address: string;
  balance: number;
  nonce: number;
  name: string | null;
  signingModulus: string | null;
  encryptionModulus: string | null;
}

export function accountBytes(row: AccountRow): Buffer {
  const start = Buffer.concat([hex(row.address), integer(row.balance, 8), integer(row.nonce, 8)]);
  if (row.name === null) return Buffer.concat([start, hex('00')]);
  return Buffer.concat([start, hex('01'), text8(row.name), sha256(hex(row.signingModulus!), hex(row.encryptionModulus!))]);
}

/** An account in the state tree: its key in 256 binary digits, its row and its leaf. */
interface Leaf {
  key: string;
  row: AccountRow;
  hash: Buffer;
}

export function stateKey(address: string): string {
  return [...sha256(hex(address))].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

function leavesOf(rows: readonly AccountRow[]): Leaf[] {
  const leaves = rows.map((row) => ({ key: stateKey(row.address), row, hash: sha256(hex('00'), accountBytes(row)) }));
  return leaves.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The first bit in which keys differ, and the leaves with this bit clear and set. */
function divided(leaves: readonly Leaf[]): { bit: number; sides: [Leaf[], Leaf[]] } {
  const bit = [...leaves[0]!.key].findIndex((_, at) => leaves.some(({ key }) => key[at] !== leaves[0]!.key[at]));
  return { bit, sides: [leaves.filter(({ key }) => key[bit] === '0'), leaves.filter(({ key }) => key[bit] === '1')] };
}

function stateNode(leaves: readonly Leaf[]): Buffer {
  if (leaves.length === 1) return leaves[0]!.hash;
  const { bit, sides } = divided(leaves);
  return sha256(hex('01'), integer(bit, 1), stateNode(sides[0]), stateNode(sides[1]));
}

export function stateRoot(rows: readonly AccountRow[]): string {
  return (rows.length === 0 ? sha256() : stateNode(leavesOf(rows))).toString('hex');
}

/** The leaf at which a search for a key ends, and what lies beside the way to it, from the leaf to the root. */
function search(leaves: readonly Leaf[], key: string): { leaf: Leaf; beside: { bit: number; side: number; hash: Buffer }[] } {
  if (leaves.length === 1) return { leaf: leaves[0]!, beside: [] };
  const { bit, sides } = divided(leaves);
  const side = Number(key[bit]);
  const { leaf, beside } = search(sides[side]!, key);
  return { leaf, beside: [...beside, { bit, side: 1 - side, hash: stateNode(sides[1 - side]!) }] };
}

function edges(list: readonly { bit: number; hash: Buffer }[]): Buffer {
  return Buffer.concat([integer(list.length, 2), ...list.flatMap(({ bit, hash }) => [integer(bit, 1), hash])]);
}

export function accountProof(rows: readonly AccountRow[], address: string): string {
  if (rows.length === 0) return '00';
  const { leaf, beside } = search(leavesOf(rows), stateKey(address));
  return Buffer.concat([hex('01'), accountBytes(leaf.row), edges(beside)]).toString('hex');
}

/** @param from key in binary digits */
export function stateChunk(rows: readonly AccountRow[], from: string, limit: number): string {
  const leaves = leavesOf(rows);
  const chosen = leaves
    .slice(
      Math.max(
        0,
        leaves.findLastIndex(({ key }) => key <= from),
      ),
    )
    .slice(0, limit);
  const [left, right] = [search(leaves, chosen[0]!.key), search(leaves, chosen.at(-1)!.key)];
  return Buffer.concat([
    integer(chosen.length, 2),
    ...chosen.map(({ row }) =>
      row.name === null
        ? accountBytes(row)
        : Buffer.concat([accountBytes(row).subarray(0, -32), hex(row.signingModulus!), hex(row.encryptionModulus!)]),
    ),
    edges(left.beside.filter(({ side }) => side === 0)),
    edges(right.beside.filter(({ side }) => side === 1)),
  ]).toString('hex');
}

/** Target of a compact form, without checking that the form is canonical. */
export function targetOf(bits: string): bigint {
  const exponent = Number.parseInt(bits.slice(0, 2), 16);
  const mantissa = BigInt('0x' + bits.slice(2));
  return exponent >= 3 ? mantissa * 256n ** BigInt(exponent - 3) : mantissa / 256n ** BigInt(3 - exponent);
}

/** Canonical compact form of a target, rounded down: the shortest form whose mantissa has a clear sign bit. */
export function bitsOf(target: bigint): string {
  let exponent = 0;
  while (target >> BigInt(8 * exponent) > 0n) exponent++;
  const top = exponent >= 3 ? target >> BigInt(8 * (exponent - 3)) : target << BigInt(8 * (3 - exponent));
  const mantissa = top >= 0x800000n ? top >> 8n : top;
  return Buffer.concat([integer(top >= 0x800000n ? exponent + 1 : exponent, 1), integer(mantissa, 3)]).toString('hex');
}

export interface DifficultyCase {
  blockTimeMs: number;
  powLimitBits: string;
  parentHeight: number;
  /** The parent, its parent, and so on: bits, and the time since the block's own parent (null for genesis). */
  ancestors: [bits: string, gapMs: number | null][];
  /** Block's time minus parent's. */
  gapMs: number;
}

export function nextBits({ blockTimeMs: T, powLimitBits, parentHeight, ancestors, gapMs }: DifficultyCase): string {
  const limit = targetOf(powLimitBits);
  const doublings = (gap: number): number => (gap < 8 * T ? 0 : 1 + Math.floor((gap - 8 * T) / T));
  const cutOff = (i: number): boolean => i < parentHeight && ancestors[i]![0] === powLimitBits && doublings(ancestors[i]![1]!) > 0;
  // The nearest ancestor whose base can be read from its own bits.
  let i = 0;
  while (i < 32 && cutOff(i)) i++;
  const [bits, gap] = ancestors[i]!;
  let base = cutOff(i) ? limit : targetOf(bits);
  if (i < parentHeight && !cutOff(i)) base /= 2n ** BigInt(doublings(gap!));
  for (; i >= 0; i--) {
    const height = parentHeight - i;
    const d = height < 2 ? T : Math.min(ancestors[i]![1]!, 20 * T);
    const halfLife = height < 32 ? 5 : 24;
    const exponent = Math.trunc(((d - T) * 65536) / (halfLife * T));
    const whole = Math.floor(exponent / 65536);
    const x = BigInt(exponent - 65536 * whole);
    const factor = 65536n + ((195766423245049n * x + 971821376n * x * x + 5127n * x * x * x + 2n ** 47n) >> 48n);
    base = whole >= 16 ? (base * factor) << BigInt(whole - 16) : (base * factor) >> BigInt(16 - whole);
    if (base > limit) base = limit;
    if (base < 1n) base = 1n;
  }
  for (let left = doublings(gapMs); left > 0 && base < limit; left--) base *= 2n;
  return bitsOf(base > limit ? limit : base);
}

export interface TransferFields {
  networkTag: string;
  sender: string;
  recipient: string;
  amount: number;
  fee: number;
  nonce: number;
  memo: { kind: string; text?: string; ciphertext?: string };
}

export function transferBody(t: TransferFields): Buffer {
  const memo =
    t.memo.kind === 'none'
      ? hex('00')
      : t.memo.kind === 'plain'
        ? Buffer.concat([hex('01'), text8(t.memo.text!)])
        : Buffer.concat([hex('02'), hex(t.memo.ciphertext!)]);
  return Buffer.concat([
    hex('01'),
    hex(t.networkTag),
    hex(t.sender),
    hex(t.recipient),
    integer(t.amount, 8),
    integer(t.fee, 8),
    integer(t.nonce, 4),
    memo,
  ]);
}

export interface RegistrationFields {
  networkTag: string;
  name: string;
  signingModulus: string;
  encryptionModulus: string;
}

export function registrationBody(r: RegistrationFields): Buffer {
  return Buffer.concat([hex('02'), hex(r.networkTag), text8(r.name), hex(r.signingModulus), hex(r.encryptionModulus)]);
}

export function signedBytes(networkId: string, bodyAndStamp: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('tabchain transaction 1\n', 'ascii'), hex(networkId), bodyAndStamp]);
}

export function stampHash(networkId: string, body: Uint8Array): Buffer {
  return sha256(Buffer.from('tabchain stamp 1\n', 'ascii'), hex(networkId), body);
}
