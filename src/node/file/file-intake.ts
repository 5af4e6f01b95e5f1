import type { FileIntakeOutcome } from '../../api/file-service.ts';
import type { Chain } from '../../chain/chain.ts';
import { decodeBlock, readSealedHeader, type SealedHeader } from '../../protocol/block.ts';
import { Reader } from '../../protocol/codec.ts';
import { TabchainError } from '../../util/errors.ts';
import { BlockFault, faultOf } from './faults.ts';

/** The sender of the headers of files, because the chain counts a long branch for its sender. Only one file is taken at a time. */
const FILE_SOURCE = Object.freeze({});

/** Gives consecutive sealed headers of a file to the chain, like those of a peer. An empty list ends the headers of the file. */
export function takeHeaders(chain: Chain, items: readonly Uint8Array[]): FileIntakeOutcome {
  const headers = items.map(readHeader);
  if (headers.length === 0) chain.releaseSource(FILE_SOURCE);
  const outcome = chain.acceptHeaders(headers, FILE_SOURCE);
  const isBehind = chain.bestHeader().work > chain.tip().work;
  if (outcome.status === 'again') return { accepted: 0, fresh: 0, isBehind, status: 'again', fault: null };
  if (outcome.status === 'accepted') {
    const status = outcome.held > 0 ? 'ahead' : 'more';
    return { accepted: headers.length - outcome.held, fresh: 0, isBehind, status, fault: null };
  }
  const accepted = Math.max(
    0,
    headers.findIndex(({ id }) => !chain.hasHeader(id)),
  );
  return { accepted, fresh: 0, isBehind, ...refused(headers[accepted]!, outcome) };
}

/** Gives consecutive blocks of a file to the chain, like those of a peer. */
export async function takeBlocks(chain: Chain, items: readonly Uint8Array[]): Promise<FileIntakeOutcome> {
  const blocks = items.map((bytes) => decodeBlock(bytes, chain.network.maxBlockBytes));
  for (const block of blocks) chain.prevalidate(block);
  const outcomes = await chain.acceptBlocks(blocks);
  const isBehind = chain.bestHeader().work > chain.tip().work;
  let fresh = 0;
  for (const [accepted, outcome] of outcomes.entries()) {
    if (outcome.status === 'held') return { accepted, fresh, isBehind, status: 'ahead', fault: null };
    if (outcome.status === 'rejected' || outcome.status === 'orphan') {
      return { accepted, fresh, isBehind, ...refused(blocks[accepted]!, outcome) };
    }
    if (outcome.status !== 'known') fresh++;
  }
  return { accepted: blocks.length, fresh, isBehind, status: 'more', fault: null };
}

function readHeader(bytes: Uint8Array): SealedHeader {
  const reader = new Reader(bytes);
  const header = readSealedHeader(reader);
  reader.end();
  return header;
}

/** An orphan's parent is unknown: the file does not continue a chain that the node knows. */
function refused(
  item: Pick<SealedHeader, 'header'>,
  outcome: { readonly status: string; readonly error?: TabchainError },
): Pick<FileIntakeOutcome, 'status' | 'fault'> {
  const error = outcome.error ?? new TabchainError('previous-wrong', 'The block does not continue a chain that this tab knows.');
  return { status: 'refused', fault: faultOf(new BlockFault(item, error)) };
}
