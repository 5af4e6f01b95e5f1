import type { SealedHeader } from '../../protocol/block.ts';
import type { StateChunk } from '../../protocol/state-proof.ts';
import { stateKey, type AccountState } from '../../protocol/state-root.ts';
import { fromHex, toHex } from '../../util/bytes.ts';
import type { NetContext } from '../context.ts';
import { CHUNK_PATIENCE_MS, CHUNKS_SILENT_MS, JOIN_STALL_MS, JOIN_STEP, MAX_CHUNK_QUESTIONS } from '../peer-limits.ts';
import type { Session } from '../session.ts';
import { ALL_KEYS, shareOfKeys, splitRange, type KeyRange } from './key-ranges.ts';
import type { JoinChecks } from './port.ts';

/** A range that is fetched chunk by chunk, from its lowest key to its highest. */
interface Lane extends KeyRange {
  after: string;
  /** The peers that were asked for the next chunk and have not answered, and when. */
  readonly asked: Map<Session, number>;
}

/**
 * Fetches the accounts of a snapshot from all peers that serve it. The first chunk shows whether there are more accounts; if so, the rest is
 * fetched in up to 16 ranges at once. Each chunk is proven under the snapshot's state root, so any peer will do.
 */
export class AccountDownload {
  readonly #context: NetContext;
  readonly #checks: Pick<JoinChecks, 'stateChunk'>;
  readonly #base: SealedHeader;
  readonly #take: (accounts: readonly AccountState[], left: readonly KeyRange[]) => void;
  #lanes: Lane[];
  /** Peers that do not serve the snapshot. */
  readonly #lacking = new Set<Session>();
  /** Peers that were asked long ago and have not answered: others are asked first. */
  readonly #slow = new Set<Session>();
  #wasServed = false;
  /** When the last chunk arrived. */
  #chunkAt: number;
  #progressAt: number;
  /** The finished part at that time. */
  #progress: number;

  /**
   * @param base the snapshot block, whose state root the chunks must prove
   * @param ranges what is left to fetch; null for everything
   * @param take called with each chunk's new accounts, and what is left after them
   */
  constructor(
    context: NetContext,
    checks: Pick<JoinChecks, 'stateChunk'>,
    base: SealedHeader,
    ranges: readonly KeyRange[] | null,
    take: (accounts: readonly AccountState[], left: readonly KeyRange[]) => void,
  ) {
    this.#context = context;
    this.#checks = checks;
    this.#base = base;
    this.#take = take;
    this.#lanes = lanes(ranges ?? [ALL_KEYS]);
    this.#progressAt = this.#chunkAt = context.clock.monotonic();
    this.#progress = this.fraction();
  }

  /** When the last {@link JOIN_STEP} of the accounts was complete. */
  get progressAt(): number {
    return this.#progressAt;
  }

  /** Whether a peer has served a chunk. */
  get wasServed(): boolean {
    return this.#wasServed;
  }

  /** Finished part, 0 to 1. */
  fraction(): number {
    return 1 - shareOfKeys(this.#lanes);
  }

  get done(): boolean {
    return this.#lanes.length === 0;
  }

  /** Why the download cannot go on; null while it can. */
  failure(): 'unserved' | 'stalled' | null {
    const peers = this.#peers();
    // Where some do not serve the snapshot, and nobody has served a chunk, the others may have claimed it only to waste time.
    const isUseless = (session: Session): boolean => this.#lacking.has(session) || (this.#slow.has(session) && !this.#wasServed);
    if (peers.some((session) => this.#lacking.has(session)) && peers.every(isUseless)) return 'unserved';
    const now = this.#context.clock.monotonic();
    return now - this.#progressAt >= JOIN_STALL_MS || now - this.#chunkAt >= CHUNKS_SILENT_MS ? 'stalled' : null;
  }

  remove(session: Session): void {
    for (const { asked } of this.#lanes) asked.delete(session);
    this.#lacking.delete(session);
    this.#slow.delete(session);
  }

  /** Whether this peer itself was asked for the accounts from this key on. */
  asked(session: Session, block: string, from: Uint8Array): boolean {
    return this.#laneOf(session, block, from) !== undefined;
  }

  #laneOf(session: Session, block: string, from: Uint8Array): Lane | undefined {
    if (block !== this.#base.id) return undefined;
    const key = toHex(from);
    return this.#lanes.find(({ after, asked }) => after === key && asked.has(session));
  }

  /** Requests the next chunk of each range, from another peer where the peer that was asked does not answer in time. */
  schedule(): void {
    const now = this.#context.clock.monotonic();
    for (const lane of this.#lanes) {
      let isWaiting = false;
      for (const [session, at] of lane.asked) {
        if (now - at < CHUNK_PATIENCE_MS) isWaiting = true;
        else this.#slow.add(session);
      }
      const session = isWaiting ? null : this.#choose(lane);
      if (!session) continue;
      lane.asked.set(session, now);
      session.send({ type: 'getAccounts', block: this.#base.id, from: fromHex(lane.after) });
    }
  }

  /** Peers that may serve the snapshot: any peer whose chain is as long, also one without old blocks. */
  #peers(): Session[] {
    return this.#context.ready().filter(({ claim }) => claim!.height >= this.#base.header.height);
  }

  /** The peer with fewest open requests, preferably one that is not slow. */
  #choose(lane: Lane): Session | null {
    const rank = (session: Session): number => this.#open(session) + (this.#slow.has(session) ? MAX_CHUNK_QUESTIONS : 0);
    const free = this.#peers().filter(
      (session) => !this.#lacking.has(session) && !lane.asked.has(session) && this.#open(session) < MAX_CHUNK_QUESTIONS,
    );
    return free.sort((a, b) => rank(a) - rank(b))[0] ?? null;
  }

  #open(session: Session): number {
    return this.#lanes.filter(({ asked }) => asked.has(session)).length;
  }

  /**
   * Takes a chunk, or null from a peer that cannot serve it. Ignores chunks that were not requested, or that another peer has sent before.
   * @throws TabchainError if the chunk is not what the state root commits to
   */
  onAccounts(session: Session, block: string, from: Uint8Array, chunk: StateChunk | null): void {
    const lane = this.#laneOf(session, block, from);
    if (!lane) return;
    lane.asked.delete(session);
    if (chunk === null) {
      this.#lacking.add(session);
      return;
    }
    const next = this.#checks.stateChunk(this.#base.header.stateRoot, from, chunk);
    this.#slow.delete(session);
    // The first account of a chunk was the last of the chunk before, and the last may belong to the next range.
    const accounts = chunk.accounts.filter(({ address }) => {
      const key = toHex(stateKey(address));
      return key > lane.after && key <= lane.end;
    });
    this.#advance(lane, next === null ? lane.end : toHex(next));
    this.#wasServed = true;
    this.#chunkAt = this.#context.clock.monotonic();
    this.#noteProgress();
    this.#take(accounts, this.#lanes);
  }

  #noteProgress(): void {
    if (this.fraction() < this.#progress + JOIN_STEP) return;
    this.#progress = this.fraction();
    this.#progressAt = this.#context.clock.monotonic();
  }

  #advance(lane: Lane, key: string): void {
    const isFirst = lane.after === ALL_KEYS.after && lane.end === ALL_KEYS.end;
    lane.asked.clear();
    lane.after = key;
    if (key >= lane.end) this.#lanes = this.#lanes.filter((other) => other !== lane);
    else if (isFirst) this.#lanes = lanes(splitRange(lane));
  }
}

function lanes(ranges: readonly KeyRange[]): Lane[] {
  return ranges.map(({ after, end }) => ({ after, end, asked: new Map<Session, number>() }));
}
