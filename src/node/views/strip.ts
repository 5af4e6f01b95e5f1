import { addressText } from '../../crypto/address.ts';
import type { PoolEntry } from '../../mempool/account-queue.ts';
import { formatCoins } from '../../protocol/amount.ts';
import { SEALED_HEADER_BYTES } from '../../protocol/block.ts';
import { amountOf, feeOf } from '../../protocol/transaction.ts';
import { ExplorerQueries, type SquareRow } from '../../storage/sql/explorer-queries.ts';
import { ChainQueries } from '../../storage/sql/queries.ts';
import type { ChainStrip, StripSquare, StripWaiting } from '../../api/api.ts';
import type { LedgerContents } from '../ledger.ts';
import { summaryOfRow } from './block-info.ts';

/** Squares of one block: more could not be told apart. */
const MAX_SQUARES = 48;
/** Blocks to come that are drawn. */
const MAX_WAITING = 3;
/** Blocks of other branches that are drawn. */
const MAX_RIVALS = 24;
/** Header, nonce and the number of transactions. */
const EMPTY_BLOCK_BYTES = SEALED_HEADER_BYTES + 4;

/** The newest blocks, with the first of their transactions and their rivals, and the blocks that the mempool would fill. */
export function chainStrip({ chain, mempool, network, store }: LedgerContents, limit: number): ChainStrip {
  const queries = new ExplorerQueries(store.sql);
  // One more row, because the last block's gap needs the time of its parent.
  const chainQueries = new ChainQueries(store.sql);
  const rows = chainQueries.blocks({ limit: limit + 1 });
  const tipHeight = chain.tip().height;
  const blocks = rows.slice(0, limit).map((row, i) => {
    const parent = rows[i + 1];
    // The time of genesis is part of the network, and no miner's clock gave it.
    const gap = parent && parent.height > 0 ? (row.timeMs - parent.timeMs) / 1_000 : null;
    const squares = row.transactions === 0 ? [] : queries.squares(row.height, MAX_SQUARES);
    return { ...summaryOfRow(row, tipHeight), gap, squares: squares.map(squareOfRow) };
  });
  const executable = mempool.entries().filter(({ decoded }) => mempool.status(decoded.id) === 'pending');
  const heights = { from: blocks.at(-1)?.height ?? 0, to: tipHeight };
  const rivals = chain
    .branches(heights, MAX_RIVALS)
    .filter(({ status, invalid }) => status === 'stored' || invalid !== null)
    .slice(0, MAX_RIVALS)
    .map(({ sealed: { header, id }, invalid }) => ({
      height: header.height,
      id,
      miner: chainQueries.party(addressText(header.miner)),
      invalid: invalid !== null,
    }));
  return { blocks, waiting: waitingBlocks(executable, network.maxBlockBytes), rivals };
}

/** Cuts the waiting transactions into blocks, in the order in which a miner takes them. */
export function waitingBlocks(entries: readonly Pick<PoolEntry, 'decoded'>[], maxBlockBytes: number): StripWaiting[] {
  const empty = (): StripWaiting => ({ transactions: 0, bytes: EMPTY_BLOCK_BYTES, squares: [] });
  const blocks = [empty()];
  for (const { decoded } of entries) {
    let block = blocks.at(-1)!;
    if (block.bytes + decoded.bytes.length > maxBlockBytes) {
      if (blocks.length === MAX_WAITING) break;
      blocks.push((block = empty()));
    }
    block.transactions++;
    block.bytes += decoded.bytes.length;
    if (block.squares.length >= MAX_SQUARES) continue;
    const { transaction, id, bytes } = decoded;
    block.squares.push(
      squareOfRow({ txid: id, kind: transaction.kind, size: bytes.length, amount: amountOf(transaction), fee: feeOf(transaction) }),
    );
  }
  return blocks;
}

function squareOfRow({ txid, kind, size, amount, fee }: SquareRow): StripSquare {
  return { txid, kind, bytes: size, amount: formatCoins(amount), fee: formatCoins(fee) };
}
