/**
 * Limits that a small world of six minutes would never reach, made so small that it reaches them: `npm run sim -- --tight`. Like the
 * deliberate faults (mutations.mjs) they are put into the compiled source while it is loaded. Every promise must still hold.
 */
export const TIGHT = {
  '/src/net/peer-limits.ts': {
    // Even a message of a few transactions needs several frames.
    FRAME_BYTES: 700,
    SEND_HIGH_WATER_BYTES: 4_096,
    MAX_SEND_BUFFER_BYTES: 262_144,
    MAX_SERVE_QUEUE: 6,
    MAX_WAITING_PARTS: 1,
    MAX_ITEMS_AN_ANSWER: 2,
    MAX_CACHED_BLOCK_BYTES: 1_000,
    MAX_CACHED_HEADER_ANSWERS: 1,
    MAX_KNOWN_IDS: 12,
    MAX_IN_FLIGHT_BLOCKS: 2,
    DOWNLOAD_WINDOW_BLOCKS: 5,
    MAX_GROUP_BLOCKS: 2,
    MAX_GROUP_TRANSACTIONS: 2,
    // No fewer than one person has waiting: otherwise the last ids of an announcement would never be requested.
    MAX_TRANSACTIONS_IN_FLIGHT: 10,
    MAX_ALTERNATIVE_SOURCES: 1,
    MAX_REFUSED_IDS: 2,
    MAX_MEMPOOL_IDS: 3,
    MAX_PREFILLED_BYTES: 700,
    MAX_PENDING_COMPACT: 1,
    MAX_DISCOURAGED: 1,
  },
  '/src/protocol/wire.ts': { MAX_HEADERS: 6, MAX_INVENTORY: 4 },
  '/src/mempool/policy.ts': {
    // About eight transfers.
    MAX_MEMPOOL_BYTES: 4_096,
    MAX_ACCOUNT_TRANSACTIONS: 4,
    MAX_NONCE_GAP: 2,
    MAX_POOLED_REGISTRATIONS: 1,
    FOREIGN_EXPIRY_MS: 20_000,
    MAX_DROPPED_KEPT: 2,
  },
  '/src/chain/header-intake.ts': { MAX_SIDE_HEADERS: 10 },
  '/src/chain/held-blocks.ts': { MAX_HELD_BLOCKS: 1 },
  '/src/chain/active-chain.ts': { GROUP_BLOCKS: 2 },
  '/src/chain/chain-state.ts': { MAX_NEWCOMERS: 1 },
  '/src/chain/active-nodes.ts': { NEWEST_HEADERS: 'CONTEXT_HEADERS' },
  '/src/chain/side-blocks.ts': { SIDE_BLOCK_DEPTH: 8, MAX_SIDE_BYTES: 16_384 },
  '/src/consensus/transactions/registration.ts': { MAX_REGISTRATIONS_PER_BLOCK: 1 },
  '/src/storage/sql/accounts.ts': { MAX_CACHED_ACCOUNTS: 2 },
  '/src/storage/sql/packed-headers.ts': { HEADERS_AT_ONCE: 7 },
  // Databases of several chunks, so that a new image takes several transactions.
  '/src/storage/disk/page-file.ts': { CHUNK_BYTES: 16_384 },
  '/src/storage/disk/page-disk.ts': { CHUNKS_AT_ONCE: 2 },
  '/src/storage/disk/reading.ts': { CHUNKS_AT_ONCE: 2, PARTS_AT_ONCE: 2 },
  '/src/storage/disk/delta.ts': { MAX_PART_BYTES: 8_192 },
  '/src/node/ledger.ts': { BLOCKS_A_TURN: 2 },
  '/src/node/joining.ts': { RECENT_BLOCKS: 150, PRUNE_AT_ONCE: 8 },
  // A snapshot of several chunks.
  '/src/protocol/state-proof.ts': { MAX_CHUNK_ACCOUNTS: 100 },
};
