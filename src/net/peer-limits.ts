/** Every limit of the network layer, each with its reason. Limits of single messages stand in protocol/wire.ts. */

/** One timer drives all time-outs of a node; they need no finer grain. */
export const TICK_MS = 1_000;

/**
 * A tick this late means that the whole tab was asleep (lid closed, phone locked): silence during that time proves nothing,
 * so links get a fresh chance.
 */
export const ASLEEP_MS = 10_000;

/** Hello is the first thing sent, so only a broken or hostile node needs this long on the slowest relayed link. */
export const HELLO_TIMEOUT_MS = 10_000;

/** Keeps the tip claims fresh, heals lost announcements within seconds, and costs 8 bytes a second. */
export const PING_INTERVAL_MS = 10_000;

/** Two pings and a half without any sign of life: the tab is frozen or gone (WebRTC alone notices after 16 s, or never). */
export const SILENCE_TIMEOUT_MS = 25_000;

/** Long enough that a hostile tab is no steady load, short enough that a fixed bug or a new version is not locked out. */
export const DISCOURAGE_MS = 10 * 60_000;
/** Peer ids are free to make, so this list can only ever slow an attacker down; it must not grow. */
export const MAX_DISCOURAGED = 1_000;

/** Frames leave room for other traffic between those of a large block and pass every browser's data channel. */
export const FRAME_BYTES = 64 * 1024;

/** Above this no more answers are made for a link until it drains (the high mark measured best for data channels). */
export const SEND_HIGH_WATER_BYTES = 256 * 1024;

/** With this much, beyond the longest message, still to be sent, a peer does not read: what is announced unasked stays far below it. */
export const MAX_SEND_BUFFER_BYTES = 2 * 1024 * 1024;

// What waits for its turn

/**
 * Bytes of one link that wait for this node: all that may have been asked of one peer ({@link MAX_IN_FLIGHT_BYTES} and one message beyond) fits
 * in, so an honest peer stays below it however slowly this node works.
 */
export const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;
/** Their number: twice what comes where everything that may be in flight ({@link MAX_TRANSACTIONS_IN_FLIGHT}) arrives at once. */
export const MAX_BACKLOG_FRAMES = 4_096;
/** The same of all links together: more than {@link DOWNLOAD_WINDOW_BYTES}, and no burden even to a phone. */
export const MAX_TOTAL_BACKLOG_BYTES = 40 * 1024 * 1024;

/**
 * Milliseconds of this node's time that one link may use each second, blocks and better headers that it brings not counted: enough to serve
 * blocks as fast as a data channel takes them…
 */
export const LINK_MS_PER_SECOND = 250;
/** …saved up to this, and owed up to this: the dearest message makes its sender wait a second… */
export const LINK_BURST_MS = 250;
/** …and this to begin with: a handshake and some questions. */
export const FIRST_ALLOWANCE_MS = 50;
/** All links together: half of a core, however many there are. */
export const ALL_LINKS_MS_PER_SECOND = 500;

/**
 * What a turn costs the page's thread, which cannot be measured here: it carries a frame in, and mostly an answer out (0.12 ms for a send
 * alone, on two busy cores). Without it a flood of tiny questions costs its sender next to nothing, and the page all of its time.
 */
export const CARRIAGE_MS = 0.2;

/** After so long without a break this thread is let go for a moment, to hear calls and the links. */
export const TURNS_SLICE_MS = 10;

// Questions of others

/** Blocks and transactions asked for and not yet sent, for one link; the rest is answered `notFound` and asked of others. */
export const MAX_SERVE_QUEUE = 4_000;
/** Questions for a block's transactions that wait, for one link: an honest peer puts a block together at a time, or a few. */
export const MAX_WAITING_PARTS = 16;
/** Transactions (or refusals) sent in one go: some hundred microseconds. */
export const MAX_ITEMS_AN_ANSWER = 100;
/** Blocks kept as they were sent; sixteen full ones of the default size. */
export const MAX_CACHED_BLOCK_BYTES = 4 * 1024 * 1024;
/** Batches of headers kept as they were sent; 78 KB each. */
export const MAX_CACHED_HEADER_ANSWERS = 16;

/** Ids remembered per link, to announce nothing twice: several full mempools' worth, about 1 MB a link at most. */
export const MAX_KNOWN_IDS = 10_000;

// Headers and blocks

/** A batch of headers takes milliseconds to serve; a relayed, busy phone seconds. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** Peers asked for headers side by side: a claim is worth nothing until its headers are here, so those of one peer must not hold up others'. */
export const MAX_HEADER_QUESTIONS = 3;
/** A question unanswered for so long keeps nobody else from being asked; while one peer delivers, another one is tried this often. */
export const HEADERS_PATIENCE_MS = 500;
/** Who led nowhere so often in a row is asked no more for a while, whatever new tips it names. */
export const MAX_HEADER_FAILURES = 3;
/** Whoever announces blocks and then shows nothing new is asked again this often at most. */
export const BARREN_QUESTION_MS = 1_000;
/**
 * A tab with new links knows nothing of where others stand until one of them has answered. For so long at most it waits for that, and takes no
 * transactions meanwhile, which it could not judge.
 */
export const UNSURE_MS = 3_000;

/** A claim of more work that its owner could not show is believed again after this long (its header may have been ahead of this clock). */
export const CLAIM_RETRY_MS = 30_000;

/** Blocks asked of a peer that has never delivered any: enough to show what it can. */
export const UNPROVEN_IN_FLIGHT_BLOCKS = 2;
/** Blocks asked of one peer at a time, so that its link is never idle… */
export const MAX_IN_FLIGHT_BLOCKS = 16;
/** …and their greatest total, which bounds memory where blocks are large. */
export const MAX_IN_FLIGHT_BYTES = 8 * 1024 * 1024;

/** How far ahead of the lowest missing block others are fetched: keeps 8 peers busy… */
export const DOWNLOAD_WINDOW_BLOCKS = 128;
/** …and their greatest total: they are stored until the lowest comes, and the chain keeps 32 MiB of such blocks. */
export const DOWNLOAD_WINDOW_BYTES = 24 * 1024 * 1024;

/** A peer that delivers nothing of what was asked for this long… */
export const BLOCK_TIMEOUT_MS = 10_000;
/** …or longer where blocks are large: the slowest link worth having. */
export const SLOWEST_BYTES_PER_SECOND = 64 * 1024;
/** …is asked only when nobody else can serve, for this long. */
export const SLOW_PEER_MS = 60_000;

/** The same of a peer that has never delivered. */
export const UNPROVEN_TIMEOUT_MS = 2_000;

/** The lowest missing block holds up all others: when its peer has delivered nothing for this long, it is asked of another one, too. */
export const STALL_MS = 3_000;
/** The same near the tip, where everybody waits for that very block, and of a peer that has never delivered. */
export const NEAR_STALL_MS = 1_000;

/** Blocks connected in one task of the mailbox: more of them save little more… */
export const MAX_GROUP_BLOCKS = 8;
/** …and one that passes so many transactions is the last of its task, so that this node answers others again within a tenth of a second. */
export const MAX_GROUP_TRANSACTIONS = 800;

/**
 * A better branch whose next body does not come for this long may never come: its miner is gone, or withholds it. Until it does this node
 * mines and gossips on what it has; otherwise a peer with a few headers and no bodies could bring a network to a halt.
 */
export const CATCH_UP_PATIENCE_MS = 30_000;

/**
 * What of this patience each body gives back. Bodies that only drip in, just in time for the next wait, use it up: a slow peer, or one that
 * means to keep others from mining, holds this node for so long a block at most.
 */
export const PATIENCE_PER_BLOCK_MS = 2_000;

/** A node less than this behind its best header takes part in gossip as if it were synced. */
export const NEARLY_SYNCED_BLOCKS = 3;

// Transactions and announcements

/** Gathers the transactions of one burst into one announcement; below what a person notices. */
export const ANNOUNCE_DELAY_MS = 50;

/** Answered within a round trip by anybody alive; after this long others who announced it are asked beside, in growing number… */
export const TRANSACTION_PATIENCE_MS = 1_000;
/** …and after this long, where there are no others, it is asked for no more. */
export const TRANSACTION_TIMEOUT_MS = 5_000;
/** Transactions asked for at a time from one peer, so that 24 peers cannot make this node hold much (32 bytes each). */
export const MAX_TRANSACTIONS_IN_FLIGHT = 2_000;
/** The same for a peer that did not deliver the last transaction it announced, because invented ids cost the peer nothing and this node questions. */
export const MAX_BARREN_IN_FLIGHT = 32;
/** Other peers remembered who could also deliver it: all, since those that announce it first may be the ones that withhold it. */
export const MAX_ALTERNATIVE_SOURCES = 32;

/** Ids refused since the tip last changed, not fetched again. */
export const MAX_REFUSED_IDS = 5_000;

/** Own unconfirmed transactions are announced again: somebody may have dropped, or just joined without, them. */
export const OWN_ANNOUNCE_MS = 60_000;
/** A tab's own pending payments; more than a person makes. */
export const MAX_OWN_IDS = 1_000;

/** A mempool's inventory is given to one peer this often at most… */
export const MEMPOOL_REQUEST_MS = 5_000;
/** …so it is asked for no more often, with room for links that delay one question more than the next: one that comes early may be ignored. */
export const MEMPOOL_QUESTION_MS = MEMPOOL_REQUEST_MS + 1_000;
/** Best-paying ids given: 160 KB, more than the next blocks take. */
export const MAX_MEMPOOL_IDS = 5_000;

// Compact blocks

/** A peer at most this far behind has the transactions' context and gets the compact block; others only the id. */
export const COMPACT_DEPTH_BLOCKS = 2;

/** Transactions the receiver surely lacks are sent along up to this many bytes (about 25 of them); more costs a round trip instead. */
export const MAX_PREFILLED_BYTES = 16 * 1024;

/** The missing transactions come within a round trip; after this long others are asked beside, in growing number… */
export const COMPACT_PATIENCE_MS = 500;
/** …up to so many in one go. */
export const MAX_COMPACT_QUESTIONS = 4;
/** A block still incomplete after this long is fetched like any other. */
export const COMPACT_TIMEOUT_MS = 3_000;

/** Incomplete compact blocks kept at a time: miners racing for one height, with room. */
export const MAX_PENDING_COMPACT = 8;
