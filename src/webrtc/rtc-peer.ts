/** One attempt at, and then one end of, a WebRTC data channel: the little that links need of simple-peer. */
export interface RtcPeer {
  /** Takes the other end's signalling. */
  signal(data: object): void;
  /** @throws whatever the channel throws when it is closed or its queue is full */
  send(bytes: Uint8Array): void;
  bufferedBytes(): number;
  /** Ends it at once; `closed` follows. */
  destroy(): void;
}

export interface RtcPeerEvents {
  /** To be passed to the other end. */
  signal(data: object): void;
  connected(): void;
  message(bytes: Uint8Array): void;
  drained(): void;
  /** Last, and once. */
  closed(reason: string): void;
}

/** @throws when WebRTC is switched off or exhausted */
export type RtcPeerFactory = (initiator: boolean, events: RtcPeerEvents) => RtcPeer;
