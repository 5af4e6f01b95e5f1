import { utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

/** NIST SP 800-63B §5.1.1.2: at least eight characters for a secret that a person chooses. */
export const MIN_PASSPHRASE_CHARACTERS = 8;
/** Far above what anybody types, and openssl's own limit for a passphrase. */
export const MAX_PASSPHRASE_CHARACTERS = 1024;

/**
 * Checks a new passphrase. Length is all that is asked: rules on kinds of characters make passphrases worse (same source).
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

/** The bytes that the key is derived from: NFC, so that "é" is one passphrase on every keyboard, and UTF-8, as openssl reads a terminal. */
export function passphraseBytes(passphrase: string): Uint8Array {
  return utf8(passphrase.normalize('NFC'));
}
