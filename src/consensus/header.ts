import { BLOCK_VERSION, type BlockHeader, type SealedHeader } from '../protocol/block.ts';
import type { Network, NetworkParameters } from '../protocol/network.ts';
import { expandBits } from '../protocol/target.ts';
import { expectedBits, type HeaderContext } from './difficulty.ts';
import { equalBytes, toHex } from '../util/bytes.ts';
import { RuleError } from './rule-error.ts';

/** A header more than this many block times ahead of the node's clock is held back and checked again later. */
const MAX_FUTURE_BLOCKS = 2;

/**
 * Checks a header against its ancestors, cheapest rule first. This node's clock is no part of the rules: clocks differ, so a header
 * ahead of this clock breaks none ({@link isTooFarAhead}).
 * @param historyRoot returns the root of the history up to the parent. Called only for a header with proof of work, because the root costs
 *   hashes.
 * @throws RuleError `version-unsupported`, `previous-wrong`, `height-wrong`, `time-not-after-parent`, `bits-wrong`, `seal-above-target`,
 *   `history-root-wrong`
 */
export function checkHeader(network: NetworkParameters, sealed: SealedHeader, context: HeaderContext, historyRoot: () => Uint8Array): void {
  const { header } = sealed;
  checkParent(sealed, context.parent);
  const bits = expectedBits(network, context, header.timeMs);
  if (header.bits !== bits) throw new RuleError('bits-wrong', { bits: header.bits.toString(16), expected: bits.toString(16) });
  if (!meetsTarget(sealed.id, bits)) throw new RuleError('seal-above-target', { id: sealed.id });
  const root = historyRoot();
  if (!equalBytes(header.historyRoot, root)) {
    throw new RuleError('history-root-wrong', { historyRoot: toHex(header.historyRoot), expected: toHex(root) });
  }
}

/**
 * The rules about a header and its parent alone.
 * @throws RuleError `version-unsupported`, `previous-wrong`, `height-wrong`, `time-not-after-parent`
 */
export function checkParent({ header }: SealedHeader, parent: SealedHeader): void {
  if (header.version !== BLOCK_VERSION) throw new RuleError('version-unsupported', { version: header.version });
  if (header.previous !== parent.id) throw new RuleError('previous-wrong');
  if (header.height !== parent.header.height + 1) {
    throw new RuleError('height-wrong', { height: header.height, expected: parent.header.height + 1 });
  }
  if (header.timeMs <= parent.header.timeMs) {
    throw new RuleError('time-not-after-parent', { timeMs: header.timeMs, parentTimeMs: parent.header.timeMs });
  }
}

/**
 * Checks a header's proof of work where the chain below is not known: its own target must be one that the network allows. Genesis needs
 * no work, and its id is the network's.
 * @throws RuleError `bits-wrong`, `seal-above-target`; TabchainError `bits-non-canonical`
 */
export function checkWork(network: Network, { header, id }: SealedHeader): void {
  if (id === network.id) return;
  if (expandBits(header.bits) > expandBits(network.powLimitBits)) throw new RuleError('bits-wrong', { bits: header.bits.toString(16) });
  if (!meetsTarget(id, header.bits)) throw new RuleError('seal-above-target', { id });
}

/**
 * Whether a seal digest meets a compact target.
 * @param id 64 hexadecimal digits, most significant first
 */
export function meetsTarget(id: string, bits: number): boolean {
  return BigInt('0x' + id) <= expandBits(bits);
}

/** How far a block's time may be ahead of the node's clock: 2 T. */
export function maxFutureMs(network: NetworkParameters): number {
  return MAX_FUTURE_BLOCKS * network.blockTimeMs;
}

/** Whether to hold a header back until its time is at most 2 T after `nowMs`. The header's sender is not to blame. */
export function isTooFarAhead(network: NetworkParameters, header: BlockHeader, nowMs: number): boolean {
  return header.timeMs > nowMs + maxFutureMs(network);
}
