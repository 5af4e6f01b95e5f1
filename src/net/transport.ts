/**
 * The port between nodes: message links to other nodes. The page implements the port over WebRTC, the node worker by passing
 * bytes to the page, tests and the simulator in memory.
 */

/** `relayed`: through the signaling server; `local`: between tabs of one browser. */
export type LinkKind = 'direct' | 'relayed' | 'local';

/** How two tabs met: through a signaling server, a channel of their browser, a peer that both know, or by hand. */
export type Meeting = 'server' | 'browser' | 'peers' | 'hand';

/** Longest message for a link: the largest that a WebRTC data channel takes in every browser. */
export const MAX_LINK_MESSAGE_BYTES = 262_144;

/** A node's rating of a link, for choosing the links to keep when there are too many. */
export interface LinkWorth {
  readonly latencyMs: number | null;
  /** When the link last brought a new tip before all other links, by the judging node's monotonic clock; null for never. */
  readonly broughtAt: number | null;
  /**
   * The same for a transaction that the mempool took. Told with the next change of the other fields. A transaction costs only a fee, and a
   * block costs work, so this protects fewer links, and never makes a link more useful than one that brought a block.
   */
  readonly broughtTransactionAt: number | null;
}

/** One open connection. Messages arrive complete, in order, at most once. */
export interface Link {
  /** Unique among all links of this transport, ever. */
  readonly id: string;
  /**
   * Peer id of the other end: 16 hexadecimal digits, the hash of a key that was proven to the transport when the link was made. On a
   * relayed link the relay could insert its own bytes.
   */
  readonly peerId: string;
  readonly kind: LinkKind;
  readonly met: Meeting;
  /** Whether a WebRTC channel carries the bytes; otherwise a rendezvous does. */
  readonly rtc: boolean;
  /**
   * Queues at most {@link MAX_LINK_MESSAGE_BYTES} and never blocks; does nothing on a closed link. The array then belongs to the link
   * (it may be transferred to another thread).
   */
  send(bytes: Uint8Array): void;
  /** Bytes given to `send` that have not left yet. */
  bufferedBytes(): number;
  /** Takes the node's rating of this link, for transports that choose among links. */
  judge?(worth: LinkWorth): void;
  /** The other end is late with an answer, so the transport should check the connections that carry this link. */
  doubt?(): void;
  /** Ends the link; a `close` event follows. Bytes queued just before may still arrive. */
  close(reason: string): void;
}

/** For each link: `open` first, `close` last and once. */
export interface TransportEvents {
  open(link: Link): void;
  /** `bytes` belongs to the receiver. */
  message(link: Link, bytes: Uint8Array): void;
  /** @param reason text for people and logs */
  close(link: Link, reason: string): void;
  /** `bufferedBytes()` has fallen low enough to send more. */
  drained(link: Link): void;
}

export interface Transport {
  /** Peer id of this end: 16 hexadecimal digits (protocol/peer-id.ts). Known before the first link opens, perhaps not earlier. */
  readonly peerId: string;
  /** Starts to make and accept links. */
  start(events: TransportEvents): void;
  /** Closes all links and makes no more until started again. */
  stop(): void;
  /**
   * Checks all connections, and tries again where links failed.
   * @param stale the machine slept, or its network has changed, so open links may be dead
   */
  checkNow?(stale: boolean): void;
}

/** Connection to a signaling server, as shown to the user. An `unreachable` server is still tried again. */
export type SignalingState = 'connected' | 'connecting' | 'unreachable' | 'off';

/** A peer as the node sees it. */
export interface PeerStatus {
  /** Identity of the remote tab for this page load (random, 16 hexadecimal digits). */
  id: string;
  kind: LinkKind;
  met: Meeting;
  /** `silent`: the peer has not answered for two seconds. Its tab may be frozen, or the network gone; the link may still recover. */
  state: 'connecting' | 'ready' | 'silent';
  /** Height of the highest block that this node has verified and that the peer knows. */
  height: number;
  /** Id of the peer's newest block as last announced; null before its hello. */
  tip: string | null;
  /** Whether this node's chain has that block. Null if unknown: before the hello, and below the base of a recent chain. */
  agrees: boolean | null;
  /** Height of the block at which the peer's chain begins, 0 for the whole chain; null before its hello. */
  base: number | null;
  /**
   * The peer's chain when the link opened, as its hello claimed: height, and work in expected hashes as a decimal string; null before.
   * `agrees`: whether this node's chain has its tip now.
   */
  greeting: { height: number; work: string; agrees: boolean | null } | null;
  latencyMs: number | null;
  /** Unix milliseconds, counted back from the present wall clock. */
  connectedAt: number;
  /** Bytes of node messages. */
  received: number;
  sent: number;
  agent: string;
  /** Whether the peer says that it is in a team of the lab, or has just come from a team with its secret branch. */
  team: boolean;
}

/** A link of this tab, and the links of its other end as that tab tells them. */
export interface NeighbourLink {
  /** Peer id of the other end. */
  peer: string;
  kind: LinkKind;
  met: Meeting;
  /** Whether this tab sought the link. */
  outgoing: boolean;
  /** How long the link has been open, in milliseconds. */
  sinceMs: number;
  sentBytes: number;
  receivedBytes: number;
  /** Open links of the other end, without the link to this tab. A claim of that tab. */
  neighbours: { peer: string; kind: LinkKind }[];
}

/** What the link maker of this tab knows of the network around it. */
export interface Neighbourhood {
  /** Peer id of this tab. */
  self: string;
  links: NeighbourLink[];
  /** Number of other tabs that this tab has heard of and could link with. */
  known: number;
  servers: { url: string; state: SignalingState }[];
}

/** An invitation or a reply, to show to the other person as text, link or QR code. */
export interface HandText {
  /** Id of the invitation; a reply has the id of its invitation. */
  id: string;
  /** At most 400 characters. */
  text: string;
  /** Until when the text works, Unix milliseconds. */
  expires: number;
  /** `network`: devices of one local network can connect; `internet`: others can, too, because a STUN server has told a public address. */
  reach: 'network' | 'internet';
}

/** `peer`: peer id of the tab that made the invitation. */
export type HandReply = HandText & { peer: string };

/** Two tabs that an invitation has linked. */
export interface HandMet {
  /** Id of the invitation. */
  invitation: string;
  /** Peer id of the other tab. */
  peer: string;
}
