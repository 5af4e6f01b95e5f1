/** What one server allows. Every value is set far above what an honest tab does, and low enough that a hostile one cannot hurt the rest. */
export interface SignalingLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxRoomMembers: number;
  readonly maxAcquaintances: number;
  readonly joinTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly closeTimeoutMs: number;
  readonly frameCostBytes: number;
  readonly signalBytesPerSecond: number;
  readonly signalBurstBytes: number;
  readonly answerCreditBytes: number;
  readonly joinCostBytes: number;
  readonly relayBytesPerSecond: number;
  readonly relayBurstBytes: number;
  readonly maxPauseMs: number;
  readonly inFlightBytes: number;
  readonly maxOwnQueuedBytes: number;
  readonly pairCreditBytes: number;
  readonly pairPatienceMs: number;
  readonly pairBytesPerSecond: number;
  readonly stallMs: number;
  readonly maxQueuedBytes: number;
  readonly maxPartialBytes: number;
  readonly partialPatienceMs: number;
  readonly sweepIntervalMs: number;
}

export const DEFAULT_LIMITS: SignalingLimits = {
  /** About 15 KB of memory each, and one file descriptor; common descriptor limits lie above it. */
  maxConnections: 4_000,

  /** A whole school sits behind one NAT address: 10 classes of 40 people, some with a second tab. */
  maxConnectionsPerAddress: 500,

  /** One network of that school and more; a newcomer is still announced to a sample only, so size costs memory alone. */
  maxRoomMembers: 2_000,

  /** Others of whose leaving a tab is told: the samples of a room of 2,000 introduce it to some hundred. Each takes 40 bytes on both sides. */
  maxAcquaintances: 120,

  /** A tab joins in its first message; slow phones take a second or two. */
  joinTimeoutMs: 8_000,

  /**
   * Below the 30–60 s after which common NATs and proxies forget an idle connection: the ping goes one way and the answer the other. A
   * socket silent for two of these is dead.
   */
  pingIntervalMs: 25_000,

  /** How long a refused tab gets to read why before the socket is destroyed. */
  closeTimeoutMs: 2_000,

  /** Added to each frame's length: its handling takes time, and its queue entry memory, however short it is. */
  frameCostBytes: 512,

  /** Setting up one link takes a few signals of a kilobyte; a tab that dials 24 neighbours at once sends some 200 KB with its candidates. */
  signalBytesPerSecond: 64 * 1024,
  signalBurstBytes: 1024 * 1024,

  /** Added to the length of a `join`: a signature is checked, and fifty others are told. Joining and leaving in turn thus goes four times a second. */
  joinCostBytes: 16 * 1024,

  /** Signals that a tab has been sent pay for as many bytes of answers; this many may lie unanswered in the buffers on the way to it. */
  answerCreditBytes: 8 * 1024 * 1024,

  /** Enough to follow any network of this kind and to fetch 60 MB of blocks a minute, and 30 relayed tabs do not fill the uplink of a laptop. */
  relayBytesPerSecond: 1024 * 1024,

  /** A newcomer's first batches, or one large block to each neighbour, pass without waiting. */
  relayBurstBytes: 4 * 1024 * 1024,

  /** A socket over its rate is not read for at most this long at a time, because its closing is not noticed meanwhile either. */
  maxPauseMs: 5_000,

  /** Handed to a socket ahead of its reading: a few round trips' worth, so that the server's own words never wait behind more. */
  inFlightBytes: 64 * 1024,

  /** The server's own words to one tab, some 1,500 announcements: a tab that has more waiting does not read. */
  maxOwnQueuedBytes: 1024 * 1024,

  /** What may wait for one reader from one sender. A tab asks another for at most 8 MiB of blocks at a time, so honest pairs stay below it. */
  pairCreditBytes: 9 * 1024 * 1024,

  /** What waits for a reader must be gone after this long… */
  pairPatienceMs: 15_000,
  /** …and the time in which it is read at this rate. A slower link would take a minute for a large block. */
  pairBytesPerSecond: 32 * 1024,

  /** A socket that takes nothing at all for this long (a frozen phone) is closed. */
  stallMs: 20_000,

  /** Everything that waits for sockets, all of them together: what is largest is dropped first. */
  maxQueuedBytes: 192 * 1024 * 1024,

  /** Pieces of messages that have not arrived in full, all sockets together: the largest is closed first… */
  maxPartialBytes: 64 * 1024 * 1024,
  /** …and a message of 256 KiB arrives within this even on a slow line. */
  partialPatienceMs: 20_000,

  /** How often what waits is looked through. */
  sweepIntervalMs: 1_000,
};
