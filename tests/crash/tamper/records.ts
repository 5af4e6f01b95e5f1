import type { ErrorCode } from '../../../src/util/error-codes.ts';
import type { Prng } from '../../sim/engine/prng.ts';
import { STRANGE } from '../../contract/support/strange.ts';
import { databaseOf, named, storeOf, withDatabase, withRecords, type Alteration, type Scene } from './alteration.ts';
import type { Stored, StoredRecord } from './stored.ts';

/** Codes that may report an altered chain. */
const CHAIN_CODES: readonly ErrorCode[] = ['storage-damaged', 'storage-rolled-back'];

type Fields = Record<string, unknown>;
type Change = { readonly what: string; readonly records: StoredRecord[] };

const HOWS = ['field', 'field', 'record', 'byte', 'cut', 'lost', 'doubled', 'swapped', 'back'] as const;

/** Alters one record of one store of the chain's database. */
export function chainRecord(scene: Scene, from: Stored = scene.newest): Alteration {
  const { rng, chain } = scene;
  const store = rng.pick(['control', 'chunks', 'log'] as const);
  const { what, records } = changed(rng, storeOf(from, chain, store).records, storeOf(scene.older, chain, store).records);
  const stored = withRecords(from, chain, store, records);
  return { kind: `chain ${store}`, what: `${store}: ${what}`, stored, codes: CHAIN_CODES, mustTell: false };
}

/** Alters two or three records of the chain's database. */
export function chainRecords(scene: Scene): Alteration {
  let [stored, what] = [scene.newest, ''];
  for (let i = scene.rng.int(2, 3); i > 0; i--) {
    const next = chainRecord(scene, stored);
    stored = next.stored;
    what += `${what && '; '}${next.what}`;
  }
  return { kind: 'chain, several', what, stored, codes: CHAIN_CODES, mustTell: false };
}

function changed(rng: Prng, records: readonly StoredRecord[], older: readonly StoredRecord[]): Change {
  const at = rng.int(0, Math.max(0, records.length - 1));
  const record = records[at];
  if (!record) return { what: 'nothing was there', records: [] };
  const put = (value: unknown): StoredRecord[] => records.map((each) => (each === record ? { ...each, value } : each));
  const label = `record ${String(record.key)}`;
  const how = rng.pick(HOWS);
  switch (how) {
    case 'field':
      return inField(rng, record, label, put);
    case 'record': {
      const value = rng.pick(STRANGE);
      return { what: `${label} became ${named(value)}`, records: put(value) };
    }
    case 'byte':
    case 'cut':
      return inBytes(rng, how, record, label, put);
    case 'lost':
      return { what: `${label} lost`, records: records.filter((each) => each !== record) };
    case 'doubled': {
      const key = typeof record.key === 'number' ? record.key + rng.pick([1, 2, 2 ** 16, 2 ** 24]) : `${String(record.key)} 2`;
      return { what: `${label} again as ${key}`, records: [...records.filter((each) => each.key !== key), { key, value: record.value }] };
    }
    case 'swapped': {
      const other = rng.pick(records);
      const values = new Map([
        [record, other.value],
        [other, record.value],
      ]);
      const swapped = records.map((each) => (values.has(each) ? { ...each, value: values.get(each) } : each));
      return { what: `${label} and ${String(other.key)} swapped`, records: swapped };
    }
    case 'back': {
      const before = older.find((each) => String(each.key) === String(record.key));
      return before ? { what: `${label} rolled back`, records: put(before.value) } : inBytes(rng, 'cut', record, label, put);
    }
  }
}

/** Alters a field of a record, or of the head inside the control record. */
function inField(rng: Prng, record: StoredRecord, label: string, put: (value: unknown) => StoredRecord[]): Change {
  const value = { ...(record.value as Fields) };
  const head = value['head'] as Fields | null | undefined;
  const inner = head && rng.chance(0.75) ? { ...head } : null;
  const target = inner ?? value;
  const field = rng.pick(Object.keys(target));
  const old = target[field];
  const next = typeof old === 'number' && rng.chance(0.5) ? old + rng.pick([-1, 1, 2]) : rng.pick(STRANGE);
  target[field] = next;
  if (inner) value['head'] = inner;
  return { what: `${label}: ${inner ? 'head.' : ''}${field} became ${named(next)}`, records: put(value) };
}

function inBytes(rng: Prng, how: 'byte' | 'cut', record: StoredRecord, label: string, put: (value: unknown) => StoredRecord[]): Change {
  const { bytes } = record.value as { bytes?: Uint8Array };
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return inField(rng, record, label, put);
  const at = rng.int(0, bytes.length - 1);
  const next = how === 'cut' ? bytes.slice(0, at) : bytes.slice();
  if (how === 'byte') next[at]! ^= 1 << rng.int(0, 7);
  const what = how === 'cut' ? `${label} cut to ${at} bytes` : `${label}: byte ${at} altered`;
  return { what, records: put({ ...(record.value as Fields), bytes: next }) };
}

/** Alters the chain's database as a whole. */
export function chainDatabase({ rng, newest, older, chain }: Scene): Alteration {
  const database = databaseOf(newest, chain);
  const store = rng.pick(database.stores).name;
  const emptied = { ...database, stores: database.stores.map((each) => ({ ...each, records: [] })) };
  const without = { ...database, stores: database.stores.filter(({ name }) => name !== store) };
  const raised = rng.int(1, 3);
  const choices: (Pick<Alteration, 'what' | 'stored' | 'codes'> & Partial<Pick<Alteration, 'mustTell'>>)[] = [
    { what: 'lost', stored: withDatabase(newest, chain, null), codes: ['storage-rolled-back'] },
    { what: 'rolled back', stored: withDatabase(newest, chain, databaseOf(older, chain)), codes: ['storage-rolled-back'] },
    { what: 'all stores emptied', stored: withDatabase(newest, chain, emptied), codes: ['storage-rolled-back'] },
    { what: `store ${store} emptied`, stored: withRecords(newest, chain, store, []), codes: CHAIN_CODES },
    { what: `store ${store} lost`, stored: withDatabase(newest, chain, without), codes: CHAIN_CODES },
    { what: 'version lowered', stored: withDatabase(newest, chain, { ...database, version: 1 }), codes: CHAIN_CODES },
    {
      what: `version raised by ${raised}`,
      stored: withDatabase(newest, chain, { ...database, version: database.version + raised }),
      codes: ['storage-too-new'],
    },
    {
      what: `store ${store} rolled back`,
      stored: withRecords(newest, chain, store, storeOf(older, chain, store).records),
      codes: CHAIN_CODES,
      // Chunks are rarely written again, so they may be the same.
      mustTell: store !== 'chunks',
    },
  ];
  return { kind: 'chain, whole', mustTell: true, ...rng.pick(choices) };
}

/** Alters the database of keys. No alteration may lose a key, because each key has two copies. */
export function keyRecord(scene: Scene): Alteration {
  const { rng, newest, older, keys } = scene;
  const database = databaseOf(newest, keys);
  const { name, records } = database.stores[0]!;
  const older1 = databaseOf(older, keys).stores[0]!.records;
  const choices: (() => { what: string; stored: Stored })[] = [
    () => ({ what: 'database lost', stored: withDatabase(newest, keys, null) }),
    () => ({ what: 'database rolled back', stored: withRecords(newest, keys, name, older1) }),
    () => ({ what: 'store lost', stored: withDatabase(newest, keys, { ...database, stores: [] }) }),
    () => ({ what: 'version raised', stored: withDatabase(newest, keys, { ...database, version: 7 }) }),
    ...Array.from({ length: 6 }, () => () => {
      const value = { ...(records[0]!.value as Fields) };
      const field = rng.pick(Object.keys(value));
      const text = String(value[field]);
      const at = rng.int(0, text.length - 1);
      const inKey = field === 'networkId' || field === 'address';
      value[field] =
        inKey || rng.chance(0.4) ? `${text.slice(0, at)}${rng.pick(['x', '\u0000', ''])}${text.slice(at + 1)}` : rng.pick(STRANGE);
      return {
        what: `${field} became ${named(value[field])}`,
        stored: withRecords(newest, keys, name, [{ key: records[0]!.key, value }]),
      };
    }),
    () => ({ what: 'record lost', stored: withRecords(newest, keys, name, []) }),
    () => {
      const junk = { key: ['n', 'junk'], value: { networkId: 'n', address: 'junk', name: rng.pick(STRANGE), pem: rng.pick(STRANGE) } };
      return { what: 'a record of junk more', stored: withRecords(newest, keys, name, [...records, junk]) };
    },
  ];
  return { kind: 'keys', codes: [], mustTell: false, ...rng.pick(choices)() };
}

/**
 * Alters an item of localStorage or sessionStorage.
 * @param harmless excludes items that are the only other copy of something
 */
export function item({ rng, newest }: Scene, harmless = false): Alteration {
  const place = rng.chance(0.7) ? 'local' : 'session';
  const items = newest[place];
  const own = Object.keys(items).filter((key) => !harmless || place === 'session' || key.startsWith('tabchain.'));
  const known =
    place === 'local'
      ? ['tabchain.preferences', 'tabchain.mining', 'tabchain.theme', 'tabchain.language', 'tabchain.path']
      : ['tabchain.wanted', ...own];
  const key = rng.pick([...new Set([...known, ...own])]);
  const old = items[key] ?? rng.pick(['1/50/0/1/0', '{"v":1,"mining":{"threads":1}}', 'dark', 'en']);
  const at = rng.int(0, Math.max(0, old.length - 1));
  const values = [
    null,
    '',
    'null',
    '-1',
    '0.5/0.5/0.5/0.5/0.5',
    '1e999/NaN/x',
    '{"threads":0.5,"throttle":-1}',
    '{"threads":1e9,"gpu":"x"}',
    '{"version":"x"}',
    '{"v":2}',
    '{"v":"x"}',
    '{"v":1,"language":[],"theme":7,"mining":{"threads":0.5,"throttle":-1}}',
    '{"v":1,"account":{},"mining":{"threads":1e9,"gpu":"x"}}',
    '[[[[',
    '\u0000',
    'x'.repeat(500_000),
    old.slice(0, at),
    `${old.slice(0, at)}\u0000${old.slice(at + 1)}`,
  ];
  const value = rng.pick(values);
  const next = Object.fromEntries([...Object.entries(items).filter(([each]) => each !== key), ...(value === null ? [] : [[key, value]])]);
  const what = `${place} ${key} ${value === null ? 'lost' : `became ${named(value)}`}`;
  return { kind: `${place}Storage`, what, stored: { ...newest, [place]: next }, codes: [], mustTell: false };
}

/** Alters all storage of one kind at once. */
export function origin({ rng, newest, older, keys }: Scene): Alteration {
  const choices: Omit<Alteration, 'kind'>[] = [
    { what: 'all of IndexedDB lost', stored: { ...newest, databases: [] }, codes: ['storage-rolled-back'], mustTell: true },
    {
      what: 'all of IndexedDB rolled back',
      stored: { ...newest, databases: older.databases },
      codes: ['storage-rolled-back'],
      mustTell: true,
    },
    { what: 'localStorage lost', stored: { ...newest, local: {} }, codes: [], mustTell: false },
    {
      what: 'the database that empties the browser\u2019s log is strange',
      stored: withDatabase(newest, 'tabchain-filler', { name: 'tabchain-filler', version: rng.int(1, 3), stores: [] }),
      codes: [],
      mustTell: false,
    },
    {
      what: 'a database of no account',
      stored: withDatabase(newest, 'tabchain:junk', { ...databaseOf(newest, keys), name: 'tabchain:junk' }),
      codes: [],
      mustTell: false,
    },
  ];
  return { kind: 'origin', ...rng.pick(choices) };
}
