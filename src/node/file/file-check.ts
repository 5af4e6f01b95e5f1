import type { ValidFile } from '../../api/file.ts';
import { Chain } from '../../chain/chain.ts';
import { formatCoins } from '../../protocol/amount.ts';
import type { DecodedBlock } from '../../protocol/block.ts';
import type { ChainFile } from '../../storage/chain-file.ts';
import { compareRows } from '../../storage/compare-rows.ts';
import { RowError, type CheckedTable } from '../../storage/row-error.ts';
import { transactionKey } from '../../storage/sql/blocks.ts';
import { SqlChainStore } from '../../storage/sql/store.ts';
import { assert } from '../../util/errors.ts';
import type { Env } from '../env.ts';
import { BlockFault, describeNetwork } from './faults.ts';

/** Blocks that one call of the chain connects, as in the import from peers… */
const GROUP_BLOCKS = 16;
/** …and the block that reaches this many bytes is the last of its group, so that SQLite's unwritten pages stay within its heap limit. */
const GROUP_BYTES = 1 << 20;
/** Blocks that the replayed database keeps: far more than the rules look back. Compared blocks below are deleted. */
const KEPT_BLOCKS = 200;

/** Time that no header is ahead of: whether a file keeps the rules does not depend on this device's clock. */
const END_OF_TIME = { now: () => Number.MAX_SAFE_INTEGER };

/** Progress of a check: `blocks` while the blocks are replayed, `rows` while the accounts are compared. */
export type CheckProgress = (step: 'blocks' | 'rows', fraction: number) => void;

/** A group of blocks that was read, and why the next block could not be read. */
interface Group {
  readonly blocks: readonly DecodedBlock[];
  readonly fault: RowError | null;
}

/** What was found in a file that is valid. */
export type FileFacts = Omit<ValidFile, 'relation'>;

/**
 * Checks a file from genesis: replays its blocks by the rules in a database of its own, and compares the rows of both. The replayed database
 * holds the accounts and the newest blocks only.
 */
export class FileCheck {
  readonly #file: ChainFile;
  readonly #store: SqlChainStore;
  readonly #chain: Chain;
  readonly #onProgress: CheckProgress;
  /** Blocks above genesis that were replayed and whose rows were compared. */
  #height = 0;
  #transactions = 0;

  private constructor(file: ChainFile, store: SqlChainStore, chain: Chain, onProgress: CheckProgress) {
    this.#file = file;
    this.#store = store;
    this.#chain = chain;
    this.#onProgress = onProgress;
  }

  /** @throws RowError, BlockFault at the first fault: block by block, then in the accounts */
  static async run(file: ChainFile, { sql, verifier }: Pick<Env, 'sql' | 'verifier'>, onProgress: CheckProgress): Promise<FileFacts> {
    const { network } = file;
    const store = SqlChainStore.open(sql, network);
    try {
      const chain = await Chain.open({ network, store, verifier, clock: END_OF_TIME, log: () => undefined });
      return await new FileCheck(file, store, chain, onProgress).#run();
    } finally {
      store.close();
    }
  }

  async #run(): Promise<FileFacts> {
    this.#compare('meta', '', '\uffff');
    this.#compareBlocks(-Infinity, 1);
    // The next group is read, and its signatures are on their way to other threads, while a group is connected.
    let next = this.#read(1);
    while (next.blocks.length > 0 || next.fault) {
      const group = next;
      const last = group.blocks.at(-1);
      next = group.fault || !last ? { blocks: [], fault: null } : this.#read(last.header.height + 1);
      await this.#connect(group.blocks);
      if (group.fault) throw group.fault;
      this.#onProgress('blocks', this.#height / this.#file.height);
    }
    this.#compareBlocks(this.#height + 1, Infinity);
    this.#compareAccounts();
    return this.#facts();
  }

  #read(from: number): Group {
    const blocks: DecodedBlock[] = [];
    let bytes = 0;
    try {
      for (let height = from; height <= this.#file.height && blocks.length < GROUP_BLOCKS && bytes < GROUP_BYTES; height++) {
        const block = this.#file.block(height);
        blocks.push(block);
        bytes += block.size;
      }
      return { blocks, fault: null };
    } catch (error) {
      if (error instanceof RowError) return { blocks, fault: error };
      throw error;
    } finally {
      this.#chain.acceptHeaders(blocks);
      for (const block of blocks) this.#chain.prevalidate(block);
    }
  }

  /** Replays blocks, and compares their rows with the file's. */
  async #connect(blocks: readonly DecodedBlock[]): Promise<void> {
    const outcomes = await this.#chain.acceptBlocks(blocks);
    const { height } = this.#chain.tip();
    this.#compareBlocks(this.#height + 1, height + 1);
    this.#height = height;
    if (height - this.#chain.base() > 2 * KEPT_BLOCKS) this.#chain.prune(height - KEPT_BLOCKS);
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') throw new BlockFault(blocks[index]!, outcome.error);
      assert(outcome.status === 'connected', 'A block that extends the tip was not connected.');
      this.#transactions += blocks[index]!.transactions.length;
    }
  }

  /** Compares the rows of blocks and their transactions, for heights from `from` (inclusive) to `to` (exclusive). */
  #compareBlocks(from: number, to: number): void {
    let first: RowError | null = null;
    try {
      this.#compare('blocks', from, to);
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      first = error;
    }
    // A transaction of a lower block may differ, too.
    this.#compare('transactions', transactionKey(from, 0), transactionKey(first ? (first.height ?? from) : to, 0));
    if (first) throw first;
  }

  #compareAccounts(): void {
    const step = 1_000;
    const last = this.#store.sql.number('SELECT max(id) FROM accounts') ?? 0;
    this.#compare('accounts', -Infinity, 1);
    for (let from = 1; from <= last; from += step) {
      this.#compare('accounts', from, Math.min(from + step, last + 1));
      this.#onProgress('rows', from / last);
    }
    this.#compare('accounts', last + 1, Infinity);
  }

  #compare(table: CheckedTable, from: number | string, to: number | string): void {
    compareRows(this.#file.sql, this.#store.sql, table, from, to);
  }

  #facts(): FileFacts {
    const { height, id, sealed, work } = this.#chain.tip();
    const [accounts, supply] = this.#store.sql.row('SELECT count(*), coalesce(sum(balance), 0) FROM accounts') as [number, number];
    return {
      valid: true,
      network: describeNetwork(this.#file.network),
      height,
      tip: id,
      tipTime: sealed.header.timeMs,
      blocks: height + 1,
      transactions: this.#transactions,
      accounts,
      supply: formatCoins(supply),
      work: String(work),
    };
  }
}
