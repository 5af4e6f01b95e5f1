import { addressText, parseAddress, type Address } from '../../crypto/address.ts';
import type { AccountChange, BlockEffect } from '../../consensus/types.ts';
import type { DecodedBlock } from '../../protocol/block.ts';
import { bucketOf, findRow, mergeRows, type AccountState } from '../../protocol/state-root.ts';
import { recipientOf, senderOf } from '../../protocol/transaction.ts';
import { assert } from '../../util/errors.ts';
import { BucketCache, type AccountRow } from './bucket-cache.ts';
import type { Row, Sql } from './database.ts';

/** Accounts kept in memory, about 1 KiB each (two RSA moduli): enough for a few thousand active people and the rest of their buckets. */
const MAX_CACHED_ACCOUNTS = 10_000;

/** In a bucket with more rows, a lookup of one account reads only its row: anyone can fill a bucket and cause repeated lookups in it. */
const CROWDED_ROWS = 64;

const ROWS = 'SELECT id, address, balance, nonce, name, signing_key, encryption_key FROM accounts';

const UPDATE = 'UPDATE accounts SET balance = ?, nonce = ?, received = received + ?, mined = mined + ? WHERE id = ?';

/** Counts that the user interface shows. To count them when shown would require a scan of all transactions. */
interface Tally {
  received: number;
  mined: number;
}

const NOTHING: Tally = { received: 0, mined: 0 };

/** The rules do not see rows that exist only because a block names the address, e.g. a miner whose reward was zero. */
const exists = (account: AccountState): boolean => account.registration !== null || account.balance > 0;

/**
 * The table `accounts` behind a cache of whole buckets: for the state root, a block needs all accounts of every bucket that it
 * changes. A rollback drops the written buckets from the cache.
 */
export class AccountTable {
  readonly #sql: Sql;
  /** All rows of a bucket in address order. */
  readonly #buckets = new BucketCache(MAX_CACHED_ACCOUNTS);
  /** Buckets written since the transaction began. */
  readonly #written = new Set<number>();
  /** Number of rows of each non-empty bucket; null until the rows are counted. */
  #counts: Map<number, number> | null = null;

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

  bucket(index: number): readonly AccountState[] {
    const rows = this.#rows(index);
    return rows.every(exists) ? rows : rows.filter(exists);
  }

  /** The key of the address's row, by which other tables refer to the address. */
  idOf(address: Address): number {
    const row = this.#find(address);
    assert(row, 'A block names an account that has no row.');
    return row.id;
  }

  /** Writes a connected block's changes. The miner gets a row even when its reward is zero. */
  connect({ block, changes }: BlockEffect): void {
    const { height, miner } = block.header;
    const tally = tallyOf(block, 1);
    const rows = changes.map(({ address, before, after }) => {
      assert(after, 'Connecting a block removed an account.');
      return this.#write(after, after.registration !== null && !before?.registration ? height : null, height, tally.get(address));
    });
    if (!isAmong(changes, miner)) rows.push(this.#write(this.#find(miner) ?? nobody(miner), null, height, tally.get(miner)));
    this.#merge(rows.map((row) => [row.address, row]));
  }

  /** Writes the changes of a disconnected block, whose rows must be deleted already, and removes the accounts that the block added. */
  disconnect({ block, changes }: BlockEffect): void {
    const { height, miner } = block.header;
    const tally = tallyOf(block, -1);
    const rows = new Map<Address, AccountRow | undefined>();
    for (const { address, after } of changes) rows.set(address, this.#write(after ?? nobody(address), null, height, tally.get(address)));
    if (!isAmong(changes, miner)) rows.set(miner, this.#write(this.#find(miner)!, null, height, tally.get(miner)));
    for (const address of this.#removeNewest(height)) rows.set(address, undefined);
    this.#merge([...rows]);
  }

  /** Removes the rows of the accounts that a block was the first to mention. */
  #removeNewest(height: number): Address[] {
    const removed: Address[] = [];
    // Ids increase with first_height, so the block's new accounts are the last rows, and the next new account gets the same id again.
    for (;;) {
      const row = this.#sql.row('SELECT id, first_height, address FROM accounts ORDER BY id DESC LIMIT 1');
      if (!row || row[1] !== height) return removed;
      const address = parseAddress(row[2] as string);
      this.#written.add(bucketOf(address));
      this.#sql.run('DELETE FROM accounts WHERE id = ?', [row[0]!]);
      this.#count(bucketOf(address), -1);
      removed.push(address);
    }
  }

  /** Puts a block's rows into the cache, with one pass for each bucket, however many of its accounts changed. */
  #merge(rows: readonly (readonly [Address, AccountRow | undefined])[]): void {
    const buckets = new Map<number, (readonly [Address, AccountRow | undefined])[]>();
    for (const row of rows) {
      const index = bucketOf(row[0]);
      const bucket = buckets.get(index);
      if (bucket) bucket.push(row);
      else buckets.set(index, [row]);
    }
    for (const [index, changed] of buckets) {
      const cached = this.#buckets.get(index);
      if (!cached) continue;
      changed.sort(([a], [b]) => (a < b ? -1 : 1));
      this.#buckets.set(index, mergeRows(cached, changed));
    }
  }

  committed(): void {
    this.#written.clear();
  }

  /** Drops the cached buckets that may contain rolled-back writes. */
  rolledBack(): void {
    for (const index of this.#written) this.#buckets.delete(index);
    this.#written.clear();
    this.#counts = null;
  }

  #find(address: Address): AccountRow | undefined {
    const index = bucketOf(address);
    if ((this.#counted().get(index) ?? 0) <= CROWDED_ROWS) return findRow(this.#rows(index), address);
    const cached = this.#buckets.get(index);
    if (cached) return findRow(cached, address);
    const row = this.#sql.row(`${ROWS} WHERE address = ?`, [addressText(address)]);
    return row ? accountOfRow(row) : undefined;
  }

  /**
   * @param registeredHeight height of the block whose registration this write adds; null where it adds none
   * @param tally the changes of the account's counts
   * @returns the written row, for {@link #merge}
   */
  #write(account: AccountState, registeredHeight: number | null, height: number, { received, mined }: Tally = NOTHING): AccountRow {
    const { address, balance, nonce, registration } = account;
    this.#written.add(bucketOf(address));
    const old = this.#find(address);
    const id = old?.id ?? this.#insert(account, height);
    this.#sql.run(UPDATE, [balance, nonce, received, mined, id]);
    if (registration?.name !== old?.registration?.name) {
      const keys = registration ? [registration.name, registration.signingModulus, registration.encryptionModulus] : [null, null, null];
      const sql = 'UPDATE accounts SET name = ?, signing_key = ?, encryption_key = ?, registered_height = ? WHERE id = ?';
      this.#sql.run(sql, [...keys, registeredHeight, id]);
    }
    return { id, address, balance, nonce, registration };
  }

  #insert({ address }: AccountState, height: number): number {
    this.#count(bucketOf(address), 1);
    const sql =
      'INSERT INTO accounts (address, balance, nonce, received, mined, first_height, bucket) VALUES (?, 0, 0, 0, 0, ?, ?) RETURNING id';
    return this.#sql.number(sql, [addressText(address), height, bucketOf(address)])!;
  }

  /** All rows of a bucket, from the cache or from the table. */
  #rows(index: number): readonly AccountRow[] {
    const cached = this.#buckets.get(index);
    if (cached) return cached;
    // A starting node reads all 4,096 buckets, and most of them are empty.
    const rows = this.#counted().has(index) ? this.#sql.all(`${ROWS} WHERE bucket = ?`, [index]).map(accountOfRow).sort(byAddress) : [];
    this.#buckets.set(index, rows);
    return rows;
  }

  #counted(): Map<number, number> {
    if (!this.#counts) {
      const rows = this.#sql.all('SELECT bucket, count(*) FROM accounts GROUP BY bucket');
      this.#counts = new Map(rows.map(([bucket, count]) => [bucket as number, count as number]));
    }
    return this.#counts;
  }

  #count(index: number, change: 1 | -1): void {
    const counts = this.#counted();
    const count = (counts.get(index) ?? 0) + change;
    if (count > 0) counts.set(index, count);
    else counts.delete(index);
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

const byAddress = (a: AccountState, b: AccountState): number => (a.address < b.address ? -1 : 1);

function accountOfRow([id, address, balance, nonce, name, signingKey, encryptionKey]: Row): AccountRow {
  return {
    id: id as number,
    address: parseAddress(address as string),
    balance: balance as number,
    nonce: nonce as number,
    registration:
      name === null
        ? null
        : { name: name as string, signingModulus: signingKey as Uint8Array, encryptionModulus: encryptionKey as Uint8Array },
  };
}
