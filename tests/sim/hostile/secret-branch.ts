import type { Message } from '../../../src/protocol/wire.ts';
import { tipOf } from '../checks/audit.ts';
import type { SimPage } from '../page.ts';
import type { SimTab } from '../tab.ts';

/** Messages that reveal blocks or ask for them. */
const ABOUT_BLOCKS: ReadonlySet<Message['type']> = new Set([
  'headers',
  'getHeaders',
  'inventory',
  'block',
  'compactBlock',
  'getBlockTransactions',
  'getData',
  'blockTransactions',
]);
/** How often the branch is compared with the honest chain, and the clock set back. */
const LOOK_MS = 500;
/** The attempt ends after this many block times. */
const PATIENCE_BLOCKS = 12;

/**
 * The difficulty-raising attack (Bahack 2013): the tab's own node mines while no message about blocks passes in or out. Its clock stands
 * still, so its header times say that the blocks came at once, and the difficulty rises with each block. As soon as the branch has more
 * work than every honest chain, everybody may know it.
 */
export class SecretBranch {
  readonly #tab: SimTab;
  readonly #page: SimPage;
  /** When the branch began, in the world's time; null while there is none. */
  #sinceMs: number | null = null;
  /** The tip that other tabs may know of. */
  #fork: ReturnType<typeof tipOf> | null = null;

  constructor(tab: SimTab, page: SimPage) {
    this.#tab = tab;
    this.#page = page;
  }

  /** Whether a message from or to this node must not pass. */
  hides(message: Message | null): boolean {
    return this.#sinceMs !== null && message !== null && ABOUT_BLOCKS.has(message.type);
  }

  /** The message that goes out in place of the node's own message: null for none. */
  veil(message: Message): Message | null {
    if (this.hides(message)) return null;
    if (this.#sinceMs === null || (message.type !== 'hello' && message.type !== 'ping')) return message;
    const { height, id, work } = this.#fork!;
    return { ...message, height, tip: id, work };
  }

  /** Only before the world heals: no payment stays confirmed against a secret miner who has most of the hash power. */
  begin(): void {
    const { world } = this.#tab;
    if (this.#sinceMs !== null || world.healed || !this.#page.sql) return;
    this.#sinceMs = world.time.now();
    this.#fork = tipOf(this.#page.sql);
    this.#look();
  }

  #look(): void {
    const { world, page } = this.#tab;
    if (page !== this.#page || !page.sql) {
      this.#tab.skewMs = 0;
      return;
    }
    const forMs = world.time.now() - this.#sinceMs!;
    this.#tab.skewMs = -forMs;
    const honest = world.honest().reduce((most, { tipWork }) => (tipWork > most ? tipWork : most), 0n);
    const won = tipOf(page.sql).work > honest && world.checks.height() > this.#fork!.height;
    if (!won && !world.healed && forMs < PATIENCE_BLOCKS * world.plan.blockTimeMs) return world.later(LOOK_MS, () => this.#look());
    this.#sinceMs = null;
    this.#tab.skewMs = 0;
    world.count(won ? 'evil:raised' : 'evil:raised-in-vain');
  }
}
