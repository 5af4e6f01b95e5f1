import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { WebSocket } from 'ws';
import { encodeMessage, encodeRelayFrame, joinStatement, parseServerMessage } from '../../../src/protocol/signaling.ts';
import { toHex } from '../../../src/util/bytes.ts';

/** More rooms would make each room smaller; fewer rooms would not hold 5,000. */
const ROOMS = 3;
/** Addresses of this machine; the server accepts 500 sockets from each. */
const ADDRESSES = 20;
const AT_ONCE = 20;
/** Unsent bytes above which a tab of this crowd waits for the server. */
const MAX_BUFFERED_BYTES = 512 * 1024;
const TURN_MS = 50;
/** Sizes sent in turn, from frames whose overhead exceeds their content to the largest. */
const FRAME_BYTES = [16, 1_000, 33_000, 65_000, 256_000];

/** Headers that Chromium sends in addition to those of the handshake. */
const BROWSER = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'zh-TW,zh;q=0.9,en;q=0.8',
};

interface Member {
  readonly socket: WebSocket;
  readonly peer: string;
  readonly room: string;
}

/** Many joined tabs, as the server sees them. */
export class Crowd {
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  static async join(port: number, count: number): Promise<Crowd> {
    const members: Member[] = [];
    for (let i = 0; i < count; i += AT_ONCE) {
      members.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, k) => joined(port, i + k)))));
    }
    return new Crowd(members);
  }

  /** All of a class open the page at once, in a room of their own. */
  static async storm(port: number, count: number): Promise<Crowd> {
    const room = 'c1a55'.padStart(64, '0');
    return new Crowd(await Promise.all(Array.from({ length: count }, (_, i) => joined(port, i, room))));
  }

  /** How many sockets are still open. */
  get open(): number {
    return this.#members.filter(({ socket }) => socket.readyState === WebSocket.OPEN).length;
  }

  /**
   * All tabs but the first `talkers` stop reading. The talkers send to `targets` tabs of their rooms as fast as the server accepts frames.
   * @returns a function that stops the talkers
   */
  stopReading(talkers: number, targets: number): () => void {
    const readers = this.#members.slice(talkers);
    for (const { socket } of readers) socket.pause();
    const pairs = this.#members.slice(0, talkers).map(({ socket, room }, i) => {
      const heard = readers.slice(0, targets).filter((each) => each.room === room);
      return { socket, to: heard[i % heard.length]!.peer };
    });
    let turn = 0;
    const timer = setInterval(() => {
      for (const [i, { socket, to }] of pairs.entries()) {
        if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > MAX_BUFFERED_BYTES) continue;
        socket.send(encodeRelayFrame(to, new Uint8Array(FRAME_BYTES[(turn + i) % FRAME_BYTES.length]!)));
      }
      turn++;
    }, TURN_MS);
    return () => clearInterval(timer);
  }

  leave(): void {
    for (const { socket } of this.#members) socket.terminate();
  }
}

/** Joins one tab and waits for the server's `welcome`. */
function joined(port: number, index: number, room = (index % ROOMS).toString(16).padStart(64, '0')): Promise<Member> {
  const keys = generateKeyPairSync('ed25519');
  const key = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const peer = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/signal`, {
    localAddress: `127.0.${1 + (index % ADDRESSES)}.1`,
    origin: `http://127.0.0.1:${port}`,
    headers: BROWSER,
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`The server closed a socket with ${code}.`)));
    socket.on('message', (data: Buffer, binary: boolean) => {
      const message = binary ? null : parseServerMessage(data.toString());
      if (message?.type === 'welcome') resolve({ socket, peer, room });
      if (message?.type !== 'challenge') return;
      const signature = toHex(sign(null, joinStatement(message.nonce, room, peer), keys.privateKey));
      socket.send(encodeMessage({ type: 'join', room, peer, key: toHex(key), signature }));
    });
  });
}
