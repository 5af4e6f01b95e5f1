export interface Counts {
  sockets: number;
  requests: number;
  handshakes: number;
  frames: number;
  /** Times that a file of the page was removed or replaced. */
  files: number;
  /** Requests of an honest visitor from another address, and the slowest of them. */
  looks: number;
  slowestLookMs: number;
}

export const newCounts = (): Counts => ({ sockets: 0, requests: 0, handshakes: 0, frames: 0, files: 0, looks: 0, slowestLookMs: 0 });
