import type { ProofsPort } from '../chain/port.ts';
import type { StateChunk } from '../protocol/state-proof.ts';
import {
  encodeBlockMessage,
  encodeBlockTransactionsMessage,
  encodeMessage,
  MAX_HEADERS,
  type InventoryKind,
  type Message,
} from '../protocol/wire.ts';
import type { JoinQuestion } from '../protocol/wire-join.ts';
import { transactionSlices } from '../protocol/block.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { NetContext } from './context.ts';
import {
  MAX_CACHED_BLOCK_BYTES,
  MAX_CACHED_HEADER_ANSWERS,
  MAX_ITEMS_AN_ANSWER,
  MAX_MEMPOOL_IDS,
  MAX_SERVE_QUEUE,
  MAX_WAITING_PARTS,
  MAX_WAITING_PROOFS,
  MEMPOOL_REQUEST_MS,
  SEND_HIGH_WATER_BYTES,
} from './peer-limits.ts';
import { sendInventory } from './gossip.ts';
import type { Session } from './session.ts';

interface Item {
  readonly kind: InventoryKind;
  readonly id: string;
}

/** One peer's unanswered requests. */
interface Questions {
  locator: readonly string[] | null;
  readonly parts: { readonly blockId: string; readonly indexes: readonly number[] }[];
  readonly proofs: JoinQuestion[];
  mempool: boolean;
  mempoolAnsweredAt: number;
  items: Item[];
  /** Index of the next item to serve. */
  next: number;
}

/** A cached `headers` message, with the fields that show whether it is still valid. */
interface HeaderAnswer {
  readonly message: Uint8Array;
  readonly lastId: string;
  readonly lastHeight: number;
  readonly full: boolean;
}

/**
 * Answers other nodes' requests, no faster than their links take the answers. Requests are recorded on arrival, and an answer is made
 * only when its link has room.
 */
export class Responder {
  readonly #context: NetContext;
  readonly #questions = new Map<Session, Questions>();
  /** By the id of the first header. */
  readonly #headers = new BoundedMap<string, HeaderAnswer>(MAX_CACHED_HEADER_ANSWERS);
  /** Bytes of the blocks served last, because new peers ask for the same blocks, and rebuilding a block from rows is expensive. */
  readonly #blocks = new Map<string, Uint8Array>();
  #blockBytes = 0;

  constructor(context: NetContext) {
    this.#context = context;
  }

  remove(session: Session): void {
    this.#questions.delete(session);
  }

  /** Clears the cached blocks, because the chain was replaced. */
  reset(): void {
    this.#blocks.clear();
    this.#blockBytes = 0;
  }

  #of(session: Session): Questions {
    let questions = this.#questions.get(session);
    if (!questions) {
      questions = { locator: null, parts: [], proofs: [], mempool: false, mempoolAnsweredAt: -Infinity, items: [], next: 0 };
      this.#questions.set(session, questions);
    }
    return questions;
  }

  /** Records a request; it replaces an unanswered request. */
  onGetHeaders(session: Session, locator: readonly string[]): void {
    this.#of(session).locator = locator;
  }

  onGetData(session: Session, kind: InventoryKind, ids: readonly string[]): void {
    const questions = this.#of(session);
    const room = Math.max(0, MAX_SERVE_QUEUE - (questions.items.length - questions.next));
    for (const id of ids.slice(0, room)) questions.items.push({ kind, id });
    if (ids.length > room) this.#refuse(session, { type: 'notFound', kind, ids: ids.slice(room) });
  }

  onGetBlockTransactions(session: Session, blockId: string, indexes: readonly number[]): void {
    const { parts } = this.#of(session);
    if (parts.length < MAX_WAITING_PARTS) parts.push({ blockId, indexes });
    else this.#refuse(session, { type: 'notFound', kind: 'block', ids: [blockId] });
  }

  onGetMempool(session: Session): void {
    this.#of(session).mempool = true;
  }

  /** Records a newcomer's request. */
  onJoinQuestion(session: Session, question: JoinQuestion): void {
    const { proofs } = this.#of(session);
    if (proofs.length < MAX_WAITING_PROOFS) proofs.push(question);
    else this.#refuse(session, answerTo(question, NO_PROOFS, null));
  }

  /**
   * Refuses a request beyond a queue, if the link has room. Otherwise the peer gets no answer, because a refusal can be as long as its
   * request: a flood of requests would fill this node's memory. An honest peer never fills a queue.
   */
  #refuse(session: Session, refusal: Message): void {
    if (hasRoom(session)) session.send(refusal);
  }

  /** Whether there is a request to answer and the link has room. */
  ready(session: Session): boolean {
    const questions = this.#questions.get(session);
    if (!questions || !hasRoom(session)) return false;
    const { locator, parts, proofs, items, next } = questions;
    return locator !== null || parts.length > 0 || proofs.length > 0 || this.#mempoolDue(questions) || next < items.length;
  }

  /** Makes one answer; call only if {@link ready}. Small requests first, so a peer that waits for a thousand blocks can continue. */
  answer(session: Session): void {
    const questions = this.#of(session);
    const { locator } = questions;
    if (locator !== null) {
      questions.locator = null;
      return session.sendEncoded(this.#headersAfter(locator));
    }
    const part = questions.parts.shift();
    if (part) return this.#sendPart(session, part.blockId, part.indexes);
    if (this.#mempoolDue(questions)) {
      questions.mempool = false;
      questions.mempoolAnsweredAt = this.#context.clock.monotonic();
      return sendInventory(session, 'transaction', this.#context.mempool.ids().slice(0, MAX_MEMPOOL_IDS));
    }
    const question = questions.proofs.shift();
    if (question) {
      const { proofs } = this.#context.chain;
      const chunk = question.type === 'getAccounts' ? proofs.stateChunk(question.block, question.from) : null;
      // The chain has made a part of the chunk.
      if (chunk === 'later') return void questions.proofs.push(question);
      return session.send(answerTo(question, proofs, chunk));
    }
    this.#sendItems(session, questions);
  }

  #mempoolDue({ mempool, mempoolAnsweredAt }: Questions): boolean {
    return mempool && this.#context.clock.monotonic() - mempoolAnsweredAt >= MEMPOOL_REQUEST_MS;
  }

  /** One block, or some transactions. */
  #sendItems(session: Session, questions: Questions): void {
    const absent = new Map<InventoryKind, string[]>();
    const { items } = questions;
    const end = Math.min(items.length, questions.next + MAX_ITEMS_AN_ANSWER);
    while (questions.next < end && hasRoom(session)) {
      const { kind, id } = items[questions.next++]!;
      if (!this.#serve(session, kind, id)) {
        absent.set(kind, [...(absent.get(kind) ?? []), id]);
        continue;
      }
      session.known.add(id);
      if (kind === 'block') break;
    }
    if (2 * questions.next >= items.length) {
      items.splice(0, questions.next);
      questions.next = 0;
    }
    for (const [kind, ids] of absent) session.send({ type: 'notFound', kind, ids });
  }

  #serve(session: Session, kind: InventoryKind, id: string): boolean {
    if (kind === 'block') {
      const bytes = this.#block(id);
      if (bytes) session.sendEncoded(encodeBlockMessage(bytes));
      return bytes !== null;
    }
    const transaction = this.#context.mempool.get(id);
    if (transaction) session.send({ type: 'transaction', transaction });
    return transaction !== null;
  }

  #sendPart(session: Session, blockId: string, indexes: readonly number[]): void {
    const bytes = this.#block(blockId);
    const transactions = bytes ? transactionSlices(bytes) : [];
    const wanted = indexes.flatMap((index) => transactions[index] ?? []);
    if (bytes && wanted.length === indexes.length) session.sendEncoded(encodeBlockTransactionsMessage(blockId, wanted));
    else session.send({ type: 'notFound', kind: 'block', ids: [blockId] });
  }

  #block(id: string): Uint8Array | null {
    const kept = this.#blocks.get(id);
    if (kept) return kept;
    const bytes = this.#context.chain.blockBytes(id);
    if (!bytes) return null;
    this.#blocks.set(id, bytes);
    this.#blockBytes += bytes.length;
    for (const [oldest, { length }] of this.#blocks) {
      if (this.#blockBytes <= MAX_CACHED_BLOCK_BYTES || oldest === id) break;
      this.#blocks.delete(oldest);
      this.#blockBytes -= length;
    }
    return bytes;
  }

  /** The `headers` message after the first of these ids that is on the active chain. */
  #headersAfter(locator: readonly string[]): Uint8Array {
    const { chain } = this.#context;
    const isActive = (height: number, id: string): boolean => chain.activeId(height) === id;
    const known = locator.find((id) => isActive(chain.header(id)?.header.height ?? -1, id));
    const height = known === undefined ? 0 : chain.header(known)!.header.height;
    const firstId = chain.activeId(height + 1);
    const kept = firstId === null ? undefined : this.#headers.get(firstId);
    // If the last header is active, so are all before it.
    if (kept && isActive(kept.lastHeight, kept.lastId) && (kept.full || kept.lastHeight === chain.tip().height)) return kept.message;
    const headers = chain.headersAfter(known === undefined ? [] : [known], MAX_HEADERS);
    const message = encodeMessage({ type: 'headers', headers });
    const last = headers.at(-1);
    if (firstId !== null && last) {
      const full = headers.length === MAX_HEADERS;
      this.#headers.set(firstId, { message, lastId: last.id, lastHeight: last.header.height, full });
    }
    return message;
  }
}

const hasRoom = ({ link }: Session): boolean => link.bufferedBytes() < SEND_HIGH_WATER_BYTES;

const NO_PROOFS = { tail: () => null, samples: () => null };

/** @param chunk the answer to a question for accounts */
function answerTo(question: JoinQuestion, proofs: Pick<ProofsPort, 'tail' | 'samples'>, chunk: StateChunk | null): Message {
  switch (question.type) {
    case 'getTail':
      return { type: 'tail', tip: question.tip, tail: proofs.tail(question.tip) };
    case 'getSamples':
      return { type: 'samples', before: question.before, samples: proofs.samples(question.before, question.points) };
    case 'getAccounts':
      return { type: 'accounts', block: question.block, from: question.from, chunk };
  }
}
