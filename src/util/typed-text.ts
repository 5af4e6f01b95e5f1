/** White space, and what is not seen: zero-width characters, direction marks, the byte order mark, soft hyphens, fillers. */
const UNSEEN = /[\s\p{Cf}\u115f\u1160\u3164\uffa0]+/gu;
/** ASCII's characters once more, as wide as a Chinese one (U+FF01 – U+FF5E). */
const FULL_WIDTH = /[！-～]/g;
const FULL_WIDTH_OFFSET = 0xfee0;

/** Full-width letters, digits and signs as plain ones. Narrower than NFKC, which would also read "5²" as "52" and "™" as "tm". */
export function plainWidth(text: string): string {
  return text.replace(FULL_WIDTH, (wide) => String.fromCharCode(wide.charCodeAt(0) - FULL_WIDTH_OFFSET));
}

/**
 * A user name, an address or an id as a person has typed or pasted it, in the one form that the chain knows: full-width letters become
 * plain ones, capitals small, a leading "@" and everything that is not seen goes. What is foreign stays, to be refused.
 */
export function tidyHandle(text: string): string {
  return plainWidth(text)
    .replace(UNSEEN, '')
    .replace(/[A-Z]/g, (capital) => capital.toLowerCase())
    .replace(/^@/, '');
}
