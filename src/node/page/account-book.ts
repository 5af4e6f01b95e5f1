import { addressFingerprint, parseAddress } from '../../crypto/address.ts';
import { TabchainError } from '../../util/errors.ts';
import type { AccountKeys } from '../../wallet/account-keys.ts';
import { createBrowserVault, type Vault, type VaultEntry } from '../../wallet/vault.ts';
import type { RegisterProgress, StoredAccount } from '../api.ts';
import { createAccountLocks, type AccountLocks } from './account-lock.ts';
import { databaseName } from '../database-name.ts';
import { deleteDatabase, listDatabases } from '../../storage/pages/indexeddb.ts';
import { beginNewLog } from '../../storage/pages/new-log.ts';
import { KeyThread } from './key-thread.ts';
import { SessionMemory } from './session-memory.ts';

/** An account whose lock this page holds. */
export interface Held {
  entry: VaultEntry;
  /** Whether this browser keeps its key beyond the life of the page. */
  kept: boolean;
  /** Token that storage fences writes with: the owner of now. */
  readonly lease: string;
  release(): void;
}

/** A reloaded page waits this long, this many times, for its former self to let go; a duplicated tab then starts as a guest. */
const RELOAD_WAIT_MS = 150;
const RELOAD_ATTEMPTS = 5;

/** The accounts of this browser on one network: vault, locks, and which one this tab had open. */
export class AccountBook {
  readonly #networkId: string;
  readonly #vault: Vault = createBrowserVault();
  readonly #locks: AccountLocks = createAccountLocks(navigator.locks);
  readonly #keys = new KeyThread();
  readonly #session: SessionMemory;
  #newLog: Promise<void> | null = null;

  constructor(networkId: string) {
    this.#networkId = networkId;
    this.#session = new SessionMemory(networkId);
  }

  #lockKey(address: string): string {
    return `${this.#networkId}:${address}`;
  }

  #keeps({ address }: VaultEntry): boolean {
    return this.#vault.keeps(this.#networkId, address);
  }

  /** Once in the life of a page, and before anything of an account is written: see {@link beginNewLog}. Where it fails, writing does too. */
  #beforeWriting(): Promise<void> {
    return (this.#newLog ??= Promise.resolve()
      .then(() => beginNewLog(indexedDB))
      .catch(() => undefined));
  }

  async #tryTake(entry: VaultEntry): Promise<Held | null> {
    const [release] = await Promise.all([this.#locks.acquire(this.#lockKey(entry.address)), this.#beforeWriting()]);
    return release && { entry, kept: this.#keeps(entry), release, lease: crypto.getRandomValues(new Uint32Array(4)).join('-') };
  }

  /**
   * The account that this tab had open before a reload, null when none. Other accounts wait for their owners: a tab that opened one
   * unasked would only keep it from the tab where its owner logs in.
   */
  async takeLast(): Promise<Held | null> {
    const address = this.#session.get();
    const entry = address && (await this.#vault.get(this.#networkId, address));
    if (!entry) return null;
    // The page before the reload may still be letting go of its lock.
    for (let attempt = 1; ; attempt++) {
      const held = await this.#tryTake(entry);
      if (held || attempt === RELOAD_ATTEMPTS) return held;
      await new Promise((resolve) => setTimeout(resolve, RELOAD_WAIT_MS));
    }
  }

  /** @throws TabchainError `account-in-use`, `account-unknown` */
  async take(address: string): Promise<Held> {
    const held = await this.#tryTake(await this.#entry(address));
    if (held) return held;
    throw new TabchainError('account-in-use', 'This account is open in another tab of this browser. Close it there first.');
  }

  async #entry(address: string): Promise<VaultEntry> {
    const entry = await this.#vault.get(this.#networkId, address);
    if (!entry) throw unknownAccount();
    return entry;
  }

  /**
   * The stored account of a name or address; with neither, the one this tab has open.
   * @throws TabchainError `account-unknown`
   */
  async find(wanted: { name?: string; address?: string }, held: Held | null): Promise<VaultEntry> {
    if (wanted.address !== undefined) return this.#entry(wanted.address);
    if (wanted.name === undefined) {
      if (held) return held.entry;
      throw unknownAccount();
    }
    const entries = (await this.#vault.list(this.#networkId)).filter((entry) => entry.name === wanted.name);
    // The same name twice: a lost race left an account without it. The one used last is meant.
    const [entry] = entries.sort((a, b) => b.usedAt - a.usedAt);
    if (!entry) throw unknownAccount();
    return entry;
  }

  /** @throws TabchainError `passphrase-wrong`, `key-file-invalid` */
  async unlock(entry: VaultEntry, passphrase: string): Promise<AccountKeys> {
    return this.#keys.decrypt(entry.pem, passphrase);
  }

  /** Makes (or re-encrypts, for another name) an account's keys, keeps them in the vault and takes the lock. */
  async create(
    name: string,
    passphrase: string,
    again: Held | null,
    progress: RegisterProgress,
  ): Promise<{ held: Held; keys: AccountKeys }> {
    const existing = again && (await this.#keys.decrypt(again.entry.pem, passphrase));
    const isReady = this.#beforeWriting();
    const made = await this.#keys.create({ name, networkId: this.#networkId, passphrase, existing }, progress);
    const now = Date.now();
    const entry: VaultEntry = {
      networkId: this.#networkId,
      address: made.address,
      name,
      pem: made.pem,
      createdAt: again?.entry.createdAt ?? now,
      usedAt: now,
      keyFileSaved: false,
    };
    await isReady;
    await this.#vault.put(entry);
    if (again) Object.assign(again, { entry, kept: this.#keeps(entry) });
    const held = again ?? (await this.take(entry.address));
    this.#session.set(entry.address);
    return { held, keys: made.keys };
  }

  /**
   * Keeps the account of a key file.
   * @param chainName the name that the chain knows for an address
   */
  async import(
    pem: string,
    passphrase: string,
    chainName: (address: string) => Promise<string | null>,
    name: string | undefined,
  ): Promise<{ entry: VaultEntry; keys: AccountKeys }> {
    const opened = await this.#keys.open(pem, passphrase);
    const known = await this.#vault.get(this.#networkId, opened.address);
    const now = Date.now();
    const entry: VaultEntry = {
      networkId: this.#networkId,
      address: opened.address,
      name: (await chainName(opened.address)) ?? known?.name ?? name ?? opened.name ?? opened.address.slice(-8),
      pem: opened.pem,
      createdAt: known?.createdAt ?? now,
      usedAt: now,
      // Whoever opens a key file has one.
      keyFileSaved: true,
    };
    await this.#beforeWriting();
    await this.#vault.put(entry);
    return { entry, keys: opened.keys };
  }

  /** Notes that an account was opened here. */
  async opened(address: string): Promise<void> {
    this.#session.set(address);
    await this.#vault.touch(this.#networkId, address, Date.now());
  }

  forgetOpened(): void {
    this.#session.set(null);
  }

  async markKeyFileSaved(held: Held): Promise<void> {
    await this.#vault.markKeyFileSaved(this.#networkId, held.entry.address);
    held.entry = { ...held.entry, keyFileSaved: true };
  }

  /** Removes keys and database. @throws TabchainError `account-in-use` */
  async forget(address: string): Promise<void> {
    const held = await this.take(address);
    try {
      await this.#vault.remove(this.#networkId, address);
      if (await databasesWork()) await deleteDatabase(indexedDB, databaseName(this.#networkId, address));
    } finally {
      held.release();
    }
  }

  async list(): Promise<StoredAccount[]> {
    const entries = await this.#vault.list(this.#networkId);
    const inUse = await this.#locks.heldElsewhere(entries.map((entry) => this.#lockKey(entry.address)));
    return entries
      .sort((a, b) => b.usedAt - a.usedAt)
      .map(({ name, address, createdAt, keyFileSaved }) => ({
        name,
        address,
        fingerprint: addressFingerprint(parseAddress(address)),
        createdAt,
        keyFileSaved,
        inUse: inUse.has(this.#lockKey(address)),
      }));
  }
}

/** A browser may have no databases for this page at all; then no account has one. Where they are blocked even listing them fails. */
async function databasesWork(): Promise<boolean> {
  try {
    await listDatabases(indexedDB);
    return true;
  } catch {
    return false;
  }
}

function unknownAccount(): TabchainError {
  return new TabchainError('account-unknown', 'This browser keeps no such account for this network. Open its key file instead.');
}
