import type { ChannelLike } from '../../../src/webrtc/local-rendezvous.ts';
import type { Owner, SimTime } from '../engine/time.ts';

/** From one tab of a browser to another. */
const DELIVERY_MS = 1;

/** One person's browser: its BroadcastChannel, which every tab hears. */
export class SimBrowser {
  readonly #time: SimTime;
  readonly #channels = new Map<ChannelLike, Owner>();

  constructor(time: SimTime) {
    this.#time = time;
  }

  open(owner: Owner): ChannelLike {
    const channel: ChannelLike = {
      onmessage: null,
      postMessage: (message) => {
        const data: unknown = structuredClone(message);
        for (const [other, at] of this.#channels) {
          if (other !== channel) this.#time.schedule(at, () => other.onmessage?.({ data } as MessageEvent), DELIVERY_MS);
        }
      },
      close: () => void this.#channels.delete(channel),
    };
    this.#channels.set(channel, owner);
    return channel;
  }

  /** A tab has crashed. */
  lost(owner: Owner): void {
    for (const [channel, at] of [...this.#channels]) if (at === owner) this.#channels.delete(channel);
  }
}
