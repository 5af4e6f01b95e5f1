import { isPeerId } from '../protocol/signaling.ts';

/** Remembers good neighbours of this tab over a reload. */
export interface NeighbourMemory {
  /** At most {@link MAX_REMEMBERED} peer ids. */
  read(): readonly string[];
  write(peers: readonly string[]): void;
}

/**
 * Neighbours remembered. A tab has a new id after each reload, but its neighbours keep theirs. They are few, so that a reload also frees a tab
 * whose neighbours are all hostile.
 */
export const MAX_REMEMBERED = 2;

/**
 * The memory of this tab for one room. The session storage belongs to one tab and ends with it, as the ids of its neighbours do soon after.
 * @param storage null where the browser denies it
 */
export function sessionMemory(storage: Pick<Storage, 'getItem' | 'setItem'> | null, room: string): NeighbourMemory {
  const key = `tabchain-neighbours:${room}`;
  return {
    read() {
      try {
        const value: unknown = JSON.parse(storage?.getItem(key) ?? '[]');
        return Array.isArray(value) ? value.filter(isPeerId).slice(0, MAX_REMEMBERED) : [];
      } catch {
        // Another program of this origin wrote it, or the browser denies the storage.
        return [];
      }
    },
    write(peers) {
      try {
        storage?.setItem(key, JSON.stringify(peers));
      } catch {
        // The storage is full or denied. The tab then finds other neighbours after a reload.
      }
    },
  };
}
