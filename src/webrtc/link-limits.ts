/** Every limit for making links on the page, each with its reason. The limits of a signaling message are in protocol/signaling.ts. */
import type { Rate } from '../util/token-bucket.ts';

/** In a room of up to this many other tabs, every tab links to every other tab. */
export const SMALL_ROOM_PEERS = 8;

/**
 * Links sought in a larger room, and one more that rotates: together as many as in a small room. Others seek as many, and a random graph of
 * twice this degree survives the loss of half its tabs.
 */
export const OUTGOING_LINKS = 7;

/** Links that others sought. They have their own slots, so requests of others never displace the links that this tab chose. */
export const MAX_INCOMING_LINKS = 16;

/** All links together, because a data channel costs a tab about 1 MB, and the tab announces every block on each link. */
export const MAX_LINKS = SMALL_ROOM_PEERS + MAX_INCOMING_LINKS;

/**
 * Relayed links sought at a time. They load the server, and a few suffice to be part of the network: in a class without UDP a tab has four
 * that it sought and about four that others sought. Its other attempts go on looking for a tab that WebRTC reaches.
 */
export const MAX_OUTGOING_RELAYS = 4;

/**
 * Mean time between two changes of the link that rotates (link-choice.ts). A surrounded tab meets an honest tab after one or a few changes, so
 * the time is short against a day of use. But each new link costs both ends a connection, a greeting and a question about the mempool,
 * so the time is long against the seconds that these take. In a room of 120 tabs one link changes each second.
 */
export const ROTATION_MS = 2 * 60_000;
/** The same after the first change, doubled with each: the first links of a newcomer come from one list of one server. */
export const FIRST_ROTATION_MS = 8_000;

/** A link that received more than this since the last look carries a download; blocks and transactions of a second are fewer bytes. */
export const BUSY_LINK_BYTES = 64 * 1024;

/** How often the best neighbours are written to the session storage, which takes less than a millisecond. */
export const REMEMBER_MS = 10_000;

// Which links keep their slot when others ask for one (slots.ts)

/** A link younger than this keeps its slot, because it had no time yet to show its use. */
export const LINK_GRACE_MS = 15_000;
/** An attempt older than this gives up its slot: a successful attempt needs a second. */
export const DIAL_GRACE_MS = 3_000;
/** Incoming links that keep their slot by each of three ranks: age, latency, and the last new block. */
export const PROTECTED_LINKS = 4;
/**
 * The same by the last new transaction. Tabs that do not mine are useful by what they pass on, and blocks may come once in ten minutes. There are
 * fewer of these links, because new transactions cost only fees. Two slots remain for newcomers ({@link MAX_INCOMING_LINKS}).
 */
export const PROTECTED_BY_TRANSACTIONS = 2;

/**
 * RTCPeerConnections: a page may hold 500, including closed connections that are not yet garbage-collected. So new connections are
 * rationed: this tab's own, those that others ask for, and those of each group of others.
 */
export const OWN_CONNECTIONS = { burst: 16, perMinute: 10 } as const;
export const OTHERS_CONNECTIONS = { burst: 20, perMinute: 10 } as const;
export const GROUP_CONNECTIONS = { burst: 16, perMinute: 8 } as const;

// What strangers can make this tab do

/** Signals of one tab whose signature is checked: an attempt takes ten signals, and there is one attempt in five seconds. */
export const SENDER_SIGNALS = { burst: 60, perMinute: 180 } as const;
/** The same for all tabs of one group without a link. Asking takes one signal, and a check takes 1 to 3 ms (perhaps 10 on a slow phone). */
export const GROUP_SIGNALS = { burst: 100, perMinute: 600 } as const;
/** The same for all tabs without a link together; at most a tenth of a slow phone's time. */
export const STRANGERS_SIGNALS = { burst: 200, perMinute: 1_200 } as const;

/** Requests for links that this tab answers, for one other tab: those of ten minutes at once, when this tab was frozen… */
export const SENDER_ANSWERS = { burst: 12, perMinute: 20 } as const;
/** …and for all together: far below the number of messages that the server takes from this tab. */
export const ALL_ANSWERS = { burst: 100, perMinute: 300 } as const;

/** Length of one signal's JSON; a description with its candidates has about 2 KB. */
export const MAX_SIGNAL_BODY_LENGTH = 20 * 1024;
/**
 * Length of a sealed introduction (room-seal.ts): base64url of the JSON of the longest signal, in which half of the characters are escaped,
 * and below what the server takes.
 */
export const MAX_SEALED_SIGNAL_LENGTH = 48 * 1024;
/** Length of an offer or answer with one data channel; Firefox's have 1.5 KB. */
export const MAX_SDP_LENGTH = 16 * 1024;
/** A machine has two or three network cards, each with IPv4 and IPv6. */
export const MAX_SDP_CANDIDATES = 16;
/** Candidates of one attempt that follow its description. */
export const MAX_TRICKLED_CANDIDATES = 24;
export const MAX_CANDIDATE_LENGTH = 512;

/** Pairs need 0.1 s in Chromium, 1.1 s with Firefox. ICE gives up only after 15 to 30 s, too long for a user to wait. */
export const DIAL_TIMEOUT_MS = 8_000;

/**
 * Wait for the first signal of the other end: a round trip through the server, and an offer or answer, which take a second on a slow phone. A
 * tab that vanished stays in the server's list for up to 50 s, and its silence must not hold a slot.
 */
export const DIAL_ANSWER_MS = 4_000;

/**
 * After this long a relayed link is sought beside the dial. By then most pairs that can connect have connected, and a user whose network
 * blocks WebRTC hardly waits.
 */
export const RELAY_BESIDE_MS = 400;

/** A relayed link closes this long after a direct link. The node needs only the handshake to move; a handshake may take 10 s. */
export const RELAY_OVERLAP_MS = 15_000;

/** The other end answers within a round trip through the server. */
export const RELAY_TIMEOUT_MS = 5_000;

/** Wait before dialling the same tab again: doubled with each failure, up to the second value. */
export const REDIAL_MIN_MS = 5_000;
export const REDIAL_MAX_MS = 5 * 60_000;

/**
 * When WebRTC has failed with so many tabs and connected with none, the network probably blocks WebRTC. With fewer tabs the fault may be theirs, and
 * the pauses of each are enough.
 */
export const HOPELESS_PEERS = 4;
/** Mean pause between two dials then, doubled with each, up to the second value: a room of any size costs a tab 0.2 dials a minute. */
export const HOPELESS_MIN_MS = 10_000;
export const HOPELESS_MAX_MS = 5 * 60_000;

/** A link that ends sooner than this counts as failed, because the other end probably refuses us and would refuse again. */
export const STABLE_LINK_MS = 30_000;

/** How often time-outs and missing links are checked; a hidden page gets one timer a second. */
export const MAINTAIN_MS = 1_000;

/** Arrivals and departures of tabs within this time are handled together. */
export const PRESENCE_PAUSE_MS = 50;

/** Tabs remembered in a room; more than a tab dials. */
export const MAX_REMOTES = 1_000;
/** Tabs that replace remembered tabs once {@link MAX_REMOTES} is reached: of one group, and of all groups. */
export const GROUP_NEWCOMERS = { burst: 100, perMinute: 300 } as const;
export const NEWCOMERS = { burst: 200, perMinute: 600 } as const;

/** Longest first wait before connecting to the server again; doubled with each failure… */
export const RECONNECT_MIN_MS = 1_000;
/** …up to this: after a restart of the server all its tabs are back within ten seconds, and not all at once. */
export const RECONNECT_MAX_MS = 10_000;

/**
 * The same for a server that has never answered this page, because a page on a static host has no server. Each attempt prints an error in
 * the browser's console, which no page can suppress.
 */
export const RECONNECT_UNMET_MAX_MS = 2 * 60_000;

/** From opening the socket to the server's welcome. */
export const JOIN_TIMEOUT_MS = 10_000;

/** A relayed link takes more frames below this; data channels have the same low mark. */
export const RELAY_LOW_WATER_BYTES = 64 * 1024;
/** Bytes in the socket's send buffer, for all relayed links together: a quarter of a second at the server's reading rate. */
export const RELAY_IN_FLIGHT_BYTES = 256 * 1024;
/**
 * A ping follows each time this many relayed bytes. A WebSocket has no event for a drained buffer, but the pong shows that the server has
 * read so far. The server charges a ping as a signal: at its relay rate, an eighth of what it allows.
 */
export const RELAY_PING_EVERY_BYTES = 64 * 1024;

/** Proxies close a connection that is silent for 60 s (nginx) or 30 s (some load balancers). */
export const KEEP_ALIVE_MS = 20_000;

/** From a ping to the server until any message comes back; a busy phone on a bad network needs seconds. */
export const PONG_TIMEOUT_MS = 10_000;

/** The same when there is a reason to doubt the connection: a change of the network, or a link without an answer. */
export const PROBE_TIMEOUT_MS = 2_000;

/**
 * A connection that fell silent shows that the network is gone, not the server. A new attempt then lasts only this long: a lost first packet
 * is repeated after 1 s and 3 s, and later too rarely, so this tab is back within three seconds of the network's return.
 */
export const SILENT_JOIN_TIMEOUT_MS = 3_000;
/** Pause before the next such attempt. The attempts of different tabs do not run in step, so they need no longer pause. */
export const SILENT_PAUSE_MS = 300;
/** Attempts of this kind, for about five minutes. A network slower than a second would need longer than one of them. */
export const SILENT_ATTEMPTS = 100;

/** After sleep or a change of network, a lasting link that closes within this time is made again without a pause. */
export const EAGER_MS = 10_000;

/** A direct link that gives no sign of life for this long, after a reason to doubt it, gets another dial beside it. */
export const REDIAL_BESIDE_MS = 1_000;

/** Signals sent to one server: below the server's limit (signaling/limits.ts), so no other tab can make the server slow this tab down. */
export const SERVER_SIGNALS = { burst: 300, perMinute: 20 * 60 } as const;

// Meeting through peers (peer-rendezvous.ts)

/** One control frame: a signal with a description of 4 KB, sealed and written as JSON twice. */
export const MAX_CONTROL_BYTES = 8 * 1024;
/** Links in one list of neighbours: more than a tab has ({@link MAX_LINKS}). */
export const MAX_NEIGHBOURS = 32;
/** A tab tells its links at most this often; in a busy room they change all the time. */
export const NEIGHBOURS_PAUSE_MS = 1_000;
/** Longer than an attempt takes, so that all its signals go one way; shorter than the pause before the next attempt. */
export const ROUTE_MS = DIAL_TIMEOUT_MS + 2_000;
/** A signal is not passed to a link with more waiting bytes, because the attempt would be over before the signal arrives. */
export const PASS_BUFFERED_BYTES = 256 * 1024;

/** Signals that this tab sends through peers: an attempt takes five, and a newcomer makes eight attempts at once. */
export const OWN_PASSES = { burst: 80, perMinute: 100 } as const;
/** Signals that one neighbour may have passed on: above {@link OWN_PASSES}, and at most 16 KB a second in the long run… */
export const LINK_PASSES = { burst: 100, perMinute: 120 } as const;
/** …and all neighbours together. */
export const ALL_PASSES = times(MAX_LINKS, LINK_PASSES);
/** Signals passed to one neighbour: two newcomers at once, or a neighbour that loses half its links. */
export const TARGET_PASSES = { burst: 200, perMinute: 300 } as const;
/** Control frames read from one link: its lists, the signals that it may pass to this tab, and those that it wants passed on. */
export const CONTROL_FRAMES = { burst: 400, perMinute: 600 } as const;

/** Tabs that one neighbour may introduce: at once all its links, later newcomers. A tab that nobody can reach costs a connection… */
export const LINK_INTRODUCTIONS = { burst: MAX_NEIGHBOURS, perMinute: 12 } as const;
/** …and all neighbours together: no neighbour uses up the part of another. */
export const ALL_INTRODUCTIONS = times(MAX_LINKS, LINK_INTRODUCTIONS);

function times(factor: number, { burst, perMinute }: Rate): Rate {
  return { burst: factor * burst, perMinute: factor * perMinute };
}
