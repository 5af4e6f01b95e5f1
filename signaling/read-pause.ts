import type { WebSocket } from 'ws';
import type { TimerId } from '../src/util/ports.ts';
import type { ServerPorts } from './ports.ts';

/** Pauses reading a socket for a while; TCP then slows the sender. */
export class ReadPause {
  readonly #socket: WebSocket;
  readonly #ports: ServerPorts;
  #timer: TimerId | null = null;
  #untilMs = 0;

  constructor(socket: WebSocket, ports: ServerPorts) {
    this.#socket = socket;
    this.#ports = ports;
  }

  get active(): boolean {
    return this.#timer !== null;
  }

  /** Pauses until `untilMs` by the server's clock, or until a later time given before. */
  extend(untilMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    // Frames from the same read still arrive during a pause.
    if (this.#timer !== null) return;
    this.#socket.pause();
    const look = (): void => {
      const leftMs = this.#untilMs - this.#ports.clock.monotonic();
      if (leftMs > 0) this.#timer = this.#ports.timers.set(look, Math.ceil(leftMs));
      else this.end();
    };
    look();
  }

  end(): void {
    if (this.#timer !== null) this.#ports.timers.clear(this.#timer);
    this.#timer = null;
    this.#socket.resume();
  }
}
