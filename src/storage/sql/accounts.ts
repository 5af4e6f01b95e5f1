import { addressText, parseAddress, type Address } from '../../crypto/address.ts';
import type { AccountChange, BlockEffect } from '../../consensus/types.ts';
import type { DecodedBlock } from '../../protocol/block.ts';
import type { AccountState } from '../../protocol/state-root.ts';
import { recipientOf, senderOf } from '../../protocol/transaction.ts';
import { assert, TabchainError } from '../../util/errors.ts';
import { AccountCache, type AccountRow } from './account-cache.ts';
import type { Row, Sql } from './database.ts';

/** Accounts kept in memory, about 1 KiB each (two RSA moduli): enough for several thousand active people. */
const MAX_CACHED_ACCOUNTS = 10_000;

const ROWS = 'SELECT id, address, balance, nonce, name, signing_key, encryption_key FROM accounts';

const UPDATE = 'UPDATE accounts SET balance = ?, nonce = ?, received = received + ?, mined = mined + ? WHERE id = ?';

const ADD = `INSERT INTO accounts (address, balance, nonce, received, mined, name, signing_key, encryption_key, registered_height, first_height)
  VALUES (?, ?, ?, 0, 0, ?, ?, ?, ?, ?)`;

/** Counts that the user interface shows. To count them when shown would require a scan of all transactions. */
interface Tally {
  received: number;
  mined: number;
}

const NOTHING: Tally = { received: 0, mined: 0 };

/** The rules do not see rows that exist only because a block names the address, e.g. a miner whose reward was zero. */
const exists = (account: AccountState): boolean => account.registration !== null || account.balance > 0;

/** The table `accounts` behind a cache. A rollback drops the written accounts from the cache. */
export class AccountTable {
  readonly #sql: Sql;
  readonly #cache = new AccountCache(MAX_CACHED_ACCOUNTS);
  /** Addresses written since the transaction began. */
  readonly #written = new Set<Address>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  account(address: Address): AccountState | undefined {
    const row = this.#find(address);
    return row && exists(row) ? row : undefined;
  }

  addressOfName(name: string): Address | undefined {
    const row = this.#sql.row('SELECT address FROM accounts WHERE name = ?', [name]);
    return row ? parseAddress(row[0] as string) : undefined;
  }

  /**
   * All accounts, past the cache. Reads them through the index that {@link account} uses, so that the state root proves the index too.
   * @throws TabchainError `storage-damaged` where a lookup by its address would not find a row
   */
  *all(): Generator<AccountState, void> {
    let last = '';
    for (const row of this.#sql.each(`${ROWS} INDEXED BY accounts_by_address ORDER BY address`)) {
      const text = row[1];
      // Capital letters would stand for the same address.
      if (typeof text !== 'string' || text <= last || text !== text.toLowerCase()) throw altered();
      last = text;
      const account = accountOfRow(row);
      if (exists(account)) yield account;
    }
  }

  /** The key of the address's row, by which other tables refer to the address. */
  idOf(address: Address): number {
    const row = this.#find(address);
    assert(row, 'A block names an account that has no row.');
    return row.id;
  }

  /** Adds accounts that have no row yet, as if a block at this height had been the first to mention them. */
  add(accounts: readonly AccountState[], height: number): void {
    for (const { address, balance, nonce, registration } of accounts) {
      const { name = null, signingModulus = null, encryptionModulus = null } = registration ?? {};
      const registeredHeight = registration ? height : null;
      this.#sql.run(ADD, [addressText(address), balance, nonce, name, signingModulus, encryptionModulus, registeredHeight, height]);
      this.#cache.delete(address);
    }
  }

  /** Writes a connected block's changes. The miner gets a row even when its reward is zero. */
  connect({ block, changes }: BlockEffect): void {
    const { height, miner } = block.header;
    const tally = tallyOf(block, 1);
    for (const { address, before, after } of changes) {
      assert(after, 'Connecting a block removed an account.');
      this.#write(after, after.registration !== null && !before?.registration ? height : null, height, tally.get(address));
    }
    if (!isAmong(changes, miner)) this.#write(this.#find(miner) ?? nobody(miner), null, height, tally.get(miner));
  }

  /** Writes the changes of a disconnected block, whose rows must be deleted already, and removes the accounts that the block added. */
  disconnect({ block, changes }: BlockEffect): void {
    const { height, miner } = block.header;
    const tally = tallyOf(block, -1);
    for (const { address, after } of changes) this.#write(after ?? nobody(address), null, height, tally.get(address));
    if (!isAmong(changes, miner)) this.#write(this.#find(miner)!, null, height, tally.get(miner));
    this.#removeNewest(height);
  }

  /** Removes the rows of the accounts that a block was the first to mention. */
  #removeNewest(height: number): void {
    // Ids increase with first_height, so the block's new accounts are the last rows, and the next new account gets the same id again.
    for (;;) {
      const row = this.#sql.row('SELECT id, first_height, address FROM accounts ORDER BY id DESC LIMIT 1');
      if (!row || row[1] !== height) return;
      this.#sql.run('DELETE FROM accounts WHERE id = ?', [row[0]!]);
      this.#keep(parseAddress(row[2] as string), null);
    }
  }

  committed(): void {
    this.#written.clear();
  }

  /** Drops the cached accounts that may hold rolled-back writes. */
  rolledBack(): void {
    for (const address of this.#written) this.#cache.delete(address);
    this.#written.clear();
  }

  #find(address: Address): AccountRow | undefined {
    const cached = this.#cache.get(address);
    if (cached !== undefined) return cached ?? undefined;
    const row = this.#sql.row(`${ROWS} WHERE address = ?`, [addressText(address)]);
    const account = row && accountOfRow(row);
    this.#cache.set(address, account);
    return account ?? undefined;
  }

  /**
   * @param registeredHeight height of the block whose registration this write adds; null where it adds none
   * @param tally the changes of the account's counts
   */
  #write(account: AccountState, registeredHeight: number | null, height: number, { received, mined }: Tally = NOTHING): void {
    const { address, balance, nonce, registration } = account;
    const old = this.#find(address);
    const id = old?.id ?? this.#insert(address, height);
    this.#sql.run(UPDATE, [balance, nonce, received, mined, id]);
    if (registration?.name !== old?.registration?.name) {
      const keys = registration ? [registration.name, registration.signingModulus, registration.encryptionModulus] : [null, null, null];
      const sql = 'UPDATE accounts SET name = ?, signing_key = ?, encryption_key = ?, registered_height = ? WHERE id = ?';
      this.#sql.run(sql, [...keys, registeredHeight, id]);
    }
    this.#keep(address, { id, address, balance, nonce, registration });
  }

  #insert(address: Address, height: number): number {
    const sql = 'INSERT INTO accounts (address, balance, nonce, received, mined, first_height) VALUES (?, 0, 0, 0, 0, ?) RETURNING id';
    return this.#sql.number(sql, [addressText(address), height])!;
  }

  /** Notes what was written for an address. */
  #keep(address: Address, row: AccountRow | null): void {
    this.#written.add(address);
    this.#cache.set(address, row);
  }
}

/** The changes of the accounts' counts when a block is connected (`sign` 1) or disconnected (−1). */
function tallyOf({ header, transactions }: DecodedBlock, sign: 1 | -1): ReadonlyMap<Address, Tally> {
  const tallies = new Map<Address, Tally>([[header.miner, { received: 0, mined: sign }]]);
  for (const { transaction } of transactions) {
    const recipient = recipientOf(transaction);
    if (recipient === null || recipient === senderOf(transaction)) continue;
    const tally = tallies.get(recipient);
    if (tally) tally.received += sign;
    else tallies.set(recipient, { received: sign, mined: 0 });
  }
  return tallies;
}

/** Whether an account changed. A transfer always changes its recipient, but a reward of zero does not change the miner. */
const isAmong = (changes: readonly AccountChange[], address: Address): boolean => changes.some((change) => change.address === address);

const nobody = (address: Address): AccountState => ({ address, balance: 0, nonce: 0, registration: null });

function altered(cause?: unknown): TabchainError {
  return new TabchainError('storage-damaged', 'A stored address was altered.', {}, { cause });
}

function storedAddress(text: string): Address {
  try {
    return parseAddress(text);
  } catch (cause) {
    throw altered(cause);
  }
}

function accountOfRow([id, address, balance, nonce, name, signingKey, encryptionKey]: Row): AccountRow {
  return {
    id: id as number,
    address: storedAddress(address as string),
    balance: balance as number,
    nonce: nonce as number,
    registration:
      name === null
        ? null
        : { name: name as string, signingModulus: signingKey as Uint8Array, encryptionModulus: encryptionKey as Uint8Array },
  };
}
