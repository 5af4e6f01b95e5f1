/** Carries messages between the processes of a cluster. What is sent while the bus is down is lost. */
export interface Bus {
  /** Called when messages pass again, and when they no longer do. Called first when the bus is up. */
  observe(up: () => void, down: () => void): void;

  /** Sends a message to all subscribers of a channel, this process included. @returns whether the bus took the message */
  publish(channel: string, message: Uint8Array): boolean;

  /** Passes each message of a channel to `listener`. Subscriptions outlast outages. */
  subscribe(channel: string, listener: (message: Buffer) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;

  /** The first value that a process has proposed for `key`. Processes ask again from time to time, so that the value is not forgotten. */
  agree(key: string, proposal: string): Promise<string>;

  close(): Promise<void>;
}
