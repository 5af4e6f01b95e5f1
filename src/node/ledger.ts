import { Chain, type ChainChange } from '../chain/chain.ts';
import { vetOwnTransactions } from '../mempool/vet-own.ts';
import { Mempool, type MempoolEvent } from '../mempool/mempool.ts';
import type { Network } from '../protocol/network.ts';
import type { Address } from '../crypto/address.ts';
import type { Disk } from '../storage/disk/disk.ts';
import type { PageFile } from '../storage/disk/page-file.ts';
import type { OwnTransaction } from '../storage/port.ts';
import { salvageBlocks, salvageOwnTransactions } from '../storage/salvage.ts';
import { SqlChainStore } from '../storage/sql/store.ts';
import { toWireError } from '../util/errors.ts';
import type { Env } from './env.ts';
import { Inspection } from './inspection.ts';
import { Saver } from './saver.ts';
import type { SavedMark } from '../api/service.ts';

export interface LedgerListener {
  /** The tip moved; already committed. */
  moved(change: ChainChange): void;
  /** The disk's state changed. */
  stateChanged(): void;
  /** The disk has acknowledged more of the owner's chain. */
  saved(owner: Address, mark: SavedMark): void;
  problem(code: string, message: string): void;
  pooled(event: MempoolEvent): void;
  /** Runs a task after those that the node has before it. */
  enqueue(task: () => Promise<void>): void;
}

/** What one account's (or a guest's) copy of the chain says. */
export interface LedgerContents {
  readonly network: Network;
  readonly store: SqlChainStore;
  readonly chain: Chain;
  readonly mempool: Mempool;
}

/** That copy together with the disk under it. */
export interface Ledger extends LedgerContents {
  readonly saver: Saver;
  /** Null where nothing was read from a disk. */
  readonly inspection: Inspection | null;
}

/** A chain and where it is kept. */
interface Opened {
  readonly store: SqlChainStore;
  readonly chain: Chain;
  readonly mempool: Mempool;
  /** Null for a guest, or where the disk cannot be used: `error` then says why. */
  readonly disk: Disk | null;
  /** Bytes of the image that it was opened from; null for a chain that the disk does not have yet. */
  readonly loadedBytes: number | null;
  readonly error: string | null;
  /** The image was of an older version: the file is another one now. */
  readonly isRebuilt?: boolean;
  /** What is left of a damaged database. */
  readonly remains?: PageFile | null;
}

/** What is stored may be sound, and is not ours to overwrite. Any other failure to read it is damage, which a fresh start heals. */
const KEPT = new Set(['storage-too-new', 'storage-unavailable', 'storage-silent', 'storage-full', 'storage-failed', 'storage-not-owner']);

/** Where an account's chain is kept. */
export interface LedgerPlace {
  readonly name: string;
  readonly fencingToken: string;
  /** Whose it is: nobody else's transactions are taken for own ones. */
  readonly owner?: Address;
  /** What it is known to have held; null or absent where nothing is known. */
  readonly lastSaved?: SavedMark | null;
}

/**
 * @param own what its owner had sent: as the image says, or this instead
 * @param judge whose they must be, and who is told of any that cannot be
 */
async function openChain(
  env: Env,
  network: Network,
  image: PageFile | null,
  own: 'as-stored' | readonly OwnTransaction[] = 'as-stored',
  { owner, problem }: { readonly owner?: Address | undefined; readonly problem?: LedgerListener['problem'] } = {},
): Promise<Pick<Opened, 'store' | 'chain' | 'mempool'>> {
  const { verifier, clock, log } = env;
  const store = SqlChainStore.open(env.sql, network, image, (reason) => log('error', 'storage/whole-database-saves', { reason }));
  try {
    if (own !== 'as-stored') replaceOwn(store, own);
    const chain = await Chain.open({ network, store, verifier, clock, log });
    const removed = vetOwnTransactions({ network, store, verifier, owner });
    if (removed > 0)
      problem?.('own-transactions-altered', 'Waiting transactions kept in this browser had been altered; they were removed and not sent.');
    return { store, chain, mempool: new Mempool({ network, store, chain, verifier, clock }) };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The tab goes on in memory meanwhile: only a reload brings both together again. */
function answeredLate(listener: LedgerListener): void {
  listener.problem('storage-answered-late', 'The storage of this browser answers now. Reload the page to go on with what it holds.');
}

/** Whether a disk, sound in itself, holds less than it had acknowledged, or something else. */
function isOlder(disk: Disk, known: SavedMark | null): boolean {
  if (known === null) return false;
  const { sequence, tip } = disk.persisted() ?? { sequence: -1, tip: '' };
  return sequence < known.sequence || (sequence === known.sequence && tip !== known.tip);
}

/** What the disk has. Damage is told, and healed by starting over in the same place; where there is no disk the tab goes on in memory. */
async function openStored(env: Env, network: Network, place: LedgerPlace, listener: LedgerListener): Promise<Opened> {
  const judge = { owner: place.owner, problem: (code: string, message: string) => listener.problem(code, message) };
  let disk: Disk | null = null;
  let image: PageFile | null = null;
  try {
    disk = await env.openDisk(place.name, place.fencingToken, () => answeredLate(listener));
    image = (await disk.load())?.pages ?? null;
    const opened = await openChain(env, network, image, 'as-stored', judge);
    if (isOlder(disk, place.lastSaved ?? null)) {
      listener.problem('storage-rolled-back', 'The chain stored in this browser is older than what was saved here, or gone.');
    }
    const isRebuilt = image !== null && opened.store.pages() !== image;
    return { ...opened, disk, loadedBytes: image?.size ?? null, error: null, isRebuilt };
  } catch (error) {
    const { code, message } = toWireError(error);
    listener.problem(code === 'internal' ? 'storage-damaged' : code, message);
    if (KEPT.has(code)) {
      // Not ours to overwrite, e.g. written by a newer version.
      disk?.close();
      return { ...(await openChain(env, network, null)), disk: null, loadedBytes: null, error: code };
    }
    const remains = image ?? (await disk?.salvage().catch(() => null)) ?? null;
    const own = remains ? salvageOwnTransactions(env.sql, remains) : [];
    return { ...(await openChain(env, network, null, own, judge)), disk, loadedBytes: null, error: disk ? null : code, remains };
  }
}

/**
 * Opens the database at `place`, or, for null, one in memory, and everything above it.
 * @param image what an in-memory one begins with; taken over
 */
export async function openLedger(
  env: Env,
  network: Network,
  place: LedgerPlace | null,
  listener: LedgerListener,
  image: PageFile | null = null,
): Promise<Ledger> {
  if (place) return assemble(env, network, await openStored(env, network, place, listener), listener, place.owner);
  // What begins with another's image is nobody's.
  const opened = await openChain(env, network, image, []);
  return assemble(env, network, { ...opened, disk: null, loadedBytes: null, error: null }, listener);
}

/** Puts the chain that is in memory into another database, from which it is kept from now on. */
export async function adoptLedger(env: Env, from: Ledger, place: LedgerPlace, listener: LedgerListener): Promise<Ledger> {
  const opening = await openPlace(env, place, listener);
  const image = from.store.pages();
  await closeQuietly(env, from);
  const opened = await openChain(env, from.network, image, []);
  return assemble(env, from.network, { ...opened, ...opening, loadedBytes: null }, listener, place.owner);
}

/** An empty place on disk. Where there can be none the tab goes on in memory, and the person is told. */
async function openPlace(
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

/** Own transactions belong to an account; a copy of its chain for somebody else must not announce them. */
function replaceOwn(store: SqlChainStore, own: readonly OwnTransaction[]): void {
  store.atomically(() => {
    for (const { id } of store.ownTransactions()) store.deleteOwnTransaction(id);
    for (const each of own) store.putOwnTransaction(each);
  });
}

/** @param owner whose chain it is, who remembers what was saved of it; absent for nobody's */
function assemble(env: Env, network: Network, opened: Opened, listener: LedgerListener, owner?: Address): Ledger {
  const { store, chain, mempool, disk, loadedBytes, error } = opened;
  const { log, timers } = env;
  const saver = new Saver(
    disk,
    { pages: () => store.pages(), tip: () => chain.tip() },
    {
      timers,
      log,
      onChange: () => listener.stateChanged(),
      onSaved: ({ sequence, height, tip }) => owner && listener.saved(owner, { sequence, height, tip }),
      onProblem: (code, message) => listener.problem(code, message),
    },
    error,
  );
  // Until what is left of a damaged database is taken in again, the disk alone has it.
  if (opened.remains) saver.hold();
  if (loadedBytes !== null) saver.loaded(chain.tip(), loadedBytes);
  if (loadedBytes === null || opened.isRebuilt) saver.changed();
  mempool.subscribe((event) => {
    // Own transactions are kept in the database from their first moment to their last.
    if (event.type === 'dropped' ? event.own : event.entry.own) saver.changed();
    listener.pooled(event);
  });
  chain.subscribe((change) => {
    saver.changed();
    listener.moved(change);
  });
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
  const inspection = loadedBytes === null ? null : new Inspection(chain, timers, (task) => listener.enqueue(task));
  const ledger = { network, store, chain, mempool, saver, inspection };
  if (opened.remains) listener.enqueue(healing(env, ledger, opened.remains, listener));
  return ledger;
}

/** Blocks of a damaged database in one turn: the node answers others in between. */
const BLOCKS_A_TURN = 20;

/** A task that gives the chain what a damaged database still holds, some blocks at a time. */
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

/** Writes what is left and lets go of the database. */
export async function closeLedger(ledger: Ledger): Promise<void> {
  ledger.inspection?.stop();
  ledger.mempool.close();
  try {
    await ledger.saver.close();
  } finally {
    // The next ledger opens the same bytes, and this database has to let go of them first.
    ledger.store.close();
  }
}

/** {@link closeLedger} for a change of account: a disk that fails on closing is logged, but must not keep the person in the old one. */
export async function closeQuietly(env: Env, ledger: Ledger): Promise<void> {
  try {
    await closeLedger(ledger);
  } catch (error) {
    env.log('warn', 'storage/close-failed', { error: String(error) });
  }
}
