import type { Rate } from '../util/token-bucket.ts';

/** Every limit of the network layer, each with its reason. The limits of single messages are in protocol/wire.ts. */

/** One timer drives all time-outs of a node; they need no finer resolution. */
export const TICK_MS = 1_000;

/**
 * A tick this late means that the whole tab was asleep (lid closed, phone locked). Silence during that time proves nothing,
 * so links get a new chance.
 */
export const ASLEEP_MS = 10_000;

/** The hello is the first message, so only a broken or hostile node needs this long, even on the slowest relayed link. */
export const HELLO_TIMEOUT_MS = 10_000;

/** Keeps tip claims current, repairs lost announcements within seconds, and costs 8 bytes a second. */
export const PING_INTERVAL_MS = 10_000;

/** A link that brings nothing for this long gets a ping. So two tabs notice within five seconds that they lost each other… */
export const QUIET_MS = 1_500;
/**
 * …and more links wait longer, this much each, so that all links together cost at most two pings a second. A tab that nobody looks at and
 * that does not mine only pings every {@link PING_INTERVAL_MS}, and so leaves a phone's radio asleep.
 */
export const QUIET_MS_PER_LINK = 500;
/** Without an answer to a ping for this long, the page checks whether its own connections still work. */
export const DOUBT_MS = 900;
/**
 * Without an answer for this long, a link counts as silent: this node requests nothing from its peer, but keeps the link. A frozen tab may
 * go on, and a slow mobile network answers after a second.
 */
export const ANSWER_MS = 1_900;
/** A link that takes this much between two ticks works. A dead link takes announcements and pings, but no such stream. */
export const BUSY_LINK_BYTES = 16 * 1024;
/** A tick this late shows that this thread was busy, so answers may wait unread. */
export const BUSY_MS = 500;

/** Two and a half ping intervals without a message: the link closes, and the link maker tries again. */
export const SILENCE_TIMEOUT_MS = 25_000;

/** Long enough that a hostile tab is no steady load, short enough not to lock out a fixed bug or a new version. */
export const DISCOURAGE_MS = 10 * 60_000;
/** Peer ids cost nothing, so this list can only slow an attacker down. It must not grow. */
export const MAX_DISCOURAGED = 1_000;

/** A peer of another version counts this long after its hello. Tabs dial each other again every five minutes at the latest. */
export const OTHER_VERSION_MS = 6 * 60_000;
/** Enough for a school class. Peer ids cost nothing, so a longer list would only serve a liar. */
export const MAX_OTHER_VERSIONS = 100;

/** Small enough for every browser's data channel, and for other traffic between the frames of a large block. */
export const FRAME_BYTES = 64 * 1024;

/** Above this, a link gets no more answers until it drains (the best high mark in measurements of data channels). */
export const SEND_HIGH_WATER_BYTES = 256 * 1024;

/** A peer with this much unsent, beyond the longest message, does not read. Unrequested announcements stay far below this. */
export const MAX_SEND_BUFFER_BYTES = 2 * 1024 * 1024;

// Waiting frames

/**
 * Bytes of one link that wait for this node. All that may have been requested from one peer ({@link MAX_IN_FLIGHT_BYTES} and one message
 * beyond) fits, so an honest peer stays below this even if this node is slow.
 */
export const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;
/** Frames of one link that wait: twice {@link MAX_TRANSACTIONS_IN_FLIGHT}, which may all arrive at once. */
export const MAX_BACKLOG_FRAMES = 4_096;
/** Waiting bytes of all links together: more than {@link DOWNLOAD_WINDOW_BYTES}, and no burden even for a phone. */
export const MAX_TOTAL_BACKLOG_BYTES = 40 * 1024 * 1024;

/**
 * Milliseconds of this node's time that one link may use each second, not counting requested blocks and better headers. Enough to serve
 * blocks as fast as a data channel takes them.
 */
export const LINK_MS_PER_SECOND = 250;
/** The most of that time that a link can save up, or owe: the most expensive message makes its sender wait a second. */
export const LINK_BURST_MS = 250;
/** The allowance of a new link: enough for a handshake and some questions. */
export const FIRST_ALLOWANCE_MS = 50;
/** All links together, independent of their number: half of a core. */
export const ALL_LINKS_MS_PER_SECOND = 500;

/**
 * Cost of a turn for the page's thread, which this thread cannot measure: the page carries a frame in and usually an answer out (0.12 ms
 * for a send alone, on two busy cores). Without this charge, a flood of tiny questions would cost its sender almost nothing, but the page
 * all its time.
 */
export const CARRIAGE_MS = 0.2;

/** After this long without a break, the thread pauses for a moment to handle calls and the links. */
export const TURNS_SLICE_MS = 10;

// Requests of peers

/** Requested blocks and transactions not yet sent, for one link. Further requests are answered by `notFound`, so the peer asks others. */
export const MAX_SERVE_QUEUE = 4_000;
/** Waiting requests for a block's transactions, for one link: an honest peer reconstructs only one or a few blocks at a time. */
export const MAX_WAITING_PARTS = 16;
/** Waiting requests of a newcomer, for one link: an honest newcomer has a few samples or chunks of accounts open at a time. */
export const MAX_WAITING_PROOFS = 16;
/** Transactions (or refusals) sent in one turn: a few hundred microseconds. */
export const MAX_ITEMS_AN_ANSWER = 100;
/** Bytes of cached blocks; sixteen full blocks of the default size. */
export const MAX_CACHED_BLOCK_BYTES = 4 * 1024 * 1024;
/** Cached `headers` messages; 78 KB each. */
export const MAX_CACHED_HEADER_ANSWERS = 16;

/** Ids remembered per link, so nothing is announced twice: several full mempools, at most about 1 MB per link. */
export const MAX_KNOWN_IDS = 10_000;

// Headers and blocks

/** Serving a batch of headers takes milliseconds; a busy phone on a relayed link needs seconds. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** Peers asked for headers at once: a claim proves nothing until its headers arrive, so one peer must not delay the others. */
export const MAX_HEADER_QUESTIONS = 3;
/** After this long, an unanswered request no longer blocks others. While one peer delivers, another is tried this often. */
export const HEADERS_PATIENCE_MS = 500;
/** A peer that led nowhere this often in a row is not asked for a while, even if it names new tips. */
export const MAX_HEADER_FAILURES = 3;
/** Shortest time between two questions to a peer that announces blocks, but then sends nothing new. */
export const BARREN_QUESTION_MS = 1_000;
/**
 * A tab with new links does not know the others' chains until a peer has answered. The tab waits at most this long for an answer. It takes
 * no transactions meanwhile, because it could not judge them.
 */
export const UNSURE_MS = 3_000;
/**
 * After sleep or a change of network, the tip may be old. Mining and gossip wait at most this long for a peer's answer: a phone's network
 * needs some seconds to come back, and then the links.
 */
export const STALE_PATIENCE_MS = 10_000;

/** After this long, an unproven claim of more work is tested again, because its header may have been ahead of this clock. */
export const CLAIM_RETRY_MS = 30_000;

/** Blocks requested from a peer that has never delivered one: enough to prove itself. */
export const UNPROVEN_IN_FLIGHT_BLOCKS = 2;
/** Blocks requested from one peer at a time, so its link is never idle… */
export const MAX_IN_FLIGHT_BLOCKS = 16;
/** …and their largest total, which limits memory if blocks are large. */
export const MAX_IN_FLIGHT_BYTES = 8 * 1024 * 1024;

/** How far ahead of the lowest missing block blocks are fetched: keeps 8 peers busy… */
export const DOWNLOAD_WINDOW_BLOCKS = 128;
/** …and their largest total, because they are stored until the lowest arrives, and the chain keeps 32 MiB of such blocks. */
export const DOWNLOAD_WINDOW_BYTES = 24 * 1024 * 1024;

/** A peer that delivers no requested block for this long… */
export const BLOCK_TIMEOUT_MS = 10_000;
/** …or longer if blocks are large (this is the slowest acceptable link)… */
export const SLOWEST_BYTES_PER_SECOND = 64 * 1024;
/** …is asked only if no other peer can serve, for this long. */
export const SLOW_PEER_MS = 60_000;

/** The same for a peer that has never delivered. */
export const UNPROVEN_TIMEOUT_MS = 2_000;

/** The lowest missing block holds up all others. If its peer delivers nothing for this long, another peer is asked, too. */
export const STALL_MS = 3_000;
/** The same near the tip, where all tabs wait for that block, and for a peer that has never delivered. */
export const NEAR_STALL_MS = 1_000;

/** Blocks connected in one task of the mailbox: more blocks save little more… */
export const MAX_GROUP_BLOCKS = 8;
/** …and the block that reaches this many transactions is the last of its task, so this node answers others within a tenth of a second. */
export const MAX_GROUP_TRANSACTIONS = 800;

/**
 * A better branch whose next body does not arrive for this long may never arrive: its miner is gone, or withholds the body. Then this node
 * mines and gossips on its own tip; otherwise a peer with a few headers and no bodies could stop a network.
 */
export const CATCH_UP_PATIENCE_MS = 30_000;

/**
 * The part of this patience that each body gives back. Bodies that arrive only just in time use the patience up. So a slow peer, or a peer
 * that wants to keep others from mining, stops this node for at most this long per block.
 */
export const PATIENCE_PER_BLOCK_MS = 2_000;

/** A node that is fewer blocks than this behind its best header takes part in gossip as if it were synced. */
export const NEARLY_SYNCED_BLOCKS = 3;

// Recent chains

/** A tab that is fewer blocks behind replays them within seconds, and then believes no samples. */
export const JOIN_BLOCKS = 300;
/** The sync of a node with nothing but genesis waits this long for a proof of a recent chain: some round trips on a relayed link. */
export const JOIN_HEAD_START_MS = 2_000;
/** Making a tail or samples takes milliseconds, and sending them a second on the slowest acceptable link. */
export const JOIN_PATIENCE_MS = 5_000;
/** A chunk of accounts takes four seconds on that link. After this long, another peer is asked, too. */
export const CHUNK_PATIENCE_MS = 5_000;
/** Chunks requested from one peer at a time: the peer makes one while its link carries the other. */
export const MAX_CHUNK_QUESTIONS = 2;
/**
 * Accounts that arrive more slowly than this part… A chunk now and then is no progress, because the node does not sync meanwhile. At this
 * rate, all accounts take half an hour; by then peers serve only later snapshots.
 */
export const JOIN_STEP = 0.01;
/** …in this time cannot be fetched from the present peers. */
export const JOIN_STALL_MS = 20_000;
/** Where no peer sends any chunk for this long, the present peers withhold them: after this, two have had time to answer. */
export const CHUNKS_SILENT_MS = 2 * CHUNK_PATIENCE_MS;
/** Without any success for this long, the peers prove nothing or withhold the accounts… */
export const JOIN_BUDGET_MS = 60_000;
/** …and sync alone goes on for this long. So peers that only pretend cost a newcomer a sixth of its time. */
export const JOIN_PAUSE_MS = 5 * 60_000;

// Transactions and announcements

/** Gathers the transactions of one burst into one announcement; too short for a user to notice. */
export const ANNOUNCE_DELAY_MS = 50;

/** A live peer answers within a round trip. After this long, a growing number of other announcers are asked, too… */
export const TRANSACTION_PATIENCE_MS = 1_000;
/** …and after this long, without other peers, the request ends. */
export const TRANSACTION_TIMEOUT_MS = 5_000;
/** Transactions requested from one peer at a time, so 24 peers cannot make this node keep much (32 bytes each). */
export const MAX_TRANSACTIONS_IN_FLIGHT = 2_000;
/** The same for a peer that withheld its last announced transaction: invented ids cost the peer nothing, but this node requests. */
export const MAX_BARREN_IN_FLIGHT = 32;
/** Other peers remembered as sources of a transaction: all, because the first to announce it may withhold it. */
export const MAX_ALTERNATIVE_SOURCES = 32;

/** Ids refused since the tip last changed, which are not fetched again. */
export const MAX_REFUSED_IDS = 5_000;

/** Own unconfirmed transactions are announced again, because a peer may have dropped them, or joined since. */
export const OWN_ANNOUNCE_MS = 60_000;
/** A tab's own pending payments; more than a user makes. */
export const MAX_OWN_IDS = 1_000;

/** Shortest time between two mempool inventories to one peer… */
export const MEMPOOL_REQUEST_MS = 5_000;
/** …and between two requests, with a margin for links of varying delay, because a request that arrives early may be ignored. */
export const MEMPOOL_QUESTION_MS = MEMPOOL_REQUEST_MS + 1_000;
/** Best-paying ids in an inventory: 160 KB, more than the next blocks take. */
export const MAX_MEMPOOL_IDS = 5_000;

// Compact blocks

/** A peer at most this far behind can use a compact block; others get only the id. */
export const COMPACT_DEPTH_BLOCKS = 2;

/** Transactions that the receiver surely lacks are included up to this many bytes (about 25 of them); more cost a round trip instead. */
export const MAX_PREFILLED_BYTES = 16 * 1024;

/** The missing transactions arrive within a round trip. After this long, a growing number of other peers are asked, too… */
export const COMPACT_PATIENCE_MS = 500;
/** …up to this many at once. */
export const MAX_COMPACT_QUESTIONS = 4;
/** A block that is still incomplete after this long is fetched like any other. */
export const COMPACT_TIMEOUT_MS = 3_000;

/** Incomplete compact blocks kept at a time: miners racing for one height, with room. */
export const MAX_PENDING_COMPACT = 8;

// Experiments of the lab

/** Experiments that one peer may have judged: a class that clicks, and no load. Each costs at most some milliseconds. */
export const PEER_EXPERIMENTS: Rate = { burst: 6, perMinute: 12 };
/** The same for all peers together, because links are many. */
export const ALL_EXPERIMENTS: Rate = { burst: 30, perMinute: 60 };
/** A peer judges within milliseconds, and a relayed link carries 16 KB within a second. */
export const EXPERIMENT_PATIENCE_MS = 5_000;
