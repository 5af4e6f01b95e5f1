import { HASH_BYTES } from '../crypto/hash.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import type { Reader, Writer } from './codec.ts';
import { MAX_CHUNK_BYTES, readStateChunk, writeStateChunk, type StateChunk } from './state-proof.ts';
import { readPoints, readSamples, readTail, writePoints, writeSamples, writeTail, type ChainTail, type WorkSamples } from './work-proof.ts';

/**
 * The messages with which a newcomer fetches a recent chain. Each answer repeats its request, and null in place of the rest means that
 * the node cannot answer: its chain has changed, it does not have these blocks, or it has too many requests.
 */
export type JoinMessage =
  | { readonly type: 'getTail'; readonly tip: string }
  | { readonly type: 'tail'; readonly tip: string; readonly tail: ChainTail | null }
  | {
      readonly type: 'getSamples';
      /** Id of a block. The samples are from the history below it. */
      readonly before: string;
      /** Fractions of that history's work, in units of 2^-64, ascending. */
      readonly points: readonly bigint[];
    }
  | { readonly type: 'samples'; readonly before: string; readonly samples: WorkSamples | null }
  | {
      readonly type: 'getAccounts';
      /** Id of a snapshot block. */
      readonly block: string;
      /** 32 bytes: the key from which on accounts are sought. */
      readonly from: Uint8Array;
    }
  | { readonly type: 'accounts'; readonly block: string; readonly from: Uint8Array; readonly chunk: StateChunk | null };

/** A newcomer's request. */
export type JoinQuestion = Extract<JoinMessage, { readonly type: 'getTail' | 'getSamples' | 'getAccounts' }>;

export const JOIN_TYPES = ['getTail', 'tail', 'getSamples', 'samples', 'getAccounts', 'accounts'] as const satisfies JoinMessage['type'][];

/** Upper bound of the length of such a message. The longest is `accounts`. */
export const MAX_JOIN_MESSAGE_BYTES = 1 + HASH_BYTES + HASH_BYTES + 1 + MAX_CHUNK_BYTES;

/** Writes the fields after the type. @throws TabchainError `encoding-*`, `integer-out-of-range`, `invariant-broken` */
export function writeJoinFields(writer: Writer, message: JoinMessage): void {
  switch (message.type) {
    case 'getTail':
      writeId(writer, message.tip);
      break;
    case 'tail':
      writeId(writer, message.tip);
      writeOrNull(writer, message.tail, writeTail);
      break;
    case 'getSamples':
      writeId(writer, message.before);
      writePoints(writer, message.points);
      break;
    case 'samples':
      writeId(writer, message.before);
      writeOrNull(writer, message.samples, writeSamples);
      break;
    case 'getAccounts':
      writeId(writer, message.block).fixed(message.from, HASH_BYTES);
      break;
    case 'accounts':
      writeId(writer, message.block).fixed(message.from, HASH_BYTES);
      writeOrNull(writer, message.chunk, writeStateChunk);
  }
}

/** The inverse of {@link writeJoinFields}. @throws TabchainError `encoding-*` */
export function readJoinFields(reader: Reader, type: JoinMessage['type']): JoinMessage {
  const id = toHex(reader.view(HASH_BYTES));
  switch (type) {
    case 'getTail':
      return { type, tip: id };
    case 'tail':
      return { type, tip: id, tail: readOrNull(reader, readTail) };
    case 'getSamples':
      return { type, before: id, points: readPoints(reader) };
    case 'samples':
      return { type, before: id, samples: readOrNull(reader, readSamples) };
    case 'getAccounts':
      return { type, block: id, from: reader.take(HASH_BYTES) };
    case 'accounts':
      return { type, block: id, from: reader.take(HASH_BYTES), chunk: readOrNull(reader, readStateChunk) };
  }
}

function writeId(writer: Writer, id: string): Writer {
  return writer.fixed(fromHex(id), HASH_BYTES);
}

/** `u8` 0 for null, or `u8` 1 ‖ the value. */
function writeOrNull<T>(writer: Writer, value: T | null, write: (writer: Writer, value: T) => unknown): void {
  writer.u8(value === null ? 0 : 1);
  if (value !== null) write(writer, value);
}

function readOrNull<T>(reader: Reader, read: (reader: Reader) => T): T | null {
  return reader.flag() ? read(reader) : null;
}
