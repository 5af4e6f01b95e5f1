import { checkSamples, checkTail } from '../consensus/work-proof.ts';
import type { JoinChecks, JoinHost } from '../net/join/port.ts';
import type { PeerNetwork } from '../net/peer-network.ts';
import type { Chain } from '../chain/chain.ts';
import { isTooFarAhead } from '../consensus/header.ts';
import { verifyStateChunk } from '../consensus/state-proof.ts';
import type { ChainChoice, ChainStatus } from '../api/chain.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import type { WallClock } from '../util/ports.ts';
import type { CurrentLedger } from './current-ledger.ts';

/** Blocks that a tab keeps which keeps only recent blocks: a day at a block each 90 seconds. */
export const RECENT_BLOCKS = 1_000;
/** Fewer blocks are kept where they have more bytes… */
const RECENT_BYTES = 64_000_000;
/** …but never fewer than these: peers ask for the accounts up to 255 blocks below the tip, and no reorganisation reaches so far. */
const LEAST_RECENT_BLOCKS = 256;
/** Blocks are removed this many at a time, because each removal rewrites pages of the database. */
export const PRUNE_AT_ONCE = 64;

export interface JoiningContext {
  readonly current: CurrentLedger;
  net(): PeerNetwork;
  problem(code: ErrorCode, message: string): void;
  changed(): void;
}

/**
 * Decides which chain is in use: the whole chain, or a recent chain while the whole chain lacks blocks.
 *
 *     far behind ──join──▶ recent chain in use ──the whole chain has as much verified work──▶ whole chain in use
 *
 * Nothing else ends the use of a recent chain. While nobody serves older blocks, the whole chain stays behind for as long, although all is well.
 */
export class Joining {
  readonly #context: JoiningContext;
  /** Set directly only before a ledger is opened; otherwise by {@link choose}. */
  choice: ChainChoice = 'whole';

  constructor(context: JoiningContext) {
    this.#context = context;
  }

  /** The side of the join that has the databases. */
  get host(): JoinHost {
    const { current } = this.#context;
    return {
      wanted: () => this.choice !== 'replay',
      begun: () => current.begunJoin(),
      begin: (base) => current.beginJoin(base),
      add: (accounts, progress) => current.addToJoin(accounts, progress),
      finish: () => this.#finish(),
      abandon: () => void current.abandonJoin(),
    };
  }

  async #finish(): Promise<void> {
    const hidden = await this.#context.current.finishJoin();
    // A whole chain that follows will show them again.
    if (hidden === 0 || this.choice !== 'recent') return;
    const message = 'Payments of this device, or rivals of theirs, are in blocks that this device does not keep.';
    this.#context.problem('own-transactions-hidden', message);
  }

  /** Takes the person's choice. Must be called inside the mailbox. */
  async choose(choice: ChainChoice): Promise<void> {
    this.choice = choice;
    const { current } = this.#context;
    if (!current.behind) return;
    this.#context.net().rebind(current.ledger.chain, current.ledger.mempool, this.followed);
    if (choice === 'replay') await current.useWhole();
  }

  /** The whole chain, where it shall catch up behind the recent chain in use; null otherwise. */
  get followed(): Chain | null {
    return this.choice === 'recent' ? null : (this.#context.current.behind?.chain ?? null);
  }

  /** Must be called after the whole chain moved behind the recent chain, outside the movement itself. */
  async behindMoved(): Promise<void> {
    const { behind, ledger } = this.#context.current;
    if (behind && behind.chain.tip().work >= ledger.chain.tip().work) await this.#context.current.useWhole();
    this.#context.changed();
  }

  /** Must be called each second, inside the mailbox. Removes old blocks where only recent blocks are kept. */
  async tick(): Promise<void> {
    if (this.choice !== 'recent') return;
    const { current } = this.#context;
    const { chain, saver, store } = current.ledger;
    const tip = chain.tip().height;
    const most = tip - RECENT_BLOCKS;
    const height = Math.max(most, Math.min(store.heightWithin(RECENT_BYTES, most), tip - LEAST_RECENT_BLOCKS));
    if (height < chain.base() + PRUNE_AT_ONCE) return;
    if (!current.behind) return current.keepRecent();
    const before = chain.base();
    chain.prune(height);
    if (chain.base() > before) saver.changed();
  }

  /** @param join the state of a join, by the network's status */
  status(join: ChainStatus['joining']): ChainStatus {
    const { behind, ledger } = this.#context.current;
    const base = ledger.chain.base();
    const headers = behind?.chain.bestHeader().height ?? 0;
    return {
      choice: this.choice,
      base,
      verified: base === 0 ? 'all' : behind?.chain.hasHeader(baseId(ledger.chain)) ? 'headers' : 'work',
      behind: behind && this.choice !== 'recent' ? { headers, blocks: behind.chain.tip().height, target: ledger.chain.tip().height } : null,
      joining: join,
    };
  }
}

/** The checks of what other tabs send during a join. */
export function joinChecks(clock: WallClock): JoinChecks {
  return {
    tail: (network, tipId, tail) => {
      const checked = checkTail(network, tipId, tail);
      // No breach, because the other clock may be right. But this node would not accept the tip as a block either.
      return isTooFarAhead(network, checked.tip.header, clock.now()) ? null : checked;
    },
    samples: checkSamples,
    stateChunk: verifyStateChunk,
  };
}

const baseId = (chain: { base(): number; activeId(height: number): string | null }): string => chain.activeId(chain.base()) ?? '';
