import type { Network } from '../protocol/network.ts';
import { databaseName, recentDatabaseName } from '../storage/database-name.ts';
import type { OwnTransaction } from '../storage/port.ts';
import { TabchainError } from '../util/errors.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import type { OwnAccount } from '../api/api.ts';
import type { Binding, BoundAccount } from '../api/service.ts';
import type { Env } from './env.ts';
import {
  adoptLedger,
  closeQuietly,
  openLedger,
  renewMempool,
  type Ledger,
  type LedgerListener,
  type LedgerPlace,
  type Own,
} from './ledger.ts';
import { AccountSession, openAccount } from './own-account.ts';
import { RecentDatabase, type BegunJoin } from './recent-database.ts';

/**
 * Why another ledger is in use:
 * - `opened`: for another account, or after the account was bound; the former ledger is closed
 * - `recent`: a recent chain, in place of the whole chain, or of another recent chain
 * - `whole`: the whole chain, which has overtaken the recent chain
 */
export type Replacement = 'opened' | 'recent' | 'whole';

/** Called when another ledger is in use. `former` is null for the first ledger. */
type ReplacedListener = (how: Replacement, former: Ledger | null) => void;

/** Marks a whole chain's database beside which a recent chain's database exists. */
const HAS_RECENT = 'recent';

/**
 * The ledger in use and its account. Opening, registering, logging in and logging out replace the ledger. A node that was far behind has
 * two ledgers: the recent chain, which is in use, and the whole chain, which catches up behind it. The methods that change ledgers must be
 * called inside the mailbox.
 */
export class CurrentLedger {
  readonly #env: Env;
  readonly #listener: LedgerListener;
  readonly #wholeListener: LedgerListener;
  readonly #onReplaced: ReplacedListener;
  #whole: Ledger | null = null;
  #recent: Ledger | null = null;
  /** A join that is not finished. */
  #joining: RecentDatabase | null = null;
  /** Where the whole chain is stored; null for a guest. */
  #place: LedgerPlace | null = null;
  #account: AccountSession | null = null;

  /** @param onBehindMoved called after each movement of the whole chain's tip behind a recent chain */
  constructor(env: Env, listener: LedgerListener, onReplaced: ReplacedListener, onBehindMoved: () => void) {
    this.#env = env;
    this.#listener = listener;
    this.#onReplaced = onReplaced;
    this.#wholeListener = {
      ...listener,
      moved: (change) => (this.#recent ? onBehindMoved() : listener.moved(change)),
      pooled: (event) => (this.#recent ? undefined : listener.pooled(event)),
    };
  }

  get isOpen(): boolean {
    return this.#whole !== null;
  }

  /** @throws TabchainError `internal` before the first {@link open} */
  get ledger(): Ledger {
    return this.#recent ?? this.whole;
  }

  /** The ledger of the chain from genesis, whether in use or not. */
  get whole(): Ledger {
    if (!this.#whole) throw new TabchainError('internal', 'The node is not open yet.');
    return this.#whole;
  }

  /** The whole chain where a recent chain is in use, null otherwise. */
  get behind(): Ledger | null {
    return this.#recent && this.#whole;
  }

  /** Null for a guest. */
  get account(): AccountSession | null {
    return this.#account;
  }

  /** @throws TabchainError `no-account` */
  own(): AccountSession {
    return openAccount(this.#account);
  }

  /** @throws TabchainError `no-account` */
  describeOwn(): OwnAccount {
    return this.own().describe(this.ledger);
  }

  /** Opens an account's database, or a guest's database in memory for null, in place of the ledger in use. */
  async open(network: Network, binding: Binding | null): Promise<void> {
    const account = binding && new AccountSession(binding.account);
    const place = binding && { name: databaseName(network.id, binding.account.address), ...binding, owner: account!.address };
    const next = await openLedger(this.#env, network, place, this.#wholeListener);
    const former = this.#whole && this.ledger;
    await this.#closeAll();
    this.#account = account;
    this.#place = place;
    this.#whole = next;
    if (place && next.store.joinProgress() === HAS_RECENT) await this.#openRecent(network, place);
    this.#onReplaced('opened', former);
  }

  /** Opens the recent chain of an earlier session, or goes on with its join. */
  async #openRecent(network: Network, place: LedgerPlace): Promise<void> {
    const database = await RecentDatabase.load(this.#env, network, recentPlace(place), this.#listener);
    if (!database) return;
    if (database.begun()) this.#joining = database;
    else {
      try {
        this.#useRecent(await database.open('as-stored'));
      } catch (error) {
        this.#env.log('warn', 'storage/recent-unusable', { error: String(error) });
      }
    }
  }

  /** Moves the chain in memory to an account's database and unlocks the account. An account that is already open is only unlocked. */
  async bind(bound: BoundAccount, fencingToken: string, keys: AccountKeys): Promise<void> {
    const account = new AccountSession(bound);
    account.unlock(keys);
    const { ledger } = this;
    if (ledger.saver.state().memoryOnly || this.#account?.address !== account.address) {
      const name = databaseName(ledger.network.id, bound.address);
      await this.#moveTo({ name, fencingToken, owner: account.address });
      await this.ledger.saver.flush();
    }
    this.#account = account;
  }

  /** Forgets the account and closes its database. The tab continues as a guest with the same chain in memory. */
  async unbind(): Promise<void> {
    this.#account = null;
    await this.#moveTo(null);
  }

  /** Moves the chains to an account's databases, or to memory for null. */
  async #moveTo(place: LedgerPlace | null): Promise<void> {
    const { whole, ledger: former } = this;
    const recent = this.#recent;
    await this.#forgetJoin();
    this.#place = place;
    this.#recent = null;
    this.#whole = await this.#moved(whole, place, this.#wholeListener);
    if (recent) this.#useRecent(await this.#moved(recent, place && recentPlace(place), this.#listener));
    this.#onReplaced('opened', former);
  }

  async #moved(ledger: Ledger, place: LedgerPlace | null, listener: LedgerListener, own?: Own): Promise<Ledger> {
    if (place) return adoptLedger(this.#env, ledger, place, listener, own);
    const image = ledger.store.pages();
    await closeQuietly(this.#env, ledger);
    return openLedger(this.#env, ledger.network, null, listener, image);
  }

  // The recent chain

  /** A join that an earlier session, or this session, began and did not finish. */
  begunJoin(): BegunJoin | null {
    return this.#joining?.begun() ?? null;
  }

  /** Begins a join, in place of one that was begun before. While another recent chain is in use, the new chain stays in memory. */
  beginJoin(base: Parameters<typeof RecentDatabase.make>[2]): void {
    void this.#forgetJoin();
    const { network } = this.whole;
    const place = this.#recent ? null : this.#place && recentPlace(this.#place);
    if (place) this.#noteRecent();
    this.#joining = RecentDatabase.make(this.#env, network, base, place, this.#listener);
  }

  /** See {@link RecentDatabase.add}. */
  addToJoin(...given: Parameters<RecentDatabase['add']>): void {
    this.#joining?.add(...given);
  }

  /**
   * Uses the joined chain from now on.
   * @returns the number of own transactions that the joined chain does not know, although it has passed their numbers
   * @throws TabchainError `storage-damaged`, `supply-wrong` where its accounts are not those that the base's header names; nothing changes
   */
  async finishJoin(): Promise<number> {
    const database = this.#joining;
    if (!database) throw new TabchainError('internal', 'No join was begun.');
    this.#joining = null;
    const former = this.ledger;
    const own = former.mempool.ownTransactions();
    const waiting = own.filter(database.mayWait);
    let ledger = await database.open(waiting);
    if (this.#recent) {
      await closeQuietly(this.#env, this.#recent);
      if (this.#place) ledger = await adoptLedger(this.#env, ledger, recentPlace(this.#place), this.#listener, 'as-stored');
    }
    this.#useRecent(ledger);
    this.#onReplaced('recent', former);
    return own.length - waiting.length;
  }

  abandonJoin(): Promise<void> {
    return this.#forgetJoin();
  }

  /**
   * Makes the whole chain a recent chain, whose old blocks may be removed, and begins the account's database again from genesis. A crash in between leaves
   * the whole chain.
   */
  async keepRecent(): Promise<void> {
    const { whole: former } = this;
    const place = this.#place;
    if (this.#recent || former.saver.state().error !== null) return;
    await this.#forgetJoin();
    const recent = await this.#moved(former, place && recentPlace(place), this.#listener, 'as-stored');
    // The note of a join that failed would pass for the progress of a join.
    recent.store.setJoinProgress(null);
    await recent.saver.flush();
    if (recent.saver.state().error !== null) {
      // The disk refused the copy, so the whole chain stays where it is.
      this.#whole = await this.#moved(recent, place, this.#wholeListener, 'as-stored');
      return this.#onReplaced('opened', former);
    }
    const empty = await openLedger(this.#env, former.network, null, this.#wholeListener);
    // From its first save on: opening would not find the recent chain without the note.
    empty.store.setJoinProgress(HAS_RECENT);
    this.#whole = place ? await adoptLedger(this.#env, empty, place, this.#wholeListener) : empty;
    this.#useRecent(recent);
    this.#onReplaced('recent', former);
  }

  /** Uses the whole chain again: it has overtaken the recent chain, or the person wants a full replay. */
  async useWhole(): Promise<void> {
    const recent = this.#recent;
    if (!recent) return;
    await this.#forgetJoin();
    this.#recent = null;
    this.#whole = renewMempool(this.#env, this.whole, ownOf(this.whole, recent), this.#wholeListener);
    this.#whole.store.setJoinProgress(null);
    this.#onReplaced('whole', recent);
    // Only the recent database has the newest own transactions, until the whole chain's disk has them.
    await this.#whole.saver.flush();
    await closeQuietly(this.#env, recent);
    if (this.#whole.saver.state().error === null) await this.#removeRecent();
  }

  /** The whole chain's mempool rests meanwhile, because the account's transactions are in the recent chain's mempool. */
  #useRecent(ledger: Ledger): void {
    this.whole.mempool.close();
    this.#recent = ledger;
    this.#noteRecent();
  }

  /** Notes in the whole chain's database that a recent chain's database exists, so that opening finds it. */
  #noteRecent(): void {
    if (this.whole.store.joinProgress() === HAS_RECENT) return;
    this.whole.store.setJoinProgress(HAS_RECENT);
    this.whole.saver.changed();
  }

  async #forgetJoin(): Promise<void> {
    const joining = this.#joining;
    this.#joining = null;
    await joining?.close();
  }

  async #closeAll(): Promise<void> {
    await this.#forgetJoin();
    for (const ledger of [this.#recent, this.#whole]) if (ledger) await closeQuietly(this.#env, ledger);
    this.#recent = null;
  }

  async #removeRecent(): Promise<void> {
    if (!this.#place) return;
    try {
      await this.#env.removeDisk(recentPlace(this.#place).name);
    } catch (error) {
      // The database stays until the next join overwrites it.
      this.#env.log('warn', 'storage/recent-not-removed', { error: String(error) });
    }
  }
}

/** The own transactions of both ledgers. A recent chain does not know those that blocks below its base contain. */
function ownOf(whole: Ledger, recent: Ledger): OwnTransaction[] {
  const newer = recent.mempool.ownTransactions();
  const known = new Set(newer.map(({ id }) => id));
  return [...whole.store.ownTransactions().filter(({ id }) => !known.has(id)), ...newer];
}

/** The last save is known only of the whole chain: a recent database that is lost is no loss. */
function recentPlace({ name, fencingToken, owner }: LedgerPlace): LedgerPlace {
  return { name: recentDatabaseName(name), fencingToken, ...(owner && { owner }) };
}
