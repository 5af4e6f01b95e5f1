/** One attempt at, and then one end of, a WebRTC data channel: the part of simple-peer that links need. */
export interface RtcPeer {
  /** Takes the other end's signalling. */
  signal(data: object): void;
  /** @throws the channel's error if the channel is closed or its queue is full */
  send(bytes: Uint8Array): void;
  bufferedBytes(): number;
  /** Ends the channel at once; `closed` follows. */
  destroy(): void;
}

export interface RtcPeerEvents {
  /** A signal to send to the other end. */
  signal(data: object): void;
  connected(): void;
  message(bytes: Uint8Array): void;
  drained(): void;
  /** The last event, and only once. */
  closed(reason: string): void;
}

/** @throws when WebRTC is switched off or exhausted */
export type RtcPeerFactory = (initiator: boolean, events: RtcPeerEvents) => RtcPeer;
