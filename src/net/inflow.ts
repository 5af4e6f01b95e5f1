import { Backlog } from './backlog.ts';
import { byteQueue } from '../util/weighed-queue.ts';
import type { Responder } from './responder.ts';
import type { Session } from './session.ts';
import type { Link } from './transport.ts';
import { Turns, type TurnsPorts, type TurnTaker } from './turns.ts';

export interface InflowPorts extends TurnsPorts {
  readonly responder: Responder;
  /**
   * Handles one frame of a link.
   * @returns whether the work was only for its sender, so the sender is charged
   */
  receive(session: Session, frame: Uint8Array): Promise<boolean>;
}

/** Received frames wait here for their turn, in order for each link. Closing a link drops its frames. */
export class Inflow {
  readonly #ports: InflowPorts;
  readonly #turns: Turns;
  readonly #backlog = new Backlog<string>();
  readonly #channels = new Map<string, Channel>();

  constructor(ports: InflowPorts) {
    this.#ports = ports;
    this.#turns = new Turns(ports);
  }

  /** A link has opened; its frames wait until the link is admitted. */
  open(link: Link): void {
    const taken = (length: number): void => this.#backlog.take(link.id, 1, length);
    this.#channels.set(link.id, new Channel(link, this.#ports, taken));
  }

  /** From now on the link's frames get turns. */
  admit(session: Session): void {
    const channel = this.#channels.get(session.link.id);
    if (!channel) return;
    channel.session = session;
    this.#turns.add(channel);
    this.#turns.wake();
  }

  /** @returns the session if it was silent until now */
  arrived(link: Link, frame: Uint8Array): Session | null {
    const channel = this.#channels.get(link.id);
    if (!channel || channel.over) return null;
    const revived = channel.session?.silent ? channel.session : null;
    channel.session?.arrived(frame.length);
    channel.inbox.push(frame);
    const excessive = this.#backlog.add(link.id, frame.length);
    if (excessive !== null) this.#cut(excessive);
    this.#turns.wake();
    return revived;
  }

  /** Drops a closed link and its waiting frames. */
  close(linkId: string): void {
    const channel = this.#channels.get(linkId);
    if (!channel) return;
    channel.end();
    this.#backlog.drop(linkId);
    this.#turns.remove(channel);
    this.#channels.delete(linkId);
  }

  /** Drops all links. */
  clear(): void {
    for (const linkId of [...this.#channels.keys()]) this.close(linkId);
  }

  /** Call when a link may have room for an answer. */
  wake(): void {
    this.#turns.wake();
  }

  #cut(linkId: string): void {
    const channel = this.#channels.get(linkId)!;
    channel.end();
    this.#backlog.drop(linkId);
    if (channel.session) channel.session.close('overload');
    else channel.link.close('overload');
  }
}

class Channel implements TurnTaker {
  readonly link: Link;
  readonly inbox = byteQueue();
  session: Session | null = null;
  readonly #ports: InflowPorts;
  readonly #taken: (length: number) => void;
  #over = false;
  #answerNext = false;

  constructor(link: Link, ports: InflowPorts, taken: (length: number) => void) {
    this.link = link;
    this.#ports = ports;
    this.#taken = taken;
  }

  /** Whether no more frames are taken from the link. */
  get over(): boolean {
    return this.#over || (this.session?.closed ?? false);
  }

  end(): void {
    this.#over = true;
    this.inbox.clear();
  }

  ready(): boolean {
    return this.session !== null && !this.over && (this.inbox.size > 0 || this.#ports.responder.ready(this.session));
  }

  /** Alternates between messages and answers, so neither waits for the other. */
  async work(): Promise<boolean> {
    const session = this.session!;
    const canAnswer = this.#ports.responder.ready(session);
    if (canAnswer && (this.#answerNext || this.inbox.size === 0)) {
      this.#answerNext = false;
      this.#ports.responder.answer(session);
      return true;
    }
    this.#answerNext = true;
    const frame = this.inbox.shift()!;
    this.#taken(frame.length);
    return this.#ports.receive(session, frame);
  }
}
