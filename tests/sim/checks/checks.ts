import { MAX_SIDE_BYTES } from '../../../src/chain/side-blocks.ts';
import { MAX_MEMPOOL_BYTES, MAX_POOLED_REGISTRATIONS } from '../../../src/mempool/limits.ts';
import type { NodeEvent, Status } from '../../../src/api/api.ts';
import type { Sql } from '../../../src/storage/sql/database.ts';
import { MAX_TRANSACTION_BYTES } from '../../../src/protocol/transaction.ts';
import { errorCode } from '../../../src/util/errors.ts';
import type { LogEvent, LogLevel } from '../../../src/util/log.ts';
import { canonicalDump } from '../../../src/storage/sql/dump.ts';
import type { SimTab } from '../tab.ts';
import type { World } from '../world.ts';
import { audit, tipOf } from './audit.ts';
import { blocksOf, replay } from './replay.ts';

/** Every so many movements of a tip its whole database is audited; after a reorganisation always. */
const AUDIT_EVERY = 9;
/** Callbacks that one page may have waiting at a time, links' messages aside: a leak of timers passes it soon. */
const MAX_SCHEDULED = 2_000;
/** Blocks that must come while the world heals, a good deal fewer than the difficulty aims at. */
const MIN_GROWTH = 4;
/** Registrations, which nothing keeps out but their number, come on top of the rest. */
const MAX_FOREIGN_BYTES = MAX_MEMPOOL_BYTES + MAX_POOLED_REGISTRATIONS * MAX_TRANSACTION_BYTES;
/** Own transactions are never refused for size. */
const OWN_BYTES = "SELECT coalesce(sum(length(bytes)), 0) FROM own_transactions WHERE status = 'pending'";
/** Those on the way to the best header are kept whatever they take: one branch, that is one at a height. */
const BRANCH_BYTES = 'SELECT coalesce(sum(most), 0) FROM (SELECT max(length(bytes)) AS most FROM side_blocks GROUP BY height)';
/** Blocks after which two branches of equal work must meet: some come within one latency while the difficulty follows the hash rate. */
const MAX_TIE_BLOCKS = 6;
/**
 * How much later than at the first honest tab a block is at every other one, at the most, once the world is well: a few ways there and back over
 * the slowest links, with some bytes sent again, and the two seconds that hostile tabs may cost.
 */
export const MAX_LATE_MS = 20_000;
/** More links than a page makes, with room for those being closed. */
const MAX_PEERS = 64;

/** Events of the log that the long run counts, and the counter of each. */
const TELLING: Partial<Record<LogEvent, string>> = {
  'sync/peer-stalled': 'sync:staller-replaced',
  'sync/headers-timeout': 'sync:headers-timeout',
  'chain/block-held': 'chain:held',
  'chain/held-block-taken': 'chain:held-taken',
  'chain/held-block-invalid': 'chain:held-invalid',
  'chain/block-invalid': 'chain:invalid-block',
  'mining/own-block-too-late': 'mining:too-late',
  'net/peer-violation': 'net:violation',
  'storage/write-refused': 'disk:refused',
  'storage/salvaged': 'disk:salvaged',
  'storage/salvage-ended-early': 'disk:salvaged-in-part',
};

interface Promised {
  readonly tab: SimTab;
  readonly txid: string;
  /** The disk was ill when it was made, or when the page was loaded: a crash may take it away. */
  readonly doubtful: boolean;
  readonly loads: number;
  /** Text of its memo, where that was sealed. */
  readonly secret: string | null;
}

/** Holds the simulated tabs to what the program promises. */
export class Checks {
  readonly #world: World;
  readonly #promises = new Map<string, Promised>();
  readonly #told = new Set<string>();
  /** Those that everybody knew and any block could have taken before the last round of mining. */
  readonly #waiting = new Set<Promised>();
  /** Asked for in a world that was well, with minutes left, and how to count it. */
  readonly #soon: { readonly tab: SimTab; readonly txid: string; readonly counter: string }[] = [];
  /** Most work that an honest tab had, and since when. */
  readonly #leads: { readonly atMs: number; readonly work: bigint }[] = [];
  #movements = 0;
  deepest = 0;
  reorganisations = 0;
  readonly blocks = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The page's database is open. */
  opened(tab: SimTab): void {
    const sql = tab.page!.sql!;
    const { work, height } = tipOf(sql);
    tab.tipWork = work;
    tab.names = namesOf(sql);
    if (height > 0) this.#world.count('tab:reopened-with-chain');
    if (tab.disks().some(({ records }) => records.stores.chunks.size > 1)) this.#world.count('disk:several-pieces');
    if (tab.openedWithout) {
      // The disk could not be read: the node goes on in memory, and what was persisted is there the next time.
      this.#world.count('disk:unreadable');
      return this.#audit(tab);
    }
    if (work < tab.persistedWork && !tab.diskLied) {
      this.#world.violate('persisted-lost', `${tab.name} reopened with work ${work}, but the disk had acknowledged ${tab.persistedWork}`);
    }
    tab.persistedWork = 0n;
    this.#audit(tab);
  }

  status(tab: SimTab, status: Status): void {
    const { mempool, persisted, peers } = status;
    if (!persisted.memoryOnly && !tab.openedWithout && persisted.tip === status.tip) tab.persistedWork = BigInt(status.work);
    if (persisted.error) this.#world.count(`persisted:${persisted.error}`);
    if (mempool.bytes > MAX_FOREIGN_BYTES && mempool.bytes > MAX_FOREIGN_BYTES + tab.page!.sql!.number(OWN_BYTES)!) {
      this.#world.violate('unbounded', `${tab.name}: the mempool has ${mempool.bytes} bytes`);
    }
    if (peers.length > MAX_PEERS) this.#world.violate('unbounded', `${tab.name}: ${peers.length} peers`);
    const scheduled = tab.page!.owner.scheduled;
    if (scheduled > MAX_SCHEDULED) this.#world.violate('unbounded', `${tab.name}: ${scheduled} callbacks wait`);
  }

  event(tab: SimTab, event: NodeEvent): void {
    switch (event.type) {
      case 'block':
        this.blocks.add(event.id);
        return this.#moved(tab, event.id, false);
      case 'reorganisation':
        this.#world.count('chain:reorganisation');
        if (event.depth >= 3) this.#world.count('chain:reorganisation-deep');
        if (event.depth >= 10) this.#world.count('chain:reorganisation-very-deep');
        this.reorganisations++;
        this.deepest = Math.max(this.deepest, event.depth);
        return this.#moved(tab, null, true);
      case 'dropped':
        this.#told.add(`${tab.index} ${event.txid}`);
        return this.#world.count(`own:dropped:${event.code}`);
      case 'problem':
        this.#world.count(`problem:${event.code}`);
        if (!tab.page!.ready) tab.openedWithout = true;
        if (event.code === 'storage-damaged' && !tab.diskLied) this.#world.violate('damaged', `${tab.name}: ${event.message}`);
        return;
      case 'confirmed':
      case 'received':
        return this.#world.count(`own:${event.type}`);
      case 'status':
        return;
    }
  }

  #moved(tab: SimTab, id: string | null, always: boolean): void {
    const tip = tipOf(tab.page!.sql!);
    if (id !== null && tip.id !== id) this.#world.violate('event', `${tab.name} tells of block ${id}, but the database ends in ${tip.id}`);
    if (tip.work < tab.tipWork) this.#world.violate('work-fell', `${tab.name}: from ${tab.tipWork} to ${tip.work}`);
    tab.tipWork = tip.work;
    this.#named(tab);
    if (always || this.#movements++ % AUDIT_EVERY === 0) this.#audit(tab);
  }

  /** Counts registrations that a reorganisation has undone, and names that thereby went to somebody else. */
  #named(tab: SimTab): void {
    const names = namesOf(tab.page!.sql!);
    for (const [name, owner] of tab.names) {
      if (names.get(name) === owner) continue;
      this.#world.count('chain:registration-undone');
      if (names.has(name)) this.#world.count('chain:name-changed-owner');
    }
    tab.names = names;
  }

  #audit(tab: SimTab): void {
    const sql = tab.page!.sql!;
    for (const fault of audit(sql, this.#world.network)) this.#world.violate(fault.split(':')[0]!, `${tab.name}: ${fault}`);
    const side = sql.number('SELECT coalesce(sum(length(bytes)), 0) FROM side_blocks')!;
    if (side > 0) this.#world.count('chain:side-block');
    if (side > MAX_SIDE_BYTES && side > MAX_SIDE_BYTES + sql.number(BRANCH_BYTES)!)
      this.#world.violate('unbounded', `${tab.name}: ${side} bytes of side blocks`);
  }

  /** The node has told its log an event. */
  logged(tab: SimTab, level: LogLevel, event: LogEvent, details: Record<string, unknown>): void {
    const counter = TELLING[event];
    if (counter) this.#world.count(counter);
    if (event === 'gossip/transaction-refused') this.#world.count(`gossip:${String(details['code'])}`);
    if (tab.hostile) return;
    if (level === 'error') this.#world.violate('task-failed', `${tab.name}: ${event} ${JSON.stringify(details)}`);
    if (event === 'net/peer-violation') {
      const culprit = this.#world.tabs.find(({ page }) => page?.peerId === details.peer);
      if (culprit && !culprit.hostile) {
        this.#world.violate('honest-discouraged', `${tab.name} discourages honest ${culprit.name}: ${String(details.code)}`);
      }
    }
  }

  /** The node has taken an own transaction, and its disk has it. */
  promised(tab: SimTab, txid: string, secret: string | null = null): void {
    if (tab.hostile) return;
    const ill = tab.disks().some((disk) => disk.failure !== null || disk.unavailable || disk.stolen);
    const doubtful = tab.diskLied || tab.openedWithout || ill;
    this.#world.trace.note(tab.name, `was promised ${txid}${doubtful ? ', while its disk is not to be relied on' : ''}`);
    this.#promises.set(`${tab.index} ${txid}`, { tab, txid, doubtful, loads: tab.loads, secret });
    this.#world.count('own:promised');
  }

  /** Greatest height that an honest tab has verified. */
  height(): number {
    return Math.max(0, ...this.#world.honest().map(({ page }) => (page?.ready && page.sql ? tipOf(page.sql).height : 0)));
  }

  /** Nobody can bring a healed network to a halt. */
  grown(before: number): void {
    const { time } = this.#world;
    const after = this.height();
    if (after < before + MIN_GROWTH) {
      this.#world.violate('halted', `from healing to ${time.now() - this.#world.startMs} ms the chain went from ${before} to ${after}`);
    }
  }

  /** No hostile tab holds up blocks: what one honest tab has, all have soon. Call it again and again, once the world has been well for a while. */
  punctual(): void {
    const { time } = this.#world;
    const tabs = this.#world.honest().filter(({ page, running }) => page?.ready && running);
    const work = tabs.reduce((most, { tipWork }) => (tipWork > most ? tipWork : most), 0n);
    if (work > (this.#leads.at(-1)?.work ?? -1n)) this.#leads.push({ atMs: time.now(), work });
    while (this.#leads.length > 1 && this.#leads[1]!.atMs <= time.now() - MAX_LATE_MS) this.#leads.shift();
    const [old] = this.#leads;
    if (!old || old.atMs > time.now() - MAX_LATE_MS) return;
    for (const { name, tipWork, page } of tabs) {
      if (tipWork < old.work)
        this.#world.violate(
          'late',
          `${name} (${page!.transport.links.size} links) has work ${tipWork}, others had ${old.work} at ${old.atMs}`,
        );
    }
  }

  /** An own transaction of an honest tab that {@link gotIn} will look for. */
  expectSoon(tab: SimTab, txid: string, counter: string): void {
    this.#soon.push({ tab, txid, counter });
  }

  /** Whatever fills the mempools, an honest payment and a registration get into a block, or their owner is told what else came before them. */
  async gotIn(): Promise<void> {
    for (const { tab, txid, counter } of this.#soon) {
      const info = await tab.page?.node.reads.transaction(txid).catch(() => null);
      if (!info || this.#told.has(`${tab.index} ${txid}`)) continue;
      if (info.status === 'confirmed') this.#world.count(counter);
      else this.#world.violate('kept-out', `${tab.name}: ${txid} (${counter}) is ${info.status} after all the time of healing`);
    }
  }

  /** Whether own transactions wait that the next block could take. */
  async findWaiting(): Promise<boolean> {
    for (const promise of this.#promises.values()) {
      const info = await promise.tab.page?.node.reads.transaction(promise.txid).catch(() => null);
      if (info?.status === 'pending') this.#waiting.add(promise);
    }
    return this.#waiting.size > 0;
  }

  /** After healing, with mining off: everything that must hold of the world as a whole. */
  async final(): Promise<void> {
    const honest = this.#world.honest().filter(({ page }) => page?.ready);
    if (honest.length < this.#world.honest().length) {
      const missing = this.#world.honest().filter(({ page }) => !page?.ready);
      this.#world.violate('not-open', `after healing ${missing.map(({ name }) => name).join(', ')} did not open`);
    }
    this.#agree(honest);
    for (const tab of honest) this.#audit(tab);
    await this.#replayed(honest);
    for (const promise of this.#promises.values()) {
      await this.#kept(promise);
      if (promise.secret !== null) for (const tab of honest) await this.#secret(tab, promise.txid, promise.secret);
    }
  }

  /** One tip; or tips of equal work, of which each node keeps the one that it saw first. */
  #agree(tabs: readonly SimTab[]): void {
    const tips = tabs.map((tab) => ({ tab, tip: tipOf(tab.page!.sql!) }));
    const best = tips.reduce((a, b) => (b.tip.work > a.tip.work ? b : a));
    for (const { tab, tip } of tips) {
      if (tip.work < best.tip.work) {
        const links = [...tab.page!.transport.links].length;
        const text = `${tab.name} ends at ${tip.height} (work ${tip.work}, ${links} links), ${best.tab.name} at ${best.tip.height} (${best.tip.work})`;
        this.#world.violate('not-healed', text);
      } else if (tip.id !== best.tip.id) {
        this.#world.count('chain:tie-at-end');
        const sql = tab.page!.sql!;
        const bestSql = best.tab.page!.sql!;
        const height = Math.max(0, best.tip.height - MAX_TIE_BLOCKS);
        const common = sql.number('SELECT count(*) FROM blocks WHERE height = ? AND id = ?', [
          height,
          bestSql.row('SELECT id FROM blocks WHERE height = ?', [height])![0]!,
        ]);
        if (common === 0) {
          this.#world.violate('not-healed', `${tab.name} and ${best.tab.name} tie on branches deeper than ${MAX_TIE_BLOCKS} blocks`);
        }
      }
    }
  }

  async #replayed(tabs: readonly SimTab[]): Promise<void> {
    const { sqlJs, network, verifier } = this.#world;
    const byTip = new Map<string, string>();
    for (const tab of tabs) {
      const sql = tab.page!.sql!;
      const { id } = tipOf(sql);
      let expected = byTip.get(id);
      if (expected === undefined) {
        try {
          const { dump, faults } = await replay(sqlJs, network, verifier, blocksOf(sql, network));
          for (const fault of faults) this.#world.violate(fault.split(':')[0]!, `${tab.name}: ${fault}`);
          byTip.set(id, (expected = dump));
        } catch (error) {
          this.#world.violate('replay', `${tab.name}: ${String(error)}`);
          continue;
        }
      }
      const dump = canonicalDump(sql);
      if (dump !== expected)
        this.#world.violate('dump', `${tab.name} differs from a replay of its chain: ${firstDifference(dump, expected)}`);
    }
  }

  /** A transaction that was taken is on the chain, or its owner was told why not; or waits, visibly, for coins. */
  async #kept(promise: Promised): Promise<void> {
    const { tab, txid, doubtful, loads } = promise;
    const { page } = tab;
    if (!page?.ready) return;
    const info = await page.node.reads.transaction(txid).catch((error: unknown) => ({ status: errorCode(error) }));
    const status = info?.status ?? 'unknown';
    this.#world.count(`own:end:${status}`);
    if (status === 'confirmed' || status === 'dropped' || status === 'queued' || this.#told.has(`${tab.index} ${txid}`)) return;
    // What pays for it came in the last round.
    if (status === 'pending' && !this.#waiting.has(promise)) return;
    if (status === 'unknown' && (doubtful || tab.diskLied) && tab.loads > loads) return this.#world.count('own:lost-with-the-disk');
    this.#world.violate('promise-broken', `${tab.name}: ${txid} ends ${status}`);
  }

  /** A sealed memo is read by its recipient, and by nobody else. */
  async #secret({ name, page, bound, account }: SimTab, txid: string, secret: string): Promise<void> {
    const info = await page?.node.reads.transaction(txid);
    if (!info) return;
    const addressed = bound && info.to?.address === account?.addressText;
    this.#world.count(addressed ? 'memo:opened' : 'memo:closed-to-others');
    if (!info.sealed || info.memo !== (addressed ? secret : null)) {
      this.#world.violate(
        'memo',
        `${name} reads ${JSON.stringify(info.memo)} where ${JSON.stringify(secret)} was sealed to ${info.to?.address}`,
      );
    }
  }
}

function namesOf(sql: Sql): Map<string, string> {
  return new Map(sql.all('SELECT name, address FROM accounts WHERE name IS NOT NULL') as [string, string][]);
}

function firstDifference(a: string, b: string): string {
  const left = a.split('\n');
  const right = b.split('\n');
  const index = left.findIndex((line, i) => line !== right[i]);
  return `${left[index]?.slice(0, 200)} | ${right[index]?.slice(0, 200)}`;
}
