/** Every limit of link making on the page, each with its reason. What one signaling message may hold stands in signaling-messages.ts. */

/** Up to this many other tabs everybody is linked with everybody. */
export const SMALL_ROOM_PEERS = 8;

/** Links sought in a larger room: with as many sought by others, a random graph of twice this degree survives the loss of half its tabs. */
export const OUTGOING_LINKS = 6;

/** Own and others' together: a data channel costs a tab about 1 MB, and every block is announced on each. */
export const MAX_LINKS = 24;

/** Relayed links sought at a time: they load the server, and a few suffice to belong to the network. */
export const MAX_OUTGOING_RELAYS = 4;

/**
 * RTCPeerConnections: a page may hold 500, those closed but not yet collected included, so new ones are rationed. All links may
 * be made at once, then 20 a minute.
 */
export const CONNECTION_BURST = MAX_LINKS;
export const CONNECTIONS_PER_MINUTE = 20;

/** Pairs need 0.1 s in Chromium, 1.1 s with Firefox; ICE itself gives up only after 15 to 30 s, in which a person sees nothing happen. */
export const DIAL_TIMEOUT_MS = 8_000;

/** The other end answers within a round trip through the server. */
export const RELAY_TIMEOUT_MS = 5_000;

/** Wait before dialling the same tab again: doubled with each failure up to the second figure. */
export const REDIAL_MIN_MS = 5_000;
export const REDIAL_MAX_MS = 5 * 60_000;

/** A link that ends sooner than this counts as a failed one: the other end refuses us, and would again. */
export const STABLE_LINK_MS = 30_000;

/** How often time-outs and missing links are looked at; a hidden page gets one timer a second. */
export const MAINTAIN_MS = 1_000;

/** Tabs remembered in a room; more than anybody dials. */
export const MAX_REMOTES = 1_000;

/** First wait before the server is tried again; doubled with each failure… */
export const RECONNECT_MIN_MS = 1_000;
/** …up to this: a server that comes back meets all its tabs within ten seconds, and not all at once. */
export const RECONNECT_MAX_MS = 10_000;

/** From opening the socket to the server's welcome. */
export const JOIN_TIMEOUT_MS = 10_000;

/** Below this the relay takes more; the low mark of data channels. */
export const RELAY_LOW_WATER_BYTES = 64 * 1024;
/** A WebSocket tells nobody when it has drained, so it is asked. */
export const RELAY_POLL_MS = 50;
