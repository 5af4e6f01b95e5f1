import { addressText, parseAddress } from '../crypto/address.ts';
import { isMemoText } from '../protocol/memo.ts';
import { TabchainError } from '../util/errors.ts';

/** Another person's account, under a label that only this device knows. */
export interface Contact {
  /** Bech32m text. */
  readonly address: string;
  readonly label: string;
}

/** More than a school has people; together with {@link MAX_LABEL_CHARACTERS} a list fits one record of the browser's storage. */
export const MAX_CONTACTS = 500;
/** A name and a remark, short enough for a line on a phone. */
export const MAX_LABEL_CHARACTERS = 40;
/** Twice what a file of {@link MAX_CONTACTS} takes, so that a hostile file takes no memory. */
export const MAX_CONTACTS_FILE_BYTES = 256 * 1024;

const FORMAT = 'tabchain-contacts';
const VERSION = 1;

/** A label as it is kept. @throws TabchainError `contact-label-invalid` */
export function contactLabel(text: string): string {
  const label = text.trim().replace(/\s+/g, ' ');
  if (label !== '' && [...label].length <= MAX_LABEL_CHARACTERS && isMemoText(label)) return label;
  throw new TabchainError(
    'contact-label-invalid',
    `A label has 1 to ${MAX_LABEL_CHARACTERS} characters, without control or text direction characters.`,
    { maximum: MAX_LABEL_CHARACTERS },
  );
}

/** The valid contacts of a stored value, the first of each address, at most {@link MAX_CONTACTS}. */
export function readContacts(value: unknown): Contact[] {
  const contacts = new Map<string, Contact>();
  for (const each of Array.isArray(value) ? value.slice(0, MAX_CONTACTS) : []) {
    const contact = readContact(each);
    if (contact && !contacts.has(contact.address)) contacts.set(contact.address, contact);
  }
  return [...contacts.values()];
}

function readContact(value: unknown): Contact | null {
  if (typeof value !== 'object' || value === null) return null;
  const { address, label } = value as Record<string, unknown>;
  // The longest valid label is checked after this bound, because trimming reads the whole text.
  if (typeof address !== 'string' || typeof label !== 'string' || label.length > 1_000) return null;
  try {
    return { address: addressText(parseAddress(address)), label: contactLabel(label) };
  } catch {
    return null;
  }
}

/** Contacts as a file for another device. */
export function contactsFile(networkId: string, contacts: readonly Contact[]): string {
  const people = contacts.map(({ address, label }) => ({ address, label }));
  return `${JSON.stringify({ format: FORMAT, version: VERSION, network: networkId, contacts: people }, null, 1)}\n`;
}

/**
 * The contacts of a file. Refuses the whole file if one entry is wrong, because nobody would notice a person who is missing.
 * @throws TabchainError `contacts-file-invalid`, `contacts-file-other-network`
 */
export function readContactsFile(text: string, networkId: string): Contact[] {
  const { format, version, network, contacts } = objectIn(text);
  if (format !== FORMAT || version !== VERSION || !Array.isArray(contacts) || contacts.length > MAX_CONTACTS) throw invalid();
  if (network !== networkId) {
    throw new TabchainError(
      'contacts-file-other-network',
      'These contacts belong to another network, where the same addresses may be other people.',
    );
  }
  const read = readContacts(contacts);
  if (read.length !== contacts.length) throw invalid();
  return read;
}

function objectIn(text: string): Record<string, unknown> {
  if (text.length > MAX_CONTACTS_FILE_BYTES) throw invalid();
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    throw invalid();
  }
}

function invalid(): TabchainError {
  return new TabchainError('contacts-file-invalid', 'This is not a whole contacts file of Tabchain.');
}
