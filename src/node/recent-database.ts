import type { Network } from '../protocol/network.ts';
import { decodeTransaction, registrationIn, senderOf } from '../protocol/transaction.ts';
import type { AccountState } from '../protocol/state-root.ts';
import type { Disk } from '../storage/disk/disk.ts';
import type { ChainBase, OwnTransaction } from '../storage/port.ts';
import { SqlChainStore } from '../storage/sql/store.ts';
import { TabchainError } from '../util/errors.ts';
import type { Env } from './env.ts';
import {
  connectParts,
  makeSaver,
  openPlace,
  openStore,
  type Ledger,
  type LedgerContents,
  type LedgerListener,
  type LedgerPlace,
  type Own,
} from './ledger.ts';
import type { Saver } from './saver.ts';

/** A join that was begun: where it began, and how far it has come. */
export interface BegunJoin {
  readonly base: ChainBase;
  /** As {@link RecentDatabase.add} took it. */
  readonly progress: string;
}

/**
 * The database of a recent chain: the chain from a late block on, with all accounts after that block. First a join fills it with accounts.
 * Then {@link open} makes a ledger of it. Other tabs hold the same data, so a recent database that is damaged is simply dropped.
 */
export class RecentDatabase {
  readonly #env: Env;
  readonly #network: Network;
  readonly #store: SqlChainStore;
  readonly #place: LedgerPlace | null;
  readonly #listener: LedgerListener;
  readonly #isLoaded: boolean;
  /** Resolves when the disk is open. */
  readonly #saver: Promise<Saver>;
  #tip: () => { height: number; id: string };

  private constructor(
    env: Env,
    network: Network,
    store: SqlChainStore,
    place: LedgerPlace | null,
    listener: LedgerListener,
    loaded: { readonly disk: Disk; readonly bytes: number } | null,
  ) {
    this.#env = env;
    this.#network = network;
    this.#store = store;
    this.#place = place;
    this.#listener = listener;
    this.#isLoaded = loaded !== null;
    this.#tip = () => tipOf(store);
    this.#saver = this.#openSaver(loaded);
  }

  /**
   * Makes the database of a chain that begins at `base`, without accounts.
   * @param place where it is saved; null for memory only
   */
  static make(env: Env, network: Network, base: ChainBase, place: LedgerPlace | null, listener: LedgerListener): RecentDatabase {
    return new RecentDatabase(env, network, SqlChainStore.beginAt(env.sql, network, base), place, listener, null);
  }

  /** Loads a recent database; null where there is none, or none that can be used. */
  static async load(env: Env, network: Network, place: LedgerPlace, listener: LedgerListener): Promise<RecentDatabase | null> {
    let disk: Disk | null = null;
    try {
      disk = await env.openDisk(place.name, place.fencingToken, () => undefined);
      const image = (await disk.load())?.pages ?? null;
      const store = image && SqlChainStore.open(env.sql, network, image);
      // A recent chain that was a whole chain has no base before its first removal of blocks.
      if (store?.base() || (store && store.height() > 0))
        return new RecentDatabase(env, network, store, place, listener, { disk, bytes: image!.size });
      store?.close();
    } catch (error) {
      env.log('warn', 'storage/recent-unusable', { error: String(error) });
    }
    disk?.close();
    return null;
  }

  async #openSaver(loaded: { readonly disk: Disk; readonly bytes: number } | null): Promise<Saver> {
    const opening =
      this.#place && !loaded ? await openPlace(this.#env, this.#place, this.#listener) : { disk: loaded?.disk ?? null, error: null };
    const source = { pages: () => this.#store.pages(), tip: () => this.#tip() };
    const saver = makeSaver(this.#env, { ...opening, source }, this.#listener);
    if (loaded) saver.loaded(this.#tip(), loaded.bytes);
    return saver;
  }

  /** Where the join stands; null once all accounts are there. */
  begun(): BegunJoin | null {
    const progress = this.#store.joinProgress();
    const base = this.#store.base();
    return progress === null || !base ? null : { base, progress };
  }

  /** Adds accounts of the snapshot. @param progress describes the accounts that are there */
  add(accounts: readonly AccountState[], progress: string): void {
    this.#store.addAccounts(accounts);
    this.#store.setJoinProgress(progress);
    this.#changed();
  }

  /** Whether an own transaction may still wait for a block. Where not, a block up to the base contains that transaction, or a rival. */
  readonly mayWait = ({ bytes }: OwnTransaction): boolean => {
    const { transaction } = decodeTransaction(bytes);
    const account = this.#store.account(senderOf(transaction));
    if (registrationIn(transaction)) return !account?.registration;
    return !('nonce' in transaction) || transaction.nonce >= (account?.nonce ?? 0);
  };

  /**
   * Makes a ledger of the database. The accounts must be those that the base's header names.
   * @throws TabchainError `storage-damaged`, `supply-wrong` where they are others; the database is then closed
   */
  async open(own: Own): Promise<Ledger> {
    const listener = this.#listener;
    const judge = { owner: this.#place?.owner, problem: listener.problem.bind(listener) };
    let contents: LedgerContents;
    try {
      this.#requireSupply();
      contents = await openStore(this.#env, this.#network, this.#store, own, judge);
    } catch (error) {
      (await this.#saver).drop();
      throw error;
    }
    this.#store.setJoinProgress(null);
    this.#tip = () => contents.chain.tip();
    const saver = await this.#saver;
    saver.changed();
    return connectParts(this.#env, { ...contents, saver }, listener, this.#isLoaded);
  }

  /** The rules of the blocks below the base would make the balances add up to its supply. Nobody has checked those blocks yet. */
  #requireSupply(): void {
    const base = this.#store.header(this.#store.height());
    if ((this.#store.sql.number('SELECT sum(balance) FROM accounts') ?? 0) !== base?.header.supply)
      throw new TabchainError('supply-wrong', 'The accounts of the snapshot hold another sum than its header says.');
  }

  /** Closes the database without a ledger. */
  async close(): Promise<void> {
    await (await this.#saver).close();
    this.#store.close();
  }

  #changed(): void {
    void this.#saver.then((saver) => saver.changed());
  }
}

function tipOf(store: SqlChainStore): { height: number; id: string } {
  const height = store.height();
  return { height, id: store.header(height)?.id ?? '' };
}
