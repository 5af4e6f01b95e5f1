import { SEALED_HEADER_BYTES, transactionRoot, type DecodedBlock, type SealedHeader } from '../protocol/block.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import { SALT_BYTES, shortIdFunction, type CompactBlockMessage } from '../protocol/wire.ts';
import { equalBytes } from '../util/bytes.ts';
import { buildCompactBlock, fillFromMempool, type Slots } from './compact-message.ts';
import type { NetContext } from './context.ts';
import {
  COMPACT_DEPTH_BLOCKS,
  COMPACT_PATIENCE_MS,
  COMPACT_TIMEOUT_MS,
  MAX_COMPACT_QUESTIONS,
  MAX_PENDING_COMPACT,
} from './peer-limits.ts';
import type { Session } from './session.ts';
import type { Sync } from './sync.ts';
import type { Syncs } from './syncs.ts';

/** One peer's announcement of a block, with the transactions found so far. */
interface Attempt {
  readonly session: Session;
  readonly slots: Slots;
  /** Empty slots by short id. */
  readonly missing: Map<number, number>;
  readonly shortIdOf: (transactionId: string) => number;
  /** The slots that the peer was asked for, and when; null before a request. */
  asked: { readonly indexes: readonly number[]; readonly atMs: number } | null;
  /** The attempt led to a wrong block, or its peer lacks the missing transactions. */
  failed: boolean;
}

/** A block in reconstruction, with one attempt for each peer that announced the block. */
interface Assembly {
  readonly sealed: SealedHeader;
  readonly attempts: Map<Session, Attempt>;
  readonly since: number;
}

/** Announces new blocks compactly, and reconstructs announced blocks from the attempt that is complete first. */
export class CompactBlocks {
  readonly #context: NetContext;
  readonly #syncs: Syncs;
  readonly #assemblies = new Map<string, Assembly>();

  constructor(context: NetContext, syncs: Syncs) {
    this.#context = context;
    this.#syncs = syncs;
  }

  get #sync(): Sync {
    return this.#syncs.inUse;
  }

  reset(): void {
    for (const id of this.#assemblies.keys()) this.#end(id);
  }

  remove(session: Session): void {
    for (const [id, assembly] of this.#assemblies) {
      const attempt = assembly.attempts.get(session);
      assembly.attempts.delete(session);
      if (attempt?.asked) this.#ask(id, assembly, 1);
    }
  }

  /** Announces a block to every peer that does not know the block: compactly if the peer can use that, otherwise by id. */
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

  /** Takes an announced block, fills it from the mempool, and asks for the missing transactions. */
  async onCompactBlock(session: Session, message: CompactBlockMessage): Promise<void> {
    const { chain } = this.#context;
    const { id, header } = message.sealed;
    session.known.add(id);
    if (!chain.hasHeader(header.previous)) return this.#sync.askHeaders(session);
    // Check the proof of work first, before any work for the block.
    if (!chain.hasHeader(id)) {
      const outcome = chain.acceptHeaders([message.sealed], session);
      if (outcome.status === 'rejected') return this.#context.judge(session, outcome.error);
    }
    this.#sync.leadsTo(session, message.sealed);
    if (chain.hasBlock(id)) return;
    // The body of an old block is mostly of no use; if needed, Sync fetches the body like any other.
    const isOld = header.height + COMPACT_DEPTH_BLOCKS < chain.tip().height;
    if (isOld || !chain.hasBlock(header.previous)) return this.#sync.update();
    const isNew = !this.#assemblies.has(id);
    if (isNew && this.#assemblies.size >= MAX_PENDING_COMPACT) return this.#sync.requests.askOnce(session, id);
    const assembly = this.#assemblies.get(id) ?? this.#begin(message.sealed);
    if (assembly.attempts.has(session)) return;
    const attempt = this.#attempt(session, message, assembly);
    assembly.attempts.set(session, attempt);
    if (!attempt.failed && attempt.missing.size === 0) return this.#complete(id, assembly, attempt);
    if (isNew) this.#escalate(id, assembly, 1);
    else if (this.#isPromising(assembly, attempt)) this.#ask(id, assembly, 1);
  }

  #begin(sealed: SealedHeader): Assembly {
    const assembly = { sealed, attempts: new Map<Session, Attempt>(), since: this.#context.clock.monotonic() };
    this.#assemblies.set(sealed.id, assembly);
    this.#sync.requests.reserve(sealed.id);
    return assembly;
  }

  #end(id: string): void {
    this.#assemblies.delete(id);
    this.#sync.requests.free(id);
  }

  #attempt(session: Session, message: CompactBlockMessage, { attempts }: Assembly): Attempt {
    const others = [...attempts.values()].flatMap(({ slots }) => slots.filter((transaction) => transaction !== undefined));
    const slots = fillFromMempool(message, distinct(others, this.#mempool()));
    const attempt = { session, missing: new Map<number, number>(), shortIdOf: shortIdFunction(message.sealed, message.salt), asked: null };
    if (slots === null) return { ...attempt, slots: [], failed: true };
    const prefilled = new Set(message.prefilled.map(({ index }) => index));
    const places = slots.map((_, index) => index).filter((index) => !prefilled.has(index));
    message.shortIds.forEach((shortId, i) => {
      if (!slots[places[i]!]) attempt.missing.set(shortId, places[i]!);
    });
    return { ...attempt, slots, failed: false };
  }

  *#mempool(): Iterable<DecodedTransaction> {
    const { mempool } = this.#context;
    for (const id of mempool.ids()) {
      const transaction = mempool.get(id);
      if (transaction) yield transaction;
    }
  }

  /** Whether to ask this peer at once: it has delivered blocks before, and no such peer was asked yet. */
  #isPromising({ attempts }: Assembly, { session, failed }: Attempt): boolean {
    const { blockPeers } = this.#sync;
    if (failed || blockPeers.rank(session) > 0) return false;
    return ![...attempts.values()].some(({ session: other, asked }) => asked && blockPeers.rank(other) === 0);
  }

  /** Asks `count` peers, and after each {@link COMPACT_PATIENCE_MS} a growing number of further peers. */
  #escalate(id: string, assembly: Assembly, count: number): void {
    this.#ask(id, assembly, count);
    const again = async (): Promise<void> => {
      if (this.#assemblies.get(id) !== assembly) return;
      if (this.#context.chain.hasBlock(id)) return this.#end(id);
      this.#escalate(id, assembly, Math.min(2 * count, MAX_COMPACT_QUESTIONS));
    };
    this.#context.later(again, COMPACT_PATIENCE_MS);
  }

  /** Asks `count` more peers for the missing transactions of their announcements. Without such peers, asks for the whole block. */
  #ask(id: string, assembly: Assembly, count: number): void {
    const { blockPeers } = this.#sync;
    const idle = [...assembly.attempts.values()].filter(({ session, asked, failed }) => !asked && !failed && session.ready);
    idle.sort((a, b) => blockPeers.rank(a.session) - blockPeers.rank(b.session));
    for (const attempt of idle.slice(0, count)) {
      const indexes = [...attempt.missing.values()];
      attempt.asked = { indexes, atMs: this.#context.clock.monotonic() };
      attempt.session.send({ type: 'getBlockTransactions', blockId: id, indexes });
    }
    for (let left = count - idle.length; left > 0 && this.#askWhole(id, assembly, false); left--);
  }

  /** @param anybody whether to ask also a peer whose attempt failed, if there is no other */
  #askWhole(id: string, { attempts }: Assembly, anybody: boolean): boolean {
    const { requests } = this.#sync;
    const isAsked = (session: Session): boolean => attempts.get(session)?.asked != null;
    if (requests.askAnother(id, isAsked)) return true;
    return anybody && requests.askAnother(id, (session) => isAsked(session) && !attempts.get(session)!.failed);
  }

  /** Takes the missing transactions from a peer. */
  async onBlockTransactions(session: Session, blockId: string, transactions: readonly DecodedTransaction[]): Promise<void> {
    const assembly = this.#assemblies.get(blockId);
    const attempt = assembly?.attempts.get(session);
    if (!assembly || !attempt?.asked || attempt.failed) return;
    const { indexes } = attempt.asked;
    if (transactions.length !== indexes.length) return this.#fail(blockId, assembly, attempt);
    indexes.forEach((index, i) => (attempt.slots[index] ??= transactions[i]));
    attempt.missing.clear();
    await this.#complete(blockId, assembly, attempt);
    for (const transaction of transactions) await this.onTransaction(transaction);
  }

  /** Fills a received transaction into each block that lacks it. */
  async onTransaction(transaction: DecodedTransaction): Promise<void> {
    for (const [id, assembly] of this.#assemblies) {
      for (const attempt of assembly.attempts.values()) {
        if (attempt.failed || attempt.missing.size === 0) continue;
        const shortId = attempt.shortIdOf(transaction.id);
        const place = attempt.missing.get(shortId);
        if (place === undefined) continue;
        attempt.missing.delete(shortId);
        attempt.slots[place] = transaction;
        if (attempt.missing.size === 0) await this.#complete(id, assembly, attempt);
      }
    }
  }

  async #complete(id: string, assembly: Assembly, attempt: Attempt): Promise<void> {
    if (this.#assemblies.get(id) !== assembly) return;
    const { header, nonce } = assembly.sealed;
    const { session } = attempt;
    const transactions = attempt.slots as DecodedTransaction[];
    // A short id matched a wrong transaction, or the peer sent a wrong one. Fetch the whole block, and blame no peer.
    if (!equalBytes(transactionRoot(transactions), header.transactionRoot)) return this.#fail(id, assembly, attempt);
    this.#end(id);
    for (const { id: txid } of transactions) session.known.add(txid);
    this.#sync.blockPeers.praise(session);
    for (const { session: other, asked } of assembly.attempts.values()) {
      const isLate = asked && this.#context.clock.monotonic() - asked.atMs >= COMPACT_PATIENCE_MS;
      if (other !== session && isLate) this.#sync.blockPeers.overtaken(other, asked.atMs);
    }
    const size = transactions.reduce((sum, { bytes }) => sum + bytes.length, SEALED_HEADER_BYTES + 4);
    // The peer that announced the block answers for the block, not the peer whose message completed it.
    await this.#sync.onBlock(session, { header, nonce, id, transactions, size });
  }

  /** An attempt has failed: asks another peer for the whole block. */
  #fail(id: string, assembly: Assembly, attempt: Attempt): void {
    attempt.failed = true;
    this.#askWhole(id, assembly, true);
  }

  /** A peer does not have a pending block (any more). */
  notFound(session: Session, ids: readonly string[]): void {
    for (const id of ids) {
      const assembly = this.#assemblies.get(id);
      const attempt = assembly?.attempts.get(session);
      if (!assembly || !attempt?.asked || attempt.failed) continue;
      attempt.failed = true;
      this.#askWhole(id, assembly, false);
    }
  }

  tick(): void {
    const now = this.#context.clock.monotonic();
    for (const [id, { since, attempts }] of this.#assemblies) {
      const isHere = this.#context.chain.hasBlock(id);
      if (!isHere && now - since <= COMPACT_TIMEOUT_MS) continue;
      this.#end(id);
      if (isHere) continue;
      for (const { session, asked } of attempts.values()) if (asked) this.#sync.blockPeers.overtaken(session, asked.atMs);
    }
  }
}

function* distinct(...lists: Iterable<DecodedTransaction>[]): Iterable<DecodedTransaction> {
  const seen = new Set<string>();
  for (const list of lists) {
    for (const transaction of list) {
      if (seen.has(transaction.id)) continue;
      seen.add(transaction.id);
      yield transaction;
    }
  }
}
