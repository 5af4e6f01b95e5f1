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
 * What its owner had sent and the chain had not buried, as far as a damaged database still holds it. The id is the hash of the bytes, so
 * what still has its own was not harmed.
 */
export function salvageOwnTransactions(sqlJs: SqlJsStatic, pages: PageFile): OwnTransaction[] {
  let file: DatabaseFile | null = null;
  try {
    file = new DatabaseFile(sqlJs, pages);
    return readOwnTransactions(file.sql).filter(isIntact);
  } catch {
    // The damage is where they were.
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
 * The blocks above genesis that a damaged database still holds, lowest first, until the first that cannot be read. Nothing of it is
 * believed: each block must pass every check again, as one from a stranger.
 */
export function* salvageBlocks(sqlJs: SqlJsStatic, network: Network, pages: PageFile): Generator<DecodedBlock, void> {
  const file = new DatabaseFile(sqlJs, pages);
  try {
    const table = new BlockTable(file.sql, network, () => 0);
    let previous = network.id;
    for (let height = 1; ; height++) {
      const block = table.block(height);
      if (!block) return;
      // By what the block before really is, whatever its row says.
      const bytes = encodeBlock({ ...block, header: { ...block.header, previous } });
      const whole = decodeBlock(bytes, network.maxBlockBytes);
      previous = whole.id;
      yield whole;
    }
  } catch {
    // Here the damage begins; what came before was of use.
  } finally {
    file.close();
  }
}
