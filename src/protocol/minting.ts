import { MAX_SUPPLY } from './amount.ts';
import type { BlockHeader } from './block.ts';
import { subsidyAt, type NetworkParameters } from './network.ts';
import { registrationIn, type DecodedTransaction } from './transaction.ts';

/** The smallest units that a block mints. */
export interface Minting {
  /** For each transaction of the block: units for its sender. */
  readonly grants: readonly number[];
  /** Units for the block's miner. */
  readonly subsidy: number;
  /** Units in existence after the block. */
  readonly supply: number;
}

/**
 * What a block mints: a grant with each registration in block order, then the subsidy, while the supply is below {@link MAX_SUPPLY}.
 * Connecting, undoing and storing a block all use this function, so they cannot differ near the largest supply.
 * @param parent height and supply of the parent
 */
export function mintingOf(
  network: NetworkParameters,
  parent: Pick<BlockHeader, 'height' | 'supply'>,
  transactions: readonly DecodedTransaction[],
): Minting {
  let { supply } = parent;
  const grants = transactions.map(({ transaction }) => {
    const granted = registrationIn(transaction) ? Math.min(network.grant, MAX_SUPPLY - supply) : 0;
    supply += granted;
    return granted;
  });
  const subsidy = subsidyAt(network, parent.height + 1, supply);
  return { grants, subsidy, supply: supply + subsidy };
}
