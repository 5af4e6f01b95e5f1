/** Two keyboards may type one passphrase in different characters. The user sees the same word, but the key does not open. */

/** Each reading costs a derivation, 0.15 s with WebCrypto and 2 s without. */
export const MAX_READINGS = 8;

/** Signs as Chinese input methods and "smart" punctuation type them, each after its plain sign. */
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
/** Signs that an input method in Chinese mode types in full width, while letters and digits keep their width. */
const WIDENED = /[,;:!?()[\]~]/g;
const HALF_KANA = Array.from({ length: 0xff9f - 0xff61 + 1 }, (_, i) => String.fromCharCode(0xff61 + i));

/**
 * The passphrases that a user may mean by `typed`, `typed` itself first, then the likeliest. Readings differ in full-width or half-width
 * characters, outer spaces, typeset quotation marks, dashes and stops, in either direction. At most {@link MAX_READINGS}.
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
  // A voiced kana is a plain kana and a mark; half width writes the mark as a separate character.
  const parts = text.normalize('NFD').replaceAll('\u3099', '\uff9e').replaceAll('\u309a', '\uff9f');
  return Array.from(parts, (character) => halves.get(character) ?? character).join('');
}
