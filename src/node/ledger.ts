import { Chain, type ChainChange } from '../chain/chain.ts';
import { vetOwnTransactions } from '../mempool/vet-own.ts';
import { Mempool, type MempoolEvent } from '../mempool/mempool.ts';
import type { Network } from '../protocol/network.ts';
import type { Address } from '../crypto/address.ts';
import type { Disk, Persisted } from '../storage/disk/disk.ts';
import type { PageFile } from '../storage/disk/page-file.ts';
import type { OwnTransaction } from '../storage/port.ts';
import { salvageBlocks, salvageOwnTransactions } from '../storage/salvage.ts';
import { SqlChainStore } from '../storage/sql/store.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { toWireError } from '../util/errors.ts';
import type { Env } from './env.ts';
import { Inspection } from './inspection.ts';
import { Saver, type SaverSource } from './saver.ts';
import type { SavedMark } from '../api/service.ts';

export interface LedgerListener {
  /** The tip moved. The movement is already committed. */
  moved(change: ChainChange): void;
  /** The disk's state changed. */
  stateChanged(): void;
  /** The disk acknowledged a save of the owner's chain. */
  saved(owner: Address, mark: SavedMark): void;
  problem(code: ErrorCode, message: string): void;
  pooled(event: MempoolEvent): void;
  /** Runs a task after the tasks that the node already has. */
  enqueue(task: () => Promise<void>): void;
}

/** One account's (or a guest's) copy of the chain, with its mempool. */
export interface LedgerContents {
  readonly network: Network;
  readonly store: SqlChainStore;
  readonly chain: Chain;
  readonly mempool: Mempool;
}

/** The copy together with its disk. */
export interface Ledger extends LedgerContents {
  readonly saver: Saver;
  /** Null where nothing was read from a disk. */
  readonly inspection: Inspection | null;
  /** Ends the reports of the tip's movements to the listener. */
  readonly unfollow: () => void;
}

/** A chain and its storage. */
interface Opened extends LedgerContents {
  /** Null for a guest, or where the disk cannot be used: `error` then has the code. */
  readonly disk: Disk | null;
  /** Bytes of the image that the chain was opened from; null for a chain that the disk does not have yet. */
  readonly loadedBytes: number | null;
  readonly error: ErrorCode | null;
  /** The readable part of a damaged database. */
  readonly remains?: PageFile | null;
}

/** After these errors the stored data may be sound, so this tab must not overwrite it. After any other error, the node starts over. */
const KEPT = new Set<ErrorCode>([
  'storage-too-new',
  'storage-unavailable',
  'storage-silent',
  'storage-full',
  'storage-failed',
  'storage-not-owner',
]);

/** The storage of an account's chain. */
export interface LedgerPlace {
  readonly name: string;
  readonly fencingToken: string;
  /** The account: only its transactions count as own transactions. */
  readonly owner?: Address;
  /** The last acknowledged save; null or absent where no save is known. */
  readonly lastSaved?: SavedMark | null;
}

/** The owner's transactions: those in the database, or this list in their place. */
export type Own = 'as-stored' | readonly OwnTransaction[];

/** The account that must have sent the own transactions, and the listener for rows that the account cannot have sent. */
interface Judge {
  readonly owner?: Address | undefined;
  readonly problem?: LedgerListener['problem'];
}

async function openChain(
  env: Env,
  network: Network,
  image: PageFile | null,
  own: Own = 'as-stored',
  judge: Judge = {},
): Promise<LedgerContents> {
  const { sql, log } = env;
  const store = SqlChainStore.open(sql, network, image, (reason) => log('error', 'storage/whole-database-saves', { reason }));
  return openStore(env, network, store, own, judge);
}

/** Opens the chain and the mempool of a store. Where that fails, closes the store. */
export async function openStore(
  env: Env,
  network: Network,
  store: SqlChainStore,
  own: Own,
  { owner, problem }: Judge = {},
): Promise<LedgerContents> {
  const { verifier, clock, log } = env;
  try {
    if (own !== 'as-stored') replaceOwn(store, own);
    const chain = await Chain.open({ network, store, verifier, clock, log });
    const removed = vetOwnTransactions({ network, store, verifier, owner });
    if (removed > 0)
      problem?.('own-transactions-altered', 'Waiting transactions kept in this browser had been altered; they were removed and not sent.');
    return { network, store, chain, mempool: new Mempool({ network, store, chain, verifier, clock }) };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The tab already works in memory, and only a reload returns to the stored chain. */
function answeredLate(listener: LedgerListener): void {
  listener.problem('storage-answered-late', 'The storage of this browser answers now. Reload the page to go on with what it holds.');
}

/** Whether a sound disk has an older state than its last acknowledged save, or another state. */
function isOlder(disk: Disk, known: SavedMark | null): boolean {
  if (known === null) return false;
  const { sequence, tip } = disk.persisted() ?? { sequence: -1, tip: '' };
  return sequence < known.sequence || (sequence === known.sequence && tip !== known.tip);
}

/** Opens the stored chain. After damage, reports it and starts over on the same disk. Without a usable disk, works in memory. */
async function openStored(env: Env, network: Network, place: LedgerPlace, listener: LedgerListener): Promise<Opened> {
  const judge = { owner: place.owner, problem: (code: ErrorCode, message: string) => listener.problem(code, message) };
  let disk: Disk | null = null;
  let image: PageFile | null = null;
  try {
    disk = await env.openDisk(place.name, place.fencingToken, () => answeredLate(listener));
    image = (await disk.load())?.pages ?? null;
    const opened = await openChain(env, network, image, 'as-stored', judge);
    if (isOlder(disk, place.lastSaved ?? null)) {
      listener.problem('storage-rolled-back', 'The chain stored in this browser is older than what was saved here, or gone.');
    }
    return { ...opened, disk, loadedBytes: image?.size ?? null, error: null };
  } catch (error) {
    const { code, message } = toWireError(error);
    listener.problem(code === 'internal' ? 'storage-damaged' : code, message);
    if (KEPT.has(code)) {
      // This tab must not overwrite the stored data, e.g. of a newer version.
      disk?.close();
      return { ...(await openChain(env, network, null)), disk: null, loadedBytes: null, error: code };
    }
    const remains = image ?? (await disk?.salvage().catch(() => null)) ?? null;
    const own = remains ? salvageOwnTransactions(env.sql, remains) : [];
    return { ...(await openChain(env, network, null, own, judge)), disk, loadedBytes: null, error: disk ? null : code, remains };
  }
}

/**
 * Opens the database at `place`, or a database in memory for null, with chain, mempool and saver.
 * @param image initial content of a database in memory; used in place, not copied
 */
export async function openLedger(
  env: Env,
  network: Network,
  place: LedgerPlace | null,
  listener: LedgerListener,
  image: PageFile | null = null,
): Promise<Ledger> {
  if (place) return assemble(env, await openStored(env, network, place, listener), listener, place.owner);
  // A guest has no own transactions, even if the image has some.
  const opened = await openChain(env, network, image, []);
  return assemble(env, { ...opened, disk: null, loadedBytes: null, error: null }, listener);
}

/** Moves the chain in memory to an account's database, which saves it from then on. */
export async function adoptLedger(env: Env, from: Ledger, place: LedgerPlace, listener: LedgerListener, own: Own = []): Promise<Ledger> {
  const opening = await openPlace(env, place, listener);
  const image = from.store.pages();
  await closeQuietly(env, from);
  const opened = await openChain(env, from.network, image, own);
  return assemble(env, { ...opened, ...opening, loadedBytes: null }, listener, place.owner);
}

/** Opens the disk of a new database. Where that fails, reports the problem, and the tab works in memory. */
export async function openPlace(
  env: Env,
  { name, fencingToken }: { name: string; fencingToken: string },
  listener: LedgerListener,
): Promise<Pick<Opened, 'disk' | 'error'>> {
  try {
    return { disk: await env.openDisk(name, fencingToken, () => answeredLate(listener)), error: null };
  } catch (error) {
    const { code, message } = toWireError(error);
    listener.problem(code, message);
    return { disk: null, error: code };
  }
}

/** Replaces the own transactions: they belong to one account, and a copy of its chain for another account must not announce them. */
function replaceOwn(store: SqlChainStore, own: readonly OwnTransaction[]): void {
  store.atomically(() => {
    for (const { id } of store.ownTransactions()) store.deleteOwnTransaction(id);
    for (const each of own) store.putOwnTransaction(each);
  });
}

/** @param owner the account whose saves are reported to the page; absent for a guest */
function assemble(env: Env, opened: Opened, listener: LedgerListener, owner?: Address): Ledger {
  const { chain, disk, loadedBytes, error } = opened;
  const source = { pages: () => opened.store.pages(), tip: () => chain.tip() };
  const saver = makeSaver(env, { disk, source, error, ...(owner && { owner }) }, listener);
  // Until the remains of a damaged database are imported, only the disk has them, so nothing may overwrite the disk.
  if (opened.remains) saver.hold();
  if (loadedBytes !== null) saver.loaded(chain.tip(), loadedBytes);
  else saver.changed();
  const ledger = connectParts(env, { ...opened, saver }, listener, loadedBytes !== null);
  if (opened.remains) listener.enqueue(healing(env, ledger, opened.remains, listener));
  return ledger;
}

/** What a saver saves, and where. */
export interface Saving {
  /** Null for a guest. */
  readonly disk: Disk | null;
  readonly source: SaverSource;
  /** Code of the error that prevented the disk from opening. */
  readonly error: ErrorCode | null;
  /** The account whose saves are reported to the page. */
  readonly owner?: Address;
}

/** A saver that reports to the listener. */
export function makeSaver({ timers, log }: Env, { disk, source, error, owner }: Saving, listener: LedgerListener): Saver {
  const ports = {
    timers,
    log,
    onChange: () => listener.stateChanged(),
    onSaved: ({ sequence, height, tip }: Persisted) => owner && listener.saved(owner, { sequence, height, tip }),
    onProblem: (code: ErrorCode, message: string) => listener.problem(code, message),
  };
  return new Saver(disk, source, ports, error);
}

/**
 * Connects the parts of a ledger: changes are saved and reported.
 * @param isLoaded whether the blocks come from a disk, so that their bodies must be read through
 */
export function connectParts(
  env: Env,
  parts: LedgerContents & { readonly saver: Saver },
  listener: LedgerListener,
  isLoaded: boolean,
): Ledger {
  const { network, store, chain, mempool, saver } = parts;
  const { log, timers } = env;
  followPool(mempool, saver, listener);
  const unfollow = followChain(chain, saver, listener);
  chain.altered.watch({
    altered: (height) => {
      log('warn', 'storage/block-altered', { height });
      listener.problem('storage-block-altered', 'A block stored in this browser was altered; it is fetched again from the other tabs.');
    },
    mended: (height) => {
      log('info', 'storage/block-restored', { height });
      saver.changed();
    },
  });
  const inspection = isLoaded ? new Inspection(chain, timers, (task) => listener.enqueue(task)) : null;
  return { network, store, chain, mempool, saver, inspection, unfollow };
}

/** Must be called after the mempool has subscribed to the chain: the listener asks the mempool for the transactions of the next block. */
function followChain(chain: Chain, saver: Saver, listener: LedgerListener): () => void {
  return chain.subscribe((change) => {
    saver.changed();
    listener.moved(change);
  });
}

/** The database contains own transactions as long as the mempool does, so each change must be saved. */
function followPool(mempool: Mempool, saver: Saver, listener: LedgerListener): void {
  mempool.subscribe((event) => {
    if (event.type === 'dropped' ? event.own : event.entry.own) saver.changed();
    listener.pooled(event);
  });
}

/** The ledger with a new mempool, which begins with these own transactions. Its former mempool must be closed. */
export function renewMempool(env: Env, ledger: Ledger, own: readonly OwnTransaction[], listener: LedgerListener): Ledger {
  const { network, store, chain, saver } = ledger;
  replaceOwn(store, own);
  saver.changed();
  ledger.unfollow();
  const mempool = new Mempool({ network, store, chain, verifier: env.verifier, clock: env.clock });
  followPool(mempool, saver, listener);
  return { ...ledger, mempool, unfollow: followChain(chain, saver, listener) };
}

/** Blocks of a damaged database that one task imports. The node does other work between the tasks. */
const BLOCKS_A_TURN = 20;

/** A task that imports the readable blocks of a damaged database, some blocks at a time. */
function healing(env: Env, { network, chain, saver }: Ledger, remains: PageFile, listener: LedgerListener): () => Promise<void> {
  const blocks = salvageBlocks(env.sql, network, remains);
  const turn = async (): Promise<void> => {
    for (let i = 0; i < BLOCKS_A_TURN; i++) {
      const { value: block, done } = blocks.next();
      if (done) {
        env.log('info', 'storage/salvaged', { height: chain.tip().height });
        return saver.release();
      }
      try {
        await chain.acceptBlock(block);
      } catch (error) {
        blocks.return();
        env.log('warn', 'storage/salvage-ended-early', { height: block.header.height, error: String(error) });
        return saver.release();
      }
    }
    listener.enqueue(turn);
  };
  return turn;
}

/** Saves all changes and closes the database. */
export async function closeLedger(ledger: Ledger): Promise<void> {
  ledger.inspection?.stop();
  ledger.mempool.close();
  try {
    await ledger.saver.close();
  } finally {
    // The next ledger may open the same bytes, which this database must release first.
    ledger.store.close();
  }
}

/** {@link closeLedger} for a change of account: an error of the disk is logged, but must not keep the person in the old account. */
export async function closeQuietly(env: Env, ledger: Ledger): Promise<void> {
  try {
    await closeLedger(ledger);
  } catch (error) {
    env.log('warn', 'storage/close-failed', { error: String(error) });
  }
}
