import type { ChainChange } from '../chain/chain.ts';
import type { MempoolEvent } from '../mempool/mempool.ts';
import { RuleError } from '../consensus/errors.ts';
import { addressText } from '../crypto/address.ts';
import type { MiningPool } from '../miner/pool.ts';
import { PeerNetwork } from '../net/peer-network.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import { parseNetworkLink } from '../protocol/network.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import type { FileSnapshot } from '../storage/disk/file-snapshot.ts';
import { TabchainError } from '../util/errors.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import type { MiningOptions, NodeEvent, OwnAccount, Status, SyncStatus, TransferRequest } from '../api/api.ts';
import { databaseName } from '../storage/database-name.ts';
import type { Env } from './env.ts';
import { adoptLedger, closeQuietly, openLedger, type Ledger, type LedgerListener } from './ledger.ts';
import { Mailbox } from './mailbox.ts';
import { miningPool, MiningService } from './mining.ts';
import { AccountSession, assertNameFree, openAccount } from './own-account.ts';
import { makeRegistration } from './registering.ts';
import { signTransfer } from './payments.ts';
import {
  callRead,
  forwardReads,
  type BoundAccount,
  type DeviceState,
  type NodeService,
  type OpenRequest,
  type ReadMethod,
  type Reads,
  type SavedMark,
} from '../api/service.ts';
import { ownerEvents } from './owner-events.ts';
import { StatusPusher } from './status-pusher.ts';
import { buildStatus, TipFacts, VERSION } from './status.ts';
import { Views } from './views/views.ts';

/** Blocks held for being ahead of this clock, and expired transactions, are looked at this often. */
const HOUSEKEEPING_MS = 1_000;

export interface TabNodeListener {
  event(event: NodeEvent): void;
  registerStep(step: 'stamp' | 'sign' | 'save', fraction: number | null): void;
  saved?(address: string, mark: SavedMark): void;
}

/**
 * A whole node: rules, chain, mempool, network, miner and account, composed. Every change runs in its one mailbox. The worker, the
 * tests and the simulator run this very class; only their `Env` differs.
 */
export class TabNode implements Omit<NodeService, ReadMethod> {
  readonly reads: Reads;
  readonly #env: Env;
  readonly #listener: TabNodeListener;
  readonly #mailbox: Mailbox;
  readonly #pool: MiningPool;
  readonly #mining: MiningService;
  readonly #ledgerListener: LedgerListener;
  readonly #tipFacts = new TipFacts();
  readonly #pusher: StatusPusher;
  #ledger: Ledger | null = null;
  #net: PeerNetwork | null = null;
  #account: AccountSession | null = null;
  #signaling: SyncStatus['signaling'] = 'connecting';
  #export: FileSnapshot | null = null;
  #offline = false;
  #secure = true;
  #revision = 0;

  constructor(env: Env, listener: TabNodeListener) {
    this.#env = env;
    this.#listener = listener;
    this.#mailbox = new Mailbox(env.log);
    this.reads = forwardReads((method, args) => this.#mailbox.ask(() => callRead(this.#views(), method, args)));
    this.#pool = miningPool(env);
    this.#pusher = new StatusPusher(env, () =>
      this.#mailbox.post('node', () => this.#listener.event({ type: 'status', status: this.#status() })),
    );
    this.#mining = new MiningService({
      env,
      mailbox: this.#mailbox,
      pool: this.#pool,
      chain: () => this.#open().chain,
      mempool: () => this.#open().mempool,
      minerAddress: () => this.#account?.address ?? null,
      behind: () => this.#net!.catchingUp(),
      problem: (code, message) => listener.event({ type: 'problem', code, message }),
      submit: (block) => this.#mined(block),
    });
    this.#ledgerListener = {
      moved: (change) => this.#moved(change),
      stateChanged: () => this.#statusSoon(),
      saved: (owner, mark) => listener.saved?.(addressText(owner), mark),
      problem: (code, message) => this.#listener.event({ type: 'problem', code, message }),
      pooled: (event) => this.#pooled(event),
      enqueue: (task) => this.#mailbox.post('storage', task),
    };
  }

  // Life

  open(request: OpenRequest): Promise<Status> {
    return this.#mailbox.ask(async () => {
      const network = parseNetworkLink(request.fragment);
      const { binding } = request;
      const account = binding && new AccountSession(binding.account);
      const place = binding && { name: databaseName(network.id, binding.account.address), ...binding, owner: account!.address };
      this.#secure = request.secure;
      const old = this.#ledger;
      const next = await openLedger(this.#env, network, place, this.#ledgerListener);
      if (old) await closeQuietly(this.#env, old);
      this.#account = account;
      this.#ledger = next;
      if (!this.#net) this.#start(next);
      this.#use(next, old);
      return this.#status();
    });
  }

  /** Puts a ledger under the network and the miner. What waited in the former one, other people's payments too, waits on in this one. */
  #use(ledger: Ledger, former: Ledger | null): void {
    this.#ledger = ledger;
    this.#net!.rebind(ledger.chain, ledger.mempool);
    if (former?.network.id === ledger.network.id) ledger.mempool.inherit(former.mempool.entries());
    for (const { decoded, own } of ledger.mempool.entries()) if (own) this.#net!.announceTransaction(decoded.id, true);
    this.#mining.refreshNow();
    this.#changed();
  }

  #start({ chain, mempool }: Ledger): void {
    const { clock, timers, random, log, transport } = this.#env;
    this.#net = new PeerNetwork({
      chain,
      mempool,
      transport,
      clock,
      timers,
      random,
      log,
      agent: `tabchain/${VERSION}`,
      enqueue: (task) => this.#mailbox.post('net', task, 'peers'),
      isRuleError: (error) => error instanceof RuleError,
      onStatus: () => this.#netChanged(),
    });
    this.#net.start();
    this.#housekeep();
    this.#pusher.start();
  }

  #open(): Ledger {
    if (!this.#ledger) throw new TabchainError('internal', 'The node is not open yet.');
    return this.#ledger;
  }

  #housekeep(): void {
    this.#env.timers.set(() => {
      this.#mailbox.post('node', async () => {
        const { chain, mempool } = this.#open();
        const dueMs = chain.heldUntilMs();
        if (dueMs !== null && dueMs <= this.#env.clock.now()) await chain.retryHeld(this.#env.clock.now());
        mempool.expire();
      });
      this.#housekeep();
    }, HOUSEKEEPING_MS);
  }

  // What happens

  #moved({ connected, disconnected, tip }: ChainChange): void {
    if (disconnected.length > 0) {
      this.#listener.event({
        type: 'reorganisation',
        from: tip.height - connected.length + disconnected.length,
        depth: disconnected.length,
        height: tip.height,
      });
    }
    const own = this.#account?.address;
    this.#listener.event({ type: 'block', height: tip.height, id: tip.id, own: connected.at(-1)?.header.miner === own });
    for (const block of connected) for (const event of ownerEvents(block, this.#account, this.#open())) this.#listener.event(event);
    this.#net?.announceBlock(tip.id);
    this.#mining.refreshNow();
    this.#changed();
  }

  #pooled(event: MempoolEvent): void {
    const waits = event.type === 'added' && event.waits;
    if (event.type !== 'dropped') {
      // What no block can take has cost its sender nothing: others are not made to carry it before it can be mined.
      if (!waits || event.entry.own) this.#net?.announceTransaction(event.entry.decoded.id, event.entry.own);
    } else if (event.own) this.#listener.event({ type: 'dropped', txid: event.id, code: event.code });
    if (!waits) this.#mining.refreshSoon();
    this.#changed();
  }

  async #mined(block: DecodedBlock): Promise<void> {
    const outcome = await this.#open().chain.acceptBlock(block);
    if (outcome !== 'connected') this.#env.log('info', 'mining/own-block-too-late', { id: block.id, outcome });
  }

  #netChanged(): void {
    // Catching up ends without a change of the tip where the better branch turns out invalid.
    if (this.#mining.state().waiting === 'syncing') this.#mining.refreshSoon();
    this.#statusSoon();
  }

  #changed(): void {
    this.#revision++;
    this.#statusSoon();
  }

  // Status

  #status(): Status {
    const ledger = this.#open();
    return buildStatus({
      ledger,
      tipFacts: this.#tipFacts,
      net: this.#net!.status(),
      mining: this.#mining.state(),
      account: this.#account,
      signaling: this.#signaling,
      offline: this.#offline,
      secure: this.#secure,
      revision: this.#revision,
    });
  }

  #statusSoon(): void {
    if (this.#ledger) this.#pusher.soon();
  }

  /** What the page knows better: the signaling server's state. */
  setSignaling(state: SyncStatus['signaling']): void {
    this.#signaling = state;
    this.#statusSoon();
  }

  /** What the page knows better: the battery, and whether anybody looks. */
  setDeviceState(deviceState: DeviceState): void {
    this.#mining.setDeviceState(deviceState);
    this.#statusSoon();
  }

  setOffline(offline: boolean): Promise<void> {
    return this.#mailbox.ask(() => {
      this.#offline = offline;
      this.#statusSoon();
    });
  }

  status(): Promise<Status> {
    return this.#mailbox.ask(() => this.#status());
  }

  // Account

  checkName(name: string): Promise<void> {
    return this.#mailbox.ask(() => assertNameFree(this.#open(), name));
  }

  bind(bound: BoundAccount, fencingToken: string, keys: AccountKeys): Promise<OwnAccount> {
    return this.#mailbox.ask(async () => {
      const account = new AccountSession(bound);
      account.unlock(keys);
      const ledger = this.#open();
      if (ledger.saver.state().memoryOnly || this.#account?.address !== account.address) {
        const place = { name: databaseName(ledger.network.id, bound.address), fencingToken, owner: account.address };
        this.#use(await adoptLedger(this.#env, ledger, place, this.#ledgerListener), ledger);
        await this.#open().saver.flush();
      }
      this.#account = account;
      this.#mining.refreshNow();
      this.#changed();
      return account.describe(this.#open());
    });
  }

  async announceRegistration(): Promise<{ txid: string }> {
    const account = this.#own();
    const keys = account.keys();
    const step = this.#listener.registerStep.bind(this.#listener);
    // The search touches nothing, so the mailbox stays free meanwhile.
    const decoded = await makeRegistration(this.#env, this.#open(), this.#pool, { name: account.name, keys }, step);
    this.#listener.registerStep('save', null);
    return this.#submitOwn(async () => {
      // Whoever has logged out meanwhile has no place to keep it in.
      if (this.#own().address !== account.address) throw new TabchainError('no-account', 'Another account is open now.');
      return decoded;
    });
  }

  /** Gives an own transaction to the mempool; resolves when the disk has it (or has refused: then it lives while the tab does). */
  async #submitOwn(make: () => Promise<DecodedTransaction>): Promise<{ txid: string }> {
    const { txid, saver } = await this.#mailbox.ask(async () => {
      const { mempool, saver } = this.#open();
      const decoded = await make();
      await mempool.accept(decoded, true);
      return { txid: decoded.id, saver };
    });
    await saver.flush();
    return { txid };
  }

  unlock(keys: AccountKeys): Promise<OwnAccount> {
    return this.#mailbox.ask(() => {
      const account = this.#own();
      account.unlock(keys);
      this.#changed();
      return account.describe(this.#open());
    });
  }

  keyFileSaved(): Promise<void> {
    return this.#mailbox.ask(() => {
      this.#own().keyFileSaved();
      this.#changed();
    });
  }

  unbind(): Promise<void> {
    return this.#mailbox.ask(async () => {
      this.#mining.set(false, {});
      this.#account = null;
      const ledger = this.#open();
      const image = ledger.store.pages();
      await closeQuietly(this.#env, ledger);
      this.#use(await openLedger(this.#env, ledger.network, null, this.#ledgerListener, image), ledger);
    });
  }

  #own(): AccountSession {
    return openAccount(this.#account);
  }

  // Miner

  async mine(on: boolean, options: MiningOptions = {}) {
    await this.#mining.choose(on === true, options ?? {});
    this.#statusSoon();
    return (await this.status()).mining;
  }

  // Payments

  transfer(request: TransferRequest): Promise<{ txid: string }> {
    return this.#submitOwn(() => signTransfer(this.#env, this.#open(), this.#own(), request));
  }

  // Views

  #views(): Views {
    return new Views(this.#open(), this.#account, this.#env.subtle);
  }

  beginExport(): Promise<void> {
    return this.#mailbox.ask(() => {
      this.#export?.close();
      this.#export = this.#open().store.pages().snapshot();
    });
  }

  async nextExportPart(): Promise<Uint8Array | null> {
    return this.#export?.next() ?? null;
  }
}
