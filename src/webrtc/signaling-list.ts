import type { SignalingState } from '../net/transport.ts';
import type { Rendezvous } from './rendezvous.ts';
import type { SignalingClient } from './signaling-client.ts';

export interface SignalingListPorts {
  open(url: string, onState: (state: SignalingState) => void): SignalingClient;
  /** The client as the links use it. */
  sealed(client: SignalingClient): Rendezvous;
  /** The link maker. */
  readonly manager: { add(rendezvous: Rendezvous): void; remove(rendezvous: Rendezvous): void };
  /** The state of all servers together, as the page shows it. One connected server is enough. */
  onState(state: SignalingState): void;
}

/** The signaling servers of this tab. All are used together, and the list may change at any time. */
export class SignalingList {
  readonly #ports: SignalingListPorts;
  readonly #servers = new Map<string, { client: SignalingClient; rendezvous: Rendezvous }>();

  constructor(ports: SignalingListPorts) {
    this.#ports = ports;
  }

  /** Uses exactly these servers from now on. */
  use(urls: readonly string[]): void {
    for (const [url, { rendezvous }] of [...this.#servers]) {
      if (urls.includes(url)) continue;
      this.#servers.delete(url);
      this.#ports.manager.remove(rendezvous);
    }
    for (const url of urls) {
      if (this.#servers.has(url)) continue;
      const client = this.#ports.open(url, () => this.#report());
      const rendezvous = this.#ports.sealed(client);
      this.#servers.set(url, { client, rendezvous });
      this.#ports.manager.add(rendezvous);
    }
    this.#report();
  }

  states(): { url: string; state: SignalingState }[] {
    return [...this.#servers.values()].map(({ client: { url, state } }) => ({ url, state }));
  }

  #report(): void {
    const states = new Set(this.states().map(({ state }) => state));
    this.#ports.onState((['connected', 'connecting', 'unreachable'] as const).find((state) => states.has(state)) ?? 'off');
  }
}
