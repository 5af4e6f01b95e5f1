import { maxFutureMs } from '../../../src/consensus/header.ts';
import { MAX_SUPPLY } from '../../../src/protocol/amount.ts';
import { MAX_SIDE_BYTES } from '../../../src/chain/side-blocks.ts';
import { MAX_MEMPOOL_BYTES, MAX_POOLED_REGISTRATIONS } from '../../../src/mempool/policy.ts';
import type { NodeEvent, Status } from '../../../src/api/api.ts';
import type { Sql } from '../../../src/storage/sql/database.ts';
import { leafHash, stateRow } from '../../../src/protocol/state-root.ts';
import { decodeTransaction, MAX_TRANSACTION_BYTES } from '../../../src/protocol/transaction.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { errorCode } from '../../../src/util/errors.ts';
import type { LogEvent, LogLevel } from '../../../src/util/log.ts';
import { hasBase, readBase } from '../../../src/storage/sql/base-rows.ts';
import { canonicalDump } from '../../../src/storage/sql/dump.ts';
import type { SimTab } from '../tab.ts';
import type { World } from '../world.ts';
import { accountsOf, audit, tipOf } from './audit.ts';
import { blocksOf, replay } from './replay.ts';

/** Tip movements between two audits of the whole database. A reorganisation always causes an audit. */
const AUDIT_EVERY = 9;
/** Callbacks that one page may have waiting at a time, without link messages. A leak of timers soon exceeds this limit. */
const MAX_SCHEDULED = 2_000;
/** Blocks that must come while the world heals: far fewer than the difficulty aims at. */
const MIN_GROWTH = 4;

const TIP_TIME = 'SELECT time FROM blocks ORDER BY height DESC LIMIT 1';
/** Registrations are limited only by number, so their bytes come on top of the mempool's limit. */
const MAX_FOREIGN_BYTES = MAX_MEMPOOL_BYTES + MAX_POOLED_REGISTRATIONS * MAX_TRANSACTION_BYTES;
/** Own transactions are never refused for size. */
const OWN_BYTES = "SELECT coalesce(sum(length(bytes)), 0) FROM own_transactions WHERE status = 'pending'";
/** Side blocks on the way to the best header are kept whatever their size. They form one branch, so at most one block at each height. */
const BRANCH_BYTES = 'SELECT coalesce(sum(most), 0) FROM (SELECT max(length(bytes)) AS most FROM side_blocks GROUP BY height)';
/** Two branches of equal work must meet within this many blocks. Several blocks can come within one latency until the difficulty adapts. */
const MAX_TIE_BLOCKS = 6;
/**
 * Longest time from the first honest tab that has a block to the last one, in a healed world. Covers a few round trips over the slowest
 * links, some retransmissions, and the two seconds that hostile tabs may cost.
 */
export const MAX_LATE_MS = 20_000;
/** More links than a page makes, with room for links being closed. */
const MAX_PEERS = 64;

/** Log events that the long run counts, and the counter of each. */
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
  'storage/recent-unusable': 'join:unusable',
  'join/proven': 'join:proven',
  'join/failed': 'join:failed',
  'join/finished': 'join:finished',
};

interface Promised {
  readonly tab: SimTab;
  readonly txid: string;
  /** The disk was ill when the promise was made or when the page was loaded, so a crash may lose the transaction. */
  readonly doubtful: boolean;
  readonly loads: number;
  /** Number of the transfer; null for a registration. */
  readonly nonce: number | null;
  /** Text of a sealed memo; null without one. */
  readonly secret: string | null;
}

/** Checks that the simulated tabs keep the program's promises. */
export class Checks {
  readonly #world: World;
  readonly #promises = new Map<string, Promised>();
  readonly #told = new Set<string>();
  /** Promised transactions that were pending, thus ready for any block, before the last round of mining. */
  readonly #waiting = new Set<Promised>();
  /** Transactions made in a healed world, minutes before mining ends; `counter` counts those that were confirmed. */
  readonly #soon: { readonly tab: SimTab; readonly txid: string; readonly counter: string }[] = [];
  /** The most work that any honest tab had, and since when. */
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
      // The disk could not be read, so the node goes on in memory. The persisted chain is expected at the next opening.
      this.#world.count('disk:unreadable');
      return this.#audit(tab);
    }
    if (work < tab.persistedWork && !tab.diskLied && !tab.mayFall) {
      this.#world.violate('persisted-lost', `${tab.name} reopened with work ${work}, but the disk had acknowledged ${tab.persistedWork}`);
    }
    tab.persistedWork = 0n;
    this.#audit(tab);
  }

  status(tab: SimTab, status: Status): void {
    const { mempool, persisted, peers } = status;
    // Where another tab has one of the two databases, this tab has told its person that the storage is not its own.
    const isOwn = !tab.disks().some(({ stolen }) => stolen);
    if (isOwn && !persisted.memoryOnly && !tab.openedWithout && persisted.tip === status.tip) tab.persistedWork = BigInt(status.work);
    if (status.chain.base > 0 && status.chain.choice === 'replay') {
      this.#world.violate(
        'replay-joined',
        `${tab.name} wants to verify all blocks first, but uses a recent chain from ${status.chain.base}`,
      );
    }
    if (persisted.error) this.#world.count(`persisted:${persisted.error}`);
    if (mempool.bytes > MAX_FOREIGN_BYTES && mempool.bytes > MAX_FOREIGN_BYTES + tab.page!.sql!.number(OWN_BYTES)!) {
      this.#world.violate('unbounded', `${tab.name}: the mempool has ${mempool.bytes} bytes`);
    }
    if (peers.length > MAX_PEERS) this.#world.violate('unbounded', `${tab.name}: ${peers.length} peers`);
    const scheduled = tab.page!.owner.scheduled;
    // Answers on their way count. A hostile tab may ask for more of them than its links carry.
    if (scheduled > MAX_SCHEDULED && !tab.hostile) this.#world.violate('unbounded', `${tab.name}: ${scheduled} callbacks wait`);
  }

  /** A person has changed how much of the chain the tab shall have. */
  chose(tab: SimTab): void {
    if (tab.choice === 'replay' && tab.page?.sql && hasBase(tab.page.sql)) tab.mayFall = true;
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
      case 'incoming':
      case 'received':
        return this.#world.count(`own:${event.type}`);
      case 'status':
      // Nobody meets by hand or makes an experiment in these worlds.
      case 'met':
      case 'experiment':
        return;
    }
  }

  #moved(tab: SimTab, id: string | null, always: boolean): void {
    const tip = tipOf(tab.page!.sql!);
    if (id !== null && tip.id !== id) this.#world.violate('event', `${tab.name} tells of block ${id}, but the database ends in ${tip.id}`);
    if (tip.work < tab.tipWork && !tab.mayFall) this.#world.violate('work-fell', `${tab.name}: from ${tab.tipWork} to ${tip.work}`);
    if (tip.work < tab.tipWork) tab.persistedWork = 0n;
    tab.tipWork = tip.work;
    tab.mayFall &&= hasBase(tab.page!.sql!);
    this.#named(tab);
    if (always || this.#movements++ % AUDIT_EVERY === 0) this.#audit(tab);
  }

  /** Counts registrations that a reorganisation has undone, and names that so went to another account. */
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
    if (sql.number('SELECT max(granted) FROM transactions')) this.#world.count('chain:granted');
    if (sql.number('SELECT max(supply) FROM blocks') === MAX_SUPPLY) this.#world.count('chain:supply-full');
    if (side > MAX_SIDE_BYTES && side > MAX_SIDE_BYTES + sql.number(BRANCH_BYTES)!)
      this.#world.violate('unbounded', `${tab.name}: ${side} bytes of side blocks`);
  }

  /** A recent chain begins with its base, so the work may fall for a moment where another recent chain was in use before. */
  #joined(tab: SimTab): void {
    const { work } = tipOf(tab.page!.sql!);
    if (work >= tab.tipWork) return;
    this.#world.count('join:again');
    tab.tipWork = work;
    tab.persistedWork = 0n;
  }

  /** The node has logged an event. */
  logged(tab: SimTab, level: LogLevel, event: LogEvent, details: Record<string, unknown>): void {
    const counter = TELLING[event];
    if (counter) this.#world.count(counter);
    if (event === 'join/proven' && this.#world.tabs.find(({ page }) => page?.peerId === details['peer'])?.deceives)
      this.#world.violate('false-proof', `${tab.name} believes the proof of ${String(details['peer'])}`);
    if (event === 'join/finished') this.#joined(tab);
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

  /** The node has accepted an own transaction and stored it on its disk. */
  promised(tab: SimTab, txid: string, secret: string | null = null): void {
    if (tab.hostile) return;
    const ill = tab.disks().some((disk) => disk.failure !== null || disk.unavailable || disk.stolen);
    const doubtful = tab.diskLied || tab.openedWithout || ill;
    this.#world.trace.note(tab.name, `was promised ${txid}${doubtful ? ', while its disk is not to be relied on' : ''}`);
    this.#promises.set(`${tab.index} ${txid}`, { tab, txid, doubtful, loads: tab.loads, nonce: nonceOf(tab, txid), secret });
    this.#world.count('own:promised');
  }

  /** Greatest height of an honest tab's chain. */
  height(): number {
    return Math.max(0, ...this.#world.honest().map(({ page }) => (page?.ready && page.sql ? tipOf(page.sql).height : 0)));
  }

  /**
   * Milliseconds until honest tabs may mine on their tips. All of them may have taken blocks while their clocks were ahead; then mining
   * waits until the time of those blocks.
   */
  clockWaitMs(): number {
    const { network, time } = this.#world;
    const tips = this.#world.honest().map(({ page }) => (page?.ready && page.sql?.number(TIP_TIME)) || 0);
    return Math.max(0, Math.max(...tips) - maxFutureMs(network) - time.now());
  }

  /** Fails the run if a healed network made too few blocks. */
  grown(before: number): void {
    const { time } = this.#world;
    const after = this.height();
    if (after < before + MIN_GROWTH) {
      this.#world.violate('halted', `from healing to ${time.now() - this.#world.startMs} ms the chain went from ${before} to ${after}`);
    }
  }

  /** Checks that no hostile tab delays blocks: all honest tabs soon have the work that one has. Call it regularly after recovery. */
  punctual(): void {
    const { time } = this.#world;
    const tabs = this.#world.honest().filter(({ page, running }) => page?.ready && running);
    const work = tabs.reduce((most, { tipWork }) => (tipWork > most ? tipWork : most), 0n);
    if (work > (this.#leads.at(-1)?.work ?? -1n)) this.#leads.push({ atMs: time.now(), work });
    while (this.#leads.length > 1 && this.#leads[1]!.atMs <= time.now() - MAX_LATE_MS) this.#leads.shift();
    const [old] = this.#leads;
    if (!old || old.atMs > time.now() - MAX_LATE_MS) return;
    for (const tab of tabs) {
      const { name, tipWork, page } = tab;
      if (tipWork >= old.work || this.#isCutOff(tab, tabs)) continue;
      const text = `${name} (${page!.transport.links.size} links) has work ${tipWork}, others had ${old.work} at ${old.atMs}`;
      this.#world.violate('late', text);
    }
  }

  /** Whether all tabs with more work lack blocks that this tab needs: the disks that had them were lost, or only hostile tabs have them. */
  #isCutOff(tab: SimTab, tabs: readonly SimTab[]): boolean {
    const { height } = tipOf(tab.page!.sql!);
    const better = tabs.filter(({ tipWork }) => tipWork > tab.tipWork);
    const isCutOff = better.length > 0 && better.every(({ page }) => (readBase(page!.sql!)?.headers.at(-1)!.header.height ?? 0) > height);
    if (isCutOff) this.#world.count('join:cut-off');
    return isCutOff;
  }

  /** An own transaction of an honest tab that {@link gotIn} will look for. */
  expectSoon(tab: SimTab, txid: string, counter: string): void {
    this.#soon.push({ tab, txid, counter });
  }

  /** Checks that late own transactions were confirmed although mempools were full, or that their owner was told why not. */
  async gotIn(): Promise<void> {
    for (const { tab, txid, counter } of this.#soon) {
      const info = await tab.page?.node.reads.transaction(txid).catch(() => null);
      if (!info || this.#told.has(`${tab.index} ${txid}`)) continue;
      if (info.status === 'confirmed') this.#world.count(counter);
      else this.#world.violate('kept-out', `${tab.name}: ${txid} (${counter}) is ${info.status} after all the time of healing`);
    }
  }

  /** Whether own transactions wait that the next block could contain. */
  async findWaiting(): Promise<boolean> {
    for (const promise of this.#promises.values()) {
      const info = await promise.tab.page?.node.reads.transaction(promise.txid).catch(() => null);
      if (info?.status === 'pending') this.#waiting.add(promise);
    }
    return this.#waiting.size > 0;
  }

  /** Checks the whole world after healing, with mining off. */
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

  /** All tabs share one tip, or have tips of equal work: each node keeps the branch that it saw first. */
  #agree(tabs: readonly SimTab[]): void {
    const tips = tabs.map((tab) => ({ tab, tip: tipOf(tab.page!.sql!) }));
    const best = tips.reduce((a, b) => (b.tip.work > a.tip.work ? b : a));
    for (const { tab, tip } of tips) {
      if (tip.work < best.tip.work) {
        if (this.#isCutOff(tab, tabs)) continue;
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
    const recent: SimTab[] = [];
    const byTip = new Map<string, string>();
    const accounts = new Map<string, string>();
    let wholeWork = -1n;
    for (const tab of tabs) {
      const sql = tab.page!.sql!;
      const { id, work } = tipOf(sql);
      if (hasBase(sql)) {
        recent.push(tab);
        continue;
      }
      accounts.set(id, accountsText(sql));
      if (work > wholeWork) wholeWork = work;
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
    for (const tab of recent) this.#light(tab, accounts, wholeWork);
  }

  /**
   * Only who wants no more than recent blocks has a recent chain at the end, and has the accounts that a replay gives.
   * @param wholeWork the most work of a whole chain; less than 0 without one
   */
  #light(tab: SimTab, accounts: ReadonlyMap<string, string>, wholeWork: bigint): void {
    const sql = tab.page!.sql!;
    // A world may have lost the old blocks, or only hostile tabs have them.
    if (tab.choice !== 'recent' && wholeWork >= tipOf(sql).work)
      this.#world.violate('not-whole', `${tab.name} wants the whole chain, but still uses a recent chain`);
    const expected = accounts.get(tipOf(sql).id);
    this.#world.count(expected === undefined ? 'join:light-alone' : 'join:light');
    const text = accountsText(sql);
    if (expected !== undefined && text !== expected)
      this.#world.violate('accounts', `${tab.name} has other accounts than a replay gives: ${firstDifference(text, expected)}`);
  }

  /** An accepted transaction is on the chain, or its owner was told why not, or it visibly waits for coins. */
  async #kept(promise: Promised): Promise<void> {
    const { tab, txid, doubtful, loads } = promise;
    const { page } = tab;
    if (!page?.ready) return;
    const info = await page.node.reads.transaction(txid).catch((error: unknown) => ({ status: errorCode(error) }));
    const status = info?.status ?? 'unknown';
    this.#world.count(`own:end:${status}`);
    if (status === 'confirmed' || status === 'dropped' || status === 'queued' || this.#told.has(`${tab.index} ${txid}`)) return;
    // The coins for the transaction came only in the last round.
    if (status === 'pending' && !this.#waiting.has(promise)) return;
    // Such a tab cannot know whether a block below its base contains the transaction, or a rival with the same number.
    if (status === 'unknown' && hasBase(page.sql!) && this.#isSettled(promise)) return this.#world.count('own:end:below-the-base');
    if (status === 'unknown' && (doubtful || tab.diskLied) && tab.loads > loads) return this.#world.count('own:lost-with-the-disk');
    this.#world.violate('promise-broken', `${tab.name}: ${txid} ends ${status}`);
  }

  /** Whether the tab's chain has passed the number of an own transaction. */
  #isSettled({ tab, nonce }: Promised): boolean {
    const row = tab.page!.sql!.row('SELECT nonce, name FROM accounts WHERE address = ?', [tab.account!.addressText]);
    return nonce === null ? (row?.[1] ?? null) !== null : ((row?.[0] ?? 0) as number) > nonce;
  }

  /** Only the recipient can read a sealed memo. */
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

/** The number of an own transfer; null for a registration. */
function nonceOf(tab: SimTab, txid: string): number | null {
  const bytes = tab.page?.sql?.row('SELECT bytes FROM own_transactions WHERE txid = ?', [txid])?.[0];
  const transaction = bytes ? decodeTransaction(bytes as Uint8Array).transaction : null;
  return transaction && 'nonce' in transaction ? transaction.nonce : null;
}

function namesOf(sql: Sql): Map<string, string> {
  return new Map(sql.all('SELECT name, address FROM accounts WHERE name IS NOT NULL') as [string, string][]);
}

function accountsText(sql: Sql): string {
  const rows = accountsOf(sql).map((account) => `${account.address} ${toHex(leafHash(stateRow(account)))}`);
  return rows.sort().join('\n');
}

function firstDifference(a: string, b: string): string {
  const left = a.split('\n');
  const right = b.split('\n');
  const index = left.findIndex((line, i) => line !== right[i]);
  return `${left[index]?.slice(0, 200)} | ${right[index]?.slice(0, 200)}`;
}
