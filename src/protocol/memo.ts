import { TabchainError } from '../util/errors.ts';
import type { Reader, Writer } from './codec.ts';

/** Most bytes of UTF-8 in a plain memo: a memo is one line. */
export const MAX_MEMO_BYTES = 140;
/** RSA-OAEP under a 2048-bit key always gives 256 bytes. */
export const SEALED_MEMO_BYTES = 256;

const NONE = 0;
const PLAIN = 1;
const SEALED = 2;

export type Memo =
  | { readonly kind: 'none' }
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'sealed'; readonly ciphertext: Uint8Array };

export const NO_MEMO: Memo = { kind: 'none' };

/** @throws TabchainError `encoding-*` for a text that `readMemo` would refuse */
export function writeMemo(writer: Writer, memo: Memo): void {
  if (memo.kind === 'none') writer.u8(NONE);
  else if (memo.kind === 'sealed') writer.u8(SEALED).fixed(memo.ciphertext, SEALED_MEMO_BYTES);
  else if (memo.text === '') throw emptyMemo();
  else writer.u8(PLAIN).text8(memo.text, MAX_MEMO_BYTES);
}

/** @throws TabchainError `encoding-*` */
export function readMemo(reader: Reader): Memo {
  const kind = reader.u8();
  if (kind === NONE) return NO_MEMO;
  if (kind === SEALED) return { kind: 'sealed', ciphertext: reader.take(SEALED_MEMO_BYTES) };
  if (kind !== PLAIN) throw new TabchainError('encoding-non-canonical', 'An unknown kind of memo.', { kind });
  const text = reader.text8(MAX_MEMO_BYTES);
  if (text === '') throw emptyMemo();
  return { kind: 'plain', text };
}

/** Moves the reader past a canonical memo without decoding it. */
export function skipMemo(reader: Reader): void {
  const kind = reader.u8();
  if (kind !== NONE) reader.view(kind === SEALED ? SEALED_MEMO_BYTES : reader.u8());
}

function emptyMemo(): TabchainError {
  return new TabchainError('encoding-non-canonical', 'An empty memo is written as none.');
}

/**
 * Code points that a plain memo must not contain, as inclusive ranges. The ranges replace `\p{…}`, because Unicode tables differ between
 * browser versions. If two tabs disagreed about a memo, the chain would split.
 */
const REFUSED: readonly (readonly [number, number])[] = [
  [0x0000, 0x001f], // C0 controls: a memo is one line, and must not control a log or a terminal
  [0x007f, 0x009f], // delete and C1 controls
  [0x061c, 0x061c], // Arabic letter mark (bidi control)
  [0x200e, 0x200f], // left-to-right and right-to-left marks
  [0x2028, 0x202e], // line and paragraph separators, bidi embeddings and overrides
  [0x2066, 0x2069], // bidi isolates
  [0xd800, 0xdfff], // lone surrogates: they have no UTF-8 encoding
];

/** Whether a plain memo may contain every character of `text`. The codec checks the length. */
export function isMemoText(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (REFUSED.some(([low, high]) => code >= low && code <= high)) return false;
  }
  return true;
}
