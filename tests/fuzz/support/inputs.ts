import { fromHex } from '../../../src/util/bytes.ts';
import keys from '../../vectors/keys.json' with { type: 'json' };

/** Reads decisions from a fuzzer's bytes; past their end all are zero. */
export class Decisions {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return Math.max(0, this.#bytes.length - this.#at);
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** A number below 2^(8 · bytes). */
  number(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + this.byte();
    return value;
  }

  below(bound: number): number {
    return bound <= 1 ? 0 : this.number(bound > 0xffff ? 4 : bound > 0xff ? 2 : 1) % bound;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  take(length: number): Uint8Array {
    const part = Uint8Array.from(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return part;
  }

  rest(): Uint8Array {
    return this.take(this.left);
  }
}

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Parses JSON; returns the text itself if it is not JSON. */
export function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A published test key: its PKCS#8 bytes and its modulus. */
export function testKey(name: keyof typeof keys.accounts, which: 'signing' | 'encryption'): { pkcs8: Uint8Array; modulus: Uint8Array } {
  const { pkcs8, modulus } = keys.accounts[name][which];
  return { pkcs8: new Uint8Array(Buffer.from(pkcs8, 'base64')), modulus: fromHex(modulus) };
}
