import { utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { COMMON_PASSPHRASES } from './common-passphrases.ts';

/** NIST SP 800-63B §5.1.1.2: at least eight characters for a secret that a user chooses. */
export const MIN_PASSPHRASE_CHARACTERS = 8;
/** Far longer than a user types; also openssl's limit for a passphrase. */
export const MAX_PASSPHRASE_CHARACTERS = 1024;

/** Shorter repetitions and runs are common in good passphrases. */
const MIN_PATTERN = 6;
/** Without the account's name and digits, a passphrase that contains the name needs at least this many characters. */
const MIN_BESIDE_NAME = 4;

/**
 * Checks a passphrase's length. Rules on kinds of characters make passphrases worse (same source).
 * @throws TabchainError `passphrase-too-short`, `passphrase-too-long`
 */
export function assertPassphrase(passphrase: string): void {
  const characters = [...passphrase].length;
  if (characters < MIN_PASSPHRASE_CHARACTERS) {
    throw new TabchainError('passphrase-too-short', `The passphrase needs at least ${MIN_PASSPHRASE_CHARACTERS} characters.`, {
      minimum: MIN_PASSPHRASE_CHARACTERS,
    });
  }
  if (characters > MAX_PASSPHRASE_CHARACTERS) {
    throw new TabchainError('passphrase-too-long', `The passphrase may have at most ${MAX_PASSPHRASE_CHARACTERS} characters.`, {
      maximum: MAX_PASSPHRASE_CHARACTERS,
    });
  }
}

/**
 * Checks the length of a new passphrase and refuses passphrases that attackers guess first (NIST SP 800-63B §5.1.1.2): common passphrases,
 * the account's name, one repeated part, neighbours of the alphabet or the keyboard's number row.
 * @throws TabchainError `passphrase-too-short`, `passphrase-too-long`, `passphrase-common`
 */
export function assertNewPassphrase(passphrase: string, name: string): void {
  assertPassphrase(passphrase);
  const letters = passphrase
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{Cf}]/gu, '');
  const words = letters.replace(/\p{P}/gu, '');
  const stem = letters.replace(/[\d\p{P}\p{S}]+$/u, '');
  const isGuessed = (text: string): boolean =>
    COMMON_PASSPHRASES.has(text) || (text.length >= MIN_PATTERN && (isRepetition(text) || isRun(text)));
  if (![letters, words, stem].some(isGuessed) && !isMadeOf(words, name.replaceAll('_', ''))) return;
  throw new TabchainError(
    'passphrase-common',
    'This passphrase is among the first that are guessed. Take several words that do not belong together.',
  );
}

/** Whether `words` is `name` and little else, such as a year. */
function isMadeOf(words: string, name: string): boolean {
  const beside = words.replaceAll(name, '').replace(/\d/g, '');
  return words.includes(name) && [...beside].length < MIN_BESIDE_NAME;
}

/** Whether `text` repeats one part of at most half its length. */
function isRepetition(text: string): boolean {
  return Array.from({ length: Math.floor(text.length / 2) }, (_, i) => text.slice(0, i + 1)).some((part) =>
    part.repeat(Math.ceil(text.length / part.length)).startsWith(text),
  );
}

/** Whether each character equals the previous character or is its neighbour: "abcdefgh", "98765432", "11223344". */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0)!);
  return codes.every((code, i) => i === 0 || Math.abs(code - codes[i - 1]!) <= 1);
}

/** The bytes from which the key is derived: in NFC, so "é" is the same on every keyboard, and UTF-8, as openssl reads a terminal. */
export function passphraseBytes(passphrase: string): Uint8Array {
  return utf8(passphrase.normalize('NFC'));
}
