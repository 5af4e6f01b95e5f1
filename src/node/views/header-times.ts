import type { HeaderTimes, TimedBlock } from '../../api/api.ts';
import { argumentInvalid } from '../../api/arguments.ts';
import { expectedBits, type HeaderContext } from '../../consensus/difficulty.ts';
import { checkParent, maxFutureMs } from '../../consensus/header.ts';
import { brokenBy } from '../../consensus/rule-error.ts';
import { NONCE_BYTES, sealHeader, type SealedHeader } from '../../protocol/block.ts';
import { workOfBits } from '../../protocol/target.ts';
import type { ErrorCode } from '../../util/error-codes.ts';
import type { LedgerContents } from '../ledger.ts';

/** Blocks of the chain that the answer begins with; the rule asks for more headers than these. */
const RECENT = 6;
const MAX_GAPS = 32;
/** Ten days: longer than any wait that the rule counts, and far below 2^53. */
const MAX_GAP_MS = 864_000_000;
const NO_SEAL = new Uint8Array(NONCE_BYTES);

/**
 * Applies the rules about header times and targets to headers above the tip that exist nowhere else.
 * @param given milliseconds between each header and its parent
 * @throws TabchainError `argument-invalid`
 */
export function headerTimes({ chain, network }: Pick<LedgerContents, 'chain' | 'network'>, given: unknown): HeaderTimes {
  const gaps = gapsArgument(given);
  const { parent: tip, at } = chain.context(chain.tip().id)!;
  const made: SealedHeader[] = [];
  const branch = (height: number): SealedHeader =>
    made[height - tip.header.height - 1] ?? (height === tip.header.height ? tip : at(height));
  let refusedBy: ErrorCode | null = null;
  for (const gap of gaps) {
    const parent = made.at(-1) ?? tip;
    const header = { ...parent.header, height: parent.header.height + 1, previous: parent.id, timeMs: parent.header.timeMs + gap };
    refusedBy = brokenBy(() => checkParent(sealHeader(header, NO_SEAL), parent));
    if (refusedBy !== null) break;
    const context: HeaderContext = { parent, at: branch };
    made.push(sealHeader({ ...header, bits: expectedBits(network, context, header.timeMs) }, NO_SEAL));
  }
  const lowest = Math.max(1, chain.base() + 1, tip.header.height - RECENT + 1);
  const recent = Array.from({ length: Math.max(0, tip.header.height - lowest + 1) }, (_, i) => branch(lowest + i));
  const timed = ({ header: { height, timeMs, bits } }: SealedHeader): TimedBlock => ({
    height,
    time: timeMs,
    gap: height < 2 ? null : timeMs - branch(height - 1).header.timeMs,
    difficulty: Number(workOfBits(bits)),
  });
  return { recent: recent.map(timed), next: made.map(timed), refusedBy, mostAheadMs: maxFutureMs(network) };
}

function gapsArgument(given: unknown): number[] {
  if (!Array.isArray(given) || given.length > MAX_GAPS) throw argumentInvalid('gaps', `a list of at most ${MAX_GAPS} numbers`);
  for (const gap of given) {
    if (!Number.isSafeInteger(gap) || Math.abs(gap) > MAX_GAP_MS) throw argumentInvalid('gaps', 'whole milliseconds, at most ten days');
  }
  return given;
}
