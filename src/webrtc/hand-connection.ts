import { TabchainError } from '../util/errors.ts';
import type { Timers } from '../util/ports.ts';
import type { HandmadePeerFactory, IceNames } from './handmade-peers.ts';
import { parseRtcSignal } from './peer-signals.ts';
import type { RtcPeer, RtcPeerEvents } from './rtc-peer.ts';
import { sessionOf } from './session-description.ts';

/** Takes over an open connection to a tab. @returns its listener from now on; null while the links are switched off */
export type Adopt = (peer: string, rtc: RtcPeer) => RtcPeerEvents | null;

/** Before a failed connection is made again; Firefox reports the failure after 5 s. */
const AGAIN_MS = 250;

/**
 * One end of a connection made by hand: it describes itself, waits until a person has brought the description to the other end, and becomes
 * a link.
 *
 * The end that replies begins with the checks of ICE at once, and the other end is silent until a person has brought the reply. Firefox gives
 * up after 5 s. So this end then makes its connection again, with the same certificate and the same names: the other end still knows it.
 */
export class HandConnection {
  /** The session description of this end, with all its addresses. Rejects with `webrtc-unavailable`. */
  readonly description: Promise<string>;
  /** Resolves with the peer id of the other end when the connection has become a link. Rejects with `invitation-not-linked` when it ends before. */
  readonly linked: Promise<string>;
  readonly #initiator: boolean;
  readonly #createPeer: HandmadePeerFactory;
  readonly #adopt: Adopt;
  readonly #timers: Timers;
  readonly #described = deferred<string>();
  readonly #becameLink = deferred<string>();
  #rtc: RtcPeer;
  #names: IceNames | null = null;
  #other: { readonly peer: string; readonly description: object } | null = null;
  #listener: RtcPeerEvents | null = null;
  #abandoned = false;

  constructor(initiator: boolean, createPeer: HandmadePeerFactory, adopt: Adopt, timers: Timers) {
    this.#initiator = initiator;
    this.#createPeer = createPeer;
    this.#adopt = adopt;
    this.#timers = timers;
    this.description = this.#described.promise;
    this.linked = this.#becameLink.promise;
    // A caller may wait for one of the two only.
    this.description.catch(() => undefined);
    this.linked.catch(() => undefined);
    this.#rtc = this.#connect();
  }

  /** Takes the description of the other end, the tab `peer`. */
  meet(peer: string, description: object): void {
    this.#other = { peer, description };
    this.#rtc.signal(description);
  }

  /** Ends the connection, unless it has become a link. */
  abandon(): void {
    if (this.#listener || this.#abandoned) return;
    this.#abandoned = true;
    this.#rtc.destroy();
    this.#fail('withdrawn');
  }

  #connect(): RtcPeer {
    const rtc: RtcPeer = this.#createPeer(
      this.#initiator,
      {
        signal: (data) => this.#describe(data),
        connected: () => this.#open(rtc),
        message: (bytes) => {
          // A message may arrive before this end sees that the channel is open.
          this.#open(rtc);
          this.#listener?.message(bytes);
        },
        drained: () => this.#listener?.drained(),
        closed: (reason) => (this.#listener ? this.#listener.closed(reason) : this.#closed(reason)),
      },
      this.#names,
    );
    return rtc;
  }

  #describe(data: object): void {
    const signal = parseRtcSignal(data);
    if (!signal || signal.type === 'candidate' || this.#names) return;
    try {
      const { ufrag, password } = sessionOf(signal.sdp);
      this.#names = { ufrag, password };
      this.#described.resolve(signal.sdp);
    } catch (error) {
      this.#described.reject(error);
    }
  }

  #open(rtc: RtcPeer): void {
    if (this.#listener || this.#abandoned || !this.#other) return;
    this.#listener = this.#adopt(this.#other.peer, rtc);
    if (!this.#listener) return this.abandon();
    this.#listener.connected();
    this.#becameLink.resolve(this.#other.peer);
  }

  #closed(reason: string): void {
    if (this.#abandoned) return;
    if (this.#initiator || !this.#names) return this.#fail(reason);
    this.#timers.set(() => this.#again(), AGAIN_MS);
  }

  #again(): void {
    if (this.#abandoned || !this.#other) return;
    try {
      this.#rtc = this.#connect();
      this.#rtc.signal(this.#other.description);
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #fail(reason: string): void {
    this.#described.reject(new TabchainError('webrtc-unavailable', `The browser makes no connection: ${reason}.`));
    this.#becameLink.reject(new TabchainError('invitation-not-linked', 'The two devices found no way to each other.'));
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Promise.withResolvers of ES2024, which Safari has only since version 17.4. */
function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...functions) => ([resolve, reject] = functions));
  return { promise, resolve, reject };
}
