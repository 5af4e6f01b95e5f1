import { contactLabel, contactsFile, MAX_CONTACTS, readContacts, readContactsFile } from '../../../api/limits.ts';
import type { Contact } from '../../../api/contacts.ts';
import { TabchainError } from '../../../util/errors.ts';
import { StoredRecord, type StoragePlace } from '../../../util/stored-record.ts';

const compare = (a: Contact, b: Contact): number => a.label.localeCompare(b.label);

/** The contacts of this browser on one network, by label. All tabs of the browser share them. */
export class Contacts {
  list = $state.raw<readonly Contact[]>([]);
  readonly #labels = $derived(Object.fromEntries(this.list.map(({ address, label }) => [address, label])));
  readonly #place: StoragePlace;
  #record: StoredRecord | null = null;
  #networkId = '';

  constructor(place: StoragePlace = () => localStorage) {
    this.#place = place;
  }

  /** Reads the contacts of a network. */
  open(networkId: string): void {
    this.#networkId = networkId;
    this.list = [];
    this.#record = new StoredRecord(this.#place, `tabchain:${networkId}:contacts`);
    this.#read();
  }

  #read(): void {
    const stored = this.#record?.read()['list'];
    // Where storage is forbidden, the list lasts as long as the page.
    if (stored !== undefined) this.list = readContacts(stored).sort(compare);
  }

  /** Follows changes by other tabs until the returned function is called. */
  start(): () => void {
    const follow = ({ key }: StorageEvent): void => {
      if (key === null || key === `tabchain:${this.#networkId}:contacts`) this.#read();
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }

  labelOf(address: string): string | null {
    return this.#labels[address] ?? null;
  }

  /** The account with this label, in any case of letters; null without, or with several. */
  addressOf(text: string): string | null {
    const label = text.trim().toLowerCase();
    const found = this.list.filter((contact) => contact.label.toLowerCase() === label);
    return found.length === 1 ? found[0]!.address : null;
  }

  /** Adds a contact, or gives it another label. @throws TabchainError `contact-label-invalid`, `contacts-full` */
  set(address: string, text: string): void {
    const label = contactLabel(text);
    this.#read();
    this.#write([...this.list.filter((contact) => contact.address !== address), { address, label }]);
  }

  remove(address: string): void {
    this.#read();
    this.#write(this.list.filter((contact) => contact.address !== address));
  }

  file(): string {
    return contactsFile(this.#networkId, this.list);
  }

  /**
   * Adds the contacts of a file. A label of this device stays.
   * @returns the number of new contacts
   * @throws TabchainError `contacts-file-…`, `contacts-full`
   */
  take(text: string): number {
    const given = readContactsFile(text, this.#networkId);
    this.#read();
    const added = given.filter(({ address }) => this.labelOf(address) === null);
    this.#write([...this.list, ...added]);
    return added.length;
  }

  #write(list: readonly Contact[]): void {
    if (list.length > MAX_CONTACTS) {
      throw new TabchainError('contacts-full', `This device keeps at most ${MAX_CONTACTS} contacts. Remove some first.`, {
        maximum: MAX_CONTACTS,
      });
    }
    this.list = [...list].sort(compare);
    this.#record?.change({ list: this.list });
  }
}

/** A proposal for the recipient: a contact, or a name of the chain. */
export interface Proposal {
  readonly address: string;
  readonly name: string | null;
  readonly label: string | null;
}

/** More would push the form away on a phone. */
export const MAX_PROPOSALS = 6;

/**
 * Proposals for what the user has typed: contacts whose labels or addresses contain it, then names of the chain that begin with it.
 * @param names accounts of the chain
 */
export function proposalsFor(
  typed: string,
  contacts: readonly Contact[],
  names: readonly { address: string; name: string | null }[],
): Proposal[] {
  const wanted = typed.trim().toLowerCase();
  const named = (wantedAddress: string) => names.find(({ address }) => address === wantedAddress);
  const known = contacts
    .filter(({ address, label }) => wanted === '' || label.toLowerCase().includes(wanted) || address === wanted || named(address))
    .map(({ address, label }) => ({ address, label, name: named(address)?.name ?? null }));
  const others = names.filter(({ address }) => !known.some((each) => each.address === address)).map((each) => ({ ...each, label: null }));
  return [...known, ...others].slice(0, MAX_PROPOSALS);
}
