import type { Chain } from '../../chain/chain.ts';
import { addressText } from '../../crypto/address.ts';
import { formatCoins } from '../../protocol/amount.ts';
import type { BlockHeader, DecodedBlock } from '../../protocol/block.ts';
import { mintingOf } from '../../protocol/minting.ts';
import type { Network } from '../../protocol/network.ts';
import { expandBits, workOfBits } from '../../protocol/target.ts';
import { feesOf } from '../../protocol/transaction.ts';
import type { BlockRow, PartyRow } from '../../storage/sql/queries.ts';
import { toHex } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import { tidyHandle } from '../../util/typed-text.ts';
import type { BlockInfo, BlockSummary } from '../../api/api.ts';
import { heightOf, textArgument } from '../../api/arguments.ts';

/** A known block with a body, by its id or by its height on the active chain. The base of a recent chain has no body. */
export function locateBlock(
  chain: Chain,
  idOrHeight: unknown,
): { readonly id: string; readonly height: number; readonly active: boolean; readonly work: bigint } | null {
  const height = heightOf(idOrHeight);
  const id = height === null ? tidyHandle(textArgument(idOrHeight, 'id')) : chain.activeId(height);
  const located = id === null ? null : chain.locate(id);
  const isBase = located?.active && located.height > 0 && located.height === chain.base();
  return id !== null && located && !isBase ? { id, ...located } : null;
}

/** The active block at a height of the chain. @throws TabchainError `storage-block-altered` */
export function wholeBlock(chain: Chain, height: number): DecodedBlock {
  const block = chain.activeBlock(height);
  if (!block) throw new TabchainError('storage-block-altered', 'This block was altered in this browser; it is fetched again.');
  return block;
}

/** Genesis pays nobody. */
const NOBODY: PartyRow = { address: '', name: null };

export function summaryOfRow(row: BlockRow, tipHeight: number): BlockSummary {
  return {
    height: row.height,
    id: row.id,
    time: row.timeMs,
    miner: row.miner ?? NOBODY,
    transactions: row.transactions,
    bytes: row.size,
    fees: formatCoins(row.fees),
    reward: formatCoins(row.subsidy + row.fees),
    work: workOfBits(row.bits).toString(),
    confirmations: tipHeight - row.height + 1,
    active: true,
  };
}

/** The summary of a block off the active chain. */
export function summaryOfSideBlock(
  block: DecodedBlock,
  parent: BlockHeader,
  network: Network,
  partyOf: (address: string) => PartyRow,
): BlockSummary {
  const { header } = block;
  const fees = feesOf(block.transactions);
  return {
    height: header.height,
    id: block.id,
    time: header.timeMs,
    miner: partyOf(addressText(header.miner)),
    transactions: block.transactions.length,
    bytes: block.size,
    fees: formatCoins(fees),
    reward: formatCoins(mintingOf(network, parent, block.transactions).subsidy + fees),
    work: workOfBits(header.bits).toString(),
    confirmations: 0,
    active: false,
  };
}

/** The fields of the sealed header, in a form that people can check. */
export function headerDetails({
  header,
  nonce,
}: DecodedBlock): Pick<
  BlockInfo,
  'previous' | 'historyRoot' | 'transactionRoot' | 'stateRoot' | 'bits' | 'target' | 'supply' | 'nonce' | 'version'
> {
  return {
    previous: header.previous,
    historyRoot: toHex(header.historyRoot),
    transactionRoot: toHex(header.transactionRoot),
    stateRoot: toHex(header.stateRoot),
    bits: header.bits.toString(16).padStart(8, '0'),
    target: expandBits(header.bits).toString(16).padStart(64, '0'),
    supply: formatCoins(header.supply),
    nonce: toHex(nonce),
    version: header.version,
  };
}
