/**
 * The port between nodes: message links to other nodes, however they are made. The page implements it over WebRTC, the node
 * worker by passing bytes to the page, tests and the simulator in memory.
 */

/** `relayed`: through the signaling server; `local`: between tabs of one browser. */
export type LinkKind = 'direct' | 'relayed' | 'local';

/** No message handed to a link is longer: the largest that a WebRTC data channel takes everywhere. */
export const MAX_LINK_MESSAGE_BYTES = 262_144;

/** What a node thinks of a link, for the choice of which links to keep when there are too many. */
export interface LinkWorth {
  readonly latencyMs: number | null;
  /**
   * When the link last brought a new tip before all other links, by the judging node's monotonic clock; null for never. Transactions do not
   * count, because a transaction costs only a fee, and a block costs work.
   */
  readonly broughtAt: number | null;
}

/** One open connection. Messages arrive whole, in order, at most once. */
export interface Link {
  /** Unique among all links of this transport, ever. */
  readonly id: string;
  /**
   * Who is at the other end: 16 hexadecimal digits, the hash of a key that the transport has seen proven when the link was made. On a relayed link
   * the relay could put in bytes of its own.
   */
  readonly peerId: string;
  readonly kind: LinkKind;
  /**
   * Queues at most {@link MAX_LINK_MESSAGE_BYTES}, never blocks; on a closed link it does nothing. The array belongs to the link
   * from now on (it may be transferred to another thread).
   */
  send(bytes: Uint8Array): void;
  /** Bytes given to `send` that have not left yet. */
  bufferedBytes(): number;
  /** Takes the node's opinion of this link; of use where the transport chooses among links. */
  judge?(worth: LinkWorth): void;
  /** Ends the link; a `close` event follows. What was queued just before may still arrive. */
  close(reason: string): void;
}

/** For each link: `open` first, `close` last and once. */
export interface TransportEvents {
  open(link: Link): void;
  /** `bytes` belongs to the receiver. */
  message(link: Link, bytes: Uint8Array): void;
  /** @param reason for people and logs */
  close(link: Link, reason: string): void;
  /** `bufferedBytes()` has fallen low enough to send more. */
  drained(link: Link): void;
}

export interface Transport {
  /** Who this end is to the others: 16 hexadecimal digits (protocol/peer-id.ts). Known before the first link opens, perhaps not earlier. */
  readonly peerId: string;
  /** Begins to make and accept links. */
  start(events: TransportEvents): void;
  /** Cuts all links and makes no more until started again. */
  stop(): void;
}
