import { sha256 } from '../../../../src/crypto/hash.ts';
import { Reassembler, toFrames } from '../../../../src/net/framing.ts';
import {
  decodeMessage,
  encodeMessage,
  maxMessageBytes,
  type HelloMessage,
  type Message,
  type MessageOf,
} from '../../../../src/protocol/wire.ts';
import { toHex, utf8 } from '../../../../src/util/bytes.ts';
import type { LinkOptions, MemoryLink, MemoryTransport } from './memory-transport.ts';
import { NETWORK, type TestNode, type World } from './test-node.ts';

/** A peer that sends only the messages of the test, and answers pings. */
export class Puppet {
  readonly peerId: string;
  readonly transport: MemoryTransport;
  readonly received: Message[] = [];
  readonly link: MemoryLink;
  closed = false;
  /** Ignores all received messages. */
  isDeaf = false;
  /** Leaves pings unanswered, as a frozen tab does. */
  isFrozen = false;
  /** Automatic answers. */
  onMessage: (message: Message) => void = () => undefined;
  readonly #world: World;

  constructor(world: World, name: string, node: TestNode, options: LinkOptions = {}) {
    this.#world = world;
    this.peerId = toHex(sha256(utf8(name)).subarray(0, 8));
    this.transport = world.links.transport(this.peerId);
    const reassembler = new Reassembler(maxMessageBytes(NETWORK.maxBlockBytes));
    this.transport.start({
      open: () => undefined,
      message: (_link, bytes) => {
        if (this.isDeaf) return;
        const whole = reassembler.add(bytes);
        if (!whole) return;
        const message = decodeMessage(whole, NETWORK.maxBlockBytes);
        this.received.push(message);
        if (message.type === 'ping' && !this.isFrozen)
          this.send({ type: 'pong', nonce: message.nonce, clockMs: Math.floor(world.time.now()) });
        this.onMessage(message);
      },
      close: () => (this.closed = true),
      drained: () => undefined,
    });
    this.link = world.connect(this, node, options);
  }

  send(message: Message): void {
    this.sendBytes(encodeMessage(message));
  }

  sendBytes(message: Uint8Array): void {
    for (const frame of toFrames(message)) this.link.send(frame);
  }

  hello(fields: Partial<HelloMessage> = {}): void {
    const { genesis, id } = NETWORK;
    const clockMs = this.#world.time.now();
    this.send({
      type: 'hello',
      networkId: id,
      peerId: this.peerId,
      agent: 'puppet',
      height: 0,
      tip: genesis.id,
      work: 0n,
      base: 0,
      clockMs,
      ...fields,
    });
  }

  of<T extends Message['type']>(type: T): MessageOf<T>[] {
    return this.received.filter((message): message is MessageOf<T> => message.type === type);
  }
}
