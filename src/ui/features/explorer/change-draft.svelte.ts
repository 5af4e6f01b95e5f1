import type { BlockChange, BlockInfo } from '../../../api/api.ts';
import { fieldTexts, headerChange, type FieldName } from './header-fields.ts';

/** A transfer whose amount may be changed. */
export interface ChangeableTransfer {
  readonly position: number;
  readonly amount: string;
}

/** One change of a block, while a person writes it: a field of the header, the nonce, or the amount of a transfer. */
export class ChangeDraft {
  /** A name of a field, or the position of a transfer. */
  what = $state<FieldName | 'nonce' | number>('time');
  rootToo = $state(false);
  /** Null while the value is the block's own. */
  text = $state<string | null>(null);
  readonly #block: () => BlockInfo | null;
  readonly #transfers: () => readonly ChangeableTransfer[];
  readonly original: string = $derived.by(() => this.#original());
  readonly value: string = $derived(this.text ?? this.original);
  readonly isChanged: boolean = $derived.by(() => this.#block() !== null && this.value.trim() !== this.original);
  readonly change: BlockChange = $derived.by(() => this.#change());

  /** @param block null while unknown */
  constructor(block: () => BlockInfo | null, transfers: () => readonly ChangeableTransfer[]) {
    this.#block = block;
    this.#transfers = transfers;
  }

  #original(): string {
    const [block, { what }] = [this.#block(), this];
    if (block === null) return '';
    if (typeof what !== 'number') return fieldTexts(block)[what];
    return this.#transfers().find(({ position }) => position === what)?.amount ?? '';
  }

  #change(): BlockChange {
    const { what, value, rootToo } = this;
    if (!this.isChanged) return {};
    return typeof what === 'number' ? { amount: { position: what, amount: value }, rootToo } : { header: headerChange(what, value) };
  }

  /** Begins with another field, as its option says. */
  choose(next: string): void {
    this.what = /^\d+$/.test(next) ? Number(next) : (next as FieldName);
    this.text = null;
  }
}
