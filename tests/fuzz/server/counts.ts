export interface Counts {
  sockets: number;
  requests: number;
  handshakes: number;
  frames: number;
  /** Times that a file of the page was taken away or replaced. */
  files: number;
  /** Looks of an honest visitor from elsewhere, and the slowest of them. */
  looks: number;
  slowestLookMs: number;
}

export const newCounts = (): Counts => ({ sockets: 0, requests: 0, handshakes: 0, frames: 0, files: 0, looks: 0, slowestLookMs: 0 });
