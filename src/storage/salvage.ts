import type { SqlJsStatic } from 'sql.js';
import { decodeBlock, encodeBlock, type DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { PageFile } from './disk/page-file.ts';
import { BlockTable } from './sql/blocks.ts';
import { decodeTransaction } from '../protocol/transaction.ts';
import type { OwnTransaction } from './port.ts';
import { DatabaseFile } from './sql/database-file.ts';
import { readOwnTransactions } from './sql/own-transactions.ts';

/**
 * Reads the own transactions that a damaged database still contains. A transaction's id is the hash of its bytes, so a transaction that
 * matches its id is intact.
 */
export function salvageOwnTransactions(sqlJs: SqlJsStatic, pages: PageFile): OwnTransaction[] {
  let file: DatabaseFile | null = null;
  try {
    file = new DatabaseFile(sqlJs, pages);
    return readOwnTransactions(file.sql).filter(isIntact);
  } catch {
    // The table of own transactions is damaged.
    return [];
  } finally {
    file?.close();
  }
}

function isIntact({ id, bytes }: OwnTransaction): boolean {
  try {
    return decodeTransaction(bytes).id === id;
  } catch {
    return false;
  }
}

/**
 * Reads the blocks above genesis from a damaged database, lowest first, up to the first unreadable block. The caller must not trust them:
 * each block must pass every check again, like a block from a peer.
 */
export function* salvageBlocks(sqlJs: SqlJsStatic, network: Network, pages: PageFile): Generator<DecodedBlock, void> {
  const file = new DatabaseFile(sqlJs, pages);
  try {
    const table = new BlockTable(file.sql, network, () => 0);
    let previous = network.id;
    for (let height = 1; ; height++) {
      const block = table.block(height);
      if (!block) return;
      // Uses the computed id of the previous block, because the id in its row may be wrong.
      const bytes = encodeBlock({ ...block, header: { ...block.header, previous } });
      const whole = decodeBlock(bytes, network.maxBlockBytes);
      previous = whole.id;
      yield whole;
    }
  } catch {
    // The damage begins here. The blocks before it were already returned.
  } finally {
    file.close();
  }
}
