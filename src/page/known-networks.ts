import { StoredRecord, type StoragePlace } from '../util/stored-record.ts';
import type { NetworkLink, Status } from '../api/api.ts';

/** More networks than a person has; the oldest leave. */
export const MAX_KNOWN_NETWORKS = 50;
const MAX_LINK_LENGTH = 400;
const MAX_LABEL_LENGTH = 32;
/** The height is a help to remember, so it may be a little old. */
const NOTE_MS = 15_000;

/** A network as stored, without what the vault knows of its accounts. */
export interface NotedNetwork extends NetworkLink {
  height: number;
  openedAt: number;
  privateRoom: boolean;
}

/** The networks that this browser has opened, the newest first, in localStorage. Where storage is forbidden, the list is empty. */
export class KnownNetworks {
  readonly #record: StoredRecord;
  readonly #now: () => number;
  #notedAt = -Infinity;

  constructor(place: StoragePlace, now: () => number) {
    this.#record = new StoredRecord(place, 'tabchain.networks');
    this.#now = now;
  }

  list(): NotedNetwork[] {
    const { list } = this.#record.read();
    return Array.isArray(list) ? list.filter(isNoted).slice(0, MAX_KNOWN_NETWORKS) : [];
  }

  /** Notes the network of this page, at most every few seconds. */
  note({ network: { link, label }, height }: Pick<Status, 'network' | 'height'>, privateRoom: boolean): void {
    const now = this.#now();
    if (now - this.#notedAt < NOTE_MS) return;
    this.#notedAt = now;
    const others = this.list().filter((other) => other.link !== link);
    const list = [{ link, label, height, openedAt: now, privateRoom }, ...others].slice(0, MAX_KNOWN_NETWORKS);
    this.#record.change({ list });
  }

  forget(link: string): void {
    this.#record.change({ list: this.list().filter((network) => network.link !== link) });
  }
}

/** Other programs of this origin can write to the storage, too. */
function isNoted(value: unknown): value is NotedNetwork {
  if (typeof value !== 'object' || value === null) return false;
  const { link, label, height, openedAt, privateRoom } = value as Record<keyof NotedNetwork, unknown>;
  return (
    isText(link, MAX_LINK_LENGTH) &&
    link.startsWith('#net=') &&
    isText(label, MAX_LABEL_LENGTH) &&
    Number.isSafeInteger(height) &&
    (height as number) >= 0 &&
    Number.isSafeInteger(openedAt) &&
    typeof privateRoom === 'boolean'
  );
}

const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value !== '' && value.length <= most;
