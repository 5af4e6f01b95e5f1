import type { ChainPort, MempoolPort } from '../chain/port.ts';
import type { Message } from '../protocol/wire.ts';
import { errorCode } from '../util/errors.ts';
import type { Log } from '../util/log.ts';
import type { Clock, Random, TimerId, Timers } from '../util/ports.ts';
import { CompactBlocks } from './compact.ts';
import type { NetContext } from './context.ts';
import { Gossip } from './gossip.ts';
import { Inflow } from './inflow.ts';
import { ANNOUNCE_DELAY_MS, ASLEEP_MS, DISCOURAGE_MS, MAX_DISCOURAGED, TICK_MS } from './limits.ts';
import { MempoolQuestions } from './mempool-questions.ts';
import { Responder } from './responder.ts';
import { Session } from './session.ts';
import { Sync, type SyncStatus } from './sync.ts';
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

/** Better links first; of two to one peer the better stays. */
const KIND_ORDER: readonly LinkKind[] = ['local', 'direct', 'relayed'];

/**
 * The node's side of all links: handshake, sync, gossip. It owns no truth; the chain and the mempool judge what comes. Misbehaviour
 * is never scored: a provable breach ends the link and discourages the peer for a while, all else is allowed.
 */
export class PeerNetwork {
  readonly #options: PeerNetworkOptions;
  readonly #context: NetContext;
  readonly #sessions = new Map<string, Session>();
  readonly #sync: Sync;
  readonly #gossip: Gossip;
  readonly #compact: CompactBlocks;
  readonly #mempools: MempoolQuestions;
  readonly #responder: Responder;
  readonly #inflow: Inflow;
  /** Peer ids and until when they are refused. */
  readonly #discouraged = new Map<string, number>();
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
      judge: (session, error) => this.#judge(session, error),
      changed: () => options.onStatus?.(),
    };
    this.#sync = new Sync(this.#context);
    this.#gossip = new Gossip(this.#context);
    this.#compact = new CompactBlocks(this.#context, this.#sync);
    this.#mempools = new MempoolQuestions(this.#context, this.#sync, this.#gossip);
    this.#responder = new Responder(this.#context);
    const receive = (session: Session, frame: Uint8Array): Promise<boolean> => this.#receive(session, frame);
    this.#inflow = new Inflow({ clock, timers: options.timers, enqueue: options.enqueue, responder: this.#responder, receive });
  }

  /** Begins to make and accept links; also after {@link stop}. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    const { transport, enqueue } = this.#options;
    transport.start({
      open: (link) => {
        this.#inflow.open(link);
        enqueue(() => this.handleOpen(link));
      },
      message: (link, bytes) => this.#inflow.arrived(link, bytes),
      close: (link, reason) => {
        this.#inflow.close(link.id);
        enqueue(() => this.handleClose(link.id, reason));
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
    this.#sync.reset();
    this.#gossip.reset();
    this.#compact.reset();
    this.#responder.reset();
    this.#mempools.reset();
    for (const session of this.#context.ready()) session.ping();
    this.#update();
  }

  status(): PeerNetworkStatus {
    const sessions = [...this.#sessions.values()];
    return {
      peers: sessions.map((session) => this.#peerStatus(session)),
      sync: this.#sync.status(),
      clockSkewMs: median(sessions.flatMap(({ skewMs }) => skewMs ?? [])),
    };
  }

  #peerStatus(session: Session): PeerStatus {
    const { link, latencyMs, receivedBytes, sentBytes, agent } = session;
    return {
      id: session.peerId,
      kind: link.kind,
      state: session.ready ? 'ready' : 'connecting',
      height: this.#sync.blockPeers.provenHeight(session),
      latencyMs,
      connectedAt: Math.round(this.#context.clock.now() - session.ageMs()),
      received: receivedBytes,
      sent: sentBytes,
      agent,
    };
  }

  /** Whether this node is fetching so much of a better branch that mining on its own tip would be waste. */
  catchingUp(): boolean {
    return this.#sync.catchingUp();
  }

  /** Tells the peers of a block that the active chain now holds. Call inside the mailbox, for each block or only the last. */
  announceBlock(id: string): void {
    this.#gossip.tipChanged();
    const { chain } = this.#context;
    // Blocks that others have long had are no news; during a long sync there would be thousands.
    if (this.#running && chain.tip().id === id && !this.#sync.lagging()) {
      const block = chain.block(id);
      if (block) this.#compact.announce(block);
    }
    this.#update();
  }

  /**
   * Tells the peers of a transaction that the mempool has taken. Call inside the mailbox.
   * @param own made by this tab: announced again until it has left the mempool
   */
  announceTransaction(id: string, own = false): void {
    this.#gossip.announce(id, own);
    this.#flushTimer ??= this.#options.timers.set(() => {
      this.#flushTimer = null;
      this.#options.enqueue(async () => this.#gossip.flush());
    }, ANNOUNCE_DELAY_MS);
  }

  // Entry points: each runs as one task of the mailbox.

  async handleOpen(link: Link): Promise<void> {
    if (!this.#running) return link.close('leaving');
    if ((this.#discouraged.get(link.peerId) ?? -Infinity) > this.#options.clock.monotonic()) return link.close('discouraged');
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
      isAsked = message?.type === 'block' && this.#sync.blockPeers.asked(session, message.block.id);
      if (message) await this.#dispatch(session, message);
    } catch (error) {
      this.#judge(session, error);
    }
    this.#update();
    return !isAsked && chain.bestHeader().work <= known && chain.tip().work <= verified;
  }

  async handleClose(linkId: string, reason: string): Promise<void> {
    const session = this.#sessions.get(linkId);
    if (!session) return;
    this.#options.log('info', 'net/link-closed', { peer: session.peerId, reason });
    session.closed = true;
    this.#forget(session);
    this.#update();
    this.#context.changed();
  }

  async handleTick(): Promise<void> {
    if (!this.#running) return;
    const now = this.#options.clock.monotonic();
    const asleep = now - this.#tickedAt > ASLEEP_MS;
    this.#tickedAt = now;
    for (const session of [...this.#sessions.values()]) {
      if (asleep) session.forgive();
      session.tick();
    }
    this.#sync.tick();
    this.#compact.tick();
    this.#gossip.tick();
    this.#inflow.wake();
    this.#update();
  }

  #scheduleTick(): void {
    this.#tickTimer = this.#options.timers.set(() => {
      this.#scheduleTick();
      this.#options.enqueue(() => this.handleTick());
    }, TICK_MS);
  }

  #forget(session: Session): void {
    this.#inflow.close(session.link.id);
    this.#context.chain.releaseSource(session);
    this.#sessions.delete(session.link.id);
    this.#mempools.remove(session);
    this.#compact.remove(session);
    this.#gossip.remove(session);
    this.#responder.remove(session);
    this.#sync.remove(session);
  }

  /** Ends the link for what its peer provably did wrong; anything else is this node's own failure and is passed on. */
  #judge(session: Session, error: unknown): void {
    const code = errorCode(error);
    if (code === 'protocol-version') return session.close('version');
    if (!code.startsWith('encoding-') && code !== 'block-oversized' && !this.#options.isRuleError(error)) throw error;
    this.#options.log('warn', 'net/peer-violation', { peer: session.peerId, code });
    const until = this.#options.clock.monotonic() + DISCOURAGE_MS;
    this.#discouraged.delete(session.peerId);
    this.#discouraged.set(session.peerId, until);
    for (const oldest of this.#discouraged.keys()) {
      if (this.#discouraged.size <= MAX_DISCOURAGED) break;
      this.#discouraged.delete(oldest);
    }
    session.close('violation');
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
    return this.#handle(session, message);
  }

  async #handle(session: Session, message: Exclude<Message, { type: 'hello' | 'bye' }>): Promise<void> {
    switch (message.type) {
      case 'ping':
        session.updateClaim(message);
        return session.send({ type: 'pong', nonce: message.nonce, clockMs: session.wallClockMs() });
      case 'pong':
        session.pong(message.nonce, message.clockMs);
        return this.#context.changed();
      case 'getHeaders':
        return this.#responder.onGetHeaders(session, message.locator);
      case 'headers':
        return this.#sync.onHeaders(session, message.headers);
      case 'inventory':
        if (message.kind === 'block') return this.#onBlockInventory(session, message.ids);
        if (this.#sync.judgesTransactions()) this.#gossip.onInventory(session, message.ids);
        return;
      case 'getData':
        return this.#responder.onGetData(session, message.kind, message.ids);
      case 'notFound':
        if (message.kind === 'transaction') return this.#gossip.notFound(session, message.ids);
        this.#compact.notFound(session, message.ids);
        return this.#sync.requests.notFound(session, message.ids);
      case 'block':
        return this.#sync.onBlock(session, message.block);
      case 'transaction':
        await this.#compact.onTransaction(message.transaction);
        return this.#sync.judgesTransactions() ? this.#gossip.onTransaction(session, message.transaction) : undefined;
      case 'compactBlock':
        return this.#compact.onCompactBlock(session, message);
      case 'getBlockTransactions':
        return this.#responder.onGetBlockTransactions(session, message.blockId, message.indexes);
      case 'blockTransactions':
        return this.#compact.onBlockTransactions(session, message.blockId, message.transactions);
      case 'getMempool':
        return this.#responder.onGetMempool(session);
    }
  }

  #onBlockInventory(session: Session, ids: readonly string[]): void {
    for (const id of ids) session.known.add(id);
    if (ids.some((id) => !this.#context.chain.hasHeader(id))) this.#sync.askHeaders(session);
  }

  #welcomed(session: Session): void {
    this.#options.log('info', 'net/peer-ready', { peer: session.peerId, kind: session.link.kind, height: session.claim!.height });
    this.#sync.add(session);
    this.#endDuplicates(session);
    session.ping();
  }

  /** One link a peer is enough. The lower id decides which goes, lest both ends cut a different one. */
  #endDuplicates(newest: Session): void {
    if (this.#options.transport.peerId > newest.peerId) return;
    const rank = (session: Session): number => KIND_ORDER.indexOf(session.link.kind);
    for (const other of this.#context.ready()) {
      if (other === newest || other.peerId !== newest.peerId) continue;
      (rank(other) < rank(newest) ? newest : other).close('duplicate');
    }
  }

  /** After anything that may have changed what is worth asking. */
  #update(): void {
    this.#sync.update();
    this.#mempools.update();
  }
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return Math.round(sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2);
}
