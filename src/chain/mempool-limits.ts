/**
 * What this node keeps and passes on. None of it is a rule of the chain: a block that breaks all of these is valid.
 */

/** Smallest units a byte: a plain transfer of about 330 bytes costs 0.00033 coins, so filling a block of 256 KiB costs a quarter coin. */
export const MIN_FEE_PER_BYTE = 1;

/** Sixteen blocks of the default size: a quarter of an hour of congestion at the default pace, and a few MiB in every tab. */
export const MAX_MEMPOOL_BYTES = 4 * 1024 * 1024;

/** Transactions of one account, so that nobody fills the mempool with one balance. */
export const MAX_ACCOUNT_TRANSACTIONS = 512;

/** A transfer may come this many numbers before the ones it waits for: gossip reorders, but not by more. */
export const MAX_NONCE_GAP = 16;

/** A replacement pays at least 10 % more than what it replaces, so that replacing costs what it makes others relay. */
export const REPLACEMENT_FEE_PERCENT = 110;

/** Registrations are free, but each has cost its sender about two seconds of work: four blocks full. */
export const MAX_POOLED_REGISTRATIONS = 256;

/** Other people's transactions that no block took within a day are forgotten; their owners announce them again. */
export const FOREIGN_EXPIRY_MS = 24 * 60 * 60 * 1_000;

/** Own transactions this deep under the tip are not remembered apart from the chain any more; no reorganisation was ever so deep. */
export const OWN_BURIAL_BLOCKS = 100;

/** Own failed transactions whose reason is kept for the owner to see. */
export const MAX_DROPPED_KEPT = 100;
