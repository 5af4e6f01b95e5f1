import { HASH_BYTES, sha256 } from '../crypto/hash.ts';
import { bigIntToBytes, concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import {
  decodeBlock,
  encodeHeader,
  encodeSealedHeader,
  readSealedHeader,
  SEALED_HEADER_BYTES,
  type DecodedBlock,
  type SealedHeader,
} from './block.ts';
import { Reader, Writer } from './codec.ts';
import { LARGEST_BLOCK_BYTES } from './network.ts';
import { MIN_TRANSACTION_BYTES, readTransaction, type DecodedTransaction } from './transaction.ts';
import { PROTOCOL_VERSION } from './version.ts';
import {
  EXPERIMENT_TYPES,
  readExperimentFields,
  writeExperimentFields,
  type ExperimentMessage,
  type VerdictMessage,
} from './wire-experiment.ts';
import { JOIN_TYPES, MAX_JOIN_MESSAGE_BYTES, readJoinFields, writeJoinFields, type JoinMessage } from './wire-join.ts';

/**
 * Messages between nodes: one type byte, then the fields in canonical encoding. Every count and length is checked before
 * memory is allocated. A decoded message encodes to the same bytes again.
 */

export const PEER_ID_BYTES = 8;
/** Program name and version, shown to people. */
export const MAX_AGENT_BYTES = 64;
/** A locator has at most 32 dense and 32 doubling steps, and one header ahead of the active chain. */
export const MAX_LOCATOR_IDS = 65;
/** 98 KB: two frames, and a few milliseconds to check. */
export const MAX_HEADERS = 500;
/** 32 KB. The ids of several thousand transactions take a few messages. */
export const MAX_INVENTORY = 1_000;
/** Bytes of a short transaction id (BIP-152). In a mempool of 10,000, about one in 10^10 transactions matches falsely. */
export const SHORT_ID_BYTES = 6;
export const SALT_BYTES = 8;

/** The reasons why a node ends a link. The position of a reason is its code on the wire. */
export const BYE_REASONS = [
  'leaving', // the person cut the links or closed the tab
  'version', // another protocol version
  'network', // another network
  'self', // both ends are the same node
  'handshake', // another message came before hello, a second hello came, or no hello came in time
  'violation', // the peer provably broke a rule or the encoding
  'duplicate', // the node keeps another link to the same node
  'silent', // the node received nothing for too long
  'overload', // the link has more unread or unsent bytes than the node keeps for one link
] as const;
export type ByeReason = (typeof BYE_REASONS)[number];

export type InventoryKind = 'transaction' | 'block';

/** A node's claim about its active chain. A claim proves nothing. */
export interface TipClaim {
  readonly height: number;
  readonly tip: string;
  /** Cumulative work. */
  readonly work: bigint;
  /** Height of the block at which the node's chain begins: it can serve only blocks above. 0: the whole chain. */
  readonly base: number;
}

export interface HelloMessage extends TipClaim {
  readonly type: 'hello';
  readonly networkId: string;
  /** 16 hexadecimal digits. */
  readonly peerId: string;
  readonly agent: string;
  /** The sender's clock, Unix milliseconds; shown to people, never used by a rule. */
  readonly clockMs: number;
}

/** Also contains the sender's tip, so that the next ping makes up for a lost announcement. */
export interface PingMessage extends TipClaim {
  readonly type: 'ping';
  readonly nonce: number;
}

export interface CompactBlockMessage {
  readonly type: 'compactBlock';
  readonly sealed: SealedHeader;
  /** Chosen by the sender, so that nobody can prepare transactions whose short ids collide at every node. */
  readonly salt: Uint8Array;
  /** Short ids of the transactions that are not prefilled, in block order; each below 2^48. */
  readonly shortIds: readonly number[];
  /** Transactions with their positions in the block, ascending. */
  readonly prefilled: readonly { readonly index: number; readonly transaction: DecodedTransaction }[];
}

export type Message =
  | HelloMessage
  | PingMessage
  | { readonly type: 'pong'; readonly nonce: number; readonly clockMs: number }
  | { readonly type: 'getHeaders'; readonly locator: readonly string[] }
  | { readonly type: 'headers'; readonly headers: readonly SealedHeader[] }
  | { readonly type: 'inventory'; readonly kind: InventoryKind; readonly ids: readonly string[] }
  | { readonly type: 'getData'; readonly kind: InventoryKind; readonly ids: readonly string[] }
  | { readonly type: 'notFound'; readonly kind: InventoryKind; readonly ids: readonly string[] }
  | { readonly type: 'block'; readonly block: DecodedBlock }
  | { readonly type: 'transaction'; readonly transaction: DecodedTransaction }
  | CompactBlockMessage
  | { readonly type: 'getBlockTransactions'; readonly blockId: string; readonly indexes: readonly number[] }
  | { readonly type: 'blockTransactions'; readonly blockId: string; readonly transactions: readonly DecodedTransaction[] }
  | { readonly type: 'getMempool' }
  | JoinMessage
  | ExperimentMessage
  | VerdictMessage
  | { readonly type: 'bye'; readonly reason: ByeReason };

export type MessageOf<T extends Message['type']> = Extract<Message, { type: T }>;

/** The position of a type is its byte on the wire. `hello` and `bye` keep their bytes for ever, so that two versions can say goodbye. */
const TYPES: readonly Message['type'][] = [
  'hello',
  'ping',
  'pong',
  'getHeaders',
  'headers',
  'inventory',
  'getData',
  'notFound',
  'block',
  'transaction',
  'compactBlock',
  'getBlockTransactions',
  'blockTransactions',
  'getMempool',
  'bye',
  ...JOIN_TYPES,
  ...EXPERIMENT_TYPES,
];
const KINDS: readonly InventoryKind[] = ['transaction', 'block'];

/** Upper bound of the number of transactions in a block. */
export function maxBlockTransactions(maxBlockBytes: number): number {
  return Math.floor(maxBlockBytes / MIN_TRANSACTION_BYTES);
}

/** Upper bound of the number of transactions in a block of any network. */
const MOST_BLOCK_TRANSACTIONS = maxBlockTransactions(LARGEST_BLOCK_BYTES);

/**
 * Upper bound of a message's length: a block, a compact block with only prefilled transactions, a full list of headers or ids, or a chunk
 * of accounts. The chunk alone takes 245 KB even in a network with small blocks.
 */
export function maxMessageBytes(maxBlockBytes: number): number {
  const overhead = 1_024 + SEALED_HEADER_BYTES + 2 * maxBlockTransactions(maxBlockBytes);
  const lists = Math.max(MAX_HEADERS * SEALED_HEADER_BYTES + 3, MAX_INVENTORY * HASH_BYTES + 4);
  return Math.max(maxBlockBytes + overhead, lists, MAX_JOIN_MESSAGE_BYTES);
}

function writeTip(writer: Writer, claim: TipClaim): void {
  writer.u32(claim.height).fixed(fromHex(claim.tip), HASH_BYTES).raw(bigIntToBytes(claim.work, 32)).u32(claim.base);
}

function readTip(reader: Reader): TipClaim {
  return { height: reader.u32(), tip: toHex(reader.view(HASH_BYTES)), work: reader.u256(), base: reader.u32() };
}

function writeIds(writer: Writer, ids: readonly string[], max: number): void {
  writer.count16(ids.length, max);
  for (const id of ids) writer.fixed(fromHex(id), HASH_BYTES);
}

function readIds(reader: Reader, max: number): string[] {
  return reader.list16(max, HASH_BYTES, () => toHex(reader.view(HASH_BYTES)));
}

/**
 * Canonical bytes of a message. Refuses every message that decoding would refuse. Otherwise an honest node could send a message for which
 * its peer ends the link.
 * @throws TabchainError `encoding-*`, `integer-out-of-range`, `invariant-broken` (a field of another length)
 */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new Writer(message.type === 'block' ? message.block.size + 1 : 512).u8(TYPES.indexOf(message.type));
  writeFields(writer, message);
  return writer.finish();
}

/** The `block` message for canonical bytes, such as the bytes that the chain has stored. */
export function encodeBlockMessage(blockBytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(TYPES.indexOf('block')), blockBytes);
}

/** The `blockTransactions` message for transactions in canonical bytes. */
export function encodeBlockTransactionsMessage(blockId: string, transactions: readonly Uint8Array[]): Uint8Array {
  const count = new Writer(2).u16(transactions.length).view();
  return concatBytes(Uint8Array.of(TYPES.indexOf('blockTransactions')), fromHex(blockId), count, ...transactions);
}

function writeFields(writer: Writer, message: Message): void {
  switch (message.type) {
    case 'hello':
      writer.u16(PROTOCOL_VERSION).fixed(fromHex(message.networkId), HASH_BYTES).fixed(fromHex(message.peerId), PEER_ID_BYTES);
      writer.text8(message.agent, MAX_AGENT_BYTES);
      writeTip(writer, message);
      writer.u53(message.clockMs);
      break;
    case 'ping':
      writer.u32(message.nonce);
      writeTip(writer, message);
      break;
    case 'pong':
      writer.u32(message.nonce).u53(message.clockMs);
      break;
    case 'getHeaders':
      writeIds(writer, message.locator, MAX_LOCATOR_IDS);
      break;
    case 'headers':
      writer.count16(message.headers.length, MAX_HEADERS);
      for (const sealed of message.headers) writer.raw(encodeSealedHeader(sealed));
      break;
    case 'inventory':
    case 'getData':
    case 'notFound':
      writer.u8(KINDS.indexOf(message.kind));
      writeIds(writer, message.ids, MAX_INVENTORY);
      break;
    case 'block':
      writer.raw(encodeSealedHeader(message.block)).u32(message.block.transactions.length);
      for (const transaction of message.block.transactions) writer.raw(transaction.bytes);
      break;
    case 'transaction':
      writer.raw(message.transaction.bytes);
      break;
    case 'compactBlock':
      writeCompactBlock(writer, message);
      break;
    case 'getBlockTransactions':
      writer.fixed(fromHex(message.blockId), HASH_BYTES);
      writer.count16(message.indexes.length, MOST_BLOCK_TRANSACTIONS);
      requireAscending(message.indexes);
      for (const index of message.indexes) writer.u16(index);
      break;
    case 'blockTransactions':
      writer.fixed(fromHex(message.blockId), HASH_BYTES);
      writer.count16(message.transactions.length, MOST_BLOCK_TRANSACTIONS);
      for (const transaction of message.transactions) writer.raw(transaction.bytes);
      break;
    case 'getMempool':
      break;
    case 'bye':
      writer.u8(BYE_REASONS.indexOf(message.reason));
      break;
    case 'experiment':
    case 'verdict':
      writeExperimentFields(writer, message);
      break;
    default:
      writeJoinFields(writer, message);
  }
}

function writeCompactBlock(writer: Writer, { sealed, salt, shortIds, prefilled }: CompactBlockMessage): void {
  writer.raw(encodeSealedHeader(sealed)).fixed(salt, SALT_BYTES);
  writer.count16(shortIds.length, MOST_BLOCK_TRANSACTIONS);
  for (const shortId of shortIds) writer.u16(Math.floor(shortId / 2 ** 32)).u32(shortId % 2 ** 32);
  writer.count16(prefilled.length, MOST_BLOCK_TRANSACTIONS - shortIds.length);
  requireInside(
    prefilled.map(({ index }) => index),
    shortIds.length,
  );
  for (const { index, transaction } of prefilled) writer.u16(index).raw(transaction.bytes);
}

function requireAscending(indexes: readonly number[]): void {
  if (indexes.some((index, i) => i > 0 && index <= indexes[i - 1]!))
    throw new TabchainError('encoding-non-canonical', 'Positions are not in ascending order.');
}

/** Requires positions of prefilled transactions to be ascending, and inside a block with `others` further transactions. */
function requireInside(indexes: readonly number[], others: number): void {
  requireAscending(indexes);
  if (indexes.length > 0 && indexes.at(-1)! >= others + indexes.length)
    throw new TabchainError('encoding-non-canonical', 'A prefilled transaction lies outside its block.');
}

/**
 * Decodes exactly one message.
 * @param maxBlockBytes the network's parameter
 * @throws TabchainError `encoding-*`, `block-oversized`, or `protocol-version` for a hello of another version
 */
export function decodeMessage(bytes: Uint8Array, maxBlockBytes: number): Message {
  const reader = new Reader(bytes);
  const type = TYPES[reader.u8()];
  if (type === undefined) throw new TabchainError('encoding-non-canonical', 'An unknown type of message.');
  if (type === 'block') return { type, block: decodeBlock(bytes.subarray(1), maxBlockBytes) };
  const message = readFields(reader, type, maxBlockTransactions(maxBlockBytes));
  reader.end();
  return message;
}

function readFields(reader: Reader, type: Exclude<Message['type'], 'block'>, maxTransactions: number): Message {
  switch (type) {
    case 'hello':
      return readHello(reader);
    case 'ping':
      return { type, nonce: reader.u32(), ...readTip(reader) };
    case 'pong':
      return { type, nonce: reader.u32(), clockMs: reader.u53() };
    case 'getHeaders':
      return { type, locator: readIds(reader, MAX_LOCATOR_IDS) };
    case 'headers':
      return { type, headers: reader.list16(MAX_HEADERS, SEALED_HEADER_BYTES, readSealedHeader) };
    case 'inventory':
    case 'getData':
    case 'notFound':
      return { type, kind: readOne(reader, KINDS), ids: readIds(reader, MAX_INVENTORY) };
    case 'transaction':
      return { type, transaction: readTransaction(reader) };
    case 'compactBlock':
      return readCompactBlock(reader, maxTransactions);
    case 'getBlockTransactions': {
      const blockId = toHex(reader.view(HASH_BYTES));
      const indexes = reader.list16(maxTransactions, 2, () => reader.u16());
      requireAscending(indexes);
      return { type, blockId, indexes };
    }
    case 'blockTransactions': {
      const blockId = toHex(reader.view(HASH_BYTES));
      return { type, blockId, transactions: reader.list16(maxTransactions, MIN_TRANSACTION_BYTES, readTransaction) };
    }
    case 'getMempool':
      return { type };
    case 'bye':
      return { type, reason: readOne(reader, BYE_REASONS) };
    case 'experiment':
    case 'verdict':
      return readExperimentFields(reader, type);
    default:
      return readJoinFields(reader, type);
  }
}

function readOne<T>(reader: Reader, values: readonly T[]): T {
  const value = values[reader.u8()];
  if (value === undefined) throw new TabchainError('encoding-non-canonical', 'A code stands for nothing.');
  return value;
}

/** The version comes first and is checked first, because another version may lay out the other fields differently. */
function readHello(reader: Reader): HelloMessage {
  const version = reader.u16();
  if (version !== PROTOCOL_VERSION) {
    throw new TabchainError('protocol-version', 'The other node speaks another version of the protocol.', { version });
  }
  const networkId = toHex(reader.view(HASH_BYTES));
  const peerId = toHex(reader.view(PEER_ID_BYTES));
  const agent = reader.text8(MAX_AGENT_BYTES);
  return { type: 'hello', networkId, peerId, agent, ...readTip(reader), clockMs: reader.u53() };
}

function readCompactBlock(reader: Reader, maxTransactions: number): CompactBlockMessage {
  const sealed = readSealedHeader(reader);
  const salt = reader.take(SALT_BYTES);
  const shortIdCount = reader.count16(maxTransactions);
  const shortIds = Array.from({ length: shortIdCount }, () => reader.u16() * 2 ** 32 + reader.u32());
  const prefilledCount = reader.count16(maxTransactions - shortIdCount);
  const prefilled = Array.from({ length: prefilledCount }, () => ({ index: reader.u16(), transaction: readTransaction(reader) }));
  requireInside(
    prefilled.map(({ index }) => index),
    shortIdCount,
  );
  return { type: 'compactBlock', sealed, salt, shortIds, prefilled };
}

/**
 * Short ids for a compact block's header and salt: the first 48 bits of SHA-256(key ‖ id), key = SHA-256(header ‖ salt). The idea is from
 * BIP-152; SHA-256 replaces SipHash, because Tabchain already uses SHA-256.
 */
export function shortIdFunction(sealed: SealedHeader, salt: Uint8Array): (transactionId: string) => number {
  const key = sha256(encodeHeader(sealed.header), salt);
  const input = new Uint8Array(key.length + HASH_BYTES);
  input.set(key);
  return (transactionId) => {
    input.set(fromHex(transactionId), key.length);
    const digest = sha256(input);
    let shortId = 0;
    for (let i = 0; i < SHORT_ID_BYTES; i++) shortId = shortId * 256 + digest[i]!;
    return shortId;
  };
}
