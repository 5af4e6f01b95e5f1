/** White space and invisible characters: zero-width characters, direction marks, the byte order mark, soft hyphens, fillers. */
const UNSEEN = /[\s\p{Cf}\u115f\u1160\u3164\uffa0]+/gu;
/** ASCII characters in full width, as wide as a Chinese character (U+FF01 – U+FF5E). */
const FULL_WIDTH = /[！-～]/g;
const FULL_WIDTH_OFFSET = 0xfee0;

/** Converts full-width letters, digits and signs to ASCII. Not NFKC, which would also read "5²" as "52" and "™" as "tm". */
export function plainWidth(text: string): string {
  return text.replace(FULL_WIDTH, (wide) => String.fromCharCode(wide.charCodeAt(0) - FULL_WIDTH_OFFSET));
}

/**
 * Converts a typed or pasted user name, address or id to the chain's form: full-width letters become ASCII, upper case becomes lower
 * case, and a leading "@" and all invisible characters are removed. Other characters stay, so later checks refuse them.
 */
export function tidyHandle(text: string): string {
  return plainWidth(text)
    .replace(UNSEEN, '')
    .replace(/[A-Z]/g, (capital) => capital.toLowerCase())
    .replace(/^@/, '');
}
