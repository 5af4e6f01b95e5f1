import { sha256 } from '../crypto/hash.ts';
import { toHex, utf8 } from '../util/bytes.ts';

/** One account that a browser keeps: its public data and its encrypted keys. Holds no unencrypted secret. */
export interface VaultEntry {
  readonly networkId: string;
  /** Bech32m text. */
  readonly address: string;
  readonly name: string;
  /** The encrypted key file. */
  readonly pem: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly usedAt: number;
  /** Whether the user has saved the key file. */
  readonly keyFileSaved: boolean;
}

/** A stored entry; a higher version is later. */
export interface StoredEntry extends VaultEntry {
  readonly version: number;
  /** Checksum over the account and its keys alone, because they matter even if the other fields are altered. */
  readonly keySum: string;
  /** Checksum over all fields. */
  readonly sum: string;
}

/** How far a copy can be trusted. An entry from before checksums (`unchecked`) only ranks above an altered entry. */
export const Trust = { altered: 0, unchecked: 1, keysIntact: 2, intact: 3 } as const;
export type Trust = (typeof Trust)[keyof typeof Trust];

/** A copy read from storage. */
export interface FoundEntry {
  readonly entry: StoredEntry;
  readonly trust: Trust;
}

/** Longer than any key file of this program. */
const MAX_TEXT = 100_000;
const DIGITS = 16;

const sumOf = (...fields: unknown[]): string => toHex(sha256(utf8(JSON.stringify(fields)))).slice(0, DIGITS);

type Unsummed = Omit<StoredEntry, 'sum' | 'keySum'>;
const keySumOf = ({ networkId, address, pem }: Unsummed): string => sumOf(networkId, address, pem);
const wholeSumOf = ({ networkId, address, name, pem, createdAt, usedAt, keyFileSaved, version }: Unsummed): string =>
  sumOf(networkId, address, name, pem, createdAt, usedAt, keyFileSaved, version);

/** Adds version and checksums to an entry for storing. */
export function stamped({ networkId, address, name, pem, createdAt, usedAt, keyFileSaved }: VaultEntry, version: number): StoredEntry {
  const entry = { networkId, address, name, pem, createdAt, usedAt, keyFileSaved, version };
  return { ...entry, keySum: keySumOf(entry), sum: wholeSumOf(entry) };
}

/**
 * Reads an entry from a stored value, which the developer tools or a disk fault may have changed. Null if the value lacks the account or
 * the key. Other missing fields get defaults, because a missing date must not lose a key.
 */
export function recognise(value: unknown): FoundEntry | null {
  if (typeof value !== 'object' || value === null) return null;
  const raw = value as Partial<Record<keyof StoredEntry, unknown>>;
  if (!isText(raw.networkId) || !isText(raw.address) || !isText(raw.pem)) return null;
  const entry = {
    networkId: raw.networkId,
    address: raw.address,
    name: isText(raw.name) ? raw.name : raw.address.slice(-8),
    pem: raw.pem,
    createdAt: timeOf(raw.createdAt),
    usedAt: timeOf(raw.usedAt),
    keyFileSaved: raw.keyFileSaved === true,
    version: Number.isSafeInteger(raw.version) && (raw.version as number) > 0 ? (raw.version as number) : 1,
  };
  const trust = trustIn(raw, entry);
  return { entry: { ...entry, keySum: String(raw.keySum), sum: String(raw.sum) }, trust };
}

function trustIn(raw: Partial<Record<keyof StoredEntry, unknown>>, entry: Unsummed): Trust {
  if (raw.keySum === undefined && raw.sum === undefined) return Trust.unchecked;
  if (raw.keySum !== keySumOf(entry)) return Trust.altered;
  return raw.sum === wholeSumOf(entry) ? Trust.intact : Trust.keysIntact;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT;
const timeOf = (value: unknown): number => (Number.isFinite(value) ? (value as number) : 0);
