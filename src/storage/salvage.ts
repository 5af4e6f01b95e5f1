import type { SqlJsStatic } from 'sql.js';
import { decodeBlock, encodeBlock, type DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { PageFile } from './pages/page-file.ts';
import { BlockTable } from './sql/blocks.ts';
import { DatabaseFile } from './sql/database-file.ts';

/**
 * The blocks above genesis that a damaged database still holds, lowest first, until the first that cannot be read. Nothing of it is
 * believed: each block must pass every check again, as one from a stranger.
 */
export function* salvageBlocks(sqlJs: SqlJsStatic, network: Network, pages: PageFile): Generator<DecodedBlock, void> {
  const file = new DatabaseFile(sqlJs, pages);
  try {
    const table = new BlockTable(file.sql, network, () => 0);
    for (let height = 1; ; height++) {
      const block = table.block(height);
      if (!block) return;
      yield decodeBlock(encodeBlock(block), network.maxBlockBytes);
    }
  } catch {
    // Here the damage begins; what came before was of use.
  } finally {
    file.close();
  }
}
