import { byteQueue, type WeighedQueue } from '../util/weighed-queue.ts';
import { RELAY_IN_FLIGHT_BYTES, RELAY_LOW_WATER_BYTES } from './link-limits.ts';

export interface RelayOutboxPorts {
  send(to: string, bytes: Uint8Array): void;
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
 */
export class RelayOutbox {
  readonly #ports: RelayOutboxPorts;
  /** Queues of the tabs with waiting frames, in order of their turns. */
  readonly #queues = new Map<string, Queue>();

  constructor(ports: RelayOutboxPorts) {
    this.#ports = ports;
  }

  /** Whether any frame waits. */
  get waiting(): boolean {
    return this.#queues.size > 0;
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
    this.pump();
  }

  /** Sends frames as long as the socket has room. */
  pump(): void {
    while (this.#queues.size > 0 && this.#ports.socketBytes() < RELAY_IN_FLIGHT_BYTES) {
      const to = this.#queues.keys().next().value!;
      const queue = this.#queues.get(to)!;
      const frame = queue.frames.shift()!;
      // Move the queue to the end if frames are left.
      this.#queues.delete(to);
      if (queue.frames.size > 0) this.#queues.set(to, queue);
      this.#ports.send(to, frame);
      if (!queue.high || queue.frames.weight > RELAY_LOW_WATER_BYTES) continue;
      queue.high = false;
      this.#ports.drained(to);
    }
  }

  /** Drops the frames that wait for one tab. */
  cut(to: string): void {
    this.#queues.delete(to);
  }

  clear(): void {
    this.#queues.clear();
  }
}
