/** One passphrase comes out of two keyboards in two ways; a person sees the same word and is locked out. */

/** Each reading costs a derivation, 0.15 s by WebCrypto and 2 s without. */
export const MAX_READINGS = 8;

/** Signs as Chinese input methods and "smart" punctuation write them. The first of each is what a keyboard without them has. */
const SIGNS: readonly (readonly [plain: string, typeset: string])[] = [
  ["'", '’'],
  ["'", '‘'],
  ['"', '”'],
  ['"', '“'],
  ['-', '–'],
  ['-', '—'],
  ['.', '。'],
  ['...', '…'],
];
/** Signs that an input method in Chinese mode widens while letters and digits stay as they are. */
const WIDENED = /[,;:!?()[\]~]/g;
const HALF_KANA = Array.from({ length: 0xff9f - 0xff61 + 1 }, (_, i) => String.fromCharCode(0xff61 + i));

/**
 * What a person may have meant who typed `typed`, likeliest first, `typed` itself before all: full-width or half-width characters,
 * spaces around, typeset quotation marks, dashes and stops, in either direction. At most {@link MAX_READINGS}; each is only a guess until a key opens.
 */
export function passphraseReadings(typed: string): string[] {
  const plain = plainSigns(typed.normalize('NFKC').trim());
  const readings = [
    typed,
    plain,
    typed.trim(),
    typed.normalize('NFKC'),
    ...(/['"]/.test(plain) ? [plain.replaceAll("'", '’').replaceAll('"', '”'), plain.replaceAll("'", '‘').replaceAll('"', '“')] : []),
    ...(/[,;:!?()[\]~.]/.test(plain) ? [widenedSigns(plain)] : []),
    halfKana(plain),
    `${plain} `,
    plain.replace(/[!-~]/g, wide),
    ` ${plain}`,
    plain.replace(/[!-~]/g, wide).replaceAll(' ', '\u3000'),
  ].map((reading) => reading.normalize('NFC'));
  return [...new Set(readings)].filter((reading) => reading !== '').slice(0, MAX_READINGS);
}

function wide(sign: string): string {
  return String.fromCharCode(sign.charCodeAt(0) + 0xfee0);
}

function plainSigns(text: string): string {
  return SIGNS.reduce((plain, [sign, typeset]) => plain.replaceAll(typeset, sign), text);
}

function widenedSigns(text: string): string {
  return text.replace(WIDENED, wide).replaceAll('.', '。').replaceAll("'", '’');
}

/** Katakana in half width: "ガ" → "ｶﾞ". */
function halfKana(text: string): string {
  const halves = new Map(HALF_KANA.map((half) => [half.normalize('NFKC'), half]));
  // A voiced kana is its plain one and a mark, which half width writes as a character of its own.
  const parts = text.normalize('NFD').replaceAll('\u3099', '\uff9e').replaceAll('\u309a', '\uff9f');
  return Array.from(parts, (character) => halves.get(character) ?? character).join('');
}
