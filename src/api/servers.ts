import type { SignalingState } from '../net/transport.ts';

/** Who names a server: the page's link, the host of the page, or the person on this device. */
export type ServerSource = 'link' | 'page' | 'device';

/** A server that this tab uses; a part of `api.ts`. */
export interface ServerInfo {
  /** `signaling`: introduces and relays tabs. `ice`: a STUN or TURN server, which helps to make direct links. */
  kind: 'signaling' | 'ice';
  /** Without credentials. */
  address: string;
  source: ServerSource;
  /** Null for a server of kind `ice`, which only the browser talks to. */
  state: SignalingState | null;
}
