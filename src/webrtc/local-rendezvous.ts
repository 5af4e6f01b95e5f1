import { isPeerId } from '../protocol/signaling.ts';
import type { Relay, Rendezvous, RendezvousEvents } from './rendezvous.ts';

/** The part of BroadcastChannel that this file uses. */
export interface ChannelLike {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** The group of all tabs of this browser. */
const LOCAL_GROUP = 'local';

interface LocalMessage {
  readonly type: 'hello' | 'here' | 'gone' | 'signal' | 'relay';
  readonly from: string;
  /** Recipient of a signal or of relayed bytes. */
  readonly to?: string;
  readonly data?: unknown;
}

/**
 * Introduces the tabs of one browser to each other, with or without a server. Every tab receives every message, so only introductions
 * should use the channel; bytes use it where WebRTC is switched off.
 */
export class LocalRendezvous implements Rendezvous {
  readonly kind = 'browser';
  readonly relay: Relay = {
    kind: 'local',
    send: (to, bytes) => this.#post({ type: 'relay', from: this.#peerId, to, data: bytes }),
    bufferedBytes: () => 0,
    cut: () => {
      // No bytes wait here.
    },
  };
  readonly #peerId: string;
  readonly #openChannel: () => ChannelLike;
  #channel: ChannelLike | null = null;
  #events: RendezvousEvents | null = null;

  constructor(peerId: string, openChannel: () => ChannelLike) {
    this.#peerId = peerId;
    this.#openChannel = openChannel;
  }

  start(events: RendezvousEvents): void {
    this.#events = events;
    this.#channel = this.#openChannel();
    this.#channel.onmessage = ({ data }: MessageEvent<LocalMessage | null>) => data && this.#receive(data);
    this.#post({ type: 'hello', from: this.#peerId });
  }

  stop(): void {
    this.#post({ type: 'gone', from: this.#peerId });
    this.#channel?.close();
    this.#channel = null;
    this.#events = null;
  }

  signal(to: string, data: unknown): void {
    this.#post({ type: 'signal', from: this.#peerId, to, data });
  }

  #post(message: LocalMessage): void {
    this.#channel?.postMessage(message);
  }

  /** Checks each message, because any page of this origin can write to the channel, including an older version of this page. */
  #receive(message: LocalMessage): void {
    const { type, from } = message;
    if (!isPeerId(from) || from === this.#peerId || !this.#events) return;
    if (type === 'gone') return this.#events.absent(from);
    if (type === 'hello') this.#post({ type: 'here', from: this.#peerId });
    if (type === 'hello' || type === 'here') return this.#events.present(from, LOCAL_GROUP);
    if (message.to !== this.#peerId) return;
    if (type === 'signal') this.#events.signal(from, message.data);
    else if (type === 'relay' && message.data instanceof Uint8Array) this.#events.relayed(from, message.data);
  }
}
