import { makeStateChunk } from '../consensus/state-proof.ts';
import type { StateTree } from '../consensus/state-tree.ts';
import type { AccountChange, StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { Network } from '../protocol/network.ts';
import type { StateChunk } from '../protocol/state-proof.ts';
import type { AccountState } from '../protocol/state-root.ts';
import type { ChainStore } from '../storage/port.ts';
import { AlteredBlockError, undoBlock } from './undo.ts';

/** What a snapshot reads from the store. */
export type SnapshotStore = Pick<ChainStore, 'account' | 'addressOfName' | 'base' | 'block' | 'header' | 'height'>;

/** A block by height and id. */
export interface BlockPlace {
  readonly height: number;
  readonly id: string;
}

/** What can change in an account that exists. The registration needs no copy: it stays for ever, so the account at the tip has it too. */
type FormerRow = Pick<AccountState, 'balance' | 'nonce'> & { readonly isRegistered: boolean };

/**
 * The accounts after an active block below the tip: a pinned version of the state tree, and the former rows of the accounts that have changed
 * since. The other rows are those of the store. A snapshot is taken at its block, or taken at the tip and then lowered to its block.
 */
export class Snapshot implements StateView {
  /** The block after which the snapshot is to be. */
  readonly goal: BlockPlace;
  readonly #store: SnapshotStore;
  readonly #mostRows: number;
  readonly #former = new Map<Address, FormerRow | null>();
  /** Null after the snapshot was given up. */
  #tree: StateTree | null;
  /** The block after which the accounts are at present. */
  #place: BlockPlace;

  /**
   * @param tip the store's tip
   * @param tree a pinned version of its state tree, which the snapshot releases
   * @param goal the tip or an active block below
   * @param mostRows the snapshot gives itself up when more accounts have changed
   */
  constructor(store: SnapshotStore, tip: BlockPlace, tree: StateTree, goal: BlockPlace, mostRows: number) {
    this.#store = store;
    this.#place = tip;
    this.#tree = tree;
    this.goal = goal;
    this.#mostRows = mostRows;
  }

  /** The block to which the snapshot belongs at present: when it ceases to be active, the snapshot is wrong. */
  get place(): BlockPlace {
    return this.#place;
  }

  /** Whether the snapshot need not be lowered any more, because it is made or given up. */
  get isDone(): boolean {
    return this.#place.height === this.goal.height;
  }

  /** Former rows in memory. */
  get rows(): number {
    return this.#former.size;
  }

  account(address: Address): AccountState | undefined {
    const row = this.#former.get(address);
    if (row === undefined) return this.#store.account(address);
    if (row === null) return undefined;
    const { balance, nonce, isRegistered } = row;
    return { address, balance, nonce, registration: isRegistered ? this.#store.account(address)!.registration : null };
  }

  addressOfName(name: string): Address | undefined {
    const address = this.#store.addressOfName(name);
    return address && this.account(address)?.registration ? address : undefined;
  }

  /** Remembers the rows before a change of the store. */
  note(changes: readonly AccountChange[]): void {
    if (!this.#tree) return;
    for (const { address, before } of changes) if (!this.#former.has(address)) this.#former.set(address, formerRow(before));
    this.#bound();
  }

  /**
   * Undoes one block in memory.
   * @returns the number of its transactions
   */
  lower(network: Network): number {
    const { height } = this.#place;
    try {
      const { block, changes } = undoBlock(network, this.#store, height, this, this.#tree!);
      this.#tree!.apply(changes);
      for (const { address, after } of changes) this.#former.set(address, formerRow(after));
      this.#place = { height: height - 1, id: block.header.previous };
      this.#bound();
      return block.transactions.length;
    } catch (error) {
      if (!(error instanceof AlteredBlockError)) throw error;
      this.giveUp();
      return 0;
    }
  }

  /** A chunk of the accounts, as `makeStateChunk` says; null where the snapshot was given up. */
  chunk(from: Uint8Array): StateChunk | null {
    return this.#tree && makeStateChunk(this.#tree, this, from);
  }

  /** Frees all memory. A snapshot that was given up stays in its place, so that nobody makes it again and again. */
  giveUp(): void {
    this.#tree?.release();
    this.#tree = null;
    this.#former.clear();
    this.#place = this.goal;
  }

  #bound(): void {
    if (this.#former.size > this.#mostRows) this.giveUp();
  }
}

function formerRow(account: AccountState | undefined): FormerRow | null {
  return account ? { balance: account.balance, nonce: account.nonce, isRegistered: account.registration !== null } : null;
}
