import { MIN_FEE_PER_BYTE } from '../mempool/policy.ts';
import { BLOCK_OVERHEAD_BYTES } from '../miner/template.ts';
import { SEALED_MEMO_BYTES } from '../protocol/memo.ts';
import { formatCoins } from '../protocol/amount.ts';
import { TRANSFER_BYTES } from '../protocol/transactions/transfer.ts';
import { feeOf } from '../protocol/transaction.ts';
import type { FeeHint, FeeLevel } from '../api/api.ts';
import type { LedgerContents } from './ledger.ts';

/** Suggested while blocks have room. Small, but above the minimum, so that the transfer is not stuck in the first busy minute. */
const CALM_FEE_PER_BYTE = 3;
/** The highest suggestion, whatever others pay: a hundredth of a coin for a plain transfer. A person can enter a higher fee. */
const MAX_SUGGESTED_FEE_PER_BYTE = 30;
/** Suggested fees are rounded up to a ten-thousandth of a coin, so that people can read them. */
const FEE_ROUNDING_UNITS = 100;
/** "Soon" means within this many blocks: a minute at the default pace. */
const SOON_BLOCKS = 4;
/** "Soon" pays this while blocks have room: between the minimum and the suggestion. */
const SOON_FEE_PER_BYTE = 2;

type Line = ReturnType<LedgerContents['mempool']['line']>;

const roomOf = ({ network }: Pick<LedgerContents, 'network'>): number => network.maxBlockBytes - BLOCK_OVERHEAD_BYTES;

/**
 * Suggests a fee from the transactions of the next block. Transactions that must wait longer, or can never be mined, do not affect the
 * price of a place. Somebody who fills the block at their own cost can raise the suggestion at most tenfold.
 */
export function feeHint(ledger: LedgerContents): FeeHint {
  const perByte = nextRate(ledger);
  return {
    minimum: formatCoins(MIN_FEE_PER_BYTE * TRANSFER_BYTES),
    suggested: formatCoins(suggestedFee(perByte, TRANSFER_BYTES)),
    perByte,
  };
}

function nextRate({ mempool, network }: LedgerContents): number {
  const next = mempool.select(roomOf({ network }));
  const bytes = next.reduce((sum, decoded) => sum + decoded.bytes.length, BLOCK_OVERHEAD_BYTES);
  const hasRoom = bytes + TRANSFER_BYTES + SEALED_MEMO_BYTES <= network.maxBlockBytes;
  // Registrations pay no fee, so they do not affect the price.
  const rates = hasRoom ? [] : next.map(({ transaction, bytes }) => feeOf(transaction) / bytes.length).filter((rate) => rate > 0);
  // Enough to come before the cheapest of these transactions.
  const lowest = rates.length === 0 ? 0 : before(rates.reduce((least, rate) => Math.min(least, rate)));
  return Math.min(MAX_SUGGESTED_FEE_PER_BYTE, Math.max(CALM_FEE_PER_BYTE, lowest));
}

/** A whole rate that comes before `rate`, also after the next small raise. */
const before = (rate: number): number => Math.ceil(rate * 1.1) + 1;

/** Smallest units, rounded for reading. */
export function suggestedFee(perByte: number, bytes: number): number {
  return Math.ceil((perByte * bytes) / FEE_ROUNDING_UNITS) * FEE_ROUNDING_UNITS;
}

/** The fee of a transfer of `bytes` bytes, smallest units; never more than for a nearer block. */
export function feeOfLevel(ledger: LedgerContents, level: FeeLevel['level'], bytes: number): number {
  if (level === 'whenever') return suggestedFee(MIN_FEE_PER_BYTE, bytes);
  const next = nextRate(ledger);
  return suggestedFee(level === 'next' ? next : Math.min(next, soonRate(ledger)), bytes);
}

function soonRate(ledger: LedgerContents): number {
  const { registrationBytes, transfers } = ledger.mempool.line();
  const block = roomOf(ledger);
  let room = SOON_BLOCKS * block - Math.min(registrationBytes, (SOON_BLOCKS * block) / 2) - TRANSFER_BYTES - SEALED_MEMO_BYTES;
  for (const { rate, bytes } of transfers) {
    room -= bytes;
    if (room < 0) return Math.max(SOON_FEE_PER_BYTE, before(rate));
  }
  return SOON_FEE_PER_BYTE;
}

/**
 * Blocks until a block takes a transfer, if no better-paying transfer arrives. Registrations take at most half of each block.
 * @param replaced id of the waiting transfer whose place the transfer takes
 */
export function expectedBlocks(
  ledger: LedgerContents,
  { fee, bytes }: { readonly fee: number; readonly bytes: number },
  replaced: string | null = null,
): number {
  const line = ledger.mempool.line(replaced);
  return blocksFor(line, bytesBefore(line, fee / bytes) + bytes, roomOf(ledger));
}

function bytesBefore({ transfers }: Line, rate: number): number {
  return transfers.reduce((sum, place) => (place.rate >= rate ? sum + place.bytes : sum), 0);
}

function blocksFor({ registrationBytes }: Line, bytes: number, block: number): number {
  let blocks = 0;
  let registrations = registrationBytes;
  for (let left = bytes; left > 0; blocks++) {
    const taken = Math.min(registrations, block / 2);
    registrations -= taken;
    left -= block - taken;
  }
  return blocks;
}
