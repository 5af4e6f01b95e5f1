import { utf8 } from '../../util/bytes.ts';
import { checksum32 } from './checksum.ts';
import type { ChunkRecord, Head, LogRecord } from './medium.ts';

type Unsummed<R> = Omit<R, 'checksum'>;

const sumOf = (fields: readonly (string | number)[], bytes?: Uint8Array): number => {
  const seed = checksum32(utf8(fields.join(' ')));
  return bytes ? checksum32(bytes, seed) : seed;
};

const chunkSum = (r: Unsummed<ChunkRecord>): number => sumOf(['chunk', r.generation, r.index, r.sequence], r.bytes);
const logSum = (r: Unsummed<LogRecord>): number => sumOf(['log', r.sequence, r.part, r.parts], r.bytes);
const headSum = (h: Unsummed<Head>): number => sumOf(['head', h.sequence, h.generation, h.size, h.height, h.tip, h.logFrom, h.image]);

/** A copy of the bytes goes into the record: they may be a view on a file that goes on changing, and cloning a view clones all under it. */
export function chunkRecord(fields: Omit<ChunkRecord, 'checksum'>): ChunkRecord {
  const record = { ...fields, bytes: fields.bytes.slice() };
  return { ...record, checksum: chunkSum(record) };
}

/** One record for each part, at least one, so that every commit leaves a trace. */
export function logRecords(sequence: number, parts: readonly Uint8Array[]): LogRecord[] {
  const present = parts.length > 0 ? parts : [new Uint8Array(0)];
  return present.map((bytes, part) => {
    const record = { sequence, part, parts: present.length, bytes };
    return { ...record, checksum: logSum(record) };
  });
}

/** @param sequences of every chunk of the image */
export function headRecord(fields: Omit<Head, 'checksum' | 'image'>, sequences: readonly number[]): Head {
  const head = { ...fields, image: imageSum(sequences) };
  return { ...head, checksum: headSum(head) };
}

export const isSoundChunk = (record: ChunkRecord): boolean => chunkSum(record) === record.checksum;
export const isSoundLog = (record: LogRecord): boolean => logSum(record) === record.checksum;
export const isSoundHead = (head: Head): boolean => headSum(head) === head.checksum;

export function imageSum(sequences: readonly number[]): number {
  return checksum32(new Uint8Array(Float64Array.from(sequences).buffer));
}
