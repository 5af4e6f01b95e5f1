/** Limits of one server. Each value is far above the needs of an honest tab, and low enough that a hostile tab cannot hurt the others. */
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
  /** Each takes about 9 KB of memory when idle, and one file descriptor; common descriptor limits are higher. */
  maxConnections: 6_000,

  /** A whole school sits behind one NAT address: 10 classes of 40 people, some with a second tab. */
  maxConnectionsPerAddress: 500,

  /** One network of that school and more. A newcomer is announced only to a sample, so a larger room costs only memory. */
  maxRoomMembers: 2_000,

  /** Tabs whose leaving is announced to a tab. In a room of 2,000, the samples introduce some hundred. Each pair takes 40 bytes on both sides. */
  maxAcquaintances: 120,

  /** A tab joins with its first message; slow phones take a second or two. */
  joinTimeoutMs: 8_000,

  /**
   * Below the 30–60 s after which common NATs and proxies forget an idle connection; ping and answer keep both directions alive. A socket
   * that stays silent for two intervals is dead.
   */
  pingIntervalMs: 25_000,

  /** Time for a refused tab to read the reason before the server destroys the socket. */
  closeTimeoutMs: 2_000,

  /** Added to each frame's length, because even an empty frame takes time to handle and memory in the queue. */
  frameCostBytes: 512,

  /** One link takes a few signals of a kilobyte to set up. A tab that dials 24 neighbours at once sends some 200 KB, candidates included. */
  signalBytesPerSecond: 64 * 1024,
  signalBurstBytes: 1024 * 1024,

  /** Added to the length of a `join`: the server checks a signature and tells fifty tabs. So a tab can join and leave four times a second. */
  joinCostBytes: 16 * 1024,

  /** Each signal sent to a tab pays for an answer of the same size. At most this many bytes wait unanswered in the buffers on the way to it. */
  answerCreditBytes: 8 * 1024 * 1024,

  /** Enough to follow any such network and to download 60 MB of blocks a minute; 30 relayed tabs do not fill the uplink of a laptop. */
  relayBytesPerSecond: 1024 * 1024,

  /** A newcomer's first batches, or one large block to each neighbour, pass without a pause. */
  relayBurstBytes: 4 * 1024 * 1024,

  /** The longest pause in reading a socket over its rate. During a pause the server does not notice that the socket closes. */
  maxPauseMs: 5_000,

  /** Bytes given to a socket before it reads them: a few round trips' worth. The server's own messages never wait behind more. */
  inFlightBytes: 64 * 1024,

  /** The server's own messages that wait for one tab, some 1,500 announcements. With more waiting, the tab does not read. */
  maxOwnQueuedBytes: 1024 * 1024,

  /** Bytes that wait from one sender for one reader. A tab requests at most 8 MiB of blocks at a time, so honest pairs stay below this. */
  pairCreditBytes: 9 * 1024 * 1024,

  /** A waiting frame must be read within this time… */
  pairPatienceMs: 15_000,
  /** …plus the time that the bytes up to its end take at this rate. A slower link would take a minute for a large block. */
  pairBytesPerSecond: 32 * 1024,

  /** The server closes a socket that reads nothing for this long (a frozen phone). */
  stallMs: 20_000,

  /** Bytes that wait for all sockets together. The largest queue is dropped first. */
  maxQueuedBytes: 192 * 1024 * 1024,

  /** Bytes of incomplete messages on all sockets together. The socket with the largest is closed first… */
  maxPartialBytes: 64 * 1024 * 1024,
  /** …and a message must arrive within this time. Even a slow line transmits 256 KiB in it. */
  partialPatienceMs: 20_000,

  /** Interval between checks of the waiting frames. */
  sweepIntervalMs: 1_000,
};
