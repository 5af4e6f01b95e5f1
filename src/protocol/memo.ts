/**
 * Code points that a plain memo may not hold, inclusive ranges. Written out instead of `\p{…}`: Unicode tables differ between
 * browser versions, and two tabs that disagree about a memo split the chain.
 */
const REFUSED: readonly (readonly [number, number])[] = [
  [0x0000, 0x001f], // C0 controls: a memo is one line, and a log line or terminal must not obey it
  [0x007f, 0x009f], // delete and C1 controls
  [0x061c, 0x061c], // Arabic letter mark (bidi control)
  [0x200e, 0x200f], // left-to-right and right-to-left marks
  [0x2028, 0x202e], // line and paragraph separators, bidi embeddings and overrides
  [0x2066, 0x2069], // bidi isolates
  [0xd800, 0xdfff], // lone surrogates: they have no UTF-8 encoding
];

/** Whether every character of `text` may stand in a plain memo; its length is the codec's business. */
export function isMemoText(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (REFUSED.some(([low, high]) => code >= low && code <= high)) return false;
  }
  return true;
}
