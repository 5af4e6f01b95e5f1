import type { Message } from '../protocol/wire.ts';
import { CompactBlocks } from './compact.ts';
import type { NetContext } from './context.ts';
import { Experiments, type ExperimentPort } from './experiments.ts';
import { Gossip } from './gossip.ts';
import { Join } from './join/join.ts';
import type { JoinPorts } from './join/port.ts';
import { MempoolQuestions } from './mempool-questions.ts';
import { Responder } from './responder.ts';
import type { Session } from './session.ts';
import { Syncs } from './syncs.ts';

/** Messages that a peer may send after the exchange of hellos. */
export type ReadyMessage = Exclude<Message, { type: 'hello' | 'bye' }>;

/**
 * Handles the messages of ready peers: the parts of the conversation, and the messages that each part takes.
 *
 * ```
 *  headers, block, inventory of blocks                 ──▶ Syncs
 *  compactBlock, blockTransactions                     ──▶ CompactBlocks ──▶ Syncs
 *  transaction, inventory of transactions              ──▶ Gossip            MempoolQuestions ask for more of them
 *  tail, samples, accounts                             ──▶ Join              fetches a recent chain
 *  getHeaders, getData, getTail and the other get…     ──▶ Responder
 *  experiment, verdict                                 ──▶ Experiments
 * ```
 */
export class MessageHandlers {
  readonly syncs: Syncs;
  readonly gossip: Gossip;
  readonly responder: Responder;
  readonly experiments: Experiments;
  /** Null where this node never fetches a recent chain. */
  readonly join: Join | null;
  readonly #context: NetContext;
  readonly #compact: CompactBlocks;
  readonly #mempools: MempoolQuestions;

  constructor(context: NetContext, join?: JoinPorts, experiments?: ExperimentPort) {
    this.#context = context;
    this.syncs = new Syncs(context);
    this.gossip = new Gossip(context);
    this.responder = new Responder(context);
    this.experiments = new Experiments(context, experiments ?? null);
    this.join = join ? new Join(context, this.syncs, join) : null;
    this.#compact = new CompactBlocks(context, this.syncs);
    this.#mempools = new MempoolQuestions(context, this.syncs, this.gossip);
  }

  /** Adds a peer that has sent its hello. */
  add(session: Session): void {
    this.syncs.add(session);
  }

  /** Removes a peer, which may not have sent a hello. */
  remove(session: Session): void {
    this.#mempools.remove(session);
    this.#compact.remove(session);
    this.gossip.remove(session);
    this.responder.remove(session);
    this.experiments.remove(session);
    this.join?.remove(session);
    this.syncs.remove(session);
  }

  /** Forgets what concerns the chain and the mempool in use, because they are replaced. {@link Syncs} follows separately. */
  reset(): void {
    this.gossip.reset();
    this.#compact.reset();
    this.responder.reset();
    this.#mempools.reset();
    this.join?.reset();
  }

  tick(): void {
    this.syncs.tick();
    this.#compact.tick();
    this.gossip.tick();
  }

  /** Call after any change that may allow new requests. */
  update(): void {
    this.join?.update();
    this.syncs.update();
    this.#mempools.update();
  }

  /** Announces a block, unless this node is far behind, because a long sync would announce thousands of blocks that others have. */
  announceBlock(id: string): void {
    const { chain } = this.#context;
    if (chain.tip().id !== id || this.syncs.inUse.lagging()) return;
    const block = chain.block(id);
    if (block) this.#compact.announce(block);
  }

  /** Whether a message brings what this peer itself was asked for: a block, or a part of a recent chain. */
  isAsked(session: Session, message: Message): boolean {
    if (message.type === 'block') return this.syncs.askedBlock(session, message.block.id);
    return this.join?.isAsked(session, message) ?? false;
  }

  /**
   * Handles one message of a ready peer.
   * @throws TabchainError if the sender must have known that the message is invalid
   */
  async handle(session: Session, message: ReadyMessage): Promise<void> {
    switch (message.type) {
      case 'ping':
        session.updateClaim(message);
        return session.send({ type: 'pong', nonce: message.nonce, clockMs: session.wallClockMs() });
      case 'pong':
        // A new latency is no event: the status is told once a second in any case.
        return session.pong(message.nonce, message.clockMs);
      case 'getHeaders':
        return this.responder.onGetHeaders(session, message.locator);
      case 'headers':
        return this.syncs.onHeaders(session, message.headers);
      case 'inventory':
        if (message.kind === 'block') return this.#onBlockInventory(session, message.ids);
        if (this.syncs.inUse.judgesTransactions()) this.gossip.onInventory(session, message.ids);
        return;
      case 'getData':
        return this.responder.onGetData(session, message.kind, message.ids);
      case 'notFound':
        if (message.kind === 'transaction') return this.gossip.notFound(session, message.ids);
        this.#compact.notFound(session, message.ids);
        return this.syncs.notFound(session, message.ids);
      case 'block':
        return this.syncs.onBlock(session, message.block);
      case 'transaction':
        await this.#compact.onTransaction(message.transaction);
        return this.syncs.inUse.judgesTransactions() ? this.gossip.onTransaction(session, message.transaction) : undefined;
      case 'compactBlock':
        return this.#compact.onCompactBlock(session, message);
      case 'getBlockTransactions':
        return this.responder.onGetBlockTransactions(session, message.blockId, message.indexes);
      case 'blockTransactions':
        return this.#compact.onBlockTransactions(session, message.blockId, message.transactions);
      case 'getMempool':
        return this.responder.onGetMempool(session);
      case 'getTail':
      case 'getSamples':
      case 'getAccounts':
        return this.responder.onJoinQuestion(session, message);
      case 'tail':
        return this.join?.onTail(session, message.tip, message.tail);
      case 'samples':
        return this.join?.onSamples(session, message.before, message.samples);
      case 'accounts':
        return this.join?.onAccounts(session, message.block, message.from, message.chunk);
      case 'experiment':
        // A node that is behind cannot judge what depends on the newest blocks.
        return this.syncs.inUse.judgesTransactions() ? this.experiments.onExperiment(session, message) : undefined;
      case 'verdict':
        return this.experiments.onVerdict(session, message);
    }
  }

  #onBlockInventory(session: Session, ids: readonly string[]): void {
    for (const id of ids) session.known.add(id);
    if (ids.some((id) => !this.#context.chain.hasHeader(id))) this.syncs.inUse.askHeaders(session);
  }
}
