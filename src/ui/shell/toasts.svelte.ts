export type Tone = 'good' | 'pending' | 'bad' | 'plain';

export interface Toast {
  id: number;
  /** Toasts with the same key replace each other: a transaction received and then confirmed is one line, not two. */
  key: string;
  tone: Tone;
  text: string;
  /** Route with the details, if there is one. */
  at: string | null;
}

export interface News {
  key: string;
  tone: Tone;
  text: string;
  at?: string;
}

type Timer = ReturnType<typeof setTimeout>;

const SHOWN_MS = 7_000;
/** Bad news stays longer, because it asks the user to act. */
const SHOWN_BAD_MS = 20_000;
/** More would cover a phone's screen. */
const MAX_SHOWN = 4;
/** Shortest time between two texts about events that come several times a second: nobody reads or listens to more. */
const TALLY_INTERVAL_MS = 4_000;

/** Counted events with one key. A tally exists as long as its toast is on screen. */
interface Tally {
  count: number;
  waiting: News | null;
  /** The user has closed the toast, so no more toasts with this key until the events pause. */
  muted: boolean;
}

export class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  #lastId = 0;
  readonly #expiries: Record<number, Timer> = {};
  /** Toasts that the user points at or has focused. */
  readonly #held: Record<number, boolean> = {};
  readonly #tallies: Record<string, Tally> = {};

  /** Shows `news`; if a toast with its key is on screen, only the toast's text changes. */
  show(news: News): void {
    const shown = this.items.find((item) => item.key === news.key);
    const toast: Toast = { id: shown?.id ?? ++this.#lastId, key: news.key, tone: news.tone, text: news.text, at: news.at ?? null };
    const items = shown === undefined ? [...this.items, toast] : this.items.map((item) => (item.id === toast.id ? toast : item));
    for (const dropped of items.slice(0, -MAX_SHOWN)) this.#remove(dropped.id);
    this.items = items.slice(-MAX_SHOWN);
    this.#expire(toast);
  }

  /** Keeps a toast on screen until its {@link release}. */
  hold(id: number): void {
    this.#held[id] = true;
    clearTimeout(this.#expiries[id]);
  }

  /** Restarts a toast's time. */
  release(id: number): void {
    delete this.#held[id];
    const toast = this.items.find((item) => item.id === id);
    if (toast !== undefined) this.#expire(toast);
  }

  #expire({ id, tone }: Toast): void {
    clearTimeout(this.#expiries[id]);
    if (this.#held[id]) return;
    this.#expiries[id] = setTimeout(() => this.#remove(id), tone === 'bad' ? SHOWN_BAD_MS : SHOWN_MS);
  }

  /**
   * Shows events that may come many a second: the first at once, the following in the same toast, whose text changes now and then.
   * @param newsOf the text for `count` events since the toast appeared, including this event
   */
  tally(key: string, newsOf: (count: number) => Omit<News, 'key'>): void {
    const running = this.#tallies[key];
    if (running !== undefined) {
      running.waiting = { key, ...newsOf(++running.count) };
      return;
    }
    const tally: Tally = { count: 1, waiting: null, muted: false };
    this.#tallies[key] = tally;
    this.show({ key, ...newsOf(1) });
    this.#tellLater(key, tally);
  }

  #tellLater(key: string, tally: Tally): void {
    setTimeout(() => {
      const { waiting } = tally;
      tally.waiting = null;
      if (waiting !== null && !tally.muted) this.show(waiting);
      else if (waiting === null && !this.items.some((item) => item.key === key)) {
        delete this.#tallies[key];
        return;
      }
      this.#tellLater(key, tally);
    }, TALLY_INTERVAL_MS);
  }

  /** Closes a toast for the user, and mutes the tally with its key. */
  dismiss(id: number): void {
    const tally = this.#tallies[this.items.find((item) => item.id === id)?.key ?? ''];
    if (tally !== undefined) tally.muted = true;
    this.#remove(id);
  }

  #remove(id: number): void {
    clearTimeout(this.#expiries[id]);
    delete this.#expiries[id];
    delete this.#held[id];
    this.items = this.items.filter((item) => item.id !== id);
  }
}
