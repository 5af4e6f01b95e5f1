import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Env } from '../../src/node/env.ts';
import { adoptLedger, closeLedger, openLedger, type Ledger, type LedgerListener } from '../../src/node/ledger.ts';
import type { SavedMark } from '../../src/api/service.ts';
import type { DecodedBlock } from '../../src/protocol/block.ts';
import { chunkKey, logKey, type Batch, type Control, type Medium } from '../../src/storage/disk/medium.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { PAGE_BYTES } from '../../src/storage/disk/page-file.ts';
import { SCHEMA_VERSION } from '../../src/storage/sql/schema.ts';
import { TabchainError } from '../../src/util/errors.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, testVerifier, transferOf } from '../scenarios/support/builders.ts';
import { loadSqlJs } from '../unit/chain/support.ts';
import { FaultyMedium, PLACES, storedChunks, storedLog, type Place } from './support/media.ts';

const network = testNetwork();
const alex = testAccount('alex');
const builder = new BlockBuilder(network);

/** A block with a registration, then thirty blocks with a payment each. */
function makeBlocks(): DecodedBlock[] {
  let tip = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(network, alex)] });
  const blocks = [tip];
  for (let nonce = 0; nonce < 30; nonce++) {
    const payment = transferOf(network, alex, { to: testAccount('ming'), amount: 10 + nonce, nonce });
    blocks.push((tip = builder.next(tip, { miner: alex, transactions: [payment] })));
  }
  return blocks;
}

let sqlJs: SqlJsStatic;
let blocks: DecodedBlock[];
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  blocks = makeBlocks();
});

/** The environment of a node, whose timers ring only on request. */
class Surroundings {
  readonly place: Place;
  medium: FaultyMedium | null = null;
  faultAtOpening: FaultyMedium['fault'] = null;
  readonly problems: string[] = [];
  /** The last save that the disk has acknowledged. */
  mark: SavedMark | null = null;
  readonly #timers = new Map<number, () => void>();
  readonly #tasks: (() => Promise<void>)[] = [];
  #owners = 0;

  constructor(place: Place) {
    this.place = place;
  }

  readonly listener: LedgerListener = {
    moved: () => undefined,
    stateChanged: () => undefined,
    saved: (_owner, mark) => (this.mark = mark),
    pooled: () => undefined,
    problem: (code) => this.problems.push(code),
    enqueue: (task) => this.#tasks.push(task),
  };

  get env(): Env {
    return {
      clock: { now: () => network.genesisTimeMs + 86_400_000, monotonic: () => 0 },
      log: () => undefined,
      verifier: testVerifier(),
      sql: sqlJs,
      timers: {
        set: (callback) => {
          const id = this.#timers.size + 1;
          this.#timers.set(id, callback);
          return id;
        },
        clear: (id) => this.#timers.delete(id),
      },
      openDisk: async (_, fencingToken) => {
        this.medium = new FaultyMedium(this.place.medium());
        this.medium.fault = this.faultAtOpening;
        return PageDisk.open(this.medium, fencingToken);
      },
    } as Partial<Env> as Env;
  }

  open(lastSaved: SavedMark | null = null): Promise<Ledger> {
    const place = { name: 'x', fencingToken: `owner ${++this.#owners}`, owner: alex.address, lastSaved };
    return openLedger(this.env, network, place, this.listener);
  }

  /** Runs all timers. */
  ring(): void {
    for (const [id, callback] of [...this.#timers]) {
      this.#timers.delete(id);
      callback();
    }
  }

  async runTasks(): Promise<void> {
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) await task();
  }

  change(batch: (medium: Medium) => Promise<Partial<Batch>>): Promise<void> {
    const medium = this.place.medium();
    return batch(medium).then((made) => medium.update((control) => ({ control: control as Control, puts: [], deletes: [], ...made })));
  }
}

/** Number of the first page of a table or index, counted from 1. */
function rootPageOf(image: Uint8Array, name: string): number {
  const database = new sqlJs.Database(image);
  const [result] = database.exec('SELECT rootpage FROM sqlite_master WHERE name = ?', [name]);
  database.close();
  return result!.values[0]![0] as number;
}

async function feed(ledger: Ledger, from: number, to: number): Promise<void> {
  for (const block of blocks.slice(from, to)) await ledger.chain.acceptBlock(block);
}

describe.each(Object.keys(PLACES))('a ledger %s', (kind) => {
  let around: Surroundings;
  beforeEach(() => {
    around = new Surroundings(PLACES[kind]!());
  });

  test('is restored after a restart and reports what is on disk', async () => {
    const first = await around.open();
    await feed(first, 0, 20);
    await first.saver.flush();
    expect(first.saver.state()).toMatchObject({ height: 20, tip: blocks[19]!.id, error: null, memoryOnly: false });
    await feed(first, 20, 31);
    await closeLedger(first);
    const second = await around.open();
    expect(second.chain.tip().id).toBe(blocks[30]!.id);
    expect(second.saver.state()).toMatchObject({ height: 31, tip: blocks[30]!.id });
    expect(around.problems).toEqual([]);
  });

  test('a guest’s chain moves into an account’s database', async () => {
    const guest = await openLedger(around.env, network, null, around.listener);
    await feed(guest, 0, 10);
    const own = await adoptLedger(around.env, guest, { name: 'x', fencingToken: 'own' }, around.listener);
    await feed(own, 10, 12);
    await closeLedger(own);
    expect((await around.open()).chain.tip().height).toBe(12);
  });

  test('a full disk is reported once, and the saver retries until there is space', async () => {
    const ledger = await around.open();
    await ledger.saver.flush();
    around.medium!.fault = 'refused';
    await feed(ledger, 0, 3);
    await ledger.saver.flush();
    expect(ledger.saver.state()).toMatchObject({ height: 0, error: 'storage-full' });
    around.ring();
    await ledger.saver.flush();
    expect(around.problems).toEqual(['storage-full']);
    around.medium!.fault = null;
    around.ring();
    await ledger.saver.flush();
    expect(ledger.saver.state()).toMatchObject({ height: 3, error: null });
  });

  test('a database on a full disk still opens, and saving resumes once there is space', async () => {
    const first = await around.open();
    await feed(first, 0, 10);
    await closeLedger(first);
    around.faultAtOpening = 'refused';
    const second = await around.open();
    expect(second.chain.tip().height).toBe(10);
    expect(second.saver.state()).toMatchObject({ height: 10, memoryOnly: false });
    await feed(second, 10, 12);
    await second.saver.flush();
    expect(second.saver.state()).toMatchObject({ height: 10, error: 'storage-full' });
    // Until now, the disk still names the previous owner.
    around.medium!.fault = null;
    around.ring();
    await second.saver.flush();
    expect(second.saver.state()).toMatchObject({ height: 12, error: null });
    around.faultAtOpening = null;
    await closeLedger(second);
    expect((await around.open()).chain.tip().height).toBe(12);
  });

  test('the running tab writes a wiped database again', async () => {
    const ledger = await around.open();
    await feed(ledger, 0, 5);
    await ledger.saver.flush();
    await around.place.wipe();
    await feed(ledger, 5, 6);
    await closeLedger(ledger);
    expect((await around.open()).chain.tip().height).toBe(6);
  });

  test('the last save is reported, and restored without a problem', async () => {
    const first = await around.open();
    await feed(first, 0, 10);
    await closeLedger(first);
    expect(around.mark).toMatchObject({ height: 10, tip: blocks[9]!.id });
    const second = await around.open(around.mark);
    expect(second.chain.tip().height).toBe(10);
    expect(around.problems).toEqual([]);
  });

  test('a lost database is reported, but not again for its replacement', async () => {
    const first = await around.open();
    await feed(first, 0, 10);
    await closeLedger(first);
    await around.place.wipe();
    const second = await around.open(around.mark);
    expect(around.problems).toEqual(['storage-rolled-back']);
    expect(second.saver.state()).toMatchObject({ memoryOnly: false, error: null });
    await closeLedger(second);
    await around.open(around.mark);
    expect(around.problems).toEqual(['storage-rolled-back']);
  });

  test('a database older than the last save, or different from it, is reported; an outdated mark is not', async () => {
    const first = await around.open();
    await feed(first, 0, 10);
    await closeLedger(first);
    const mark = around.mark!;
    const second = await around.open({ ...mark, sequence: mark.sequence - 1, tip: blocks[8]!.id });
    await closeLedger(second);
    expect(around.problems).toEqual([]);
    await closeLedger(await around.open({ ...mark, sequence: mark.sequence + 1 }));
    await closeLedger(await around.open({ ...mark, tip: blocks[8]!.id }));
    expect(around.problems).toEqual(['storage-rolled-back', 'storage-rolled-back']);
  });

  test.each<[what: string, sql: string, problem: string]>([
    ['an altered id of a block', `UPDATE blocks SET id = 'ff' || substr(id, 3) WHERE height = 7`, 'storage-damaged'],
    ['an altered header', `UPDATE blocks SET time = time + 1 WHERE height = 7`, 'storage-damaged'],
    ['a lost index', 'DROP INDEX accounts_by_name', 'storage-damaged'],
    ['a trigger', 'CREATE TRIGGER junk AFTER INSERT ON blocks BEGIN DELETE FROM own_transactions; END', 'storage-damaged'],
    ['another network', `UPDATE meta SET value = 'ff' || substr(value, 3) WHERE key = 'network_id'`, 'storage-other-network'],
    ['an older version', `PRAGMA user_version = ${SCHEMA_VERSION - 1}`, 'storage-damaged'],
    ['a later version', `PRAGMA user_version = ${SCHEMA_VERSION + 1}`, 'storage-too-new'],
    ['an earlier version', `PRAGMA user_version = ${SCHEMA_VERSION - 1}`, 'storage-damaged'],
  ])('%s is reported at opening', async (_what, sql, problem) => {
    const guest = await openLedger(around.env, network, null, around.listener);
    await feed(guest, 0, 31);
    guest.store.sql.script(sql);
    const disk = await PageDisk.open(around.place.medium(), 'other program');
    await disk.save(() => ({ pages: guest.store.pages(), height: 31, tip: blocks[30]!.id }));
    const ledger = await around.open();
    expect(around.problems).toEqual([problem]);
    await around.runTasks();
    // Remaining blocks are salvaged, but a database of a later version is not touched.
    expect(ledger.saver.state().memoryOnly).toBe(problem === 'storage-too-new');
    expect(ledger.saver.state().error).toBe(problem === 'storage-too-new' ? problem : null);
    if (sql.includes('SET id')) expect(ledger.chain.tip().id).toBe(blocks[30]!.id);
  });

  test('an altered body is found soon after opening, and its replacement is kept', async () => {
    const guest = await openLedger(around.env, network, null, around.listener);
    await feed(guest, 0, 31);
    guest.store.sql.script('UPDATE transactions SET amount = amount + 1 WHERE height = 7');
    const disk = await PageDisk.open(around.place.medium(), 'other program');
    await disk.save(() => ({ pages: guest.store.pages(), height: 31, tip: blocks[30]!.id }));
    const inspected = async (): Promise<Ledger> => {
      const ledger = await around.open();
      for (let height = 31; height > 0; height--) {
        around.ring();
        await around.runTasks();
      }
      return ledger;
    };
    const first = await inspected();
    expect(around.problems).toEqual(['storage-block-altered']);
    expect(first.chain.tip().height).toBe(31);
    await feed(first, 6, 7);
    await closeLedger(first);
    await inspected();
    expect(around.problems).toEqual(['storage-block-altered']);
  });

  test('without storage the tab works in memory and reports why', async () => {
    const env: Env = { ...around.env, openDisk: () => Promise.reject(new TabchainError('storage-unavailable', 'No.')) };
    const ledger = await openLedger(env, network, { name: 'x', fencingToken: 'a' }, around.listener);
    await feed(ledger, 0, 5);
    expect(ledger.chain.tip().height).toBe(5);
    expect(ledger.saver.state()).toMatchObject({ memoryOnly: true, error: 'storage-unavailable' });
  });

  // A nonce ahead of all blocks, so that the transfer waits during the whole test.
  const waiting = transferOf(network, alex, { to: testAccount('ming'), amount: 7, fee: 5_000, nonce: 32 });

  const damages: Record<string, (medium: Medium) => Promise<Partial<Batch>>> = {
    'a wrong bit in the image': async (medium) => {
      const chunk = (await storedChunks(medium))[0]!;
      // An index page, because a wrong bit in a page of the schema leaves no readable table to salvage.
      const at = rootPageOf(chunk.bytes, 'sqlite_autoindex_own_transactions_1') * PAGE_BYTES - 1_000;
      return {
        puts: [
          {
            store: 'chunks',
            key: chunkKey(chunk.generation, chunk.index),
            record: { ...chunk, bytes: chunk.bytes.with(at, chunk.bytes[at]! ^ 4) },
          },
        ],
      };
    },
    'a lost record of the log': async (medium) => {
      const log = await storedLog(medium);
      const { sequence } = log.at(-3)!;
      return { deletes: [{ store: 'log', from: logKey(sequence, 0), to: logKey(sequence + 1, 0) }] };
    },
  };

  test.each(Object.keys(damages))('after %s it starts over and salvages what can be read and verified', async (damage) => {
    const first = await around.open();
    for (let height = 0; height < 31; height++) {
      await feed(first, height, height + 1);
      await first.saver.flush();
      if (height === 20) await first.mempool.accept(waiting, true);
    }
    await closeLedger(first);
    await around.change(damages[damage]!);
    const second = await around.open();
    expect(second.mempool.ownTransactions()).toMatchObject([{ id: waiting.id, status: 'pending' }]);
    expect(around.problems).toEqual(['storage-damaged']);
    expect(second.chain.tip().height).toBe(0);
    await around.runTasks();
    expect(second.chain.tip().height).toBeGreaterThan(10);
    expect(second.chain.tip().id).toBe(blocks[second.chain.tip().height - 1]!.id);
    expect(second.mempool.has(waiting.id)).toBe(true);
    // The missing blocks come from peers, and all blocks stay.
    await feed(second, second.chain.tip().height, 31);
    await closeLedger(second);
    const third = await around.open();
    expect(third.chain.tip().id).toBe(blocks[30]!.id);
    expect(around.problems).toEqual(['storage-damaged']);
  });
});
