import { parseAddress } from '../../../src/crypto/address.ts';
import { MAX_SUPPLY } from '../../../src/protocol/amount.ts';
import { EMPTY_HISTORY } from '../../../src/protocol/history.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { EMPTY_STATE_ROOT, innerHash, keyBit, leafHash, stateKey, stateRow, type AccountState } from '../../../src/protocol/state-root.ts';
import type { ChainBase } from '../../../src/storage/port.ts';
import { readBase } from '../../../src/storage/sql/base-rows.ts';
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
  const row = sql.row(`SELECT ${columns} FROM blocks ORDER BY height DESC LIMIT 1`);
  if (!row) return baseOf(sql);
  const [height, id, work, stateRoot, supply] = row;
  return {
    height: height as number,
    id: id as string,
    work: BigInt(work as string),
    stateRoot: stateRoot as string,
    supply: supply as number,
  };
}

/** The tip of a recent chain without blocks. */
function baseOf(sql: Sql): TipRow {
  const { headers, history } = readBase(sql)!;
  const { id, header } = headers.at(-1)!;
  return { height: header.height, id, work: history.work, stateRoot: toHex(header.stateRoot), supply: header.supply };
}

/** Describes each fault of a database; empty when all is well. Reads only rows, so that no cache of the node can hide a fault. */
export function audit(sql: Sql, network: Network): string[] {
  const faults: string[] = [];
  const tip = tipOf(sql);
  const accounts = accountsOf(sql);
  const owned = accounts.reduce((sum, { balance }) => sum + balance, 0);
  const base = readBase(sql);
  const grants = sql.number('SELECT coalesce(sum(granted), 0) FROM transactions')!;
  const before = base?.headers.at(-1)!.header.supply ?? 0;
  const minted = before + grants + sql.number('SELECT coalesce(sum(subsidy), 0) FROM blocks')!;
  if (owned !== tip.supply || minted !== tip.supply) {
    faults.push(`supply: the balances sum to ${owned}, grants and subsidies to ${minted}, the header of ${tip.height} says ${tip.supply}`);
  }
  if (tip.supply < MAX_SUPPLY) {
    const odd = sql.number(`SELECT count(*) FROM transactions WHERE granted <> CASE kind WHEN 'registration' THEN ? ELSE 0 END`, [
      network.grant,
    ])!;
    if (odd > 0) faults.push(`supply: ${odd} transactions were granted other amounts than the network's`);
  }
  if (accounts.some(({ balance }) => balance < 0)) faults.push('supply: a balance is negative');
  const root = toHex(rootOf(accounts));
  if (root !== tip.stateRoot) faults.push(`root: the header of ${tip.height} says ${tip.stateRoot}, the accounts give ${root}`);
  faults.push(...historyFaults(sql, base));
  const twice = sql.all('SELECT sender, nonce FROM transactions WHERE nonce IS NOT NULL GROUP BY sender, nonce HAVING count(*) > 1');
  if (twice.length > 0) faults.push(`nonce: ${twice.length} numbers of an account are on the chain twice`);
  const names = sql.all(`SELECT name FROM accounts WHERE name IS NOT NULL GROUP BY name HAVING count(*) > 1`);
  if (names.length > 0) faults.push(`name: ${names.length} names have two owners`);
  // What follows needs all transactions.
  if (base) return faults;
  const sent = sql.all(
    `SELECT a.address, a.nonce, count(t.id) FROM accounts a LEFT JOIN transactions t ON t.sender = a.id AND t.nonce IS NOT NULL
     GROUP BY a.id HAVING a.nonce <> count(t.id)`,
  );
  if (sent.length > 0) faults.push(`nonce: ${sent.length} accounts have sent another number of transfers than their nonce says`);
  const unmatched = sql.all(
    `SELECT a.name FROM accounts a WHERE (a.name IS NOT NULL) <> EXISTS (SELECT 1 FROM transactions t WHERE t.sender = a.id AND t.nonce IS NULL)`,
  );
  if (unmatched.length > 0) faults.push(`name: ${unmatched.length} accounts have a name without a registration, or the reverse`);
  return faults;
}

/** Checks that each header commits to the blocks below it and their works. */
function historyFaults(sql: Sql, base: ChainBase | null): string[] {
  let history = base?.history ?? EMPTY_HISTORY;
  let { work } = history;
  for (const [height, id, root, total] of sql.all('SELECT height, id, history_root, chain_work FROM blocks ORDER BY height')) {
    if (toHex(history.root) !== root) return [`history: the header of ${String(height)} names another history than the blocks below it`];
    history = history.append(id as string, BigInt(total as string) - work);
    work = BigInt(total as string);
  }
  return [];
}

/** The accounts that the state root covers. */
export function accountsOf(sql: Sql): AccountState[] {
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

interface Leaf {
  readonly key: Uint8Array;
  readonly hash: Uint8Array;
}

/** The state root, computed from the accounts without the program's tree. */
function rootOf(accounts: readonly AccountState[]): Uint8Array {
  if (accounts.length === 0) return EMPTY_STATE_ROOT;
  const leaves = accounts.map((account) => ({ key: stateKey(account.address), hash: leafHash(stateRow(account)) }));
  return nodeOver(leaves, 0);
}

/** The hash over leaves whose keys agree before `bit`. */
function nodeOver(leaves: readonly Leaf[], bit: number): Uint8Array {
  if (leaves.length === 1) return leaves[0]!.hash;
  const [left, right] = [0, 1].map((side) => leaves.filter(({ key }) => keyBit(key, bit) === side)) as [Leaf[], Leaf[]];
  if (left.length === 0 || right.length === 0) return nodeOver(leaves, bit + 1);
  return innerHash(bit, nodeOver(left, bit + 1), nodeOver(right, bit + 1));
}
