import type { SqlJsStatic } from 'sql.js';
import { closeLedger, openLedger } from '../../../src/node/ledger.ts';
import type { SealedHeader } from '../../../src/protocol/block.ts';
import { EMPTY_HISTORY } from '../../../src/protocol/history.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { canonicalDump } from '../../../src/storage/sql/dump.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import type { ChunkRecord, Head, LogRecord } from '../../../src/storage/disk/medium.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { PageFile } from '../../../src/storage/disk/page-file.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { Decisions } from '../support/inputs.ts';
import { fakeMachine, loadSqlJs, NETWORK, populatedStore, SILENT } from '../support/node.ts';
import { must, mustEqual, orRefused, orRefusedLater, type FuzzTarget } from '../support/target.ts';

const STORAGE = /^storage-(damaged|sql|too-new|other-network)$/;
/** A recent chain has no canonical dump. */
const RECENT_DUMP = /^(file-recent-only|storage-(damaged|sql))$/;
/** Edits of one image; more edits would only hide the effect of each. */
const MAX_EDITS = 8;

/** Values that an edit may put into a field. */
const VALUES = [null, 0, -1, 1, 5, 2 ** 31, 2 ** 53, '', 'x', 'tab1', '00', new Uint8Array(0), new Uint8Array(256), new Uint8Array(20)];

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  meta: ['value'],
  accounts: ['id', 'address', 'name', 'balance', 'nonce', 'signing_key', 'encryption_key', 'registered_height', 'first_height'],
  blocks: [
    ...['height', 'id', 'version', 'time', 'miner', 'bits', 'nonce', 'history_root', 'transaction_root', 'state_root', 'supply'],
    ...['chain_work', 'fees', 'subsidy'],
  ],
  transactions: ['id', 'txid', 'sender', 'recipient', 'amount', 'fee', 'nonce', 'memo', 'sealed_memo', 'stamp', 'signature'],
  earlier_headers: ['height', 'id', 'header'],
  earlier_history: ['level', 'hash', 'work'],
  side_blocks: ['id', 'height', 'bytes'],
  own_transactions: ['txid', 'first_seen', 'status', 'reason', 'bytes'],
};
const TABLES = Object.keys(FIELDS);
/** The key of each table, where that is not `id`. */
const KEYS: Readonly<Record<string, string>> = {
  meta: 'key',
  blocks: 'height',
  earlier_headers: 'height',
  earlier_history: 'level',
  own_transactions: 'txid',
};

type Edit = (image: Uint8Array, decisions: Decisions, sqlJs: SqlJsStatic) => Uint8Array;

/** Changes bytes anywhere, as a rotting disk does. */
const rot: Edit = (image, decisions) => {
  const at = decisions.below(image.length);
  for (let i = decisions.below(8); i >= 0; i--) image[(at + i) % image.length] = decisions.byte();
  return image;
};

const cut: Edit = (image, decisions) => image.slice(0, decisions.below(image.length));

/** Changes a field of a row, or deletes the row, as a faulty program might. */
const rewrite: Edit = (image, decisions, sqlJs) => {
  const table = decisions.pick(TABLES);
  const field = decisions.pick(FIELDS[table]!);
  const key = KEYS[table] ?? 'id';
  const row = `${key} = (SELECT ${key} FROM ${table} ORDER BY 1 LIMIT 1 OFFSET ${decisions.below(6)})`;
  const database = new sqlJs.Database(image);
  try {
    database.run('PRAGMA ignore_check_constraints = ON');
    if (decisions.below(4) === 0) database.run(`DELETE FROM ${table} WHERE ${row}`);
    else database.run(`UPDATE ${table} SET ${field} = ? WHERE ${row}`, [decisions.pick(VALUES)]);
    return database.export() as Uint8Array<ArrayBuffer>;
  } catch {
    // The column does not accept this type, or an earlier edit has broken the image.
    return image;
  } finally {
    database.close();
  }
};

function edited(image: Uint8Array, decisions: Decisions, sqlJs: SqlJsStatic): Uint8Array {
  let result: Uint8Array = image.slice();
  for (let left = MAX_EDITS; left > 0 && decisions.left > 0 && result.length > 0; left--) {
    result = decisions.pick([rewrite, rot, rewrite, cut])(result, decisions, sqlJs);
  }
  return result;
}

async function savedRecords(image: Uint8Array, height: number, tip: string): Promise<MemoryRecords> {
  const records = new MemoryRecords();
  const pages = PageFile.from(image);
  await (await PageDisk.open(new MemoryMedium(records), 'writer')).save(() => ({ pages, height, tip }));
  return records;
}

const SEEDS = [Uint8Array.of(0, 1, 3, 1, 2, 1), Uint8Array.of(1, 0, 0, 0, 99, 3, 1, 2, 3), Uint8Array.of(3, 0, 0, 32, 0)];

const database: FuzzTarget = {
  name: 'database',
  about: 'SqlChainStore.open on images with rotten bytes or altered rows: refused as damaged, or opened; all reading ends',
  maxBytes: 64,
  shortRuns: 25,
  seeds: () => SEEDS,
  async prepare() {
    const sqlJs = await loadSqlJs();
    const samples = await sampleImages(sqlJs);
    return (input) => {
      const { image } = sampleFor(samples, input);
      const altered = edited(image, new Decisions(input), sqlJs);
      const store = orRefused(STORAGE, () => SqlChainStore.open(sqlJs, NETWORK, altered));
      if (!store) return;
      try {
        orRefused(store.base() ? RECENT_DUMP : STORAGE, () => canonicalDump(store.sql));
        must(store.export().length <= 2 * image.length, 'An opened image has grown beyond what was written to it.');
      } finally {
        store.close();
      }
    };
  },
};

const reopening: FuzzTarget = {
  name: 'reopening',
  about: 'a node on a stored database with rotten bytes or altered rows: always opens, on that chain or on a fresh one',
  maxBytes: 64,
  shortRuns: 25,
  seeds: () => SEEDS,
  async prepare() {
    const sqlJs = await loadSqlJs();
    const samples = await sampleImages(sqlJs);
    return async (input) => {
      const { image, tip } = sampleFor(samples, input);
      const records = await savedRecords(edited(image, new Decisions(input), sqlJs), tip.header.height, tip.id);
      const told: string[] = [];
      const listener = { ...SILENT, problem: (code: string) => void told.push(code) };
      const ledger = await openLedger(fakeMachine(sqlJs, records), NETWORK, { name: 'fuzz', fencingToken: 'reader' }, listener);
      const { height } = ledger.chain.tip();
      must(height === ledger.store.height(), 'A node stands at another block than its database.');
      const mayNotWrite = told.some((code) => code === 'storage-too-new' || code === 'storage-other-network');
      must(mayNotWrite || !ledger.saver.state().memoryOnly, `After ${told.join()} nothing is kept any more.`);
      await closeLedger(ledger);
    };
  },
};

interface Sample {
  readonly image: Uint8Array;
  readonly tip: SealedHeader;
}

/** A whole chain, and a recent chain that begins two blocks below its tip. */
async function sampleImages(sqlJs: SqlJsStatic): Promise<readonly [Sample, Sample]> {
  const store = await populatedStore(sqlJs);
  const sample = (): Sample => ({ image: store.export(), tip: store.header(store.height())! });
  try {
    const whole = sample();
    const headers = [0, 1, 2].map((height) => store.header(height)!);
    const history = headers.reduce(
      (below, { id, header }) => below.append(id, header.height === 0 ? 0n : workOfBits(header.bits)),
      EMPTY_HISTORY,
    );
    store.prune({ headers, history });
    return [whole, sample()];
  } finally {
    store.close();
  }
}

const sampleFor = (samples: readonly [Sample, Sample], input: Uint8Array): Sample => samples[((input.at(-1) ?? 0) & 1) as 0 | 1];

/** A saved state of a small file, with the records of the medium after that save. */
interface Saved {
  readonly bytes: Uint8Array;
  readonly height: number;
  readonly records: MemoryRecords;
}

const PAGES_SAVES = 4;

async function saveSome(): Promise<Saved[]> {
  const records = new MemoryRecords();
  const disk = await PageDisk.open(new MemoryMedium(records), 'writer');
  const pages = PageFile.from(new Uint8Array(3 * 4096).fill(1));
  const saved: Saved[] = [];
  for (let height = 1; height <= PAGES_SAVES; height++) {
    pages.set(
      Uint8Array.from({ length: 50 }, (_, i) => height * 7 + i),
      1_000 * height,
    );
    if (height === 3) pages.set(new Uint8Array(4096).fill(9), 3 * 4096);
    await disk.save(() => ({ pages, height, tip: String(height).repeat(64) }));
    saved.push({ bytes: pages.toBytes(), height, records: copied(records) });
  }
  return saved;
}

function copied(records: MemoryRecords): MemoryRecords {
  const copy = new MemoryRecords();
  copy.control = structuredClone(records.control);
  for (const [key, record] of records.stores.chunks) copy.stores.chunks.set(key, structuredClone(record));
  for (const [key, record] of records.stores.log) copy.stores.log.set(key, structuredClone(record));
  return copy;
}

/** Damages a record as disks and browsers might: lost, torn, rotten, from another time, or in another record's place. */
function damage(records: MemoryRecords, saved: readonly Saved[], decisions: Decisions): void {
  const store = decisions.pick([records.stores.chunks, records.stores.log]) as Map<number, ChunkRecord | LogRecord>;
  const keys = [...store.keys()];
  const key = decisions.pick(keys);
  const record = key === undefined ? undefined : store.get(key);
  const older = decisions.pick(saved).records;
  switch (decisions.below(7)) {
    case 0:
      if (key !== undefined) store.delete(key);
      break;
    case 1:
      if (record) store.set(key!, { ...record, bytes: record.bytes.slice(0, decisions.below(record.bytes.length + 1)) });
      break;
    case 2:
      if (record && record.bytes.length > 0) record.bytes[decisions.below(record.bytes.length)]! ^= 1 << decisions.below(8);
      break;
    case 3: {
      const field = decisions.pick(['sequence', 'part', 'parts', 'index', 'generation', 'checksum']);
      if (record) store.set(key!, { ...record, [field]: decisions.number(2) });
      break;
    }
    case 4:
      if (record) store.set(decisions.pick(keys), record);
      break;
    case 5:
      if (records.control?.head) {
        const field = decisions.pick<keyof Head>(['sequence', 'generation', 'size', 'height', 'logFrom', 'image', 'checksum']);
        records.control = { ...records.control, head: { ...records.control.head, [field]: decisions.number(decisions.pick([1, 2, 4])) } };
      }
      break;
    default:
      if (decisions.below(2) === 0) records.control = older.control;
      else for (const [number, old] of older.stores.chunks) records.stores.chunks.set(number, structuredClone(old));
  }
}

const pages: FuzzTarget = {
  name: 'pages',
  about: 'PageDisk on damaged records: refused as damaged, or exactly a saved state',
  maxBytes: 64,
  seeds: () => [Uint8Array.of(1, 0, 0, 2, 5, 3), Uint8Array.of(0, 0, 0, 5, 2, 9, 9), Uint8Array.of(1, 1, 1, 6, 0)],
  async prepare() {
    const saved = await saveSome();
    return async (input) => {
      const decisions = new Decisions(input);
      const records = copied(decisions.pick(saved).records);
      for (let left = MAX_EDITS; left > 0 && decisions.left > 0; left--) damage(records, saved, decisions);
      const disk = await PageDisk.open(new MemoryMedium(records), 'reader');
      const loaded = await orRefusedLater(/^storage-damaged$/, () => disk.load());
      if (!loaded) return;
      const state = saved.find(({ height }) => height === loaded.height);
      must(state !== undefined, 'A state was loaded that was never saved.');
      mustEqual(loaded.pages.toBytes(), state.bytes, 'A file was loaded that is not what was saved.');
    };
  },
};

export const STORAGE_TARGETS: readonly FuzzTarget[] = [database, reopening, pages];
