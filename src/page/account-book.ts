import { addressFingerprint, addressText, parseAddress } from '../crypto/address.ts';
import { formatNetworkLink, type Network } from '../protocol/network.ts';
import { parseParty } from '../protocol/party.ts';
import { roomOf } from '../protocol/room.ts';
import { TabchainError } from '../util/errors.ts';
import { tidyHandle } from '../util/typed-text.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import { describeKeyFile, relabelKeyFile } from '../wallet/keyfile.ts';
import { createBrowserVault, type Vault, type VaultEntry } from '../wallet/vault.ts';
import type { RegisterProgress, StoredAccount, TabchainApi } from '../api/api.ts';
import { accountInUse, createAccountLocks, newFencingToken, type AccountLocks } from './account-lock.ts';
import { browserTimers } from './browser-timers.ts';
import { beginNewLog } from '../storage/disk/new-log.ts';
import { deleteChain } from './chain-databases.ts';
import { accountsOf, isAddress, isEarlier, linkedNetwork } from './earlier.ts';
import { EarlierChains } from './earlier-chains.ts';
import { KeyThread } from './key-thread.ts';
import { SavedMarks } from './saved-marks.ts';
import { SessionMemory } from './session-memory.ts';

/** An account whose lock this page holds. */
export interface Held {
  entry: VaultEntry;
  /** Whether this browser keeps the account's key after the page closes. */
  kept: boolean;
  /** Fencing token of the present owner; storage refuses writes with an older token. */
  readonly fencingToken: string;
  release(): void;
}

/** A reloaded page waits this long, this many times, for the old page to release the lock. A duplicated tab then starts as a guest. */
const RELOAD_WAIT_MS = 150;
const RELOAD_ATTEMPTS = 5;

/**
 * The accounts of this browser on one network: vault, locks, and the account that this tab had open. An account that another version of
 * the protocol made for the same link is listed, too. Opening the account, or registering its name again, takes its key over.
 */
export class AccountBook {
  readonly #network: Network;
  readonly #networkId: string;
  /** The whole link of this network's page, as written in key files. */
  readonly #link: string;
  readonly #vault: Vault = createBrowserVault(browserTimers);
  readonly #locks: AccountLocks = createAccountLocks(navigator.locks);
  readonly #keys = new KeyThread();
  /** What this tab keeps over a reload. */
  readonly session: SessionMemory;
  /** The last save of each account's chain that the disk has acknowledged. */
  readonly marks: SavedMarks;
  readonly earlierChains: EarlierChains;
  #newLog: Promise<void> | null = null;

  constructor(network: Network, link: string) {
    this.#network = network;
    this.#networkId = network.id;
    this.#link = link;
    this.session = new SessionMemory(network.id);
    this.marks = new SavedMarks(network.id);
    this.earlierChains = new EarlierChains(network, this.#vault, this.#locks);
  }

  async #entries(): Promise<VaultEntry[]> {
    return accountsOf(await this.#vault.everywhere(), this.#network);
  }

  /** The entry under this network's id: the same key for the same address. The entry of the earlier version stays for that version. */
  async #takeOver(entry: VaultEntry): Promise<VaultEntry> {
    if (entry.networkId === this.#networkId) return entry;
    const own = { ...entry, networkId: this.#networkId };
    await this.#vault.put(own);
    return own;
  }

  #lockKey(address: string): string {
    return `${this.#networkId}:${address}`;
  }

  #keeps({ address }: VaultEntry): boolean {
    return this.#vault.keeps(this.#networkId, address);
  }

  /** Runs {@link beginNewLog} once in a page's life, before the page writes an account's data. If this fails, the later write fails too. */
  #beforeWriting(): Promise<void> {
    return (this.#newLog ??= Promise.resolve()
      .then(() => beginNewLog(indexedDB, browserTimers))
      .catch(() => undefined));
  }

  async #tryTake(entry: VaultEntry): Promise<Held | null> {
    const [release] = await Promise.all([this.#locks.acquire(this.#lockKey(entry.address)), this.#beforeWriting()]);
    if (!release) return null;
    const own = await this.#takeOver(entry);
    return { entry: own, kept: this.#keeps(own), release, fencingToken: newFencingToken() };
  }

  /**
   * The account that this tab had open before a reload; null when none. Opens no other account, because that would lock the account for
   * the tab where its owner logs in.
   */
  async takeLast(): Promise<Held | null> {
    const address = this.session.get();
    if (!address || !isAddress(address)) return null;
    // Both at once, because each waits for its time-out if the storage does not answer.
    const [entry] = await Promise.all([this.#vault.get(this.#networkId, address), this.#beforeWriting()]);
    if (!entry) return null;
    // The page before the reload may not have released its lock yet.
    for (let attempt = 1; ; attempt++) {
      const held = await this.#tryTake(entry);
      if (held || attempt === RELOAD_ATTEMPTS) return held;
      await new Promise((resolve) => setTimeout(resolve, RELOAD_WAIT_MS));
    }
  }

  /** @throws TabchainError `account-in-use`, `account-unknown` */
  async take(address: string): Promise<Held> {
    const held = await this.#tryTake(await this.find({ address }, null));
    if (held) return held;
    throw accountInUse();
  }

  /**
   * The stored account of a name or address, in any spelling that the API accepts; with neither, the account that this tab has open.
   * @throws TabchainError `account-unknown`; its details name another network for which this browser keeps an account of this name
   */
  async find(wanted: { name?: string; address?: string }, held: Held | null): Promise<VaultEntry> {
    const given = wanted.address ?? wanted.name;
    if (given === undefined && held) return held.entry;
    const matches = matcher(given, this.#networkId);
    // Two accounts have the same name if one lost the name in a race. Take the account used last, before any earlier account.
    const entry = (await this.#entries()).find(matches);
    if (entry) return entry;
    const elsewhere = (await this.#vault.everywhere()).filter(matches).map(({ pem }) => networkOfKeyFile(pem));
    throw unknownAccount(elsewhere.find((network) => network !== null) ?? null);
  }

  /** @throws TabchainError `passphrase-wrong`, `key-file-invalid`, `cancelled` */
  async unlock(entry: VaultEntry, passphrase: string, signal?: AbortSignal): Promise<AccountKeys> {
    return this.#keys.decrypt(entry.pem, passphrase, signal);
  }

  /** The key file to save, with the present network and name in its preamble, whatever network and name it was made for. */
  keyFileOf({ name, address, pem }: VaultEntry): string {
    return relabelKeyFile(pem, { name, address, networkId: this.#networkId, link: this.#link });
  }

  /**
   * Makes (or re-encrypts, for another name) an account's keys, keeps them in the vault and takes the lock. A name for which this browser
   * has the key of an earlier version gets that key, so nobody ends up with two keys for one name.
   * @param again the open account, whose name is to be registered (again)
   */
  async create(
    name: string,
    passphrase: string,
    again: Held | null,
    progress: RegisterProgress,
  ): Promise<{ held: Held; keys: AccountKeys }> {
    const earlier = again ? null : await this.#earlierNamed(name);
    const former = again?.entry ?? earlier;
    const existing = former && (await this.#keys.decrypt(former.pem, passphrase));
    const isReady = this.#beforeWriting();
    const made = await this.#keys.create({ name, networkId: this.#networkId, link: this.#link, passphrase, existing }, progress);
    const now = Date.now();
    const entry: VaultEntry = {
      networkId: this.#networkId,
      address: made.address,
      name,
      pem: made.pem,
      createdAt: former?.createdAt ?? now,
      usedAt: now,
      // A key file of the earlier version opens the same account.
      keyFileSaved: earlier?.keyFileSaved ?? false,
    };
    await isReady;
    await this.#vault.put(entry);
    if (again) Object.assign(again, { entry, kept: this.#keeps(entry) });
    const held = again ?? (await this.take(entry.address));
    this.session.set(entry.address);
    return { held, keys: made.keys };
  }

  async #earlierNamed(name: string): Promise<VaultEntry | null> {
    return (await this.#entries()).find((entry) => entry.networkId !== this.#networkId && entry.name === name) ?? null;
  }

  /**
   * Keeps the account of a key file.
   * @param chainName the name that the chain knows for an address
   * @throws TabchainError `key-file-other-network` (unless `request.otherNetwork`), `key-file-slow` (unless `request.slow`),
   *   `key-file-invalid`, `passphrase-wrong`, `cancelled`
   */
  async import(
    request: Parameters<TabchainApi['importKeyFile']>[0],
    chainName: (address: string) => Promise<string | null>,
  ): Promise<{ entry: VaultEntry; keys: AccountKeys }> {
    const { pem, passphrase, name, signal } = request;
    const told = describeKeyFile(pem);
    const { networkId } = told;
    const isForeign = networkId !== null && networkId !== this.#networkId && !isEarlier({ networkId, pem }, this.#network);
    if (isForeign && request.otherNetwork !== true && (told.address === null || (await chainName(told.address)) === null)) {
      throw otherNetwork(networkOfKeyFile(pem));
    }
    const opened = await this.#keys.open({ pem, passphrase, refuseSlow: request.slow !== true }, signal);
    const known = await this.#vault.get(this.#networkId, opened.address);
    const now = Date.now();
    const entry: VaultEntry = {
      networkId: this.#networkId,
      address: opened.address,
      name: (await chainName(opened.address)) ?? known?.name ?? name ?? opened.name ?? opened.address.slice(-8),
      pem: relabelKeyFile(opened.pem, { name: opened.name, address: opened.address, networkId: this.#networkId, link: this.#link }),
      createdAt: known?.createdAt ?? now,
      usedAt: now,
      // A user who opens a key file has saved the file.
      keyFileSaved: true,
    };
    await this.#beforeWriting();
    await this.#vault.put(entry);
    return { entry, keys: opened.keys };
  }

  /** Notes that an account was opened here. */
  async opened(address: string): Promise<void> {
    this.session.set(address);
    await this.#vault.touch(this.#networkId, address, Date.now());
  }

  async markKeyFileSaved(held: Held): Promise<void> {
    await this.#vault.markKeyFileSaved(this.#networkId, held.entry.address);
    held.entry = { ...held.entry, keyFileSaved: true };
  }

  /**
   * Encrypts the open account's keys under another passphrase. The former key stays until the new one is stored. A key file that its
   * owner has saved keeps the former passphrase.
   * @throws TabchainError `passphrase-wrong`
   */
  async changePassphrase(held: Held, passphrase: string, newPassphrase: string): Promise<void> {
    const { entry } = held;
    const existing = await this.#keys.decrypt(entry.pem, passphrase);
    const request = { name: entry.name, networkId: this.#networkId, link: this.#link, passphrase: newPassphrase, existing };
    const { pem } = await this.#keys.create(request, () => undefined);
    await this.#beforeWriting();
    const changed = { ...entry, pem, keyFileSaved: false };
    await this.#vault.put(changed);
    Object.assign(held, { entry: changed, kept: this.#keeps(changed) });
  }

  /** Removes keys and database, also those of earlier versions. @throws TabchainError `account-in-use` */
  async forget(address: string): Promise<void> {
    const held = await this.take(address);
    try {
      const earlier = (await this.#vault.everywhere()).filter((entry) => entry.address === address && isEarlier(entry, this.#network));
      for (const networkId of [...earlier.map((entry) => entry.networkId), this.#networkId]) {
        await this.#vault.remove(networkId, address);
        await deleteChain(networkId, address);
      }
    } finally {
      held.release();
    }
  }

  /** Names of the accounts of all networks, by the id of their network. */
  async namesByNetwork(): Promise<Map<string, string[]>> {
    const names = new Map<string, string[]>();
    for (const { networkId, name } of await this.#vault.everywhere()) names.set(networkId, [...(names.get(networkId) ?? []), name]);
    return names;
  }

  async list(): Promise<StoredAccount[]> {
    const entries = await this.#entries();
    const inUse = await this.#locks.heldElsewhere(entries.map((entry) => this.#lockKey(entry.address)));
    return entries.map(({ networkId, name, address, createdAt, keyFileSaved }) => ({
      name,
      address,
      fingerprint: addressFingerprint(parseAddress(address)),
      createdAt,
      keyFileSaved,
      inUse: inUse.has(this.#lockKey(address)),
      earlier: networkId !== this.#networkId,
    }));
  }
}

/** Matches the entries that a name, an address or a link names. An account without a registered name may have any text as its name. */
function matcher(given: unknown, networkId: string): (entry: VaultEntry) => boolean {
  if (typeof given !== 'string') return () => false;
  const texts = new Set([tidyHandle(given)]);
  try {
    const party = parseParty(given, networkId);
    texts.add(party.kind === 'name' ? party.name : addressText(party.address));
  } catch {
    // Neither a valid name nor an address: only an entry with this text as its name matches.
  }
  return ({ name, address }) => texts.has(name) || texts.has(address);
}

/** The network that a key file was made for, if the file's link proves the network in this version or in version 1; otherwise null. */
function networkOfKeyFile(pem: string): { label: string; link: string } | null {
  const network = linkedNetwork(pem);
  const { networkId } = describeKeyFile(pem);
  if (!network || (networkId !== network.id && networkId !== roomOf(network))) return null;
  return { label: network.label, link: formatNetworkLink(network) };
}

function otherNetwork(network: { label: string; link: string } | null): TabchainError {
  const message = `This key file was made for ${network ? `the network "${network.label}"` : 'another network'}. Open it there, or use it here knowingly.`;
  return new TabchainError('key-file-other-network', message, network ?? {});
}

function unknownAccount(elsewhere: { label: string; link: string } | null): TabchainError {
  const place = location.origin;
  const message = `This browser keeps no such account for this network at ${place}. Each address, browser and profile keeps its own: open it there, or open its key file here.`;
  return new TabchainError('account-unknown', message, { place, ...elsewhere });
}
