import type { ForksOptions, ForkTree, Reorganisation, TreeBlock, TreeStanding } from '../../api/api.ts';
import { argumentInvalid, integerArgument, optionsArgument } from '../../api/arguments.ts';
import type { BranchBlock } from '../../chain/branches.ts';
import type { Reorganisation as ChainReorganisation } from '../../chain/reorganisations.ts';
import { addressText, type Address } from '../../crypto/address.ts';
import { formatCoins } from '../../protocol/amount.ts';
import { workOfBits } from '../../protocol/target.ts';
import { ChainQueries, type BlockRow, type PartyRow } from '../../storage/sql/queries.ts';
import type { LedgerContents } from '../ledger.ts';
import { summaryOfRow, summaryOfSideBlock } from './block-info.ts';

const DEFAULT_HEIGHTS = 24;
const MAX_HEIGHTS = 100;
/** Heights above the tip: the headers that this node has begun to fetch. */
const AHEAD = 12;
/** Blocks of other branches, after which no other branch is added. */
const MAX_BRANCH_BLOCKS = 100;
/** Bodies that one answer reads, of at most 256 KiB each by default. */
const MAX_BODIES = 40;

type PartyOf = (address: string) => PartyRow;

/**
 * @param own the open account
 * @throws TabchainError `argument-invalid`
 */
export function forkTree(ledger: LedgerContents, own: Address | null, given?: ForksOptions): ForkTree {
  const { chain, store } = ledger;
  const { before, heights = DEFAULT_HEIGHTS } = optionsArgument(given);
  if (integerArgument(heights, 'heights') < 1 || heights > MAX_HEIGHTS) throw argumentInvalid('heights', `from 1 to ${MAX_HEIGHTS}`);
  const tip = chain.tip();
  const top = Math.min(tip.height + AHEAD, before === undefined ? Infinity : integerArgument(before, 'before') - 1);
  const range = { from: Math.max(chain.base(), Math.min(top, tip.height) - heights + 1), to: top };
  const queries = new ChainQueries(store.sql);
  const partyOf: PartyOf = (address) => queries.party(address);
  const active = queries.blocks({ limit: heights, before: Math.min(top, tip.height) + 1 }).filter(({ height }) => height >= range.from);
  const others = chain.branches(range, MAX_BRANCH_BLOCKS).sort((a, b) => b.sealed.header.height - a.sealed.header.height);
  let bodies = 0;
  const blocks = [
    ...active.map((row) => activeBlock(ledger, row)),
    ...others.map((block) => otherBlock(ledger, block, partyOf, block.status === 'stored' && bodies++ < MAX_BODIES)),
  ];
  return {
    ...range,
    tip: { height: tip.height, id: tip.id },
    // The active block of a height stays first, because sorting is stable.
    blocks: blocks.sort((a, b) => b.height - a.height),
    older: chain.branchBelow(range.from),
    reorganisations: chain.reorganisations.last.map((each) => reorganisationInfo(each, own, partyOf)),
  };
}

function activeBlock({ chain }: LedgerContents, row: BlockRow): TreeBlock {
  const { height, id, time, miner, work, transactions, reward } = summaryOfRow(row, chain.tip().height);
  const previous = height === 0 ? '' : (chain.activeId(height - 1) ?? '');
  return {
    height,
    id,
    previous,
    time,
    miner,
    work,
    cumulativeWork: row.chainWork.toString(),
    standing: 'active',
    reason: null,
    transactions,
    reward,
  };
}

function otherBlock(
  { chain, network }: LedgerContents,
  { sealed, status, invalid, work }: BranchBlock,
  partyOf: PartyOf,
  hasBody: boolean,
): TreeBlock {
  const { header, id } = sealed;
  const standing: TreeStanding = invalid ? 'invalid' : status === 'stored' ? 'side' : 'missing';
  const block = hasBody ? chain.block(id) : null;
  const parent = block && chain.header(header.previous);
  const summary = parent && summaryOfSideBlock(block, parent.header, network, partyOf);
  return {
    height: header.height,
    id,
    previous: header.previous,
    time: header.timeMs,
    miner: partyOf(addressText(header.miner)),
    work: workOfBits(header.bits).toString(),
    cumulativeWork: work.toString(),
    standing,
    reason: invalid,
    transactions: summary?.transactions ?? null,
    reward: summary?.reward ?? null,
  };
}

function reorganisationInfo(each: ChainReorganisation, own: Address | null, partyOf: PartyOf): Reorganisation {
  const { timeMs, fork, replaced, by, rewards, rewardsOf, returned, blocks } = each;
  return {
    time: timeMs,
    fork,
    replaced,
    by,
    rewards: formatCoins(rewards),
    ownRewards: formatCoins((own !== null && rewardsOf.get(own)) || 0),
    returned,
    blocks: blocks.map(({ height, id, miner, reward }) => ({
      height,
      id,
      miner: partyOf(addressText(miner)),
      reward: formatCoins(reward),
    })),
  };
}
