import { databaseName } from '../../src/storage/database-name.ts';
import type { NodeEvent } from '../../src/api/api.ts';
import type { ChainChoice } from '../../src/api/chain.ts';
import type { BoundAccount } from '../../src/api/service.ts';
import { errorCode } from '../../src/util/errors.ts';
import type { LogEvent, LogLevel } from '../../src/util/log.ts';
import { SimDisk } from './engine/disk.ts';
import type { SimAccount } from './engine/keys.ts';
import { CRASH_NOTICED_MS } from './engine/links.ts';
import { SimPage } from './page.ts';
import type { World } from './world.ts';

/** Errors that tell a person what is wrong; none is a fault of the program. */
const EXPECTED_REFUSALS: ReadonlySet<string> = new Set([
  'balance-insufficient',
  'sender-not-registered',
  'not-registered',
  'recipient-unknown',
  'name-taken',
  'already-registered',
  'registration-pending',
  'mempool-full',
  'memo-cannot-seal',
  'no-account',
  'locked',
  'storage-unavailable',
  'storage-full',
  'storage-failed',
]);

/** One person's browser tab and machine, over several loads of the page. */
export class SimTab {
  readonly world: World;
  readonly index: number;
  readonly name: string;
  account: SimAccount | null;
  /** The wanted name; another is tried when the name turns out to be taken. */
  userName: string;
  /** Whether the tab breaks the rules; the checks apply only to honest tabs. */
  readonly hostile: boolean;
  readonly #disks = new Map<string, SimDisk>();
  /** Virtual hashes per second: now, and the machine's normal rate. */
  hashesPerSecond: number;
  readonly normalRate: number;
  /** How far this machine's wall clock is ahead. */
  skewMs = 0;
  loads = 0;
  page: SimPage | null = null;
  /** The page has been bound to its account, and from then on opens with it. */
  bound = false;
  /** A second browser of another tab's person. */
  twin = false;
  wantsMining = false;
  /** The value of `wantsMining` when {@link rest} ended mining. */
  wantedMining = false;
  registrationAsked = false;
  /** When the page is loaded for the first time, in milliseconds from the start; null for any time. */
  opensAtMs: number | null = null;
  /** How much of the chain this person wants. */
  choice: ChainChoice = 'whole';
  /** The disk has lost or may lose writes that it acknowledged. */
  diskLied = false;
  /** The page was loaded without its database, because its disk could not be read. */
  openedWithout = false;
  /** Owner of each name on the chain that this tab last had. */
  names: ReadonlyMap<string, string> = new Map();
  /** Cumulative work that the disk has acknowledged. */
  persistedWork = 0n;
  /** Cumulative work of the tip since the page was loaded. */
  tipWork = 0n;
  /** The tab has given up a recent chain, so its work may fall to that of the whole chain. */
  mayFall = false;

  constructor(world: World, index: number, account: SimAccount | null, userName: string, hashesPerSecond: number, hostile = false) {
    this.world = world;
    this.index = index;
    this.name = `${hostile ? 'evil' : 'tab'}${index}`;
    this.account = account;
    this.userName = userName;
    this.hashesPerSecond = hashesPerSecond;
    this.normalRate = hashesPerSecond;
    this.hostile = hostile;
  }

  /** Whether a tab that believes this tab's proof of work was deceived. */
  get deceives(): boolean {
    return false;
  }

  get running(): boolean {
    return this.page !== null && this.page.owner.deferred === null;
  }

  disk(name: string): SimDisk {
    let disk = this.#disks.get(name);
    if (!disk) this.#disks.set(name, (disk = new SimDisk()));
    return disk;
  }

  removeDisk(name: string): void {
    this.#disks.delete(name);
  }

  disks(): SimDisk[] {
    return [...this.#disks.values()];
  }

  #bound(): BoundAccount {
    return { name: this.userName, address: this.account!.addressText, keyFileSaved: true, keyKept: true };
  }

  /** Loads the page; a bound tab opens its account's database and logs in. */
  open(): void {
    if (this.page) return;
    const { world } = this;
    this.loads++;
    this.tipWork = 0n;
    this.openedWithout = false;
    const page = new SimPage(world, this, {
      event: (event) => this.#event(page, event),
      log: (level, event, details) => this.#log(level, event, details),
    });
    this.page = page;
    world.trace.note(this.name, `opens as ${page.peerId}${this.bound ? ' with its account' : ''}`);
    const binding = this.bound ? { account: this.#bound(), fencingToken: page.rng.hex(8) } : null;
    this.attempt('open', async () => {
      await page.node.open({ fragment: world.link, binding, chainChoice: this.choice, secure: true });
      world.checks.opened(this);
      page.ready = true;
      if (binding) await page.node.unlock(this.account!.keys);
      if (this.wantsMining) await this.#mine();
    });
  }

  /** Binds the account and registers its name, as a newcomer does. @param asked called with the transaction's id */
  register(asked: (txid: string) => void = () => undefined): void {
    const { page, account } = this;
    if (!page?.ready || !account || !this.running) return;
    this.attempt('register', async () => {
      try {
        await page.node.checkName(this.userName);
      } catch (error) {
        this.#anotherName();
        throw error;
      }
      await page.node.bind(this.#bound(), page.rng.hex(8), account.keys);
      this.bound = true;
      if (this.wantsMining) await this.#mine();
      this.registrationAsked = true;
      const { txid } = await page.node.announceRegistration();
      this.world.checks.promised(this, txid);
      asked(txid);
    });
  }

  /** Chooses another name, as a person does whose name is taken. */
  #anotherName(): void {
    this.userName = `${this.userName.slice(0, 12)}_${this.loads}`;
    this.registrationAsked = false;
  }

  pay(to: string, amount: string, memo: string, sealed: boolean, fee?: string): void {
    const { page } = this;
    if (!page?.ready || !this.bound || !this.running) return;
    this.attempt('pay', async () => {
      const { txid } = await page.node.transfer({ to, amount, memo, sealed, ...(fee === undefined ? {} : { fee }) });
      this.world.checks.promised(this, txid, sealed && memo !== '' ? memo : null);
    });
  }

  mine(on: boolean): void {
    this.wantsMining = on;
    if (this.page?.ready && this.running) this.attempt('mine', () => this.#mine());
  }

  /** Changes how much of the chain this person wants. */
  choose(choice: ChainChoice): void {
    this.world.trace.note(this.name, `wants ${choice}`);
    this.choice = choice;
    this.world.checks.chose(this);
    if (this.page?.ready && this.running) this.attempt('choose', async () => this.page?.node.chooseChain(choice));
  }

  /** Ends mining for now. */
  rest(): void {
    const wanted = this.wantsMining;
    this.mine(false);
    this.wantedMining = wanted;
  }

  async #mine(): Promise<void> {
    if (!this.bound && this.wantsMining) return;
    await this.page?.node.mine(this.wantsMining, { threads: 1 });
  }

  /** Logs out and goes on as a guest. Logging in again starts a new node worker, as the page does. */
  relogin(): void {
    const { page } = this;
    if (!page?.ready || !this.bound || !this.running) return;
    this.attempt('relogin', async () => {
      await page.node.unbind();
      this.world.later(this.world.rng.logarithmic(100, 20_000), () => {
        if (this.page !== page) return;
        this.kill(true);
        this.open();
      });
    });
  }

  /** Does `work` as a person would: expected refusals are fine, other errors are violations. */
  attempt(what: string, work: () => Promise<void>): void {
    const { page, world } = this;
    work().catch((error: unknown) => {
      if (page !== this.page) return;
      const code = errorCode(error);
      world.trace.note(this.name, `${what} refused: ${code}`);
      world.count(`refused:${code}`);
      if (!this.hostile && !EXPECTED_REFUSALS.has(code))
        world.violate('unexpected-failure', `${this.name}: ${what}: ${String(error)} ${stackOf(error)}`);
    });
  }

  /** Ends the tab: without warning, or (clean) after the page has closed its links. */
  kill(clean: boolean): void {
    const { page, world } = this;
    if (!page) return;
    world.trace.note(this.name, clean ? 'is closed' : 'crashes');
    for (const link of [...page.transport.links]) {
      if (clean) link.close('leaving');
      else link.vanish(CRASH_NOTICED_MS);
    }
    page.kill();
    this.page = null;
    for (const disk of this.disks()) {
      disk.stolen = false;
      if (disk.crash(world.rng, world.plan.lyingDisks) === 'clean') continue;
      this.diskLied = true;
      world.count('disk:torn');
    }
  }

  freeze(): void {
    if (!this.page || this.page.owner.deferred) return;
    this.world.trace.note(this.name, 'freezes');
    this.page.owner.deferred = [];
  }

  thaw(): void {
    if (!this.page?.owner.deferred) return;
    this.world.trace.note(this.name, 'thaws');
    this.world.time.thaw(this.page.owner);
    if (this.page.ready) this.mine(this.wantsMining);
  }

  databaseName(): string {
    return databaseName(this.world.network.id, this.account!.addressText);
  }

  #event(page: SimPage, event: NodeEvent): void {
    if (page !== this.page) return;
    if (event.type === 'status') return this.world.checks.status(this, event.status);
    const { type, ...rest } = event;
    this.world.trace.note(this.name, `${type} ${JSON.stringify(rest)}`);
    this.world.checks.event(this, event);
    if (event.type === 'dropped' && event.code === 'name-taken') this.#anotherName();
  }

  #log(level: LogLevel, event: LogEvent, details: Record<string, unknown> = {}): void {
    if (!this.page) return;
    if (level !== 'debug') this.world.trace.note(this.name, `${level} ${event} ${JSON.stringify(details)}`);
    this.world.checks.logged(this, level, event, details);
    if (event === 'join/proven' || event === 'join/finished') this.world.joining(this);
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 4).join(' ') : '';
}
