import { toHex } from '../../util/bytes.ts';

/** Random bytes for the names of simple-peer's connections and channels, which it writes in hexadecimal digits. */
function randombytes(length: number): { toString(encoding: 'hex'): string } {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return { toString: () => toHex(bytes) };
}

// simple-peer takes the package `randombytes` by `require`, and the package is one function.
export { randombytes as 'module.exports' };
