import type { Database, SqlJsStatic } from 'sql.js';
import type { Env } from '../../src/node/env.ts';
import { TabNode } from '../../src/node/tab-node.ts';
import type { NodeEvent } from '../../src/api/api.ts';
import type { MinerPort } from '../../src/miner/messages.ts';
import { referenceKernel } from '../../src/miner/kernel/reference.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { hasBase } from '../../src/storage/sql/base-rows.ts';
import { Sql } from '../../src/storage/sql/database.ts';
import type { Log } from '../../src/util/log.ts';
import { SimMedium } from './engine/disk.ts';
import { orderlySubtle } from './engine/keys.ts';
import { SimTransport } from './engine/links.ts';
import { createExponentialMiner, createHashingMiner, type MinerPorts } from './engine/miner.ts';
import type { Prng } from './engine/prng.ts';
import type { Owner } from './engine/time.ts';
import type { SimTab } from './tab.ts';
import type { World } from './world.ts';

export interface PageListener {
  event(event: NodeEvent): void;
  log: Log;
}

/** One load of a page: a real node on a simulated machine, until the page is killed. */
export class SimPage {
  readonly owner: Owner = { alive: true, deferred: null, scheduled: 0 };
  readonly peerId: string;
  readonly transport: SimTransport;
  readonly node: TabNode;
  readonly rng: Prng;
  /** Databases that the node has open, oldest first. */
  readonly #databases = new Map<Database, Sql>();
  /** The node has answered to `open`. */
  ready = false;
  /** Running mining threads; a broken thread stays silent. */
  readonly #threads = new Set<{ broken: boolean }>();
  /** When a broken thread was ended. A thread started at the same moment replaces it. */
  #lostThreadAt = -1;

  constructor(world: World, tab: SimTab, listener: PageListener) {
    this.rng = world.rng.fork(`page ${tab.index} ${tab.loads}`);
    this.peerId = this.rng.hex(8);
    this.transport = new SimTransport(this.peerId, this.owner, tab.index);
    this.node = new TabNode(this.#env(world, tab, listener), { event: listener.event, registerStep: () => undefined });
  }

  #env(world: World, tab: SimTab, { log }: PageListener): Env {
    const { time } = world;
    const { owner, rng } = this;
    const timers = {
      set: (callback: () => void, delayMs: number) => time.schedule(owner, callback, delayMs),
      clear: (id: number) => time.cancel(id),
    };
    const clock = { now: () => Math.floor(time.now() + tab.skewMs), monotonic: () => time.now() - world.startMs };
    const ports: MinerPorts = {
      kernel: referenceKernel,
      clock,
      timers,
      rng: rng.fork('miner'),
      hashesPerSecond: () => tab.hashesPerSecond,
    };
    const spawn = world.plan.hashing ? createHashingMiner : createExponentialMiner;
    const diskRng = rng.fork('disk');
    return {
      clock,
      timers,
      log,
      random: rng.fork('random'),
      transport: this.transport,
      verifier: world.verifier,
      subtle: orderlySubtle(rng.fork('subtle')),
      sql: this.#watched(world.sql),
      defaultThreads: 1,
      spawnMiner: () => this.#breakable(world, spawn(ports)),
      openDisk: (name, fencingToken) => PageDisk.open(new SimMedium(tab.disk(name), time, owner, diskRng), fencingToken),
      removeDisk: async (name) => tab.removeDisk(name),
    };
  }

  #breakable(world: World, port: MinerPort): MinerPort {
    const thread = { broken: false };
    if (this.#lostThreadAt === world.time.now()) world.count('mining:thread-replaced');
    this.#threads.add(thread);
    return {
      post: (command) => port.post(command),
      onMessage: (listener) =>
        port.onMessage((report) => {
          if (!thread.broken) listener(report);
        }),
      terminate: () => {
        this.#threads.delete(thread);
        if (thread.broken) this.#lostThreadAt = world.time.now();
        port.terminate();
      },
    };
  }

  /** The mining threads hang. */
  breakThreads(): void {
    for (const thread of this.#threads) thread.broken = true;
  }

  /** sql.js that records which databases are open: the checks read them, and a crash must free them. */
  #watched(sqlJs: SqlJsStatic): SqlJsStatic {
    const databases = this.#databases;
    class WatchedDatabase extends sqlJs.Database {
      constructor(image?: ArrayLike<number> | Buffer | null) {
        super(image);
        databases.set(this, new Sql(this));
      }

      override close(): void {
        databases.delete(this);
        super.close();
      }
    }
    return { ...sqlJs, Database: WatchedDatabase };
  }

  /** The database of the chain in use; null before it is open. */
  get sql(): Sql | null {
    const databases = [...this.#databases.values()];
    // Later databases from genesis are the remains of a damaged one, opened to salvage its blocks, or a whole chain that begins again.
    const whole = databases.find((sql) => !hasBase(sql)) ?? null;
    // The whole chain's note says that there is a recent chain.
    const isBehind = whole !== null && noteOf(whole) !== null;
    const recent = isBehind ? databases.findLast((sql) => sql !== whole && isComplete(sql)) : null;
    return recent ?? whole;
  }

  /** Ends the page: none of its callbacks runs any more. */
  kill(): void {
    this.owner.alive = false;
    this.transport.events = null;
    for (const database of [...this.#databases.keys()]) database.close();
  }
}

/** Whether a database has all accounts. While a join fetches them, the database has a note on its progress. */
function isComplete(sql: Sql): boolean {
  return noteOf(sql) === null && sql.row('SELECT 1 FROM accounts LIMIT 1') !== null;
}

function noteOf(sql: Sql): unknown {
  return sql.row(`SELECT value FROM meta WHERE key = 'join_progress'`)?.[0] ?? null;
}
