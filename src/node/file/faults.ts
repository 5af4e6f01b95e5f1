import type { FileFault, FileNetwork } from '../../api/file.ts';
import type { SealedHeader } from '../../protocol/block.ts';
import { formatNetworkLink, type Network } from '../../protocol/network.ts';
import { RowError } from '../../storage/row-error.ts';
import { transactionKey } from '../../storage/sql/blocks.ts';
import { TabchainError } from '../../util/errors.ts';

/** A block of a file breaks a rule. */
export class BlockFault extends TabchainError {
  readonly block: Pick<SealedHeader, 'header'>;

  constructor(block: Pick<SealedHeader, 'header'>, rule: TabchainError) {
    super(rule.code, rule.message, rule.details);
    this.block = block;
  }
}

/** A fault of a file as the API reports it; null for an error that says nothing about the chain in the file. */
export function faultOf(error: unknown): FileFault | null {
  if (error instanceof RowError) {
    const { code, message, height, transaction, table, row, values } = error;
    return { code, message, height, transaction, table, row, values };
  }
  if (!(error instanceof BlockFault)) return null;
  const { code, message, details } = error;
  const { height } = error.block.header;
  const position = typeof details['position'] === 'number' ? details['position'] : null;
  const place =
    position === null
      ? ({ table: 'blocks', row: String(height) } as const)
      : ({ table: 'transactions', row: String(transactionKey(height, position)) } as const);
  return { code, message, height, transaction: position, ...place, values: null };
}

export function describeNetwork(network: Network): FileNetwork {
  return { id: network.id, label: network.label, link: formatNetworkLink(network) };
}
