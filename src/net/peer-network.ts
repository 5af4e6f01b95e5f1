import type { ChainPort, MempoolPort } from '../chain/port.ts';
import type { Message } from '../protocol/wire.ts';
import type { ExperimentMessage } from '../protocol/wire-experiment.ts';
import type { Log } from '../util/log.ts';
import type { Clock, Random, TimerId, Timers } from '../util/ports.ts';
import { Admission } from './admission.ts';
import type { NetContext } from './context.ts';
import type { Answers, ExperimentPort } from './experiments.ts';
import { Inflow } from './inflow.ts';
import { Heartbeat } from './heartbeat.ts';
import { TICK_MS } from './peer-limits.ts';
import type { JoinPorts } from './join/port.ts';
import { MessageHandlers } from './message-handlers.ts';
import { peerNetworkStatus, type PeerNetworkStatus } from './peer-status.ts';
import { Session } from './session.ts';
import type { Syncs } from './syncs.ts';
import type { Link, Transport } from './transport.ts';

export interface PeerNetworkOptions {
  /** The chain in use. */
  readonly chain: ChainPort;
  /** The whole chain, where the chain in use is a recent chain and the whole chain is synced behind it. */
  readonly behind?: ChainPort | null;
  readonly mempool: MempoolPort;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Program and version, e.g. "tabchain/0.1.0". */
  readonly agent: string;
  /** The node's only mailbox: events of the transport and timers run there, one task at a time, behind more urgent tasks. */
  enqueue(task: () => Promise<void>): void;
  /** Whether a failure of the chain or the mempool is a provable breach of a rule. */
  isRuleError(error: unknown): boolean;
  /** Absent where this node never fetches a recent chain. */
  readonly join?: JoinPorts;
  /** Absent where this node takes no experiments of peers; otherwise the agent has the word `experiments`. */
  readonly experiments?: ExperimentPort;
  /** Whether somebody looks at this tab, or it mines, so silent links matter at once. Default true. */
  attentive?(): boolean;
  /** A figure of {@link PeerNetwork.status} may have changed; called often. */
  onStatus?(): void;
}

/**
 * The node's side of all links, from their opening to their end. Decides no validity; the chain and the mempool judge blocks and
 * transactions.
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
  readonly #heartbeat: Heartbeat;

  constructor(options: PeerNetworkOptions) {
    const { chain, mempool, clock, random, log } = options;
    this.#options = options;
    this.#heartbeat = new Heartbeat(clock, log, options.attentive ?? (() => true));
    const ready = (): Session[] => [...this.#sessions.values()].filter((session) => session.ready);
    this.#context = {
      chain,
      mempool,
      clock,
      random,
      log,
      ready,
      // By a timer, so the node handles calls and its links in between.
      later: (task, delayMs = 0) => void options.timers.set(() => options.enqueue(task), delayMs),
      judge: (session, error) => this.#admission.judge(session, error),
      changed: () => options.onStatus?.(),
    };
    this.#admission = new Admission(options);
    this.#handlers = new MessageHandlers(this.#context, options.join, options.experiments);
    if (options.behind) this.#handlers.syncs.restart(options.behind);
    const { responder } = this.#handlers;
    const receive = (session: Session, frame: Uint8Array): Promise<boolean> => this.#receive(session, frame);
    this.#inflow = new Inflow({ clock, timers: options.timers, enqueue: options.enqueue, responder, receive });
  }

  /** Starts to make and accept links; also after {@link stop}. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    const { transport, enqueue } = this.#options;
    transport.start({
      open: (link) => {
        this.#inflow.open(link);
        enqueue(() => this.#onOpen(link));
      },
      message: (link, bytes) => {
        const revived = this.#inflow.arrived(link, bytes);
        if (revived) enqueue(async () => this.#revived(revived));
      },
      close: (link, reason) => {
        this.#inflow.close(link.id);
        enqueue(() => this.#onClose(link.id, reason));
      },
      drained: () => this.#inflow.wake(),
    });
    this.#heartbeat.start();
    this.#scheduleTick();
  }

  /** Sends `bye` to all peers, closes all links and makes no more. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    for (const session of [...this.#sessions.values()]) {
      session.close('leaving');
      this.#forget(session);
    }
    if (this.#tickTimer !== null) this.#options.timers.clear(this.#tickTimer);
    this.#tickTimer = null;
    this.#options.transport.stop();
    this.#inflow.clear();
    this.#context.changed();
  }

  // Changes of the chain in use, to another chain of the same network. Links stay open. Call inside the mailbox.

  /**
   * Begins again with other chains.
   * @param behind the whole chain, where `chain` is a recent chain and the whole chain is synced behind it
   */
  rebind(chain: ChainPort, mempool: MempoolPort, behind: ChainPort | null = null): void {
    this.#use(chain, mempool, (syncs) => syncs.restart(behind));
  }

  /** A recent chain takes the place of the chain in use. The former chain is synced behind it, unless a whole chain is there already. */
  enterRecent(chain: ChainPort, mempool: MempoolPort): void {
    this.#use(chain, mempool, (syncs) => syncs.enterRecent());
  }

  /** The whole chain behind takes the place of the recent chain. Its download goes on. */
  leaveRecent(chain: ChainPort, mempool: MempoolPort): void {
    this.#use(chain, mempool, (syncs) => syncs.leaveRecent());
  }

  /** No longer syncs a chain behind the chain in use. */
  dropBehind(): void {
    this.#handlers.syncs.dropBehind();
  }

  #use(chain: ChainPort, mempool: MempoolPort, follow: (syncs: Syncs) => void): void {
    this.#handlers.reset();
    this.#context.chain = chain;
    this.#context.mempool = mempool;
    follow(this.#handlers.syncs);
    for (const session of this.#context.ready()) session.ping();
    this.#handlers.update();
  }

  status(): PeerNetworkStatus {
    return peerNetworkStatus([...this.#sessions.values()], this.#handlers, this.#admission, this.#context);
  }

  /** Why mining on the tip would be wasted: much of a better branch is arriving, or the tip may be old and no peer has answered. */
  holdsUp(): 'syncing' | 'checking' | null {
    const { inUse } = this.#handlers.syncs;
    return inUse.catchingUp() ? 'syncing' : inUse.sureness.isDoubted ? 'checking' : null;
  }

  /**
   * Checks all links inside the mailbox, after an event that may have ended them. The transport checks its own connections.
   * @param stale whether new blocks may be missing
   */
  checkLinks(stale: boolean): void {
    if (!this.#running) return;
    for (const session of this.#sessions.values()) session.probe();
    if (stale) this.#handlers.syncs.doubt();
    this.#handlers.update();
    this.#context.changed();
  }

  /** Announces a block of the active chain to the peers. Call inside the mailbox, for each new block or only the last. */
  announceBlock(id: string): void {
    this.#handlers.gossip.tipChanged();
    if (this.#running) this.#handlers.announceBlock(id);
    this.#handlers.update();
  }

  /**
   * Announces a transaction in the mempool to the peers. Call inside the mailbox.
   * @param own whether this tab made the transaction; such a transaction is announced again until it has left the mempool
   */
  announceTransaction(id: string, own = false): void {
    this.#handlers.gossip.announce(id, own);
  }

  /** Offers something to the peers as an experiment. Call inside the mailbox. @throws TabchainError `experiment-too-soon` */
  readonly experiment = (message: ExperimentMessage): Promise<Answers> => this.#handlers.experiments.offer(message);

  // Entry points: each runs as one task of the mailbox.

  async #onOpen(link: Link): Promise<void> {
    if (!this.#running) return link.close('leaving');
    if (this.#admission.refuses(link.peerId)) return link.close('discouraged');
    const { transport, agent, clock, random } = this.#options;
    const { network } = this.#context.chain;
    const tip = () => {
      const { chain } = this.#context;
      const { height, id, work } = chain.tip();
      return { height, tip: id, work, base: chain.base() };
    };
    const self = { networkId: network.id, maxBlockBytes: network.maxBlockBytes, peerId: transport.peerId, agent, tip };
    const session = new Session(link, self, clock, random);
    this.#sessions.set(link.id, session);
    session.greet();
    this.#inflow.admit(session);
    this.#context.changed();
  }

  /** @returns whether to charge the sender: requested blocks, and messages that improve this node's chain, are free */
  async #receive(session: Session, frame: Uint8Array): Promise<boolean> {
    const { syncs } = this.#handlers;
    const known = syncs.work();
    let isAsked = false;
    try {
      const message = session.receive(frame);
      isAsked = message !== null && this.#handlers.isAsked(session, message);
      if (message) await this.#dispatch(session, message);
    } catch (error) {
      this.#admission.judge(session, error);
    }
    this.#handlers.update();
    return !isAsked && syncs.work().every((work, index) => work <= (known[index] ?? work));
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
    if (this.#heartbeat.wasAsleep()) {
      this.checkLinks(true);
      this.#options.transport.checkNow?.(true);
    }
    if (this.#heartbeat.check([...this.#sessions.values()])) this.#context.changed();
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
    if (!session.greeted) return session.close('handshake');
    return this.#handlers.handle(session, message);
  }

  /** A silent link has brought something again. Another link to the same peer may have opened meanwhile. */
  #revived(session: Session): void {
    if (!session.ready) return;
    this.#options.log('info', 'net/peer-revived', { peer: session.peerId });
    this.#admission.endDuplicates(session, this.#context.ready());
    session.ping();
    this.#handlers.update();
    this.#context.changed();
  }

  #welcomed(session: Session): void {
    this.#options.log('info', 'net/peer-ready', { peer: session.peerId, kind: session.link.kind, height: session.claim!.height });
    this.#handlers.add(session);
    this.#admission.endDuplicates(session, this.#context.ready());
    session.ping();
  }
}
