import type { RoomPeer, ServerMessage, SignalingErrorCode } from '../src/protocol/signaling.ts';
import { utf8 } from '../src/util/bytes.ts';
import type { BusMessage } from './bus-messages.ts';
import type { Member } from './rooms.ts';

/** Cuts remembered for one tab; an earlier sender must signal before it sends bytes anyway. */
const MAX_CUTS = 120;

/** A message to the process of a tab, without its sender. */
export type Outgoing = BusMessage extends infer M ? (M extends { room: string } ? Omit<M, 'server'> : never) : never;

/** The way to other processes. */
export interface RemoteOutlet {
  /** Sends a message to one process. @returns whether the message is on its way */
  tell(server: string, message: Outgoing): boolean;
  /** Bytes of the tab `from` to `target` were lost, so the link between the two must be made again. */
  lost(room: string, from: string, target: RemoteMember): void;
}

/** A tab whose socket another process holds. */
export class RemoteMember implements Member {
  readonly here = false;
  readonly peer: string;
  readonly group: string;
  /** The process that holds the socket. */
  readonly server: string;
  #listedMs = performance.now();
  readonly #outlet: RemoteOutlet;
  readonly #room: string;
  /** Tabs of this process whose link to this tab was cut, until they signal for a new link. */
  readonly #cut = new Set<string>();

  constructor(outlet: RemoteOutlet, server: string, room: string, { peer, group }: RoomPeer) {
    this.server = server;
    this.peer = peer;
    this.group = group;
    this.#outlet = outlet;
    this.#room = room;
  }

  /** When the tab's process last named the tab. */
  get listedMs(): number {
    return this.#listedMs;
  }

  /** The tab's process has just named the tab. */
  listed(): void {
    this.#listedMs = performance.now();
  }

  /** Passes on what concerns two tabs. The rest concerns the tab's own process, which sends it itself. */
  send(message: ServerMessage): void {
    if (message.type !== 'joined' && message.type !== 'left') return;
    const type = message.type === 'joined' ? 'introduce' : 'absent';
    this.#outlet.tell(this.server, { type, room: this.#room, from: message.peer, to: this.peer });
  }

  signal(from: string, text: string): void {
    this.#cut.delete(from);
    this.#forward('signal', from, utf8(text));
  }

  relay(from: string, frame: Uint8Array): void {
    // Bytes sent before the cut belong to no link. A signal precedes the bytes of the next link.
    if (!this.#cut.has(from)) this.#forward('relay', from, frame);
  }

  end(code: SignalingErrorCode): void {
    if (code === 'room-full') this.#outlet.tell(this.server, { type: 'displace', room: this.#room, to: this.peer });
  }

  #forward(type: 'signal' | 'relay', from: string, body: Uint8Array): void {
    if (this.#outlet.tell(this.server, { type, room: this.#room, from, to: this.peer, body })) return;
    this.#cut.add(from);
    const [oldest] = this.#cut;
    if (this.#cut.size > MAX_CUTS) this.#cut.delete(oldest!);
    this.#outlet.lost(this.#room, from, this);
  }
}
