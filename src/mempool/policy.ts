/** This node's policy: which transactions it keeps and relays. Policy is not part of the chain's rules, so blocks need not follow it. */

/** Smallest units per byte: a plain transfer of about 330 bytes costs 0.00033 coins, and filling a block of 256 KiB a quarter coin. */
export const MIN_FEE_PER_BYTE = 1;

/** Sixteen blocks of the default size: a quarter of an hour of congestion at the default pace, and a few MiB in every tab. */
export const MAX_MEMPOOL_BYTES = 4 * 1024 * 1024;

/**
 * Most bytes of parked transfers: no block can take them now, because an earlier nonce or coins are missing. They have paid nothing and
 * perhaps never will, so they are evicted first. Gossip reorders by seconds: a tenth of the mempool holds 1,300 parked transfers.
 */
export const MAX_PARKED_BYTES = MAX_MEMPOOL_BYTES / 10;

/** Other accounts' transfers expire after this time in the parked state. Their senders announce them again once a minute. */
export const PARKED_EXPIRY_MS = 10 * 60 * 1_000;

/** Most transactions of one account, so that one balance cannot fill the mempool. */
export const MAX_ACCOUNT_TRANSACTIONS = 512;

/** A transfer's nonce may exceed the account's next free nonce by at most this number: gossip reorders transfers, but not further. */
export const MAX_NONCE_GAP = 16;

/**
 * A replacement pays at least 10 % more per byte than the replaced transfer, and the minimum fee of its own bytes on top. All nodes relay
 * both transfers, but the chain takes the fee of only one.
 */
export const REPLACEMENT_RATE_PERCENT = 110;

/** As many registrations as four blocks take. Registrations pay no fee: beyond this number, the stamp with the least work is evicted. */
export const MAX_POOLED_REGISTRATIONS = 256;

/**
 * When the pool is full, a new stamp aims at this many times the work of the pool's last registration. The next block then takes it:
 * every block takes the registrations with the most work, so the others collect just below the work that a block takes.
 */
export const FULL_POOL_WORK_FACTOR = 2;

/** Other accounts' transactions that no block took within a day are dropped. Their senders announce them again. */
export const FOREIGN_EXPIRY_MS = 24 * 60 * 60 * 1_000;

/** Own transactions this deep below the tip are no longer stored separately, because no reorganisation was ever so deep. */
export const OWN_BURIAL_BLOCKS = 100;

/** Number of own dropped transactions that are kept with their reason, so that the owner can read it. */
export const MAX_DROPPED_KEPT = 100;
