import type { Database } from 'sql.js';
import { addressOfModulus, addressText, type Address } from '../../src/crypto/address.ts';
import type { DecodedBlock } from '../../src/protocol/block.ts';
import type { DecodedTransaction } from '../../src/protocol/transaction.ts';
import { toHex } from '../../src/util/bytes.ts';

type Values = Record<string, string | number | Uint8Array | null>;

function insert(database: Database, table: string, values: Values): void {
  const columns = Object.keys(values);
  database.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, Object.values(values));
}

/** The row of an account; the row is added where absent. */
function accountRow(database: Database, address: Address, height: number): number {
  const text = addressText(address);
  const find = (): unknown => database.exec('SELECT id FROM accounts WHERE address = ?', [text])[0]?.values[0]![0];
  if (find() === undefined) {
    insert(database, 'accounts', { address: text, balance: 0, nonce: 0, received: 0, mined: 0, first_height: height });
  }
  return find() as number;
}

/** Replaces the newest block of an exported file: its columns, its transactions, and the keys of registered accounts. */
export function replaceTip(database: Database, block: DecodedBlock): void {
  const { height, ...header } = block.header;
  database.run('DROP INDEX accounts_by_name');
  database.run('DELETE FROM transactions WHERE height = ?', [height]);
  block.transactions.forEach((transaction, position) => insertTransaction(database, transaction, height, position));
  const values: Values = {
    id: block.id,
    time: header.timeMs,
    miner: accountRow(database, header.miner, height),
    bits: header.bits,
    nonce: toHex(block.nonce),
    history_root: toHex(header.historyRoot),
    transaction_root: toHex(header.transactionRoot),
    state_root: toHex(header.stateRoot),
    supply: header.supply,
    transaction_count: block.transactions.length,
  };
  const assignments = Object.keys(values).map((column) => `${column} = ?`);
  database.run(`UPDATE blocks SET ${assignments.join(', ')} WHERE height = ?`, [...Object.values(values), height]);
}

function insertTransaction(database: Database, { transaction: body, id }: DecodedTransaction, height: number, position: number): void {
  const common = {
    id: height * 65_536 + position,
    height,
    position,
    txid: id,
    txid_start: parseInt(id.slice(0, 12), 16),
    kind: body.kind,
    granted: 0,
  };
  if (body.kind === 'transfer') {
    insert(database, 'transactions', {
      ...common,
      sender: accountRow(database, body.sender, height),
      recipient: accountRow(database, body.recipient, height),
      amount: body.amount,
      fee: body.fee,
      nonce: body.nonce,
      memo: body.memo.kind === 'plain' ? body.memo.text : null,
      signature: body.signature,
    });
    return;
  }
  const sender = accountRow(database, addressOfModulus(body.signingModulus), height);
  insert(database, 'transactions', { ...common, sender, amount: 0, fee: 0, stamp: body.stamp, signature: body.signature });
  database.run('UPDATE accounts SET name = ?, signing_key = ?, encryption_key = ? WHERE id = ?', [
    body.name,
    body.signingModulus,
    body.encryptionModulus,
    sender,
  ]);
}
