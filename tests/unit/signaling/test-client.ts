import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { Reach } from '../../../signaling/reach.ts';
import type { SignalingLimits } from '../../../signaling/limits.ts';
import { SignalingServer } from '../../../signaling/signaling-server.ts';
import { createIdentity, type TabIdentity } from '../../../src/webrtc/identity.ts';
import {
  decodeRelayFrame,
  encodeMessage,
  encodeRelayFrame,
  joinStatement,
  parseServerMessage,
  type ClientMessage,
  type JoinMessage,
  type ServerMessage,
} from '../../../src/protocol/signaling.ts';
import { bigIntToBytes, toHex } from '../../../src/util/bytes.ts';

export const ROOM = '5a'.repeat(32);
export const OTHER_ROOM = 'a5'.repeat(32);

const identities = new Map<string, TabIdentity>();

/** Peer id of tab number `index`, whose key the test clients hold. */
export function peerId(index: number): string {
  const identity = createIdentity({ bytes: (length) => bigIntToBytes(BigInt(index), length) });
  identities.set(identity.peerId, identity);
  return identity.peerId;
}

/** The tab's `join` message for the nonce of a server. */
export function joinMessage(nonce: string, peer: string, room = ROOM): JoinMessage {
  const { publicKey, sign } = identities.get(peer)!;
  return { type: 'join', room, peer, key: toHex(publicKey), signature: toHex(sign(joinStatement(nonce, room, peer))) };
}

export interface RunningServer {
  signaling: SignalingServer;
  url: string;
  stop(): Promise<void>;
}

/** A signaling server on a free port with real sockets. */
export async function startServer(limits: Partial<SignalingLimits> = {}, reach = new Reach()): Promise<RunningServer> {
  const http: Server = createServer();
  const signaling = new SignalingServer(limits);
  signaling.attach(http, 'refuse', reach);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    signaling,
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/signal`,
    stop: () => {
      signaling.close();
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
}

type Event = ServerMessage | { type: 'relayed'; from: string; payload: Uint8Array } | { type: 'closed'; code: number };

/** One tab's end of a socket: incoming messages are queued in order and read one by one. */
export class TestClient {
  readonly socket: WebSocket;
  nonce = '';
  readonly #events: Event[] = [];
  #wake: (() => void) | null = null;

  private constructor(url: string, headers: Record<string, string>) {
    this.socket = new WebSocket(url, { headers });
    this.socket.on('message', (data: Buffer, binary: boolean) => this.#push(binary ? relayed(data) : parseServerMessage(data.toString())));
    this.socket.on('close', (code) => this.#push({ type: 'closed', code }));
    this.socket.on('error', () => undefined);
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<TestClient> {
    const client = new TestClient(url, headers);
    await new Promise((resolve, reject) => client.socket.once('open', resolve).once('error', reject));
    const challenge = await client.next();
    if (challenge.type !== 'challenge') throw new Error(`expected a challenge, got ${JSON.stringify(challenge)}`);
    client.nonce = challenge.nonce;
    return client;
  }

  static async joined(url: string, peer: string, room = ROOM): Promise<TestClient> {
    const client = await TestClient.open(url);
    client.join(peer, room);
    const welcome = await client.next();
    if (welcome.type !== 'welcome') throw new Error(`expected welcome, got ${JSON.stringify(welcome)}`);
    return client;
  }

  get pending(): number {
    return this.#events.length;
  }

  join(peer: string, room = ROOM): void {
    this.send(joinMessage(this.nonce, peer, room));
  }

  send(message: ClientMessage): void {
    this.socket.send(encodeMessage(message));
  }

  relay(to: string, payload: Uint8Array): void {
    this.socket.send(encodeRelayFrame(to, payload));
  }

  /** The next event; the test's own timeout ends the wait. */
  async next(): Promise<Event> {
    while (this.#events.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#events.shift()!;
  }

  /** The codes of the error message and of the close that follows. */
  async refusal(): Promise<{ error: string; close: number }> {
    const [error, closed] = [await this.next(), await this.next()];
    if (error.type !== 'error' || closed.type !== 'closed') throw new Error(`expected a refusal, got ${JSON.stringify([error, closed])}`);
    return { error: error.code, close: closed.code };
  }

  #push(event: Event): void {
    this.#events.push(event);
    this.#wake?.();
  }
}

function relayed(data: Buffer): Event {
  const { peer, payload } = decodeRelayFrame(data);
  return { type: 'relayed', from: peer, payload };
}
