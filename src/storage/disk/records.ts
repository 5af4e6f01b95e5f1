import { utf8 } from '../../util/bytes.ts';
import { checksum32 } from './checksum.ts';
import type { ChunkRecord, Control, Head, LogRecord } from './medium.ts';
import { CHUNK_BYTES, PAGE_BYTES } from './page-file.ts';

type Unsummed<R> = Omit<R, 'checksum'>;

const sumOf = (fields: readonly (string | number)[], bytes?: Uint8Array): number => {
  const seed = checksum32(utf8(fields.join(' ')));
  return bytes ? checksum32(bytes, seed) : seed;
};

const chunkSum = (r: Unsummed<ChunkRecord>): number => sumOf(['chunk', r.generation, r.index, r.sequence], r.bytes);
const logSum = (r: Unsummed<LogRecord>): number => sumOf(['log', r.sequence, r.part, r.parts], r.bytes);
const headSum = (h: Unsummed<Head>): number => sumOf(['head', h.sequence, h.generation, h.size, h.height, h.tip, h.logFrom, h.image]);

/** Makes a record with a copy of the bytes: they may be a view on a file that changes, and cloning a view would clone its whole buffer. */
export function chunkRecord(fields: Omit<ChunkRecord, 'checksum'>): ChunkRecord {
  const record = { ...fields, bytes: fields.bytes.slice() };
  return { ...record, checksum: chunkSum(record) };
}

/** One record for each part, and an empty record for a save without parts, so that the log has a record of every save. */
export function logRecords(sequence: number, parts: readonly Uint8Array[]): LogRecord[] {
  const present = parts.length > 0 ? parts : [new Uint8Array(0)];
  return present.map((bytes, part) => {
    const record = { sequence, part, parts: present.length, bytes };
    return { ...record, checksum: logSum(record) };
  });
}

/** @param sequences the sequence of each chunk of the image */
export function headRecord(fields: Omit<Head, 'checksum' | 'image'>, sequences: readonly number[]): Head {
  const head = { ...fields, image: imageSum(sequences) };
  return { ...head, checksum: headSum(head) };
}

export function controlRecord(owner: string, head: Head | null): Control {
  return { owner, head, checksum: controlSum(head) };
}

const controlSum = (head: Head | null): number => sumOf(['control', head === null ? 'none' : head.checksum]);

// A record on disk may be anything. A checksum over texts does not distinguish 5 from "5", and does not bound a length.

/** The largest file that SQLite can use in this program. No number on disk makes the program allocate more memory. */
const MAX_FILE_BYTES = 2 ** 31;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const areCounts = (...values: unknown[]): boolean => values.every((value) => Number.isSafeInteger(value) && (value as number) >= 0);

export function isSoundChunk(value: unknown): value is ChunkRecord {
  if (!isObject(value)) return false;
  const { generation, index, sequence, bytes, checksum } = value as Partial<ChunkRecord>;
  if (!areCounts(generation, index, sequence, checksum) || !(bytes instanceof Uint8Array) || bytes.length > CHUNK_BYTES) return false;
  return chunkSum(value as unknown as ChunkRecord) === checksum;
}

export function isSoundLog(value: unknown): value is LogRecord {
  if (!isObject(value)) return false;
  const { sequence, part, parts, bytes, checksum } = value as Partial<LogRecord>;
  if (!areCounts(sequence, part, parts, checksum) || !(bytes instanceof Uint8Array)) return false;
  return logSum(value as unknown as LogRecord) === checksum;
}

function isSoundHead(value: unknown): value is Head {
  if (!isObject(value)) return false;
  const { sequence, generation, size, height, tip, logFrom, image, checksum } = value as Partial<Head>;
  if (!areCounts(sequence, generation, size, height, logFrom, image, checksum) || typeof tip !== 'string') return false;
  if (size! > MAX_FILE_BYTES || size! % PAGE_BYTES !== 0) return false;
  return headSum(value as unknown as Head) === checksum;
}

/**
 * The head of a stored control record; null where nothing was ever saved.
 * @returns undefined where the head was lost or altered
 */
export function soundHead(control: unknown): Head | null | undefined {
  if (control === null) return null;
  if (!isObject(control) || typeof control['owner'] !== 'string') return undefined;
  const { head, checksum } = control as Partial<Control>;
  if (head !== null && !isSoundHead(head)) return undefined;
  return checksum === undefined || checksum === controlSum(head) ? head : undefined;
}

/** The owner's token in a control record, null where there is no token. */
export function ownerIn(control: unknown): string | null {
  const owner = isObject(control) ? control['owner'] : null;
  return typeof owner === 'string' ? owner : null;
}

export function imageSum(sequences: readonly number[]): number {
  return checksum32(new Uint8Array(Float64Array.from(sequences).buffer));
}
