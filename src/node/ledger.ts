import { Chain, type ChainChange } from '../chain/chain.ts';
import { Mempool, type MempoolEvent } from '../chain/mempool.ts';
import type { Network } from '../protocol/network.ts';
import type { Disk } from '../storage/disk.ts';
import { SqlChainStore } from '../storage/sql/store.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import type { Env } from './env.ts';
import { Saver } from './saver.ts';

export interface LedgerListener {
  /** The tip moved; already committed. */
  moved(change: ChainChange): void;
  /** The disk's state changed. */
  saved(): void;
  problem(code: string, message: string): void;
  pooled(event: MempoolEvent): void;
}

/** One account's (or a guest's) copy of the chain: database, rules, mempool and the disk under them. */
export interface Ledger {
  readonly network: Network;
  readonly store: SqlChainStore;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly saver: Saver;
}

interface OpenedDisk {
  disk: Disk | null;
  image: Uint8Array | null;
  error: string | null;
}

/** Damage is said and healed from the peers; only a disk of another owner stops us. */
async function openDisk(env: Env, name: string, lease: string, listener: LedgerListener): Promise<OpenedDisk> {
  let disk: Disk | null = null;
  try {
    disk = await env.openDisk(name, lease);
    return { disk, image: (await disk.load())?.bytes ?? null, error: null };
  } catch (error) {
    const code = errorCode(error);
    listener.problem(code, error instanceof Error ? error.message : String(error));
    // Damaged: start over in the same place. Unavailable: go on in memory and say so.
    return { disk: code === 'storage-damaged' ? disk : null, image: null, error: code === 'storage-damaged' ? null : code };
  }
}

function openStore(env: Env, network: Network, image: Uint8Array | null, listener: LedgerListener): SqlChainStore {
  try {
    return SqlChainStore.open(env.sql, network, image);
  } catch (error) {
    if (!(error instanceof TabchainError) || image === null) throw error;
    listener.problem(error.code, error.message);
    return SqlChainStore.open(env.sql, network, null);
  }
}

/**
 * Opens the database at `place`, or, for null, one in memory, and everything above it.
 * @param image what an in-memory one begins with
 */
export async function openLedger(
  env: Env,
  network: Network,
  place: { name: string; lease: string } | null,
  listener: LedgerListener,
  image: Uint8Array | null = null,
): Promise<Ledger> {
  const opened = place ? await openDisk(env, place.name, place.lease, listener) : { disk: null, image, error: null };
  const store = openStore(env, network, opened.image, listener);
  // What begins with another's image is nobody's.
  if (!place) forgetOwn(store);
  return assemble(env, network, store, opened, listener);
}

/** Puts the chain that is in memory into another database, from which it is kept from now on. */
export async function adoptLedger(
  env: Env,
  from: Ledger,
  place: { name: string; lease: string },
  listener: LedgerListener,
): Promise<Ledger> {
  const disk = await env.openDisk(place.name, place.lease);
  const image = from.store.export();
  await closeLedger(from);
  const store = forgetOwn(SqlChainStore.open(env.sql, from.network, image));
  return assemble(env, from.network, store, { disk, image: null, error: null }, listener);
}

/** Own transactions belong to an account; a copy of its chain for somebody else must not announce them. */
function forgetOwn(store: SqlChainStore): SqlChainStore {
  store.atomically(() => {
    for (const { id } of store.ownTransactions()) store.deleteOwnTransaction(id);
  });
  return store;
}

async function assemble(env: Env, network: Network, store: SqlChainStore, opened: OpenedDisk, listener: LedgerListener): Promise<Ledger> {
  const { clock, log, verifier, timers } = env;
  const chain = await Chain.open({ network, store, verifier, clock, log });
  const saver = new Saver(
    opened.disk,
    { export: () => store.export(), tip: () => chain.tip() },
    { timers, log, onChange: () => listener.saved(), onProblem: (code, message) => listener.problem(code, message) },
    opened.error,
  );
  if (opened.disk && opened.image) saver.loaded(chain.tip(), opened.image.length);
  const mempool = new Mempool({ network, store, chain, verifier, clock });
  mempool.subscribe((event) => {
    // Own transactions are kept in the database from their first moment to their last.
    if (event.type === 'dropped' ? event.own : event.entry.own) saver.changed();
    listener.pooled(event);
  });
  chain.subscribe((change) => {
    saver.changed();
    listener.moved(change);
  });
  return { network, store, chain, mempool, saver };
}

/** Writes what is left and lets go of the database. */
export async function closeLedger(ledger: Ledger): Promise<void> {
  ledger.mempool.close();
  await ledger.saver.close();
  ledger.store.close();
}
