import type { Network } from '../protocol/network.ts';
import { databaseName } from '../storage/database-name.ts';
import { TabchainError } from '../util/errors.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import type { OwnAccount } from '../api/api.ts';
import type { Binding, BoundAccount } from '../api/service.ts';
import type { Env } from './env.ts';
import { adoptLedger, closeQuietly, openLedger, type Ledger, type LedgerListener } from './ledger.ts';
import { AccountSession, openAccount } from './own-account.ts';

/** Called when another ledger is in use. `former` is closed already, and null for the first ledger. */
type ReplacedListener = (ledger: Ledger, former: Ledger | null) => void;

/**
 * The ledger in use and its account. Opening, registering, logging in and logging out replace the ledger. The methods that change the
 * ledger must be called inside the mailbox.
 */
export class CurrentLedger {
  readonly #env: Env;
  readonly #listener: LedgerListener;
  readonly #onReplaced: ReplacedListener;
  #ledger: Ledger | null = null;
  #account: AccountSession | null = null;

  constructor(env: Env, listener: LedgerListener, onReplaced: ReplacedListener) {
    this.#env = env;
    this.#listener = listener;
    this.#onReplaced = onReplaced;
  }

  get isOpen(): boolean {
    return this.#ledger !== null;
  }

  /** @throws TabchainError `internal` before the first {@link open} */
  get ledger(): Ledger {
    if (!this.#ledger) throw new TabchainError('internal', 'The node is not open yet.');
    return this.#ledger;
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
    const former = this.#ledger;
    const next = await openLedger(this.#env, network, place, this.#listener);
    if (former) await closeQuietly(this.#env, former);
    this.#account = account;
    this.#replace(next, former);
  }

  /** Moves the chain in memory to an account's database and unlocks the account. An account that is already open is only unlocked. */
  async bind(bound: BoundAccount, fencingToken: string, keys: AccountKeys): Promise<void> {
    const account = new AccountSession(bound);
    account.unlock(keys);
    const { ledger } = this;
    if (ledger.saver.state().memoryOnly || this.#account?.address !== account.address) {
      const place = { name: databaseName(ledger.network.id, bound.address), fencingToken, owner: account.address };
      this.#replace(await adoptLedger(this.#env, ledger, place, this.#listener), ledger);
      await this.ledger.saver.flush();
    }
    this.#account = account;
  }

  /** Forgets the account and closes its database. The tab continues as a guest with the same chain in memory. */
  async unbind(): Promise<void> {
    this.#account = null;
    const { ledger } = this;
    const image = ledger.store.pages();
    await closeQuietly(this.#env, ledger);
    this.#replace(await openLedger(this.#env, ledger.network, null, this.#listener, image), ledger);
  }

  #replace(ledger: Ledger, former: Ledger | null): void {
    this.#ledger = ledger;
    this.#onReplaced(ledger, former);
  }
}
