import { addressText, parseAddress, type Address } from '../../crypto/address.ts';
import type { AccountChange, BlockEffect } from '../../consensus/types.ts';
import type { DecodedBlock } from '../../protocol/block.ts';
import { bucketOf, type AccountState } from '../../protocol/state-root.ts';
import { assert } from '../../util/errors.ts';
import { BucketCache, type AccountRow } from './bucket-cache.ts';
import type { Row, Sql } from './database.ts';

/** Accounts kept in memory, about 1 KiB each (two RSA moduli): a few thousand active people and the buckets they live in. */
const MAX_CACHED_ACCOUNTS = 10_000;

const BUCKET = 'SELECT id, address, balance, nonce, name, signing_key, encryption_key FROM accounts WHERE bucket = ?';

const UPDATE = 'UPDATE accounts SET balance = ?, nonce = ?, received = received + ?, mined = mined + ? WHERE id = ?';

/** Counts that a page shows and that would take a walk through all transactions to count then. */
interface Tally {
  received: number;
  mined: number;
}

const NOTHING: Tally = { received: 0, mined: 0 };

/** The rules' view leaves out rows that exist only because a block names the address, e.g. a miner whose reward was zero. */
const exists = (account: AccountState): boolean => account.registration !== null || account.balance > 0;

/**
 * The table `accounts` behind a cache of whole buckets: a block needs all accounts of every bucket that it touches for the
 * state root, so the bucket is the natural unit. The cache is dropped bucket by bucket on a write that is rolled back.
 */
export class AccountTable {
  readonly #sql: Sql;
  /** All rows of a bucket in address order. */
  readonly #buckets = new BucketCache(MAX_CACHED_ACCOUNTS);
  /** Buckets written since the transaction began. */
  readonly #written = new Set<number>();
  /** Never too few: a row that is gone again leaves its bucket in here. */
  #occupiedBuckets: Set<number> | null = null;

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

  /** What other tables refer to the address by. */
  idOf(address: Address): number {
    const row = this.#find(address);
    assert(row, 'A block names an account that has no row.');
    return row.id;
  }

  /** Takes over a connected block's changes; its miner gets a row even when it earned nothing. */
  connect({ block, changes }: BlockEffect): void {
    const { height, miner } = block.header;
    const tally = tallyOf(block, 1);
    for (const { address, before, after } of changes) {
      assert(after, 'Connecting a block removed an account.');
      this.#write(after, after.registration !== null && !before?.registration ? height : null, height, tally.get(address));
    }
    if (!isAmong(changes, miner)) this.#write(this.#find(miner) ?? nobody(miner), null, height, tally.get(miner));
  }

  /** Takes over the changes of a disconnected block, whose own rows are gone already, and removes the accounts that it brought. */
  disconnect({ block, changes }: BlockEffect): void {
    const { height, miner } = block.header;
    const tally = tallyOf(block, -1);
    for (const { address, after } of changes) this.#write(after ?? nobody(address), null, height, tally.get(address));
    if (!isAmong(changes, miner)) this.#write(this.#find(miner)!, null, height, tally.get(miner));
    // Ids count up with first_height, so what the block brought are the last rows, and the next newcomer gets the same id again.
    for (;;) {
      const row = this.#sql.row('SELECT id, first_height, address FROM accounts ORDER BY id DESC LIMIT 1');
      if (!row || row[1] !== height) return;
      const bucket = bucketOf(parseAddress(row[2] as string));
      this.#written.add(bucket);
      this.#sql.run('DELETE FROM accounts WHERE id = ?', [row[0]!]);
      this.#buckets.delete(bucket);
    }
  }

  committed(): void {
    this.#written.clear();
  }

  /** The cache may hold what the rollback undid. */
  rolledBack(): void {
    for (const index of this.#written) this.#buckets.delete(index);
    this.#written.clear();
  }

  #find(address: Address): AccountRow | undefined {
    return this.#rows(bucketOf(address)).find((row) => row.address === address);
  }

  /**
   * @param registeredHeight of a registration that this write brings, else null
   * @param tally by how much the account's counts change
   */
  #write(account: AccountState, registeredHeight: number | null, height: number, { received, mined }: Tally = NOTHING): void {
    const { address, balance, nonce, registration } = account;
    const index = bucketOf(address);
    this.#written.add(index);
    const rows = this.#rows(index);
    const old = rows.find((row) => row.address === address);
    const id = old?.id ?? this.#insert(account, height);
    this.#sql.run(UPDATE, [balance, nonce, received, mined, id]);
    if (registration?.name !== old?.registration?.name) {
      const keys = registration ? [registration.name, registration.signingModulus, registration.encryptionModulus] : [null, null, null];
      const sql = 'UPDATE accounts SET name = ?, signing_key = ?, encryption_key = ?, registered_height = ? WHERE id = ?';
      this.#sql.run(sql, [...keys, registeredHeight, id]);
    }
    const others = rows.filter((row) => row !== old);
    this.#buckets.set(index, [...others, { id, address, balance, nonce, registration }].sort(byAddress));
  }

  #insert({ address }: AccountState, height: number): number {
    this.#occupied().add(bucketOf(address));
    const sql =
      'INSERT INTO accounts (address, balance, nonce, received, mined, first_height, bucket) VALUES (?, 0, 0, 0, 0, ?, ?) RETURNING id';
    return this.#sql.number(sql, [addressText(address), height, bucketOf(address)])!;
  }

  /** All rows of a bucket, from the cache or read into it. */
  #rows(index: number): readonly AccountRow[] {
    const cached = this.#buckets.get(index);
    if (cached) return cached;
    const rows = this.#occupied().has(index) ? this.#sql.all(BUCKET, [index]).map(accountOfRow).sort(byAddress) : [];
    this.#buckets.set(index, rows);
    return rows;
  }

  /** Buckets that may have rows: of the thousands that a node looks into when it starts most have none. */
  #occupied(): Set<number> {
    return (this.#occupiedBuckets ??= new Set(this.#sql.all('SELECT DISTINCT bucket FROM accounts').map(([bucket]) => bucket as number)));
  }
}

/** What a block adds to (`sign` 1) or takes from (−1) the counts of its accounts. */
function tallyOf({ header, transactions }: DecodedBlock, sign: 1 | -1): ReadonlyMap<Address, Tally> {
  const tallies = new Map<Address, Tally>([[header.miner, { received: 0, mined: sign }]]);
  for (const { transaction } of transactions) {
    if (transaction.kind !== 'transfer' || transaction.recipient === transaction.sender) continue;
    const tally = tallies.get(transaction.recipient);
    if (tally) tally.received += sign;
    else tallies.set(transaction.recipient, { received: sign, mined: 0 });
  }
  return tallies;
}

/** A transfer always changes its recipient, but a reward of nothing does not change its miner. */
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
