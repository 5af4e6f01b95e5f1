import { parseAddress } from '../../../src/crypto/address.ts';
import { merkleNode } from '../../../src/crypto/merkle.ts';
import { BUCKET_COUNT, BUCKET_BITS, bucketHash, bucketOf, EMPTY_BUCKET_HASH, type AccountState } from '../../../src/protocol/state-root.ts';
import type { Sql } from '../../../src/storage/sql/database.ts';
import { toHex } from '../../../src/util/bytes.ts';

/** The tip as the database has it. */
export interface TipRow {
  readonly height: number;
  readonly id: string;
  readonly work: bigint;
  readonly stateRoot: string;
  /** Smallest units. */
  readonly supply: number;
}

export function tipOf(sql: Sql): TipRow {
  const columns = 'height, id, chain_work, state_root, supply';
  const [height, id, work, stateRoot, supply] = sql.row(`SELECT ${columns} FROM blocks ORDER BY height DESC LIMIT 1`)!;
  return {
    height: height as number,
    id: id as string,
    work: BigInt(work as string),
    stateRoot: stateRoot as string,
    supply: supply as number,
  };
}

/** Describes each fault of a database; empty when all is well. Reads only rows, so that no cache of the node can hide a fault. */
export function audit(sql: Sql): string[] {
  const faults: string[] = [];
  const tip = tipOf(sql);
  const accounts = accountsOf(sql);
  const owned = accounts.reduce((sum, { balance }) => sum + balance, 0);
  const minted = sql.number('SELECT sum(subsidy) FROM blocks')!;
  if (owned !== tip.supply || minted !== tip.supply) {
    faults.push(`supply: the balances sum to ${owned}, the subsidies to ${minted}, the header of ${tip.height} says ${tip.supply}`);
  }
  if (accounts.some(({ balance }) => balance < 0)) faults.push('supply: a balance is negative');
  const root = toHex(rootOf(accounts));
  if (root !== tip.stateRoot) faults.push(`root: the header of ${tip.height} says ${tip.stateRoot}, the accounts give ${root}`);
  const twice = sql.all('SELECT sender, nonce FROM transactions WHERE nonce IS NOT NULL GROUP BY sender, nonce HAVING count(*) > 1');
  if (twice.length > 0) faults.push(`nonce: ${twice.length} numbers of an account are on the chain twice`);
  const sent = sql.all(
    `SELECT a.address, a.nonce, count(t.id) FROM accounts a LEFT JOIN transactions t ON t.sender = a.id AND t.nonce IS NOT NULL
     GROUP BY a.id HAVING a.nonce <> count(t.id)`,
  );
  if (sent.length > 0) faults.push(`nonce: ${sent.length} accounts have sent another number of transfers than their nonce says`);
  const names = sql.all(`SELECT name FROM accounts WHERE name IS NOT NULL GROUP BY name HAVING count(*) > 1`);
  if (names.length > 0) faults.push(`name: ${names.length} names have two owners`);
  const unmatched = sql.all(
    `SELECT a.name FROM accounts a WHERE (a.name IS NOT NULL) <> EXISTS (SELECT 1 FROM transactions t WHERE t.sender = a.id AND t.nonce IS NULL)`,
  );
  if (unmatched.length > 0) faults.push(`name: ${unmatched.length} accounts have a name without a registration, or the reverse`);
  return faults;
}

function accountsOf(sql: Sql): AccountState[] {
  const rows = sql.all('SELECT address, balance, nonce, name, signing_key, encryption_key FROM accounts');
  const accounts = rows.map(([address, balance, nonce, name, signingModulus, encryptionModulus]) => ({
    address: parseAddress(address as string),
    balance: balance as number,
    nonce: nonce as number,
    registration:
      name === null
        ? null
        : { name: name as string, signingModulus: signingModulus as Uint8Array, encryptionModulus: encryptionModulus as Uint8Array },
  }));
  return accounts.filter(({ balance, registration }) => balance !== 0 || registration !== null);
}

/** The state root, computed from the accounts without the program's tree: visits only branches that hold accounts. */
function rootOf(accounts: readonly AccountState[]): Uint8Array {
  const buckets = new Map<number, AccountState[]>();
  for (const account of [...accounts].sort((a, b) => (a.address < b.address ? -1 : 1))) {
    const index = bucketOf(account.address);
    buckets.set(index, [...(buckets.get(index) ?? []), account]);
  }
  let level = new Map([...buckets].map(([index, rows]) => [index, bucketHash(rows)]));
  let empty = EMPTY_BUCKET_HASH;
  for (let width = BUCKET_COUNT; width > 1; width /= 2) {
    const above = new Map<number, Uint8Array>();
    for (const index of level.keys()) {
      const left = index & ~1;
      above.set(index >> 1, merkleNode(level.get(left) ?? empty, level.get(left + 1) ?? empty));
    }
    level = above;
    empty = merkleNode(empty, empty);
  }
  return level.get(0) ?? emptyRoot();
}

function emptyRoot(): Uint8Array {
  let node = EMPTY_BUCKET_HASH;
  for (let i = 0; i < BUCKET_BITS; i++) node = merkleNode(node, node);
  return node;
}
