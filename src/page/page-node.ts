import { formatNetworkLink, parseNetworkLink, type Network } from '../protocol/network.ts';
import { assertName } from '../wallet/name.ts';
import { assertPassphrase } from '../wallet/passphrase.ts';
import { TabchainError } from '../util/errors.ts';
import { Semaphore } from '../util/semaphore.ts';
import type {
  ChainChoice,
  ChainStatus,
  MiningOptions,
  NodeEvent,
  OwnAccount,
  RegisterProgress,
  Status,
  StoredAccount,
  TabchainApi,
} from '../api/api.ts';
import { callRead, forwardReads, type Binding, type BoundAccount, type NodeService, type ReadMethod } from '../api/service.ts';
import { argumentInvalid } from '../api/arguments.ts';
import { AccountBook, type Held } from './account-book.ts';
import { databaseCalls, type DatabaseMethod } from './database-calls.ts';
import { earlierChainCalls, type EarlierChainMethod } from './earlier-chains.ts';
import { iceServersInTime, type HostLinks } from './host-links.ts';
import { keyCalls, type KeyMethod } from './key-calls.ts';
import { linkCalls, type LinkMethod } from './link-calls.ts';
import { networkCalls, type NetworkMethod } from './network-calls.ts';
import { NodeThread } from './node-thread.ts';
import { miningScreenLock } from './mining-screen.ts';
import { askForPersistentStorage } from './storage-permission.ts';

/** The whole API of a page; see {@link TabchainApi}. Call once. @param hosted what the host of the page answers */
export function createPageNode(hosted: Promise<HostLinks>): TabchainApi {
  return PageNode.create(hosted);
}

/**
 * The page's side of its node: starts the worker, carries links, holds the vault and the account lock, and answers the API.
 * The worker handles the chain.
 */
class PageNode implements Omit<TabchainApi, ReadMethod | EarlierChainMethod | KeyMethod | LinkMethod | NetworkMethod | DatabaseMethod> {
  readonly #thread: NodeThread;
  readonly #service: NodeService;
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  readonly #opened: Promise<{ network: Network; book: AccountBook }>;
  /** Runs changes of account one at a time. */
  readonly #changes = new Semaphore(1);
  #held: Held | null = null;
  #registerProgress: RegisterProgress | null = null;
  readonly #screenLock = miningScreenLock();

  static create(hosted: Promise<HostLinks>): TabchainApi {
    const page = new PageNode(hosted);
    const reads = forwardReads(async (method, args) => callRead(await page.#node(), method, args));
    return Object.assign(
      page,
      reads,
      earlierChainCalls(async () => (await page.#opened).book.earlierChains),
      keyCalls({ service: page.#service, held: () => page.#held, exclusively: (work) => page.#exclusively(work) }),
      linkCalls(() => page.#opened.then(() => page.#thread)),
      networkCalls({
        opened: async () => ({ thread: page.#thread, network: (await page.#opened).network }),
        accountNames: async () => (await page.#opened).book.namesByNetwork(),
        subscribe: (listener) => page.subscribe(listener),
      }),
      databaseCalls(page.#service, () => page.#node()),
    );
  }

  private constructor(hosted: Promise<HostLinks>) {
    this.#thread = new NodeThread({
      event: (event) => this.#emit(event),
      registerStep: (step, fraction) => this.#registerProgress?.(step, fraction),
      saved: (address, mark) => void this.#opened.then(({ book }) => book.marks.set(address, mark)),
    });
    this.#service = this.#thread.service;
    this.#opened = this.#open(hosted);
    // ready() reports this failure; without a handler here, the browser would also report an unhandled rejection.
    this.#opened.catch(() => undefined);
  }

  async #open(hosted: Promise<HostLinks>): Promise<{ network: Network; book: AccountBook }> {
    const network = parseNetworkLink(location.hash);
    const book = new AccountBook(network, location.origin + location.pathname + formatNetworkLink(network));
    this.#held = await book.takeLast();
    await this.#thread.open(network, this.#held && binding(this.#held, book), iceServersInTime(hosted));
    const mining = book.session.getMining();
    if (this.#held && mining) void this.#mineAgain(mining);
    return { network, book };
  }

  /** Continues mining after a reload. Mining needs the account's address, but no key. */
  async #mineAgain(options: MiningOptions): Promise<void> {
    try {
      await this.#service.mine(true, options);
    } catch {
      // An option may no longer be possible, such as a graphics card. If this call fails too, the status shows that mining is off.
      await this.#service.mine(true).catch(() => undefined);
    }
  }

  /** The node, once it is open. */
  async #node(): Promise<NodeService> {
    await this.#opened;
    return this.#service;
  }

  #emit(event: NodeEvent): void {
    if (event.type === 'status') this.#screenLock?.want(event.status.mining.on);
    for (const listener of this.#listeners) calmly(() => listener(event));
  }

  /** Runs changes of account one at a time, after the node is open. */
  #exclusively<T>(work: (book: AccountBook) => Promise<T>): Promise<T> {
    return this.#changes.run(async () => work((await this.#opened).book));
  }

  async ready(): Promise<Status> {
    return (await this.#node()).status();
  }

  status(): Promise<Status> {
    return this.ready();
  }

  subscribe(listener: (event: NodeEvent) => void): () => void {
    assertFunction('listener', listener);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  register(request: { name: string; passphrase: string }, progress?: RegisterProgress): Promise<OwnAccount & { txid: string }> {
    return this.#exclusively(async (book) => {
      const { name, passphrase } = textFields(request, ['name', 'passphrase']);
      assertName(name);
      assertPassphrase(passphrase);
      if (progress != null) assertFunction('progress', progress);
      await this.#service.checkName(name);
      this.#registerProgress = progress ? (step, fraction) => calmly(() => progress(step, fraction)) : null;
      try {
        return await this.#register(book, name, passphrase);
      } finally {
        this.#registerProgress = null;
      }
    });
  }

  async #register(book: AccountBook, name: string, passphrase: string): Promise<OwnAccount & { txid: string }> {
    const status = await this.#service.status();
    // After losing a name in a race, register another name for the same keys (and their coins).
    const again = this.#held && status.account?.registration === 'none' && !status.account.locked ? this.#held : null;
    const made = await book.create(name, passphrase, again, (step, fraction) => this.#registerProgress?.(step, fraction));
    await this.#letGo(made.held);
    this.#held = made.held;
    await this.#service.bind(bound(made.held), made.held.fencingToken, made.keys);
    const { txid } = await this.#service.announceRegistration();
    const { account } = await this.#service.status();
    if (!account) throw new TabchainError('internal', 'The account did not open.');
    askForPersistentStorage();
    return { ...account, txid };
  }

  login(request: Parameters<TabchainApi['login']>[0]): Promise<OwnAccount> {
    return this.#exclusively(async (book) => {
      const { passphrase } = textFields(request, ['passphrase']);
      assertSignal(request.signal);
      const entry = await book.find(request, this.#held);
      const keys = await book.unlock(entry, passphrase, request.signal);
      return this.#enter(book, entry.address, keys);
    });
  }

  importKeyFile(request: Parameters<TabchainApi['importKeyFile']>[0]): Promise<OwnAccount> {
    return this.#exclusively(async (book) => {
      textFields(request, ['pem', 'passphrase']);
      assertSignal(request.signal);
      const nameOf = async (address: string): Promise<string | null> => (await this.#service.account(address))?.name ?? null;
      const { entry, keys } = await book.import(request, nameOf);
      return this.#enter(book, entry.address, keys);
    });
  }

  /** Opens an account whose keys are decrypted: unlocks the open database, or switches to the account's database. */
  async #enter(book: AccountBook, address: string, keys: Parameters<NodeService['unlock']>[0]): Promise<OwnAccount> {
    if (this.#held?.entry.address !== address) {
      const held = await book.take(address);
      await this.#letGo(held);
      this.#held = held;
      await this.#thread.replace(binding(held, book));
    }
    await book.opened(address);
    askForPersistentStorage();
    return this.#service.unlock(keys);
  }

  /** Releases the account held now, unless `next` is the same account. */
  async #letGo(next: Held | null): Promise<void> {
    const held = this.#held;
    if (!held || held === next) return;
    (await this.#opened).book.session.setMining(null);
    await this.#service.unbind();
    held.release();
    this.#held = null;
  }

  logout(): Promise<void> {
    return this.#exclusively(async (book) => {
      await this.#letGo(null);
      book.session.set(null);
    });
  }

  async accounts(): Promise<StoredAccount[]> {
    return (await this.#opened).book.list();
  }

  forgetAccount(request: { address: string; passphrase: string }): Promise<void> {
    return this.#exclusively(async (book) => {
      const { address, passphrase } = textFields(request, ['address', 'passphrase']);
      const entry = await book.find({ address }, null);
      await book.unlock(entry, passphrase);
      if (this.#held?.entry.address === address) await this.#letGo(null);
      await book.forget(address);
    });
  }

  async mine(on: boolean, options: MiningOptions = {}) {
    const { book } = await this.#opened;
    const mining = await this.#service.mine(on, options);
    const { threads, throttle } = mining;
    book.session.setMining(mining.on ? { ...book.session.getMining(), ...options, threads, throttle } : null);
    return mining;
  }

  async transfer(request: Parameters<TabchainApi['transfer']>[0]) {
    return (await this.#node()).transfer(request);
  }

  async replaceTransfer(request: Parameters<TabchainApi['replaceTransfer']>[0]) {
    return (await this.#node()).replaceTransfer(request);
  }

  async experiment(request: Parameters<TabchainApi['experiment']>[0]) {
    return (await this.#node()).experiment(request);
  }

  async chooseChain(choice: ChainChoice): Promise<ChainStatus> {
    await this.#opened;
    await this.#thread.chooseChain(choice);
    return (await this.status()).chain;
  }
}

function bound(held: Held): BoundAccount {
  const { name, address, keyFileSaved } = held.entry;
  return { name, address, keyFileSaved, keyKept: held.kept };
}

function binding(held: Held, { marks }: AccountBook): Binding {
  return { account: bound(held), fencingToken: held.fencingToken, lastSaved: marks.get(held.entry.address) };
}

/** Checks that the named fields are texts of at most 100,000 characters, because console arguments may be anything. */
function textFields<K extends string>(request: Partial<Record<K, unknown>>, fields: readonly K[]): Record<K, string> {
  const result = {} as Record<K, string>;
  for (const field of fields) {
    const value = (request as Partial<Record<K, unknown>> | undefined)?.[field];
    if (typeof value !== 'string' || value.length > 100_000) {
      throw argumentInvalid(field, 'a text');
    }
    result[field] = value;
  }
  return result;
}

function assertFunction(field: string, value: unknown): void {
  if (typeof value !== 'function') throw argumentInvalid(field, 'a function');
}

function assertSignal(value: unknown): void {
  if (value !== undefined && !(value instanceof AbortSignal)) throw argumentInvalid('signal', 'an AbortSignal');
}

/** Reports a failure of the caller's function in the console. The failure stops neither the node nor other listeners. */
function calmly(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    reportError(error);
  }
}
