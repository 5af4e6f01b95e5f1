/** What one server allows. Every value is set far above what an honest tab does, and low enough that a hostile one cannot hurt the rest. */
export interface SignalingLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxRoomMembers: number;
  readonly joinTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly closeTimeoutMs: number;
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly maxQueuedBytes: number;
  readonly relayBytesPerSecond: number;
  readonly relayBurstBytes: number;
  readonly relayFrameCostBytes: number;
  readonly relayHighWaterBytes: number;
  readonly relayPollMs: number;
  readonly relayStallMs: number;
}

export const DEFAULT_LIMITS: SignalingLimits = {
  /** About 50 KB of memory each, and one file descriptor; common descriptor limits lie above it. */
  maxConnections: 4_000,

  /** A whole school sits behind one NAT address: 10 classes of 40 people, some with a second tab. */
  maxConnectionsPerAddress: 500,

  /** One network of that school and more; a newcomer is still announced to a sample only, so size costs memory alone. */
  maxRoomMembers: 2_000,

  /** A tab joins in its first message; slow phones take a second or two. */
  joinTimeoutMs: 15_000,

  /** Below the 30–60 s after which common NATs and proxies forget an idle TCP connection. A socket silent for two of these is dead. */
  pingIntervalMs: 25_000,

  /** How long a refused tab gets to read why before the socket is destroyed. */
  closeTimeoutMs: 2_000,

  /** Setting up one link takes a few signals; a tab that dials 20 neighbours at once with trickled candidates sends a few hundred. */
  messagesPerSecond: 50,
  messageBurst: 500,

  /** Several of the largest messages; a tab that has more than this waiting does not read and only holds the server's memory. */
  maxQueuedBytes: 8 * 1024 * 1024,

  /** Enough to follow any network of this kind and to fetch 60 MB of blocks a minute, and 30 relayed tabs do not fill the uplink of a laptop. */
  relayBytesPerSecond: 1024 * 1024,

  /** A newcomer's first batches, or one large block to each neighbour, pass without waiting. */
  relayBurstBytes: 4 * 1024 * 1024,

  /** Added to each relayed frame's length, since an empty frame takes the server's time too: at most about 4,000 frames a second. */
  relayFrameCostBytes: 256,

  /** With more than this waiting for the receiver the sender is not read any further, so TCP carries the pressure back to it. */
  relayHighWaterBytes: 1024 * 1024,

  /** How often a waiting sender looks whether its receiver has drained. */
  relayPollMs: 20,

  /** A receiver that takes nothing at all for this long (a frozen phone) is closed, so that its senders are served again. */
  relayStallMs: 20_000,
};
