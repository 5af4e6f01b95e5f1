import type { WebSocket } from 'ws';

/** Pauses reading a socket for a while; TCP then slows the sender. */
export class ReadPause {
  readonly #socket: WebSocket;
  #timer: NodeJS.Timeout | null = null;
  #untilMs = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get active(): boolean {
    return this.#timer !== null;
  }

  /** Pauses until `untilMs` by `performance.now()`, or until a later time given before. */
  extend(untilMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    // Frames from the same read still arrive during a pause.
    if (this.#timer !== null) return;
    this.#socket.pause();
    const look = (): void => {
      const leftMs = this.#untilMs - performance.now();
      if (leftMs > 0) this.#timer = setTimeout(look, Math.ceil(leftMs));
      else this.end();
    };
    look();
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#socket.resume();
  }
}
