import type { Bus } from '../../../signaling/bus.ts';

/** What the buses of several processes share, as Redis does. Messages arrive in order, after the code that sent them. */
export class MemoryHub {
  readonly buses = new Set<MemoryBus>();
  readonly values = new Map<string, string>();
  /** Channels of all messages so far. */
  readonly channels: string[] = [];

  bus(): MemoryBus {
    const bus = new MemoryBus(this);
    this.buses.add(bus);
    return bus;
  }
}

export class MemoryBus implements Bus {
  /** Whether the bus takes further messages, as it does not with a full buffer. */
  takes = true;
  readonly #hub: MemoryHub;
  readonly #listeners = new Map<string, (message: Buffer) => void>();
  #isUp = true;
  #up = (): void => undefined;
  #down = (): void => undefined;

  constructor(hub: MemoryHub) {
    this.#hub = hub;
  }

  observe(up: () => void, down: () => void): void {
    [this.#up, this.#down] = [up, down];
    if (this.#isUp) up();
  }

  /** Begins or ends an outage of this process. */
  set isUp(isUp: boolean) {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    if (isUp) this.#up();
    else this.#down();
  }

  publish(channel: string, message: Uint8Array): boolean {
    if (!this.#isUp || !this.takes) return false;
    const copy = Buffer.from(message);
    this.#hub.channels.push(channel);
    queueMicrotask(() => {
      for (const bus of this.#hub.buses) if (bus.#isUp) bus.#listeners.get(channel)?.(copy);
    });
    return true;
  }

  subscribe(channel: string, listener: (message: Buffer) => void): Promise<void> {
    this.#listeners.set(channel, listener);
    return Promise.resolve();
  }

  unsubscribe(channel: string): Promise<void> {
    this.#listeners.delete(channel);
    return Promise.resolve();
  }

  agree(key: string, proposal: string): Promise<string> {
    const value = this.#hub.values.get(key) ?? proposal;
    this.#hub.values.set(key, value);
    return Promise.resolve(value);
  }

  close(): Promise<void> {
    this.#hub.buses.delete(this);
    return Promise.resolve();
  }
}
