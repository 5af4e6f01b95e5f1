import type { SqlJsStatic } from 'sql.js';
import { addressText } from '../../../src/crypto/address.ts';
import type { NodeEvent } from '../../../src/api/api.ts';
import type { Binding, BoundAccount, SavedMark } from '../../../src/api/service.ts';
import { createInProcessMiner } from '../../../src/miner/in-process.ts';
import { referenceKernel } from '../../../src/miner/kernel/reference.ts';
import { AccountSession } from '../../../src/node/own-account.ts';
import type { Env } from '../../../src/node/env.ts';
import { TabNode } from '../../../src/node/tab-node.ts';
import { formatNetworkLink } from '../../../src/protocol/network.ts';
import { databaseName } from '../../../src/storage/database-name.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { PageFile } from '../../../src/storage/disk/page-file.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import type { Timers } from '../../../src/util/ports.ts';
import type { AccountKeys } from '../../../src/wallet/account-keys.ts';
import { testKey } from '../../fuzz/support/inputs.ts';
import { fakeMachine, NETWORK, populatedStore } from '../../fuzz/support/node.ts';
import type { TestAccount } from '../../scenarios/support/builders.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

export const keysOf = ({ name }: TestAccount): AccountKeys => ({
  signing: testKey(name, 'signing'),
  encryption: testKey(name, 'encryption'),
});

export const boundTo = (account: TestAccount, saved = true): BoundAccount => ({
  name: account.name,
  address: addressText(account.address),
  keyFileSaved: saved,
  keyKept: true,
});

const files = new WeakMap<SqlJsStatic, Promise<Uint8Array>>();

/** The populated database, made once for all tests of a file. */
function populatedFile(sqlJs: SqlJsStatic): Promise<Uint8Array> {
  const file = files.get(sqlJs) ?? populatedStore(sqlJs).then((store) => store.export());
  files.set(sqlJs, file);
  return file;
}

/** The databases in memory that the tabs of one browser share. */
export class Browser {
  readonly #disks = new Map<string, MemoryRecords>();

  /** The database of an account. */
  disk(account: TestAccount): MemoryRecords {
    return this.named(databaseName(NETWORK.id, addressText(account.address)));
  }

  named(name: string): MemoryRecords {
    const records = this.#disks.get(name) ?? new MemoryRecords();
    this.#disks.set(name, records);
    return records;
  }

  remove(name: string): void {
    this.#disks.delete(name);
  }

  get databases(): number {
    return this.#disks.size;
  }

  /**
   * Stores the chain of {@link populatedStore} as the database of an account.
   * @param change made to the database afterwards
   */
  async populate(sqlJs: SqlJsStatic, account: TestAccount, change: (store: SqlChainStore) => void = () => undefined): Promise<void> {
    const store = SqlChainStore.open(sqlJs, NETWORK, await populatedFile(sqlJs));
    change(store);
    const { header, id } = store.header(store.height())!;
    const pages = PageFile.from(store.export());
    store.close();
    const disk = await PageDisk.open(new MemoryMedium(this.disk(account)), 'writer');
    await disk.save(() => ({ pages, height: header.height, tip: id }));
  }
}

/** Delay of each search step; a search takes three. Without it, a hundred blocks would be found at one moment. A template lasts 250 ms. */
const SEARCH_STEP_MS = 30;
export const slow = (time: Timers): Timers => ({
  set: (callback, delayMs) => time.set(callback, delayMs + SEARCH_STEP_MS),
  clear: (id) => time.clear(id),
});

/** A tab in a browser that holds the account's chain; no node is open yet. */
export async function tabOf(sqlJs: SqlJsStatic, account: TestAccount): Promise<TestTab> {
  const browser = new Browser();
  await browser.populate(sqlJs, account);
  return new TestTab(sqlJs, browser);
}

/** A tab whose time the test moves, without peers unless the test provides a transport. */
export class TestTab {
  readonly time: VirtualTime;
  readonly events: NodeEvent[] = [];
  readonly steps: [step: string, fraction: number | null][] = [];
  readonly saved: [address: string, mark: SavedMark][] = [];
  readonly logged: string[] = [];
  readonly node: TabNode;

  /**
   * @param given parts of its environment
   * @param time shared with other tabs; by default its own, an hour after genesis
   */
  constructor(sqlJs: SqlJsStatic, browser: Browser, given: Partial<Env> = {}, time = new VirtualTime(NETWORK.genesisTimeMs + 3_600_000)) {
    this.time = time;
    const env: Env = {
      ...fakeMachine(sqlJs, new MemoryRecords()),
      clock: time,
      timers: time,
      log: (_level, event) => this.logged.push(event),
      spawnMiner: () => createInProcessMiner({ kernel: referenceKernel, clock: time, timers: slow(time), maxSliceWords: 64 }),
      openDisk: (name, fencingToken) => PageDisk.open(new MemoryMedium(browser.named(name)), fencingToken),
      removeDisk: async (name) => browser.remove(name),
      ...given,
    };
    this.node = new TabNode(env, {
      event: (event) => this.events.push(event),
      registerStep: (step, fraction) => this.steps.push([step, fraction]),
      saved: (address, mark) => this.saved.push([address, mark]),
    });
  }

  /** @param account null for a guest */
  open(account: TestAccount | null, fencingToken = 'this tab', more: Partial<Binding> = {}): ReturnType<TabNode['open']> {
    const binding = account && { account: boundTo(account), fencingToken, ...more };
    return this.node.open({ fragment: formatNetworkLink(NETWORK), binding, chainChoice: 'whole', secure: true });
  }

  /** The result of `work`; time passes until it ends. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => void (isOver = true);
    work.then(over, over);
    while (!isOver) await this.time.advance(10);
    return work;
  }

  /** Mines `blocks` blocks. */
  async mine(blocks = 1): Promise<void> {
    const { height } = await this.node.status();
    await this.node.mine(true);
    while ((await this.node.status()).height < height + blocks) await this.time.advance(SEARCH_STEP_MS);
    await this.node.mine(false);
  }

  ofType<T extends NodeEvent['type']>(type: T): Extract<NodeEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<NodeEvent, { type: T }> => event.type === type);
  }

  problems(): string[] {
    return this.ofType('problem').map(({ code }) => code);
  }
}

/** The session of an account whose keys are open. */
export function unlocked(account: TestAccount): AccountSession {
  const session = new AccountSession(boundTo(account));
  session.unlock(keysOf(account));
  return session;
}
