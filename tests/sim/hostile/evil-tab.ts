import type { DecodedBlock } from '../../../src/protocol/block.ts';
import type { DecodedTransaction } from '../../../src/protocol/transaction.ts';
import {
  MAX_HEADERS,
  MAX_INVENTORY,
  MAX_LOCATOR_IDS,
  SALT_BYTES,
  type CompactBlockMessage,
  type Message,
} from '../../../src/protocol/wire.ts';
import type { SimAccount } from '../engine/keys.ts';
import type { SimLink } from '../engine/links.ts';
import { Prng } from '../engine/prng.ts';
import type { SimPage } from '../page.ts';
import { SimTab } from '../tab.ts';
import type { World } from '../world.ts';
import { Forger } from './forge.ts';
import { FalseJoin } from './false-join.ts';
import { EVIL_KINDS, isJoinEvil, JOIN_EVIL_KINDS, type EvilKind } from './kinds.ts';
import { SecretBranch } from './secret-branch.ts';
import { dust, gapped, idleRegistration } from './pool-fillers.ts';
import { messageIn, say } from './speech.ts';

/** Messages that reveal a block. */
const REVEALING: ReadonlySet<Message['type']> = new Set(['compactBlock', 'block', 'headers', 'blockTransactions']);
const ANSWERS: ReadonlySet<Message['type']> = new Set(['headers', 'block', 'blockTransactions', 'transaction', 'notFound']);
/** Heard messages that a replayer keeps. */
const MAX_HEARD = 300;
/** Mean time between two acts of a hostile tab. */
const ACT_MS = 5_000;
/** The same for floods of {@link FLOOD_MESSAGES}. */
const FLOOD_MS = 6_000;
const FLOOD_MESSAGES = 20;
/** Most ids in a usual message of a flood: few, because the simulation must make them all. */
const FLOOD_IDS = 40;
/** Headers that a spammer sends at a time. */
const MAX_SPAM = 60;
/** Claimed work of chains that do not exist. */
const BOASTED_WORK = 2n ** 128n;
const ENDLESS_WORK = 2n ** 200n;
/** An answer this late comes just before the asking node gives up. */
const LATE_ANSWER_MS = 2_700;
/** Expensive requests in one act, and transactions in one act of a mempool filler. */
const STARVE_QUESTIONS = 8;
const STARVE_BLOCKS = 30;
const FILLERS = 3;
/** Kinds that see the messages their node receives. */
const LISTENERS: ReadonlySet<EvilKind> = new Set<EvilKind>(['replayer', 'withhold-compact', 'raiser']);

/** Share of the hostile tabs that deceive newcomers, in a world that begins with a long chain. */
const JOIN_EVIL_SHARE = 0.7;

export class EvilTab extends SimTab {
  readonly kind: EvilKind;
  readonly #rng: Prng;
  #parked: { link: SimLink; bytes: Uint8Array }[] | null = null;
  #branch: SecretBranch | null = null;
  readonly #heard: Uint8Array[] = [];
  #falseJoin: FalseJoin | null = null;

  constructor(world: World, index: number, account: SimAccount, userName: string, hashesPerSecond: number) {
    super(world, index, account, userName, hashesPerSecond, true);
    this.#rng = world.rng.fork(`evil ${index}`);
    const kinds = world.long && this.#rng.chance(JOIN_EVIL_SHARE) ? JOIN_EVIL_KINDS : EVIL_KINDS;
    this.kind = world.plan.evil ?? this.#rng.pick<EvilKind>(kinds);
    // Withholding has an effect only with enough hash rate.
    if (this.kind === 'selfish' || this.kind === 'withholder' || this.kind === 'raiser') this.hashesPerSecond *= 2;
  }

  override open(): void {
    super.open();
    const { page } = this;
    if (!page) return;
    page.transport.outgoing = (link, bytes) => this.#filter(link, bytes);
    if (this.kind === 'raiser') this.#branch = new SecretBranch(this, page);
    if (isJoinEvil(this.kind) && this.world.long) {
      this.#falseJoin = new FalseJoin(this.world, this.kind, this.#rng.fork(`join ${this.loads}`), () => this.#forger(page));
    }
    this.#listen(page);
    this.world.trace.note(this.name, `plays ${this.kind}`);
    this.#again(page);
  }

  #again(page: SimPage): void {
    this.world.later(this.#rng.exponential(this.kind === 'flooder' ? FLOOD_MS : ACT_MS), () => {
      if (this.page !== page) return;
      if (page.ready && this.running) this.#act(page);
      this.#again(page);
    });
  }

  /** Passes each message that the node receives to the hostile part first. */
  #listen(page: SimPage): void {
    if (!LISTENERS.has(this.kind) && !this.#falseJoin) return;
    const { transport } = page;
    const start = transport.start.bind(transport);
    transport.start = (events) =>
      start({
        ...events,
        message: (link, bytes) => {
          if (this.kind === 'replayer') this.#keep(bytes.slice());
          else if (this.kind === 'withhold-compact') this.#withhold(page, link as SimLink, bytes);
          if (this.#falseJoin && this.#isAnswered(this.#falseJoin, link as SimLink, bytes)) return;
          if (!this.#branch?.hides(messageIn(bytes, this.world.network.maxBlockBytes))) events.message(link, bytes);
        },
      });
  }

  #isAnswered(falseJoin: FalseJoin, link: SimLink, bytes: Uint8Array): boolean {
    const message = messageIn(bytes, this.world.network.maxBlockBytes);
    return message !== null && falseJoin.answers(link, message);
  }

  /** Whether a tab that believes its proof of work was deceived. */
  override get deceives(): boolean {
    return this.kind === 'false-snapshot' || this.kind === 'other-network';
  }

  #keep(bytes: Uint8Array): void {
    this.#heard.push(bytes);
    if (this.#heard.length > MAX_HEARD) this.#heard.splice(this.#rng.int(0, MAX_HEARD - 1), 1);
  }

  /** Passes a block's header on before others can, without its transactions; answers requests for them late, with none. */
  #withhold(page: SimPage, from: SimLink, bytes: Uint8Array): void {
    const message = messageIn(bytes, this.world.network.maxBlockBytes);
    if (message?.type === 'compactBlock') {
      this.world.count('evil:withheld-part');
      for (const link of page.transport.links) if (link !== from) say(link, this.#hollow(message));
    }
    if (message?.type !== 'getBlockTransactions' || this.#rng.chance(0.5)) return;
    const answer = { type: 'blockTransactions', blockId: message.blockId, transactions: [] } as const;
    this.world.later(LATE_ANSWER_MS, () => say(from, answer));
  }

  #hollow({ sealed, shortIds, prefilled }: CompactBlockMessage): CompactBlockMessage {
    const count = Math.max(1, shortIds.length + prefilled.length);
    const ids = Array.from({ length: count }, () => this.#rng.u32());
    return { type: 'compactBlock', sealed, salt: this.#rng.bytes(SALT_BYTES), shortIds: ids, prefilled: [] };
  }

  #forger(page: SimPage): Forger {
    return new Forger(page.sql!, this.world.network, this.#rng, this.account!);
  }

  /** Decides what becomes of a message from the tab's own node: passed on, replaced, or dropped (null). */
  #filter(link: SimLink, bytes: Uint8Array): Uint8Array | null {
    const { maxBlockBytes } = this.world.network;
    const message = messageIn(bytes, maxBlockBytes);
    if (!message) return bytes;
    switch (this.kind) {
      case 'selfish':
        if (!this.#parked || !REVEALING.has(message.type)) return bytes;
        this.#parked.push({ link, bytes });
        return null;
      case 'raiser':
        return this.#veil(link, message, bytes);
      case 'withholder':
        if (message.type === 'compactBlock') {
          this.world.count('evil:withheld');
          say(link, { type: 'headers', headers: [message.sealed] });
        }
        return message.type === 'compactBlock' || message.type === 'block' || message.type === 'blockTransactions' ? null : bytes;
      case 'staller':
        if (message.type === 'hello' || message.type === 'ping') {
          this.world.count('evil:stalled');
          say(link, { ...message, height: message.height + 50, tip: this.#rng.hex(32), work: BOASTED_WORK });
          return null;
        }
        return ANSWERS.has(message.type) ? null : bytes;
      case 'nosync':
        if (message.type !== 'hello' && message.type !== 'ping') return message.type === 'headers' ? null : bytes;
        this.world.count('evil:boasted');
        say(link, { ...message, height: this.#rng.u32(), tip: this.#rng.hex(32), work: ENDLESS_WORK });
        return null;
      case 'deaf':
        if (!ANSWERS.has(message.type) && message.type !== 'pong') return bytes;
        this.world.count('evil:unanswered');
        return null;
      case 'withhold-compact':
        if (message.type === 'compactBlock') say(link, this.#hollow(message));
        return message.type === 'compactBlock' || message.type === 'block' || message.type === 'blockTransactions' ? null : bytes;
      case 'equivocator':
        if (message.type !== 'compactBlock' || message.sealed.header.miner !== this.account!.address) return bytes;
        return this.#equivocate(link, message.sealed.header.height) ? null : bytes;
      case 'sample-forger':
      case 'false-snapshot':
      case 'other-network':
      case 'account-forger':
      case 'proof-only':
        return this.#deceive(link, message, bytes);
      default:
        return bytes;
    }
  }

  #deceive(link: SimLink, message: Message, bytes: Uint8Array): Uint8Array | null {
    const replaced = this.#falseJoin ? this.#falseJoin.replaced(link, message) : message;
    if (replaced === message) return bytes;
    if (replaced) say(link, replaced);
    return null;
  }

  #veil(link: SimLink, message: Message, bytes: Uint8Array): Uint8Array | null {
    const veiled = this.#branch!.veil(message);
    if (veiled === message) return bytes;
    if (veiled) say(link, veiled);
    return null;
  }

  #equivocate(link: SimLink, height: number): boolean {
    const forger = this.#forger(this.page!);
    if (height > forger.height) return false;
    this.world.count('evil:equivocated');
    say(link, { type: 'block', block: forger.twin(forger.block(height)) });
    return true;
  }

  #act(page: SimPage): void {
    const links = [...page.transport.links];
    if (links.length === 0) return;
    const link = this.#rng.pick(links);
    switch (this.kind) {
      case 'selfish':
        return this.#hoardOrRelease();
      case 'raiser':
        return this.#branch!.begin();
      case 'forger':
        return this.#forge(page, link);
      case 'spammer':
        return this.#spam(page, link);
      case 'flooder':
        return this.#flood(link);
      case 'replayer':
        for (let i = 0; i < 5 && this.#heard.length > 0; i++) link.sendRaw(this.#rng.pick(this.#heard).slice());
        return this.world.count('evil:replayed');
      case 'warper': {
        const { blockTimeMs } = this.world.plan;
        this.skewMs = this.#rng.pick([1.9 * blockTimeMs, 2.5 * blockTimeMs, 8 * blockTimeMs, -8 * blockTimeMs, -60 * blockTimeMs]);
        return this.world.count('evil:warped');
      }
      case 'eclipser':
        return this.#eclipse();
      case 'nosync':
        // A new identity, before peers recognise the last one as hostile.
        this.kill(true);
        return this.open();
      case 'starve':
        return this.#starve(page);
      case 'gap-filler':
        return this.#fill('evil:gapped', link, gapped(this.#forger(page)));
      case 'stamp-filler': {
        const forger = this.#forger(page);
        const registrations = Array.from({ length: FILLERS }, () => idleRegistration(forger));
        return this.#fill('evil:stamped', link, registrations);
      }
      case 'dust':
        return this.#fill('evil:dusted', link, dust(this.#forger(page), FILLERS));
      case 'sample-forger':
      case 'false-snapshot':
      case 'other-network':
      case 'account-forger':
      case 'proof-only':
      case 'deaf':
      case 'withhold-compact':
      case 'withholder':
      case 'staller':
      case 'equivocator':
        return;
    }
  }

  #hoardOrRelease(): void {
    if (!this.#parked) {
      this.#parked = [];
      return;
    }
    const parked = this.#parked;
    if (parked.length === 0) return;
    this.#parked = null;
    this.world.count('evil:released');
    for (const { link, bytes } of parked) link.sendRaw(bytes);
  }

  #forge(page: SimPage, link: SimLink): void {
    const { what, frames } = this.#forger(page).invalid();
    this.world.count('evil:forged');
    this.world.trace.note(this.name, `sends ${what}`);
    for (const frame of frames) link.sendRaw(frame);
    // Every tab disconnects a forger sooner or later, and a new identity costs nothing.
    if (this.#rng.chance(0.2)) {
      this.kill(true);
      this.open();
    }
  }

  #spam(page: SimPage, link: SimLink): void {
    const forger = this.#forger(page);
    const from = this.#rng.int(0, Math.max(0, forger.height - 2));
    this.world.count('evil:spammed');
    say(link, { type: 'headers', headers: forger.branch(from, this.#rng.int(1, Math.min(MAX_SPAM, MAX_HEADERS))) });
  }

  #flood(link: SimLink): void {
    const rng = this.#rng;
    this.world.count('evil:flooded');
    // Usually few ids, sometimes as many as a message may hold.
    const count = (): number => (rng.chance(0.03) ? MAX_INVENTORY : rng.int(1, Math.min(FLOOD_IDS, MAX_INVENTORY)));
    const ids = (): string[] => Array.from({ length: count() }, () => rng.hex(32));
    for (let i = 0; i < FLOOD_MESSAGES; i++) {
      const message: Message = rng.pick<() => Message>([
        () => ({ type: 'inventory', kind: 'transaction', ids: ids() }),
        () => ({ type: 'inventory', kind: 'block', ids: ids() }),
        () => ({ type: 'getData', kind: 'block', ids: ids() }),
        () => ({ type: 'getData', kind: 'transaction', ids: ids() }),
        () => ({ type: 'notFound', kind: 'block', ids: ids() }),
        () => ({ type: 'getHeaders', locator: ids().slice(0, MAX_LOCATOR_IDS) }),
        () => ({ type: 'pong', nonce: rng.u32(), clockMs: rng.u32() }),
        () => ({ type: 'getMempool' }),
        () => ({ type: 'blockTransactions', blockId: rng.hex(32), transactions: [] }),
        () => ({ type: 'getBlockTransactions', blockId: this.world.network.id, indexes: [0] }),
      ])();
      say(link, message);
    }
  }

  #fill(counter: string, link: SimLink, transactions: readonly DecodedTransaction[]): void {
    this.world.count(counter);
    for (const transaction of transactions) say(link, { type: 'transaction', transaction });
  }

  /** Requests of a few bytes whose answers are long or expensive to make. */
  #starve(page: SimPage): void {
    const rng = this.#rng;
    const forger = this.#forger(page);
    if (forger.height === 0) return;
    const block = (): DecodedBlock => forger.block(rng.int(1, forger.height));
    this.world.count('evil:starved');
    for (const link of page.transport.links) {
      for (let i = 0; i < STARVE_QUESTIONS; i++) {
        const { id, transactions } = block();
        say(link, { type: 'getHeaders', locator: [this.world.network.id] });
        say(link, { type: 'getBlockTransactions', blockId: id, indexes: transactions.map((_, index) => index) });
        say(link, { type: 'getMempool' });
      }
      say(link, { type: 'getData', kind: 'block', ids: Array.from({ length: Math.min(STARVE_BLOCKS, MAX_INVENTORY) }, () => block().id) });
    }
  }

  /** For a while, only this tab can reach the victim. */
  #eclipse(): void {
    const { world } = this;
    if (world.healed || world.eclipsed) return;
    const victim = this.#rng.pick(world.honest()).index;
    world.eclipsed = true;
    world.count('evil:eclipsed');
    world.trace.note(this.name, `eclipses tab${victim}`);
    world.wires.partition((from, to) => (from !== victim && to !== victim) || from === this.index || to === this.index);
    world.later(this.#rng.logarithmic(5_000, 60_000), () => {
      world.eclipsed = false;
      world.wires.partition(() => true);
    });
  }
}
