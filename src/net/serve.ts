import { decodeBlock } from '../protocol/block.ts';
import { encodeBlockMessage, MAX_HEADERS, type InventoryKind } from '../protocol/wire.ts';
import type { NetContext } from './context.ts';
import { MAX_MEMPOOL_IDS, MAX_SERVE_QUEUE, MEMPOOL_REQUEST_MS, SEND_HIGH_WATER_BYTES } from './limits.ts';
import type { Session } from './session.ts';
import { sendInventory } from './gossip.ts';

interface Waiting {
  readonly kind: InventoryKind;
  readonly id: string;
}

/** Answers other nodes' questions, no faster than their links take the answers. */
export class Server {
  readonly #context: NetContext;
  readonly #queues = new Map<Session, Waiting[]>();
  readonly #mempoolAskedAt = new Map<Session, number>();

  constructor(context: NetContext) {
    this.#context = context;
  }

  remove(session: Session): void {
    this.#queues.delete(session);
    this.#mempoolAskedAt.delete(session);
  }

  onGetHeaders(session: Session, locator: readonly string[]): void {
    session.send({ type: 'headers', headers: this.#context.chain.headersAfter(locator, MAX_HEADERS) });
  }

  onGetData(session: Session, kind: InventoryKind, ids: readonly string[]): void {
    const queue = this.#queues.get(session) ?? [];
    this.#queues.set(session, queue);
    const room = Math.max(0, MAX_SERVE_QUEUE - queue.length);
    for (const id of ids.slice(0, room)) queue.push({ kind, id });
    if (ids.length > room) session.send({ type: 'notFound', kind, ids: ids.slice(room) });
    this.pump(session);
  }

  /** Sends what waits for a link until its buffer is full; called again when it has drained. */
  pump(session: Session): void {
    const queue = this.#queues.get(session);
    if (!queue) return;
    const absent = new Map<InventoryKind, string[]>();
    let served = 0;
    while (served < queue.length && session.link.bufferedBytes() < SEND_HIGH_WATER_BYTES) {
      const { kind, id } = queue[served++]!;
      if (this.#serve(session, kind, id)) session.known.add(id);
      else absent.set(kind, [...(absent.get(kind) ?? []), id]);
    }
    queue.splice(0, served);
    for (const [kind, ids] of absent) session.send({ type: 'notFound', kind, ids });
  }

  pumpAll(): void {
    for (const session of this.#queues.keys()) this.pump(session);
  }

  #serve(session: Session, kind: InventoryKind, id: string): boolean {
    if (kind === 'block') {
      const bytes = this.#context.chain.blockBytes(id);
      if (bytes) session.sendEncoded(encodeBlockMessage(bytes));
      return bytes !== null;
    }
    const transaction = this.#context.mempool.get(id);
    if (transaction) session.send({ type: 'transaction', transaction });
    return transaction !== null;
  }

  onGetBlockTransactions(session: Session, blockId: string, indexes: readonly number[]): void {
    const { chain } = this.#context;
    const bytes = chain.blockBytes(blockId);
    const transactions = bytes ? decodeBlock(bytes, chain.network.maxBlockBytes).transactions : [];
    const wanted = indexes.flatMap((index) => transactions[index] ?? []);
    if (wanted.length === indexes.length) session.send({ type: 'blockTransactions', blockId, transactions: wanted });
    else session.send({ type: 'notFound', kind: 'block', ids: [blockId] });
  }

  onGetMempool(session: Session): void {
    const now = this.#context.clock.monotonic();
    if (now - (this.#mempoolAskedAt.get(session) ?? -MEMPOOL_REQUEST_MS) < MEMPOOL_REQUEST_MS) return;
    this.#mempoolAskedAt.set(session, now);
    const ids = this.#context.mempool.ids().slice(0, MAX_MEMPOOL_IDS);
    sendInventory(session, 'transaction', ids);
  }
}
