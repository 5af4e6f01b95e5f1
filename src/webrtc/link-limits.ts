/** Every limit of link making on the page, each with its reason. What one signaling message may hold stands in protocol/signaling.ts. */

/** Up to this many other tabs everybody is linked with everybody. */
export const SMALL_ROOM_PEERS = 8;

/** Links sought in a larger room: with as many sought by others, a random graph of twice this degree survives the loss of half its tabs. */
export const OUTGOING_LINKS = 6;

/** Links that others sought. They have places of their own, so that however many ask, those that this tab chose are not among them. */
export const MAX_INCOMING_LINKS = 16;

/** Own and others' together: a data channel costs a tab about 1 MB, and every block is announced on each. */
export const MAX_LINKS = SMALL_ROOM_PEERS + MAX_INCOMING_LINKS;

/** Relayed links sought at a time: they load the server, and a few suffice to belong to the network. */
export const MAX_OUTGOING_RELAYS = 4;

// Who keeps a place when others ask for one (slots.ts)

/** A link younger than this keeps its place: it had no time yet to show what it is good for. */
export const LINK_GRACE_MS = 15_000;
/** An attempt that has not become a link after this long gives way: those that succeed need a second. */
export const DIAL_GRACE_MS = 3_000;
/** Incoming links that keep their place for each of: their age, their latency, what they brought. */
export const PROTECTED_LINKS = 4;

/**
 * RTCPeerConnections: a page may hold 500, those closed but not yet collected included, so new ones are rationed; those that others ask for
 * apart from its own, and apart for each group of others.
 */
export const OWN_CONNECTIONS = { burst: 16, perMinute: 10 } as const;
export const OTHERS_CONNECTIONS = { burst: 20, perMinute: 10 } as const;
export const GROUP_CONNECTIONS = { burst: 16, perMinute: 8 } as const;

// What strangers may make this tab do

/** Signals of one tab that are checked: an attempt at a link takes ten, and there is one in five seconds. */
export const SENDER_SIGNALS = { burst: 60, perMinute: 180 } as const;
/** The same for all tabs of one group without a link: asking for one takes a single signal, and a check takes 1 to 3 ms (on a slow phone perhaps 10). */
export const GROUP_SIGNALS = { burst: 100, perMinute: 600 } as const;
/** The same for all tabs without a link together: a tenth of a slow phone's time. */
export const STRANGERS_SIGNALS = { burst: 200, perMinute: 1_200 } as const;

/** Requests for links that one tab gets an answer to… */
export const SENDER_ANSWERS = { burst: 6, perMinute: 20 } as const;
/** …and all together: far below what the server takes from this tab. */
export const ALL_ANSWERS = { burst: 100, perMinute: 300 } as const;

/** JSON of one signal; a description with its candidates has about 2 KB. */
export const MAX_SIGNAL_BODY_LENGTH = 20 * 1024;
/** Of an offer or answer with one data channel; Firefox's have 1.5 KB. */
export const MAX_SDP_LENGTH = 16 * 1024;
/** A machine has two or three network cards, each with IPv4 and IPv6. */
export const MAX_SDP_CANDIDATES = 16;
/** Candidates of one attempt that follow its description. */
export const MAX_TRICKLED_CANDIDATES = 24;
export const MAX_CANDIDATE_LENGTH = 512;

/** Pairs need 0.1 s in Chromium, 1.1 s with Firefox; ICE itself gives up only after 15 to 30 s, in which a person sees nothing happen. */
export const DIAL_TIMEOUT_MS = 8_000;

/** After this long a relayed link is sought beside the dial; most pairs that can meet have met by then. */
export const RELAY_BESIDE_MS = 1_500;

/** The other end answers within a round trip through the server. */
export const RELAY_TIMEOUT_MS = 5_000;

/** Wait before dialling the same tab again: doubled with each failure up to the second figure. */
export const REDIAL_MIN_MS = 5_000;
export const REDIAL_MAX_MS = 5 * 60_000;

/** A link that ends sooner than this counts as a failed one: the other end refuses us, and would again. */
export const STABLE_LINK_MS = 30_000;

/** How often time-outs and missing links are looked at; a hidden page gets one timer a second. */
export const MAINTAIN_MS = 1_000;

/** Changes in who is there are looked at together when they come faster than this. */
export const PRESENCE_PAUSE_MS = 50;

/** Tabs remembered in a room; more than anybody dials. */
export const MAX_REMOTES = 1_000;
/** Tabs that take the place of others once so many are remembered, of one group and of all. */
export const GROUP_NEWCOMERS = { burst: 100, perMinute: 300 } as const;
export const NEWCOMERS = { burst: 200, perMinute: 600 } as const;

/** First wait before the server is tried again; doubled with each failure… */
export const RECONNECT_MIN_MS = 1_000;
/** …up to this: a server that comes back meets all its tabs within ten seconds, and not all at once. */
export const RECONNECT_MAX_MS = 10_000;

/**
 * The same for a server that has never answered this page, because there may be none: a page on a static host. Each attempt is an error in
 * the browser's console that no page can keep back.
 */
export const RECONNECT_UNMET_MAX_MS = 2 * 60_000;

/** From opening the socket to the server's welcome. */
export const JOIN_TIMEOUT_MS = 10_000;

/** Below this a relayed link takes more; the low mark of data channels. */
export const RELAY_LOW_WATER_BYTES = 64 * 1024;
/**
 * Handed to the socket ahead of its sending, for all relayed links together: a quarter of a second at the rate that the server reads, and enough
 * for a hidden page, which may look only once a second whether there is room.
 */
export const RELAY_IN_FLIGHT_BYTES = 256 * 1024;
/** A WebSocket tells nobody when it has drained, so it is asked. */
export const RELAY_POLL_MS = 50;

/** Proxies close a connection on which nothing is said for 60 s (nginx) or 30 s (some load balancers). */
export const KEEP_ALIVE_MS = 20_000;

/** From a ping of the server to whatever comes back; a busy phone on a bad network needs seconds. */
export const PONG_TIMEOUT_MS = 10_000;

/** The same once the browser says that the network has changed: most likely the connection is dead. */
export const PROBE_TIMEOUT_MS = 2_500;

/** Signals sent to one server: below what the server allows (signaling/limits.ts), so that nobody can make it slow this tab down. */
export const SERVER_SIGNALS = { burst: 300, perMinute: 20 * 60 } as const;
