import type { ChainTrial, LaterBlock } from '../../api/api.ts';
import { checkParent, meetsTarget } from '../../consensus/header.ts';
import { brokenBy } from '../../consensus/rule-error.ts';
import { sealHeader, type SealedHeader } from '../../protocol/block.ts';
import type { History } from '../../protocol/history.ts';
import { workOfBits } from '../../protocol/target.ts';
import { equalBytes } from '../../util/bytes.ts';
import type { ErrorCode } from '../../util/error-codes.ts';
import type { LedgerContents } from '../ledger.ts';
import { hashrateBefore } from '../status.ts';
import { blockTrial, changedBlock, type ChangedBlock, type KnownBlock } from './block-trial.ts';

/** Blocks above the altered block that are checked: each costs some hashes, so 2,000 take a tenth of a second. */
const MAX_CHECKED = 2_000;
/** Blocks above that the answer lists. */
const MAX_LISTED = 200;

/**
 * Alters an active block in memory, and applies to the blocks above the rules that tie each block to the blocks below. Stores nothing.
 * @param relink whether the blocks above get the new ids and history roots, as a forger would write them
 */
export function chainTrial(ledger: LedgerContents, known: KnownBlock, changed: ChangedBlock, relink: boolean): ChainTrial {
  const { chain, store } = ledger;
  const copy = changedBlock(known.block, changed);
  const block = blockTrial(ledger, known, changed, copy);
  const { height } = known.block.header;
  const tip = chain.tip();
  let below: SealedHeader = copy;
  let history = chain.historyUpTo(known.parent.id)!.append(below.id, workOfBits(known.block.header.bits));
  const later: LaterBlock[] = [];
  let refused = 0;
  const stored = store.headers(height + 1, MAX_CHECKED);
  for (const each of stored) {
    const sealed = relink ? relinked(each, below, history) : each;
    const refusedBy = brokenTie(sealed, below, history);
    if (refusedBy !== null) refused++;
    if (later.length < MAX_LISTED) later.push({ height: sealed.header.height, id: sealed.id, previous: sealed.header.previous, refusedBy });
    history = history.append(sealed.id, workOfBits(sealed.header.bits));
    below = sealed;
  }
  const work = tip.work - chain.locate(known.parent.id)!.work;
  const hashrate = hashrateBefore(chain);
  return {
    block,
    later,
    above: tip.height - height,
    checked: stored.length,
    refused,
    work: work.toString(),
    seconds: hashrate > 0 ? Number(work) / hashrate : null,
  };
}

/** The header as a forger writes it on an altered block below. Its nonce stays, because a new one costs work. */
function relinked({ header, nonce }: SealedHeader, below: SealedHeader, history: History): SealedHeader {
  return sealHeader({ ...header, previous: below.id, historyRoot: history.root }, nonce);
}

/** The first rule that a block breaks against the block below, its own target and the history; null where all hold. */
function brokenTie(sealed: SealedHeader, below: SealedHeader, history: History): ErrorCode | null {
  const broken = brokenBy(() => checkParent(sealed, below));
  if (broken !== null) return broken;
  if (!meetsTarget(sealed.id, sealed.header.bits)) return 'seal-above-target';
  return equalBytes(sealed.header.historyRoot, history.root) ? null : 'history-root-wrong';
}
