import { bytesToBigInt, compareBytes, copyOf, fromUtf8, utf8 } from '../util/bytes.ts';
import { assert, TabchainError } from '../util/errors.ts';

/**
 * The canonical binary encoding: fixed-width big-endian integers and length-prefixed byte strings, so that every value has
 * exactly one encoding. Every length is checked against its limit and the remaining input before memory is allocated.
 *
 * Error codes: `encoding-truncated`, `encoding-trailing`, `encoding-too-long`, `encoding-non-canonical`.
 */
export class Reader {
  readonly bytes: Uint8Array;
  #offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.bytes.length - this.#offset;
  }

  /** `length` bytes, copied so that a decoded value never keeps a whole network message alive. */
  take(length: number): Uint8Array {
    return copyOf(this.view(length));
  }

  /** `length` bytes without a copy. */
  view(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Moves past `length` bytes and returns their offset. */
  #skip(length: number): number {
    if (length > this.remaining) throw new TabchainError('encoding-truncated', 'The data ends too early.');
    const start = this.#offset;
    this.#offset += length;
    return start;
  }

  u8(): number {
    return this.bytes[this.#skip(1)]!;
  }

  /** A byte that must be 0 (false) or 1 (true). */
  flag(): boolean {
    const flag = this.u8();
    if (flag > 1) throw new TabchainError('encoding-non-canonical', 'A flag is neither 0 nor 1.');
    return flag === 1;
  }

  u16(): number {
    const at = this.#skip(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(): number {
    const at = this.#skip(4);
    const { bytes } = this;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** An eight-byte integer that must be safe (< 2^53), for amounts and times. */
  u53(): number {
    const value = this.u32() * 2 ** 32 + this.u32();
    if (!Number.isSafeInteger(value)) throw new TabchainError('encoding-non-canonical', 'An integer is larger than 2^53 - 1.');
    return value;
  }

  u256(): bigint {
    return bytesToBigInt(this.view(32));
  }

  /** A byte string with a two-byte length of at most `maxBytes`. */
  bytes16(maxBytes: number): Uint8Array {
    const length = this.u16();
    if (length > maxBytes) throw new TabchainError('encoding-too-long', 'A field is longer than its limit.', { length, maxBytes });
    return this.take(length);
  }

  /** A two-byte count of at most `most`. */
  count16(most: number): number {
    return requireCount(this.u16(), most);
  }

  /** A two-byte count of at most `most`, and so many items of at least `minBytes` each. No item is read unless all can be there. */
  list16<T>(most: number, minBytes: number, read: (reader: Reader) => T): T[] {
    const length = this.count16(most);
    if (length * minBytes > this.remaining) throw new TabchainError('encoding-truncated', 'The data ends too early.');
    return Array.from({ length }, () => read(this));
  }

  /** UTF-8 text with a one-byte length of at most `maxBytes`. */
  text8(maxBytes: number): string {
    const length = this.u8();
    if (length > maxBytes) throw new TabchainError('encoding-too-long', 'A text is longer than its limit.', { length, maxBytes });
    return decodeText(this.view(length));
  }

  /** Must be the last call. @throws TabchainError `encoding-trailing` where bytes are left */
  end(): void {
    if (this.remaining !== 0) throw new TabchainError('encoding-trailing', 'There is data after the end.', { bytes: this.remaining });
  }
}

/** Decodes UTF-8 text that encodes back to the same bytes (no lone surrogates, no overlong forms). */
function decodeText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch (cause) {
    throw new TabchainError('encoding-non-canonical', 'A text is not valid UTF-8.', {}, { cause });
  }
  // As many characters as bytes means ASCII only, which has one encoding.
  if (text.length !== bytes.length && compareBytes(utf8(text), bytes) !== 0)
    throw new TabchainError('encoding-non-canonical', 'A text is not canonical UTF-8.');
  return text;
}

/** Grows as needed; the inverse of {@link Reader}. */
export class Writer {
  #buffer: Uint8Array;
  #length = 0;

  constructor(capacity = 512) {
    this.#buffer = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Reserves `count` bytes and returns their offset. May replace `#buffer`, so callers must read `#buffer` afterwards. */
  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#buffer.length));
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    return at;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  /** A field of fixed width. @throws TabchainError `invariant-broken` for bytes of another length, a mistake of the caller */
  fixed(bytes: Uint8Array, length: number): this {
    assert(bytes.length === length, 'A field of fixed width has another length.');
    return this.raw(bytes);
  }

  u8(value: number): this {
    checkRange(value, 0xff);
    const at = this.#reserve(1);
    this.#buffer[at] = value;
    return this;
  }

  u16(value: number): this {
    checkRange(value, 0xffff);
    const at = this.#reserve(2);
    this.#buffer[at] = value >>> 8;
    this.#buffer[at + 1] = value & 0xff;
    return this;
  }

  u32(value: number): this {
    checkRange(value, 0xffffffff);
    const at = this.#reserve(4);
    for (let i = 0; i < 4; i++) this.#buffer[at + i] = (value >>> (24 - 8 * i)) & 0xff;
    return this;
  }

  u53(value: number): this {
    checkRange(value, Number.MAX_SAFE_INTEGER);
    return this.u32(Math.floor(value / 2 ** 32)).u32(value % 2 ** 32);
  }

  /** The inverse of {@link Reader.count16}. @throws TabchainError `encoding-too-long` */
  count16(count: number, most: number): this {
    return this.u16(requireCount(count, most));
  }

  bytes16(bytes: Uint8Array): this {
    return this.u16(bytes.length).raw(bytes);
  }

  /**
   * The inverse of {@link Reader.text8}. Refuses text that the reader would refuse.
   * @throws TabchainError `encoding-too-long`, `encoding-non-canonical` (a lone surrogate)
   */
  text8(text: string, maxBytes = 0xff): this {
    const bytes = utf8(text);
    if (bytes.length > maxBytes) {
      throw new TabchainError('encoding-too-long', 'A text is longer than its limit.', { length: bytes.length, maxBytes });
    }
    if (text.length !== bytes.length && decodeText(bytes) !== text)
      throw new TabchainError('encoding-non-canonical', 'A text has no UTF-8 form.');
    return this.u8(bytes.length).raw(bytes);
  }

  /** The bytes written so far, without a copy. Valid only until the next write. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** A copy of the bytes written so far. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }
}

function requireCount(count: number, most: number): number {
  if (count > most) throw new TabchainError('encoding-too-long', 'A list is longer than its limit.', { count, most });
  return count;
}

function checkRange(value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new TabchainError('integer-out-of-range', 'An integer does not fit its field.', { value, max });
  }
}
