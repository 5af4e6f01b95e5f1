import { SEALED_HEADER_BYTES, transactionRoot, type DecodedBlock } from '../protocol/block.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import { SALT_BYTES, shortIdFunction, type CompactBlockMessage } from '../protocol/wire.ts';
import { equalBytes } from '../util/bytes.ts';
import type { NetContext } from './context.ts';
import { COMPACT_DEPTH_BLOCKS, COMPACT_TIMEOUT_MS, MAX_PENDING_COMPACT, MAX_PREFILLED_BYTES } from './limits.ts';
import type { Session } from './session.ts';
import type { Sync } from './sync.ts';

type Slots = (DecodedTransaction | undefined)[];

interface Pending {
  readonly session: Session;
  readonly message: CompactBlockMessage;
  readonly slots: Slots;
  readonly missing: readonly number[];
  readonly since: number;
}

/**
 * A block as header and short ids; transactions that `isKnown` denies are sent along whole, within limits.
 * @param salt 8 random bytes
 */
export function buildCompactBlock(
  block: DecodedBlock,
  salt: Uint8Array,
  shortIds: readonly number[],
  isKnown: (id: string) => boolean,
): CompactBlockMessage {
  const prefilled: { index: number; transaction: DecodedTransaction }[] = [];
  const others: number[] = [];
  let bytes = 0;
  block.transactions.forEach((transaction, index) => {
    if (isKnown(transaction.id) || bytes + transaction.bytes.length > MAX_PREFILLED_BYTES) {
      others.push(shortIds[index]!);
      return;
    }
    bytes += transaction.bytes.length;
    prefilled.push({ index, transaction });
  });
  return { type: 'compactBlock', sealed: block, salt, shortIds: others, prefilled };
}

/**
 * The block's places, filled as far as this mempool allows; null when two of the short ids are equal, which only the whole block resolves.
 * A short id that fits two transactions of the mempool stays empty.
 */
export function fillFromMempool(message: CompactBlockMessage, mempool: Iterable<DecodedTransaction>): Slots | null {
  const slots: Slots = new Array<DecodedTransaction | undefined>(message.shortIds.length + message.prefilled.length).fill(undefined);
  for (const { index, transaction } of message.prefilled) slots[index] = transaction;
  const places = new Map<number, number>();
  let next = 0;
  for (const shortId of message.shortIds) {
    while (slots[next]) next++;
    if (places.has(shortId)) return null;
    places.set(shortId, next++);
  }
  if (places.size === 0) return slots;
  const shortIdOf = shortIdFunction(message.sealed, message.salt);
  const ambiguous = new Set<number>();
  for (const transaction of mempool) {
    const place = places.get(shortIdOf(transaction.id));
    if (place === undefined) continue;
    if (slots[place]) ambiguous.add(place);
    else slots[place] = transaction;
  }
  for (const place of ambiguous) slots[place] = undefined;
  return slots;
}

/** Announces new blocks compactly, and puts announced ones together again. */
export class CompactBlocks {
  readonly #context: NetContext;
  readonly #sync: Sync;
  readonly #pending = new Map<string, Pending>();

  constructor(context: NetContext, sync: Sync) {
    this.#context = context;
    this.#sync = sync;
  }

  reset(): void {
    this.#pending.clear();
  }

  remove(session: Session): void {
    for (const [id, pending] of this.#pending) {
      if (pending.session === session) this.#pending.delete(id);
    }
  }

  /** Tells every peer that has not heard of this block: compactly where it can use that, by id otherwise. */
  announce(block: DecodedBlock): void {
    const salt = this.#context.random.bytes(SALT_BYTES);
    let shortIds: number[] | null = null;
    for (const session of this.#context.ready()) {
      if (session.known.has(block.id)) continue;
      session.known.add(block.id);
      if (Math.max(session.claim!.height, session.announcedHeight) + COMPACT_DEPTH_BLOCKS < block.header.height) {
        session.send({ type: 'inventory', kind: 'block', ids: [block.id] });
        continue;
      }
      session.announcedHeight = block.header.height;
      shortIds ??= block.transactions.map((transaction) => transaction.id).map(shortIdFunction(block, salt));
      session.send(buildCompactBlock(block, salt, shortIds, (id) => session.known.has(id)));
    }
  }

  /**
   * Takes an announced block as far as the mempool fills it, and asks for the rest.
   * @throws RuleError
   */
  async onCompactBlock(session: Session, message: CompactBlockMessage): Promise<void> {
    const { chain } = this.#context;
    const { id, header } = message.sealed;
    session.known.add(id);
    if (!chain.hasHeader(header.previous)) return this.#sync.askHeaders(session);
    // The proof of work first: nothing is done for a header without it.
    if (!chain.hasHeader(id)) chain.acceptHeaders([message.sealed]);
    this.#sync.leadsTo(session, message.sealed);
    if (chain.hasBlock(id) || this.#sync.requests.has(id)) return;
    if (!chain.hasBlock(header.previous)) return this.#sync.update();
    const slots = fillFromMempool(message, this.#mempool());
    if (slots === null) return this.#sync.requests.ask(session, id);
    const missing = slots.flatMap((transaction, index) => (transaction ? [] : [index]));
    if (missing.length === 0) return this.#complete(session, message, slots as DecodedTransaction[]);
    this.#wait(session, message, slots, missing);
  }

  *#mempool(): Iterable<DecodedTransaction> {
    const { mempool } = this.#context;
    for (const id of mempool.ids()) {
      const transaction = mempool.get(id);
      if (transaction) yield transaction;
    }
  }

  #wait(session: Session, message: CompactBlockMessage, slots: Slots, missing: readonly number[]): void {
    const { id } = message.sealed;
    if (this.#pending.size >= MAX_PENDING_COMPACT) return this.#sync.requests.ask(session, id);
    this.#pending.set(id, { session, message, slots, missing, since: this.#context.clock.monotonic() });
    this.#sync.requests.claim(session, id);
    session.send({ type: 'getBlockTransactions', blockId: id, indexes: missing });
  }

  /**
   * Takes the transactions that were missing.
   * @throws RuleError
   */
  async onBlockTransactions(session: Session, blockId: string, transactions: readonly DecodedTransaction[]): Promise<void> {
    const pending = this.#pending.get(blockId);
    if (pending?.session !== session) return;
    this.#pending.delete(blockId);
    this.#sync.requests.progressed(session, blockId);
    this.#sync.requests.release(blockId);
    if (transactions.length !== pending.missing.length) return this.#sync.requests.ask(session, blockId);
    pending.missing.forEach((index, i) => (pending.slots[index] = transactions[i]));
    await this.#complete(session, pending.message, pending.slots as DecodedTransaction[]);
  }

  async #complete(session: Session, message: CompactBlockMessage, transactions: DecodedTransaction[]): Promise<void> {
    const { sealed } = message;
    for (const { id } of transactions) session.known.add(id);
    // A short id fitted a wrong transaction (or the peer sent one): the whole block decides, nobody is blamed.
    if (!equalBytes(transactionRoot(transactions), sealed.header.transactionRoot)) return this.#sync.requests.ask(session, sealed.id);
    const size = transactions.reduce((sum, { bytes }) => sum + bytes.length, SEALED_HEADER_BYTES + 4);
    await this.#sync.onBlock(session, { header: sealed.header, nonce: sealed.nonce, id: sealed.id, transactions, size });
  }

  /** The peer of a pending block has it not (any more). */
  notFound(session: Session, ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#pending.get(id)?.session === session) this.#pending.delete(id);
    }
  }

  tick(): void {
    const now = this.#context.clock.monotonic();
    for (const [id, { since }] of this.#pending) {
      if (now - since <= COMPACT_TIMEOUT_MS) continue;
      this.#pending.delete(id);
      this.#sync.requests.stalled(id);
    }
  }
}
