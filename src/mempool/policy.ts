/**
 * What this node keeps and passes on. None of it is a rule of the chain: a block that breaks all of these is valid.
 */

/** Smallest units a byte: a plain transfer of about 330 bytes costs 0.00033 coins, so filling a block of 256 KiB costs a quarter coin. */
export const MIN_FEE_PER_BYTE = 1;

/** Sixteen blocks of the default size: a quarter of an hour of congestion at the default pace, and a few MiB in every tab. */
export const MAX_MEMPOOL_BYTES = 4 * 1024 * 1024;

/**
 * What of it transfers may take that no block can take now, because a nonce before them or coins are missing. They have paid nothing and
 * perhaps never will, so they leave first. Gossip reorders by seconds: a tenth holds 1,300 of them.
 */
export const MAX_PARKED_BYTES = MAX_MEMPOOL_BYTES / 10;

/** Other people's transfers that no block could take for this long leave; their owners announce them again once a minute. */
export const PARKED_EXPIRY_MS = 10 * 60 * 1_000;

/** Transactions of one account, so that nobody fills the mempool with one balance. */
export const MAX_ACCOUNT_TRANSACTIONS = 512;

/** A transfer may come this many numbers before the ones it waits for: gossip reorders, but not by more. */
export const MAX_NONCE_GAP = 16;

/**
 * A replacement pays at least 10 % more a byte than what it replaces, and the least fee of its own bytes on top: all nodes relay it, but
 * the chain will take the fee of one of the two only.
 */
export const REPLACEMENT_RATE_PERCENT = 110;

/** Registrations are free, but each shows the work of its stamp; more of them than four blocks take leave by it, the least work first. */
export const MAX_POOLED_REGISTRATIONS = 256;

/**
 * Where so many wait, a newcomer shows this many times the work of the last of them: enough to be among the next block's, since every
 * block takes the best and what is left over piles up just below what a block takes.
 */
export const FULL_POOL_WORK_FACTOR = 2;

/** Other people's transactions that no block took within a day are forgotten; their owners announce them again. */
export const FOREIGN_EXPIRY_MS = 24 * 60 * 60 * 1_000;

/** Own transactions this deep under the tip are not remembered apart from the chain any more; no reorganisation was ever so deep. */
export const OWN_BURIAL_BLOCKS = 100;

/** Own failed transactions whose reason is kept for the owner to see. */
export const MAX_DROPPED_KEPT = 100;
