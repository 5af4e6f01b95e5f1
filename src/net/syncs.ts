import type { ChainPort } from '../chain/port.ts';
import type { DecodedBlock, SealedHeader } from '../protocol/block.ts';
import { assert } from '../util/errors.ts';
import type { NetContext } from './context.ts';
import type { Session } from './session.ts';
import { Sync } from './sync.ts';

/**
 * The downloads over the same sessions: of the chain in use, and of the whole chain behind it while the chain in use is a recent chain.
 * Messages go to the download that asked for them.
 *
 * ```
 *  enterRecent:  whole ──────────▶ behind        leaveRecent:  behind ──▶ in use
 *                recent (new) ───▶ in use                      recent ──▶ closed
 * ```
 */
export class Syncs {
  readonly #context: NetContext;
  #inUse: Sync;
  #behind: Sync | null = null;

  constructor(context: NetContext) {
    this.#context = context;
    this.#inUse = this.#create(context.chain);
  }

  /** The download of the chain in use. */
  get inUse(): Sync {
    return this.#inUse;
  }

  /** The download of the whole chain, null while the chain in use is the whole chain, or where no whole chain is kept. */
  get behind(): Sync | null {
    return this.#behind;
  }

  #create(chain: ChainPort): Sync {
    // The chain in use asks first: one long download of headers must not keep it from the newest blocks.
    const yields = (session: Session): boolean => sync !== this.#inUse && this.#inUse.wantsHeaders(session);
    const sync: Sync = new Sync({ ...this.#context, chain }, yields);
    for (const session of this.#context.ready()) sync.add(session);
    return sync;
  }

  #all(): Sync[] {
    return this.#behind ? [this.#inUse, this.#behind] : [this.#inUse];
  }

  add(session: Session): void {
    for (const sync of this.#all()) sync.add(session);
  }

  remove(session: Session): void {
    for (const sync of this.#all()) sync.remove(session);
  }

  /** Begins again with the context's chain in use, and a chain behind it or null. */
  restart(behind: ChainPort | null): void {
    for (const sync of this.#all()) sync.close();
    this.#inUse = this.#create(this.#context.chain);
    this.#behind = behind && this.#create(behind);
  }

  /** The context's chain is in use from now on. The chain behind stays; where there was none, the former chain in use goes behind. */
  enterRecent(): void {
    if (this.#behind) this.#inUse.close();
    else this.#behind = this.#inUse;
    this.#inUse = this.#create(this.#context.chain);
  }

  /** The chain behind is in use from now on; its download goes on. */
  leaveRecent(): void {
    assert(this.#behind?.chain === this.#context.chain, 'The chain behind is another chain.');
    this.#inUse.close();
    this.#inUse = this.#behind;
    this.#inUse.held = false;
    this.#behind = null;
  }

  dropBehind(): void {
    this.#behind?.close();
    this.#behind = null;
  }

  tick(): void {
    for (const sync of this.#all()) sync.tick();
  }

  update(): void {
    // A person waits for the newest blocks, and for no others.
    if (this.#behind) this.#behind.held = !this.#inUse.judgesTransactions();
    for (const sync of this.#all()) sync.update();
  }

  /** The tip may be old: asks peers for headers, and waits for an answer. */
  doubt(): void {
    for (const sync of this.#all()) sync.doubt();
  }

  /** The work of best headers and tips, for comparison with an earlier list. */
  work(): bigint[] {
    return this.#all().flatMap(({ chain }) => [chain.bestHeader().work, chain.tip().work]);
  }

  /** Whether this peer itself was asked for a block. */
  askedBlock(session: Session, id: string): boolean {
    return this.#all().some(({ blockPeers }) => blockPeers.asked(session, id));
  }

  onHeaders(session: Session, headers: readonly SealedHeader[]): void {
    const asker = this.#all().find((sync) => sync === session.headersAskedBy) ?? this.#inUse;
    asker.onHeaders(session, headers);
  }

  async onBlock(session: Session, block: DecodedBlock): Promise<void> {
    const syncs = this.#all();
    const asker = syncs.find(({ blockPeers }) => blockPeers.asked(session, block.id));
    // A block that arrives late belongs to the chain that knows its header.
    const taker = asker ?? syncs.find(({ chain }) => chain.hasHeader(block.id)) ?? this.#inUse;
    await taker.onBlock(session, block);
  }

  notFound(session: Session, ids: readonly string[]): void {
    for (const sync of this.#all()) sync.requests.notFound(session, ids);
  }
}
