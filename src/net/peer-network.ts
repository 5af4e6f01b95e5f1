import type { ChainPort, MempoolPort } from '../chain/port.ts';
import type { Message } from '../protocol/wire.ts';
import type { Log } from '../util/log.ts';
import type { Clock, Random, TimerId, Timers } from '../util/ports.ts';
import { Admission } from './admission.ts';
import type { NetContext } from './context.ts';
import { Inflow } from './inflow.ts';
import { ANNOUNCE_DELAY_MS, ASLEEP_MS, TICK_MS } from './peer-limits.ts';
import { MessageHandlers } from './message-handlers.ts';
import { Session } from './session.ts';
import type { SyncStatus } from './sync.ts';
import type { Link, LinkKind, Transport } from './transport.ts';

export interface PeerNetworkOptions {
  readonly chain: ChainPort;
  readonly mempool: MempoolPort;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Program and version, e.g. "tabchain/0.1.0". */
  readonly agent: string;
  /** The node's one mailbox: whatever the transport or a timer brings runs there, one task at a time, behind what is more urgent. */
  enqueue(task: () => Promise<void>): void;
  /** Whether a failure of the chain or the mempool is a provable breach of a rule. */
  isRuleError(error: unknown): boolean;
  /** A figure of {@link PeerNetwork.status} may have changed; called often. */
  onStatus?(): void;
}

export interface PeerStatus {
  id: string;
  kind: LinkKind;
  state: 'connecting' | 'ready';
  /** Of the highest block that this node has verified to exist and the peer to know. */
  height: number;
  latencyMs: number | null;
  /** Unix milliseconds, as this clock counts back now. */
  connectedAt: number;
  received: number;
  sent: number;
  agent: string;
}

export interface PeerNetworkStatus {
  peers: PeerStatus[];
  sync: SyncStatus;
  /** Milliseconds this clock seems ahead of the peers' (median), null when unknown. */
  clockSkewMs: number | null;
}

/**
 * The node's side of all links, from their opening to their end. It owns no truth; the chain and the mempool judge what comes.
 *
 * ```
 *  Transport ──links──▶ Admission ──▶ Session
 *      └─────frames───▶ Inflow (turns) ──▶ Session.receive ──messages──▶ MessageHandlers ──▶ chain, mempool
 * ```
 */
export class PeerNetwork {
  readonly #options: PeerNetworkOptions;
  readonly #context: NetContext;
  readonly #sessions = new Map<string, Session>();
  readonly #admission: Admission;
  readonly #handlers: MessageHandlers;
  readonly #inflow: Inflow;
  #running = false;
  #tickTimer: TimerId | null = null;
  #flushTimer: TimerId | null = null;
  #tickedAt = 0;

  constructor(options: PeerNetworkOptions) {
    const { chain, mempool, clock, random, log } = options;
    this.#options = options;
    const ready = (): Session[] => [...this.#sessions.values()].filter((session) => session.ready);
    this.#context = {
      chain,
      mempool,
      clock,
      random,
      log,
      ready,
      // By a timer, so that the node answers calls and hears its links in between.
      later: (task, delayMs = 0) => void options.timers.set(() => options.enqueue(task), delayMs),
      judge: (session, error) => this.#admission.judge(session, error),
      changed: () => options.onStatus?.(),
    };
    this.#admission = new Admission(options);
    this.#handlers = new MessageHandlers(this.#context);
    const { responder } = this.#handlers;
    const receive = (session: Session, frame: Uint8Array): Promise<boolean> => this.#receive(session, frame);
    this.#inflow = new Inflow({ clock, timers: options.timers, enqueue: options.enqueue, responder, receive });
  }

  /** Begins to make and accept links; also after {@link stop}. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    const { transport, enqueue } = this.#options;
    transport.start({
      open: (link) => {
        this.#inflow.open(link);
        enqueue(() => this.#onOpen(link));
      },
      message: (link, bytes) => this.#inflow.arrived(link, bytes),
      close: (link, reason) => {
        this.#inflow.close(link.id);
        enqueue(() => this.#onClose(link.id, reason));
      },
      drained: () => this.#inflow.wake(),
    });
    this.#tickedAt = this.#options.clock.monotonic();
    this.#scheduleTick();
  }

  /** Says goodbye to all peers, cuts all links and makes no more. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    for (const session of [...this.#sessions.values()]) {
      session.close('leaving');
      this.#forget(session);
    }
    if (this.#tickTimer !== null) this.#options.timers.clear(this.#tickTimer);
    if (this.#flushTimer !== null) this.#options.timers.clear(this.#flushTimer);
    this.#tickTimer = null;
    this.#flushTimer = null;
    this.#options.transport.stop();
    this.#inflow.clear();
    this.#context.changed();
  }

  /** Goes on with another chain of the same network under the open links. Call inside the mailbox. */
  rebind(chain: ChainPort, mempool: MempoolPort): void {
    this.#context.chain = chain;
    this.#context.mempool = mempool;
    this.#handlers.reset();
    for (const session of this.#context.ready()) session.ping();
    this.#handlers.update();
  }

  status(): PeerNetworkStatus {
    const sessions = [...this.#sessions.values()];
    return {
      peers: sessions.map((session) => this.#peerStatus(session)),
      sync: this.#handlers.sync.status(),
      clockSkewMs: median(sessions.flatMap(({ skewMs }) => skewMs ?? [])),
    };
  }

  #peerStatus(session: Session): PeerStatus {
    const { link, latencyMs, receivedBytes, sentBytes, agent } = session;
    return {
      id: session.peerId,
      kind: link.kind,
      state: session.ready ? 'ready' : 'connecting',
      height: this.#handlers.sync.blockPeers.provenHeight(session),
      latencyMs,
      connectedAt: Math.round(this.#context.clock.now() - session.ageMs()),
      received: receivedBytes,
      sent: sentBytes,
      agent,
    };
  }

  /** Whether this node is fetching so much of a better branch that mining on its own tip would be waste. */
  catchingUp(): boolean {
    return this.#handlers.sync.catchingUp();
  }

  /** Tells the peers of a block that the active chain now holds. Call inside the mailbox, for each block or only the last. */
  announceBlock(id: string): void {
    this.#handlers.gossip.tipChanged();
    if (this.#running) this.#handlers.announceBlock(id);
    this.#handlers.update();
  }

  /**
   * Tells the peers of a transaction that the mempool has taken. Call inside the mailbox.
   * @param own made by this tab: announced again until it has left the mempool
   */
  announceTransaction(id: string, own = false): void {
    const { gossip } = this.#handlers;
    gossip.announce(id, own);
    this.#flushTimer ??= this.#options.timers.set(() => {
      this.#flushTimer = null;
      this.#options.enqueue(async () => gossip.flush());
    }, ANNOUNCE_DELAY_MS);
  }

  // Entry points: each runs as one task of the mailbox.

  async #onOpen(link: Link): Promise<void> {
    if (!this.#running) return link.close('leaving');
    if (this.#admission.refuses(link.peerId)) return link.close('discouraged');
    const { transport, agent, clock, random } = this.#options;
    const { network } = this.#context.chain;
    const tip = () => {
      const { height, id, work } = this.#context.chain.tip();
      return { height, tip: id, work };
    };
    const self = { networkId: network.id, maxBlockBytes: network.maxBlockBytes, peerId: transport.peerId, agent, tip };
    const session = new Session(link, self, clock, random);
    this.#sessions.set(link.id, session);
    session.greet();
    this.#inflow.admit(session);
    this.#context.changed();
  }

  /** @returns whether it is charged to the sender: blocks that were asked for, and what makes this node's chain better, are not */
  async #receive(session: Session, frame: Uint8Array): Promise<boolean> {
    const { chain } = this.#context;
    const known = chain.bestHeader().work;
    const verified = chain.tip().work;
    let isAsked = false;
    try {
      const message = session.receive(frame);
      isAsked = message !== null && this.#handlers.isAskedBlock(session, message);
      if (message) await this.#dispatch(session, message);
    } catch (error) {
      this.#admission.judge(session, error);
    }
    this.#handlers.update();
    return !isAsked && chain.bestHeader().work <= known && chain.tip().work <= verified;
  }

  async #onClose(linkId: string, reason: string): Promise<void> {
    const session = this.#sessions.get(linkId);
    if (!session) return;
    this.#options.log('info', 'net/link-closed', { peer: session.peerId, reason });
    session.closed = true;
    this.#forget(session);
    this.#handlers.update();
    this.#context.changed();
  }

  async #onTick(): Promise<void> {
    if (!this.#running) return;
    const now = this.#options.clock.monotonic();
    const asleep = now - this.#tickedAt > ASLEEP_MS;
    this.#tickedAt = now;
    for (const session of [...this.#sessions.values()]) {
      if (asleep) session.forgive();
      session.tick();
    }
    this.#handlers.tick();
    this.#inflow.wake();
    this.#handlers.update();
  }

  #scheduleTick(): void {
    this.#tickTimer = this.#options.timers.set(() => {
      this.#scheduleTick();
      this.#options.enqueue(() => this.#onTick());
    }, TICK_MS);
  }

  #forget(session: Session): void {
    this.#inflow.close(session.link.id);
    this.#context.chain.releaseSource(session);
    this.#sessions.delete(session.link.id);
    this.#handlers.remove(session);
  }

  async #dispatch(session: Session, message: Message): Promise<void> {
    if (message.type === 'bye') {
      session.closed = true;
      return session.link.close(`peer: ${message.reason}`);
    }
    if (message.type === 'hello') {
      const objection = session.welcome(message);
      return objection === null ? this.#welcomed(session) : session.close(objection);
    }
    if (!session.ready) return session.close('handshake');
    return this.#handlers.handle(session, message);
  }

  #welcomed(session: Session): void {
    this.#options.log('info', 'net/peer-ready', { peer: session.peerId, kind: session.link.kind, height: session.claim!.height });
    this.#handlers.add(session);
    this.#admission.endDuplicates(session, this.#context.ready());
    session.ping();
  }
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return Math.round(sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2);
}
