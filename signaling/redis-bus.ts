import { createClient } from '@redis/client';
import type { Bus } from './bus.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_MIN_MS = 200;
const RECONNECT_MAX_MS = 5_000;
/** Shows a dead connection that no failed write shows. */
const PING_INTERVAL_MS = 5_000;

/** Bytes that Redis has not yet taken. With more waiting, Redis or the way to it is too slow, and messages are dropped. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** How long Redis remembers the secret of group names after all processes have stopped. */
const AGREEMENT_SECONDS = 7 * 24 * 3_600;

type Client = ReturnType<typeof newClient>;

/** Publish and subscribe in Redis. Two connections, because a connection that subscribes takes no other commands. */
export class RedisBus implements Bus {
  readonly #publisher: Client;
  readonly #subscriber: Client;
  readonly #report: (text: string) => void;
  #pendingBytes = 0;
  #isUp = false;
  #isClosed = false;
  #hasFailed = false;
  #up = (): void => undefined;
  #down = (): void => undefined;

  /**
   * Connects in the background, and again after each failure.
   * @param report takes a sentence when Redis fails and when it is back
   */
  constructor(url: string, report: (text: string) => void) {
    this.#report = report;
    this.#publisher = newClient(url, true);
    // Subscriptions made during an outage wait.
    this.#subscriber = newClient(url, false);
    for (const client of [this.#publisher, this.#subscriber]) {
      client.on('ready', () => this.#look());
      client.on('error', (error: Error) => this.#failed(error));
      client.on('reconnecting', () => this.#look());
      // Resolves only at the first success; `error` reports failures.
      client.connect().catch((error: Error) => this.#failed(error));
    }
  }

  observe(up: () => void, down: () => void): void {
    [this.#up, this.#down] = [up, down];
    if (this.#isUp) up();
  }

  publish(channel: string, message: Uint8Array): boolean {
    if (!this.#isUp || this.#pendingBytes + message.length > MAX_PENDING_BYTES) return false;
    this.#pendingBytes += message.length;
    const done = (): void => void (this.#pendingBytes -= message.length);
    this.#publisher.publish(channel, asBuffer(message)).then(done, done);
    return true;
  }

  async subscribe(channel: string, listener: (message: Buffer) => void): Promise<void> {
    await this.#subscriber.subscribe(channel, listener, true);
  }

  async unsubscribe(channel: string): Promise<void> {
    await this.#subscriber.unsubscribe(channel);
  }

  async agree(key: string, proposal: string): Promise<string> {
    await this.#publisher.set(key, proposal, { condition: 'NX', expiration: { type: 'EX', value: AGREEMENT_SECONDS } });
    return (await this.#publisher.getEx(key, { type: 'EX', value: AGREEMENT_SECONDS })) ?? proposal;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // Sends what waits, first of all the farewell to the other processes.
    await this.#publisher.close().catch(() => undefined);
    this.#subscriber.destroy();
  }

  #look(): void {
    const isUp = this.#publisher.isReady && this.#subscriber.isReady;
    if (isUp === this.#isUp || this.#isClosed) return;
    this.#isUp = isUp;
    if (!isUp) return this.#down();
    if (this.#hasFailed) this.#report('Redis is reached again.');
    this.#hasFailed = false;
    this.#up();
  }

  /** Reports the first failure of an outage. The text never contains the URL, which may hold a password. */
  #failed({ message }: Error): void {
    if (!this.#hasFailed && !this.#isClosed) this.#report(`Redis fails (${message}). This process goes on with its own tabs.`);
    this.#hasFailed = true;
    this.#look();
  }
}

function newClient(url: string, disableOfflineQueue: boolean) {
  return createClient({
    url,
    disableOfflineQueue,
    pingInterval: PING_INTERVAL_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (failures) => Math.random() * Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** failures),
    },
  });
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
