import { byteQueue, type WeighedQueue } from '../util/weighed-queue.ts';
import { RELAY_IN_FLIGHT_BYTES, RELAY_LOW_WATER_BYTES, RELAY_PING_EVERY_BYTES } from './link-limits.ts';

export interface RelayOutboxPorts {
  send(to: string, bytes: Uint8Array): void;
  /** Sends a ping behind the frames. The server answers after it has read them, and {@link RelayOutbox.answered} must follow. */
  ping(): void;
  /** Bytes that the socket has not sent yet. */
  socketBytes(): number;
  /** The queue for this tab has fallen to {@link RELAY_LOW_WATER_BYTES}, so the sender may push more. */
  drained(to: string): void;
}

interface Queue {
  readonly frames: WeighedQueue<Uint8Array>;
  /** More than {@link RELAY_LOW_WATER_BYTES} waited, so the sender may be waiting for `drained`. */
  high: boolean;
}

/**
 * Frames of relayed links wait here until the one socket that carries all these links has room. Each link has a queue, and the queues
 * take turns, one frame each. So a busy link delays only its own frames, and no link counts as full because of another link.
 *
 * Pings among the frames bring the answers that move the queues. Timers would not do, because a hidden page may get one a minute.
 */
export class RelayOutbox {
  readonly #ports: RelayOutboxPorts;
  /** Queues of the tabs with waiting frames, in order of their turns. */
  readonly #queues = new Map<string, Queue>();
  /** Bytes of frames since the last ping. */
  #unpinged = 0;
  /** Pings without an answer. */
  #pings = 0;

  constructor(ports: RelayOutboxPorts) {
    this.#ports = ports;
  }

  /** Bytes that wait for one tab. */
  bytes(to: string): number {
    return this.#queues.get(to)?.frames.weight ?? 0;
  }

  push(to: string, frame: Uint8Array): void {
    let queue = this.#queues.get(to);
    if (!queue) this.#queues.set(to, (queue = { frames: byteQueue(), high: false }));
    queue.frames.push(frame);
    if (queue.frames.weight > RELAY_LOW_WATER_BYTES) queue.high = true;
    this.#pump();
  }

  /** The server has answered a ping. */
  answered(): void {
    // The connection's own pings are answered, too. A count that is too low costs one more ping.
    if (this.#pings > 0) this.#pings--;
    this.#pump();
  }

  /** Sends frames as long as the socket has room. */
  #pump(): void {
    while (this.#queues.size > 0 && this.#ports.socketBytes() < RELAY_IN_FLIGHT_BYTES) {
      const to = this.#queues.keys().next().value!;
      const queue = this.#queues.get(to)!;
      const frame = queue.frames.shift()!;
      // Move the queue to the end if frames are left.
      this.#queues.delete(to);
      if (queue.frames.size > 0) this.#queues.set(to, queue);
      this.#ports.send(to, frame);
      this.#unpinged += frame.length;
      if (this.#unpinged >= RELAY_PING_EVERY_BYTES) this.#ping();
      if (!queue.high || queue.frames.weight > RELAY_LOW_WATER_BYTES) continue;
      queue.high = false;
      this.#ports.drained(to);
    }
    // The socket may be full of signals.
    if (this.#queues.size > 0 && this.#pings === 0) this.#ping();
  }

  #ping(): void {
    this.#unpinged = 0;
    this.#pings++;
    this.#ports.ping();
  }

  /** Drops the frames that wait for one tab. */
  cut(to: string): void {
    this.#queues.delete(to);
  }

  /** The socket is gone. */
  clear(): void {
    this.#queues.clear();
    this.#unpinged = this.#pings = 0;
  }
}
