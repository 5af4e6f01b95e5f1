import type { NodeEvent } from '../../api/api.ts';

/** Events that ask the user for nothing. Events that ask for something are toasts. */
export type BellEvent = Extract<
  NodeEvent,
  { type: 'block' | 'incoming' | 'received' | 'confirmed' | 'reorganisation' | 'dropped' | 'experiment' }
>;

export interface BellItem {
  id: number;
  timeMs: number;
  /** How many events of the same kind, one after the other, this line stands for. */
  count: number;
  /** The last of them. */
  event: BellEvent;
}

/** As many as people scroll through; older events are in the history. */
const MAX_ITEMS = 30;

/** Blocks and reorganisations come in rows, and one transaction brings several events: each is one line. */
function isSameLine(item: BellItem, event: BellEvent): boolean {
  if ('txid' in event) return 'txid' in item.event && item.event.txid === event.txid;
  // Each person's experiments are one line, with the last.
  if (event.type === 'experiment') return item.event.type === event.type && item.event.by.address === event.by.address;
  return item.event.type === event.type;
}

/** The last events of this tab, newest first. */
export class Bell {
  items = $state.raw<readonly BellItem[]>([]);
  /** Lines that are new or have changed since the user last looked. */
  unread = $state(0);
  #lastId = 0;

  note(event: BellEvent, timeMs: number): void {
    const at = this.items.findIndex((item) => isSameLine(item, event));
    // Events about one transaction are one line wherever they stand; others only where no other event came between.
    const former = 'txid' in event || at === 0 ? this.items[at] : undefined;
    const wasUnread = former !== undefined && at < this.unread;
    const count = former === undefined || 'txid' in event ? 1 : former.count + 1;
    this.items = [{ id: ++this.#lastId, timeMs, count, event }, ...this.items.filter((item) => item !== former)].slice(0, MAX_ITEMS);
    if (!wasUnread) this.unread = Math.min(this.unread + 1, this.items.length);
  }

  /** Drops payments on their way that wait no longer: their senders have replaced or cancelled them. */
  async check(isKnown: (txid: string) => Promise<boolean>): Promise<void> {
    const waiting = this.items.flatMap(({ event }) => (event.type === 'incoming' ? [event.txid] : []));
    for (const txid of waiting) {
      if (await isKnown(txid)) continue;
      const at = this.items.findIndex(({ event }) => event.type === 'incoming' && event.txid === txid);
      if (at < 0) continue;
      if (at < this.unread) this.unread--;
      this.items = this.items.filter((_, i) => i !== at);
    }
  }

  /** The user has seen all lines. */
  read(): void {
    this.unread = 0;
  }

  /** Another account has its own events. */
  clear(): void {
    this.items = [];
    this.unread = 0;
  }
}
