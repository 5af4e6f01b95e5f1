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

/** More characters of a file's name than people read. */
const SHOWN_CHARACTERS = 80;
/** Marks that combine with the character before them, after the third: no writing has so many, and stacked marks cover other lines. */
const MORE_MARKS = /(\p{M}{3})\p{M}+/gu;
/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * Makes a stranger's text, such as the name of a file, fit into a sentence: one short line without invisible characters. A text that is
 * written from right to left keeps its direction inside, so the words around keep their order.
 */
export function insideSentence(text: string): string {
  // The start is cut first, because the text may be long.
  const seen = text
    .slice(0, 10 * SHOWN_CHARACTERS)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ')
    .replace(MORE_MARKS, '$1')
    .trim();
  const characters = [...seen];
  if (seen === '') return '…';
  const shown = characters.length > SHOWN_CHARACTERS ? `${characters.slice(0, SHOWN_CHARACTERS).join('')}…` : seen;
  return RIGHT_TO_LEFT.test(shown) ? `\u2068${shown}\u2069` : shown;
}
