/** Checks that a form makes before it calls the node; the node's own check decides. */

import { MIN_PASSPHRASE_CHARACTERS, NAME_PATTERN } from '../../api/limits.ts';

export function isName(text: string): boolean {
  return NAME_PATTERN.test(text);
}

/**
 * The kind of character in a new passphrase that another keyboard types differently: outer spaces, full-width or half-width forms,
 * typeset quotation marks. Such a passphrase may be impossible to type on another device.
 */
export function unusualCharacters(passphrase: string): 'space' | 'width' | null {
  if (passphrase !== passphrase.trim()) return 'space';
  return /[\u3000\uff01-\uff5e\uff61-\uff9f‘’“”]/.test(passphrase) ? 'width' : null;
}

export type Strength = 'weak' | 'fair' | 'good';

/** Below these bits, offline guessing at the key file's 600,000 PBKDF2 rounds a guess is cheap (weak) or merely expensive (fair). */
const WEAK_BITS = 45;
const FAIR_BITS = 65;

/**
 * A rough hint, not a measure: distinct characters count in full, repeated characters and runs (abc, 321) count less.
 * @returns null below the minimum length
 */
export function passphraseStrength(text: string): Strength | null {
  const characters = Array.from(text);
  if (characters.length < MIN_PASSPHRASE_CHARACTERS) return null;
  let pool = 0;
  if (/[a-z]/.test(text)) pool += 26;
  if (/[A-Z]/.test(text)) pool += 26;
  if (/\d/.test(text)) pool += 10;
  if (/[^a-zA-Z0-9]/.test(text)) pool += /[^\x20-\x7e]/.test(text) ? 1000 : 33;
  let weight = 0;
  const seen = new Set<string>();
  characters.forEach((character, i) => {
    const step = i === 0 ? Number.NaN : character.codePointAt(0)! - characters[i - 1]!.codePointAt(0)!;
    const predictable = Math.abs(step) <= 1;
    weight += predictable ? 0.2 : seen.has(character) ? 0.7 : 1;
    seen.add(character);
  });
  const bits = weight * Math.log2(pool);
  return bits < WEAK_BITS ? 'weak' : bits < FAIR_BITS ? 'fair' : 'good';
}
