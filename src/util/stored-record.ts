/** A Storage of the page. A function, because access to the storage object throws in a browser whose user forbids storage. */
export type StoragePlace = () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Fields as stored. The reader checks each field, because other programs can write to the storage, too. */
export type Fields = Readonly<Record<string, unknown>>;

/** Keys in which earlier versions stored the same fields. */
export interface Before {
  readonly keys: readonly string[];
  readonly fieldsOf: (texts: readonly (string | null)[]) => Fields;
}

const VERSION = 1;

/** A longer text is not from this program; the largest record holds a key file. */
const MAX_LENGTH = 128 * 1024;

/**
 * One JSON record `{ "v": 1, … }` under one key of a Storage. A failure to read gives no fields, and a failure to write leaves the stored
 * record. A record of a newer version stays unchanged, because a newer page of this origin may need its fields.
 */
export class StoredRecord {
  readonly #place: StoragePlace;
  readonly #key: string;
  readonly #before: Before | null;

  constructor(place: StoragePlace, key: string, before: Before | null = null) {
    this.#place = place;
    this.#key = key;
    this.#before = before;
  }

  /** All fields; none if no record of this version is stored. A record without a version counts as version 1. */
  read(): Fields {
    try {
      const text = this.#place().getItem(this.#key);
      const { v = VERSION, ...fields } = text === null ? this.#takeOver() : (fieldsIn(text) ?? {});
      return v === VERSION ? fields : {};
    } catch {
      return {};
    }
  }

  /** Sets some fields and keeps the others, which another tab may have set meanwhile. */
  change(fields: Fields): void {
    try {
      const v = fieldsIn(this.#place().getItem(this.#key))?.['v'];
      const isNewer = typeof v === 'number' && v > VERSION;
      // If other fields leave no room, write the given fields alone.
      if (!isNewer && !this.#write({ ...this.read(), ...fields })) this.#write(fields);
    } catch {
      // Storage is forbidden or full: the fields last as long as the page remembers them.
    }
  }

  /** Removes all fields, also of a newer version. */
  remove(): void {
    try {
      this.#place().removeItem(this.#key);
    } catch {
      // Storage is forbidden.
    }
  }

  /** Writes the record. @returns false, without writing, if the record is too long to be read again */
  #write(fields: Fields): boolean {
    const text = JSON.stringify({ ...fields, v: VERSION });
    if (text.length > MAX_LENGTH) return false;
    this.#place().setItem(this.#key, text);
    return true;
  }

  /** Moves the fields of the earlier keys into the record, once. If the record cannot be written, the keys stay. */
  #takeOver(): Fields {
    const place = this.#place();
    const { keys, fieldsOf } = this.#before ?? { keys: [], fieldsOf: () => ({}) };
    const texts = keys.map((key) => place.getItem(key));
    if (texts.every((text) => text === null)) return {};
    const fields = fieldsOf(texts);
    try {
      if (this.#write(fields)) for (const key of keys) place.removeItem(key);
    } catch {
      // The storage is full.
    }
    return fields;
  }
}

/** The fields of a JSON object; null for any other text. */
export function fieldsIn(text: string | null): Fields | null {
  if (text === null || text.length > MAX_LENGTH) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}
