import { AEAD_NONCE_BYTES, aeadOpen, aeadSeal } from '../crypto/aead.ts';
import { sha256 } from '../crypto/hash.ts';
import { fromUtf8, toHex, utf8 } from '../util/bytes.ts';
import type { Random } from '../util/ports.ts';
import type { AccountKeys } from './account-keys.ts';

/**
 * The sender's copy of a sealed memo. RSA-OAEP has no key that the sender could derive again: only the recipient's private key opens the
 * ciphertext. So the sender keeps the text, encrypted under a key that follows from its own private key. The copy never leaves the device.
 */
const PURPOSE = utf8('tabchain sent memo');
const KEY_DIGITS = 32;

const copyKey = ({ encryption }: AccountKeys): Uint8Array => sha256(PURPOSE, encryption.pkcs8);

/** The key under which the copy of a sealed memo is stored. Also a transfer with a higher fee has the same ciphertext. */
export function memoCopyId(ciphertext: Uint8Array): string {
  return toHex(sha256(ciphertext)).slice(0, KEY_DIGITS);
}

/** nonce ‖ ciphertext ‖ tag */
export function sealMemoCopy(text: string, ciphertext: Uint8Array, keys: AccountKeys, random: Random): Uint8Array {
  const nonce = random.bytes(AEAD_NONCE_BYTES);
  const sealed = aeadSeal(copyKey(keys), nonce, ciphertext, utf8(text));
  const box = new Uint8Array(nonce.length + sealed.length);
  box.set(nonce);
  box.set(sealed, nonce.length);
  return box;
}

/** The text; null if the copy belongs to another memo or account, or was altered. */
export function openMemoCopy(box: Uint8Array, ciphertext: Uint8Array, keys: AccountKeys): string | null {
  const text = aeadOpen(copyKey(keys), box.subarray(0, AEAD_NONCE_BYTES), ciphertext, box.subarray(AEAD_NONCE_BYTES));
  return text && fromUtf8(text);
}
