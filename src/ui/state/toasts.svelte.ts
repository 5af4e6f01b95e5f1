export type Tone = 'good' | 'pending' | 'bad' | 'plain';

export interface Toast {
  id: number;
  /** Toasts of one key replace each other: ten blocks in a row are one line, not ten. */
  key: string;
  tone: Tone;
  text: string;
  /** Route to open, if there is more to see. */
  at: string | null;
}

const SHOWN_MS = 7_000;
/** Bad news stays longer: it asks for something. */
const SHOWN_BAD_MS = 20_000;
/** More would cover a phone's screen. */
const MAX_SHOWN = 4;

export class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  #lastId = 0;

  show(toast: { key: string; tone: Tone; text: string; at?: string }): void {
    const id = ++this.#lastId;
    const others = this.items.filter((item) => item.key !== toast.key);
    this.items = [...others, { id, key: toast.key, tone: toast.tone, text: toast.text, at: toast.at ?? null }].slice(-MAX_SHOWN);
    setTimeout(() => this.dismiss(id), toast.tone === 'bad' ? SHOWN_BAD_MS : SHOWN_MS);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((item) => item.id !== id);
  }
}
