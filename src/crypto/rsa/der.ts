import { concatBytes } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';

/** Tags of X.690 that keys and key files use. */
export const Tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

const LONG_FORM = 0x80;
/** Two length octets allow 64 KiB, the largest key file. */
const MAX_LENGTH_OCTETS = 2;

/** One DER value (X.690 §8.1, §10.1): tag, shortest length, contents. Contents up to 65,535 bytes. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...contents);
  const size = body.length;
  if (size > 0xffff) throw new TabchainError('der-invalid', 'The value is too long for this encoding.');
  const header = size < LONG_FORM ? [tag, size] : size < 0x100 ? [tag, 0x81, size] : [tag, 0x82, size >> 8, size & 0xff];
  return concatBytes(Uint8Array.from(header), body);
}

/** A DER INTEGER of a non-negative big-endian number: drops leading zeros, and adds one where the top bit would mean a negative number. */
export function derInteger(value: Uint8Array): Uint8Array {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const digits = value.subarray(start);
  const needsZero = digits.length === 0 || (digits[0]! & LONG_FORM) !== 0;
  return needsZero ? der(Tag.integer, Uint8Array.of(0), digits) : der(Tag.integer, digits);
}

/** Reads DER values in order; any encoding except the shortest throws `der-invalid`. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all bytes are read. */
  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** The tag of the next value, -1 at the end. */
  get nextTag(): number {
    return this.#bytes[this.#offset] ?? -1;
  }

  /** Contents of the next value, which must have `tag`. */
  read(tag: number): Uint8Array {
    if (this.#byte() !== tag) throw invalid();
    const length = this.#length();
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw invalid();
    const contents = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return contents;
  }

  /** A reader over the contents of the next value. */
  enter(tag: number): DerReader {
    return new DerReader(this.read(tag));
  }

  /** Big-endian bytes of a non-negative INTEGER without its sign octet. */
  unsigned(): Uint8Array {
    const contents = this.read(Tag.integer);
    const [first, second] = contents;
    if (first === undefined || (first & LONG_FORM) !== 0) throw invalid();
    if (first !== 0 || second === undefined) return contents;
    if ((second & LONG_FORM) === 0) throw invalid();
    return contents.subarray(1);
  }

  /** Refuses trailing bytes. */
  end(): void {
    if (!this.atEnd) throw invalid();
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset++];
    if (byte === undefined) throw invalid();
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < LONG_FORM) return first;
    const octets = first - LONG_FORM;
    if (octets === 0 || octets > MAX_LENGTH_OCTETS) throw invalid();
    let length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + this.#byte();
    if (length < (octets === 1 ? LONG_FORM : 0x100)) throw invalid();
    return length;
  }
}

function invalid(): TabchainError {
  return new TabchainError('der-invalid', 'The bytes are not a valid DER encoding.');
}
