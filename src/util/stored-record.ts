/** A Storage of the page. A function, because a browser whose person forbids storage throws where the page names it. */
export type StoragePlace = () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Fields as they are stored: other programs write there too, so the reader checks each. */
export type Fields = Readonly<Record<string, unknown>>;

/** Keys that held the same fields before there was a record. */
export interface Before {
  readonly keys: readonly string[];
  readonly fieldsOf: (texts: readonly (string | null)[]) => Fields;
}

const VERSION = 1;

/** A longer text is not ours: the largest record carries a key file. */
const MAX_LENGTH = 128 * 1024;

/**
 * One JSON record `{ "v": 1, … }` under one key of a Storage. Every failure to read gives no fields, and every failure to write
 * leaves what was stored. A record of a newer version stays as it is, because a newer page of this origin may need its fields.
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

  /** All fields; none where no record of this version is stored. A record without a version is from before versions. */
  read(): Fields {
    try {
      const text = this.#place().getItem(this.#key);
      const { v = VERSION, ...fields } = text === null ? this.#takeOver() : (fieldsIn(text) ?? {});
      return v === VERSION ? fields : {};
    } catch {
      return {};
    }
  }

  /** Sets some fields and leaves the others, which another tab may have set in the meantime. */
  change(fields: Fields): void {
    try {
      const v = fieldsIn(this.#place().getItem(this.#key))?.['v'];
      const isNewer = typeof v === 'number' && v > VERSION;
      // What others have put there may leave no room.
      if (!isNewer && !this.#write({ ...this.read(), ...fields })) this.#write(fields);
    } catch {
      // Storage is forbidden or full: the fields last as long as the page remembers them.
    }
  }

  /** Forgets all fields, those of a newer version too. */
  remove(): void {
    try {
      this.#place().removeItem(this.#key);
    } catch {
      // As above.
    }
  }

  /** @returns whether the fields are short enough to be read again */
  #write(fields: Fields): boolean {
    const text = JSON.stringify({ ...fields, v: VERSION });
    if (text.length > MAX_LENGTH) return false;
    this.#place().setItem(this.#key, text);
    return true;
  }

  /** Moves what the keys of before hold into the record, once. Where the record cannot be written, they stay. */
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
