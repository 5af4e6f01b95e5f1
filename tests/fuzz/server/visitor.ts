import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import type { Prng } from '../../sim/engine/prng.ts';
import type { Counts } from './counts.ts';

export interface Door {
  readonly port: number;
  readonly https: boolean;
  readonly counts: Counts;
  /** How long some visitors wait for an answer to half a request. The server's time-out is eight seconds. */
  readonly patienceMs: number;
  /** Every open socket of the run, so that all can be closed at the end. */
  readonly open: Set<Socket>;
}

const MAX_WAIT_MS = 150;

/** One socket of a stranger: sends raw bytes in random pieces, and closes in a random way. */
export class Visitor {
  readonly socket: Socket;
  readonly #random: Prng;
  received = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  #closed = false;

  /** @param from the visitor's address, one of this machine's */
  constructor(door: Door, random: Prng, from: string, { raw = false } = {}) {
    const target = { port: door.port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true };
    this.socket = door.https && !raw ? connectTls({ ...target, rejectUnauthorized: false }) : connectTcp(target);
    this.#random = random;
    door.counts.sockets++;
    door.open.add(this.socket);
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      door.open.delete(this.socket);
      this.#closed = true;
      this.#wake?.();
    });
    this.socket.on('end', () => this.#wake?.());
    this.socket.on('data', (data: Buffer) => {
      // The attacks need only the beginning.
      if (this.received.length < 65_536) this.received = Buffer.concat([this.received, data]);
      this.#wake?.();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends in one piece or several, with and without pauses. */
  async send(bytes: Uint8Array): Promise<void> {
    const random = this.#random;
    for (let at = 0; at < bytes.length && !this.#closed;) {
      const length = random.chance(0.8) ? bytes.length : random.int(1, 1 + bytes.length);
      this.socket.write(bytes.subarray(at, at + length));
      at += length;
      if (at < bytes.length && random.chance(0.3)) await pause(random.int(0, 3));
    }
  }

  /** Waits until data has come, the socket has closed, or the time is over. */
  async hear(ms = MAX_WAIT_MS): Promise<void> {
    if (this.#closed) return;
    const timer = setTimeout(() => this.#wake?.(), ms);
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = null;
    clearTimeout(timer);
  }

  /** Closes the socket in one of the ways that clients use. */
  async leave(): Promise<void> {
    const { socket } = this;
    switch (this.#random.int(0, 4)) {
      case 0:
        if ('resetAndDestroy' in socket && !('encrypted' in socket)) socket.resetAndDestroy();
        else socket.destroy();
        return;
      case 1:
        // Half-closes, so that the server's answer may still come.
        socket.end();
        await this.hear();
        return void socket.destroy();
      case 2:
        await this.hear();
        return void socket.destroy();
      case 3:
        // Leaves the socket open for a while; the end of the run shows whether the server leaks such sockets.
        if (this.#random.chance(0.2)) await pause(this.#random.int(0, 2_000));
        return void socket.destroy();
      default:
        socket.destroy();
    }
  }
}
