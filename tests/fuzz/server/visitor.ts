import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import type { Prng } from '../../sim/engine/prng.ts';
import type { Counts } from './counts.ts';

export interface Door {
  readonly port: number;
  readonly https: boolean;
  readonly counts: Counts;
  /** How long some visitors wait for an answer to half a request. The server gives them eight seconds. */
  readonly patienceMs: number;
  /** Every socket of the run, so that none is left open at the end. */
  readonly open: Set<Socket>;
}

const MAX_WAIT_MS = 150;

/** One socket of a stranger: raw bytes, in whatever pieces, ended in whatever way. */
export class Visitor {
  readonly socket: Socket;
  readonly #random: Prng;
  received = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  #closed = false;

  /** @param from address of this machine to come from */
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
      // The beginning tells what is asked of it.
      if (this.received.length < 65_536) this.received = Buffer.concat([this.received, data]);
      this.#wake?.();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends in one piece or several, with and without time between. */
  async send(bytes: Uint8Array): Promise<void> {
    const random = this.#random;
    for (let at = 0; at < bytes.length && !this.#closed;) {
      const length = random.chance(0.8) ? bytes.length : random.int(1, 1 + bytes.length);
      this.socket.write(bytes.subarray(at, at + length));
      at += length;
      if (at < bytes.length && random.chance(0.3)) await pause(random.int(0, 3));
    }
  }

  /** Until something has come, the socket is closed, or a little time is over. */
  async hear(ms = MAX_WAIT_MS): Promise<void> {
    if (this.#closed) return;
    const timer = setTimeout(() => this.#wake?.(), ms);
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = null;
    clearTimeout(timer);
  }

  /** Closes in one of the ways in which clients do. */
  async leave(): Promise<void> {
    const { socket } = this;
    switch (this.#random.int(0, 4)) {
      case 0:
        if ('resetAndDestroy' in socket && !('encrypted' in socket)) socket.resetAndDestroy();
        else socket.destroy();
        return;
      case 1:
        // Half: the server's answer may still come.
        socket.end();
        await this.hear();
        return void socket.destroy();
      case 2:
        await this.hear();
        return void socket.destroy();
      case 3:
        // Left open: what the server does with such sockets shows at the end.
        if (this.#random.chance(0.2)) await pause(this.#random.int(0, 2_000));
        return void socket.destroy();
      default:
        socket.destroy();
    }
  }
}
