import type { ChainChange } from '../chain/chain.ts';
import type { MempoolEvent } from '../mempool/mempool.ts';
import { RuleError } from '../consensus/rule-error.ts';
import { addressText } from '../crypto/address.ts';
import { PeerNetwork } from '../net/peer-network.ts';
import { parseNetworkLink } from '../protocol/network.ts';
import { EXPERIMENTS_FEATURE } from '../protocol/wire-experiment.ts';
import type {
  ExperimentRequest,
  ExperimentResult,
  MiningOptions,
  NodeEvent,
  ReplacementRequest,
  Status,
  SyncStatus,
  TransferRequest,
} from '../api/api.ts';
import type { ChainChoice } from '../api/chain.ts';
import type { FileIntakeOutcome } from '../api/file-service.ts';
import {
  callRead,
  forwardReads,
  type DeviceState,
  type NodeService,
  type OpenRequest,
  type ReadMethod,
  type Reads,
  type SavedMark,
  type LinkMode,
} from '../api/service.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { accountCalls } from './account-calls.ts';
import { chainEvents, incomingEvent } from './chain-events.ts';
import { CurrentLedger, type Replacement } from './current-ledger.ts';
import { DatabaseExport } from './database-export.ts';
import type { Env } from './env.ts';
import { ExperimentDesk } from './experiments.ts';
import { takeBlocks, takeHeaders } from './file/file-intake.ts';
import { Joining, joinChecks } from './joining.ts';
import { keepHouse } from './housekeeping.ts';
import type { Ledger } from './ledger.ts';
import { Mailbox } from './mailbox.ts';
import { miningPool, MiningService } from './mining.ts';
import { SecretBranch } from './secret-branch.ts';
import { SentMemoBook } from './sent-memos.ts';
import { StatusReporter } from './status-reporter.ts';
import { VERSION } from './status.ts';
import { Submitter } from './submitter.ts';
import { Views } from './views/views.ts';

export interface TabNodeListener {
  event(event: NodeEvent): void;
  registerStep(step: 'stamp' | 'sign' | 'save', fraction: number | null): void;
  saved?(address: string, mark: SavedMark): void;
}

/**
 * A whole node, composed of rules, chain, mempool, network, miner and account. Every change runs in its mailbox. The worker, the tests and
 * the simulator run this class; only their `Env` differs.
 */
export class TabNode implements Omit<NodeService, ReadMethod> {
  readonly reads: Reads;
  readonly checkName: NodeService['checkName'];
  readonly bind: NodeService['bind'];
  readonly unlock: NodeService['unlock'];
  readonly lock: NodeService['lock'];
  readonly keyFileSaved: NodeService['keyFileSaved'];
  readonly unbind: NodeService['unbind'];
  readonly #env: Env;
  readonly #listener: TabNodeListener;
  readonly #mailbox: Mailbox;
  readonly #current: CurrentLedger;
  readonly #mining: MiningService;
  readonly #submitter: Submitter;
  readonly #status: StatusReporter;
  readonly #joining: Joining;
  readonly #experiments: ExperimentDesk;
  readonly #secret: SecretBranch;
  readonly #export = new DatabaseExport();
  /** Null until the first ledger is open. */
  #net: PeerNetwork | null = null;

  constructor(env: Env, listener: TabNodeListener) {
    this.#env = env;
    this.#listener = listener;
    this.#secret = new SecretBranch(env.clock);
    const mailbox = (this.#mailbox = new Mailbox(env.log));
    const problem = (code: ErrorCode, message: string): void => listener.event({ type: 'problem', code, message });
    const current = (this.#current = new CurrentLedger(
      env,
      {
        problem,
        moved: (change) => this.#moved(change),
        pooled: (event) => this.#pooled(event),
        stateChanged: () => this.#status.soon(),
        saved: (owner, mark) => listener.saved?.(addressText(owner), mark),
        enqueue: (task) => mailbox.post('storage', task),
      },
      (how, former) => this.#replaced(how, former),
      () => mailbox.post('node', () => this.#joining.behindMoved()),
    ));
    this.#joining = new Joining({ current, net: () => this.#net!, problem, changed: () => this.#status.soon() });
    const sentMemos = new SentMemoBook(env);
    this.reads = forwardReads((method, args) =>
      mailbox.ask(() => callRead(new Views(current.ledger, current.account, env.subtle, sentMemos), method, args)),
    );
    const pool = miningPool(env);
    this.#submitter = new Submitter({
      env,
      mailbox,
      current,
      pool,
      sentMemos,
      registerStep: (step, fraction) => listener.registerStep(step, fraction),
    });
    this.#mining = new MiningService({
      env,
      mailbox,
      pool,
      problem,
      chain: () => current.ledger.chain,
      mempool: () => current.ledger.mempool,
      minerAddress: () => current.account?.address ?? null,
      holdsUp: () => this.#net!.holdsUp(),
    });
    this.#status = new StatusReporter(
      env,
      { current, net: () => this.#net!.status(), mining: () => this.#mining.state(), chain: ({ join }) => this.#joining.status(join) },
      () => mailbox.post('node', () => listener.event({ type: 'status', status: this.#status.now() })),
    );
    this.#experiments = new ExperimentDesk({ env, mailbox, current, net: () => this.#net!, event: (event) => listener.event(event) });
    const calls = accountCalls({ mailbox, current, mining: this.#mining, status: this.#status });
    ({
      checkName: this.checkName,
      bind: this.bind,
      unlock: this.unlock,
      lock: this.lock,
      keyFileSaved: this.keyFileSaved,
      unbind: this.unbind,
    } = calls);
  }

  #start({ chain, mempool }: Ledger): PeerNetwork {
    const { clock, timers, random, log, transport } = this.#env;
    const secret = this.#secret;
    const net = new PeerNetwork({
      chain,
      mempool,
      transport,
      clock,
      timers,
      random,
      log,
      get agent() {
        return `tabchain/${VERSION} ${EXPERIMENTS_FEATURE}${secret.words}`;
      },
      enqueue: (task) => this.#mailbox.post('net', task, 'peers'),
      isRuleError: (error) => error instanceof RuleError,
      join: { host: this.#joining.host, checks: joinChecks(clock) },
      experiments: this.#experiments,
      attentive: () => this.#mining.attentive,
      onStatus: () => {
        this.#mining.syncChanged();
        this.#status.soon();
      },
    });
    net.start();
    keepHouse(
      this.#env,
      () => [this.#current.ledger, ...(this.#current.behind ? [this.#current.behind] : [])],
      () => this.#joining.tick(),
      (task) => this.#mailbox.post('node', task),
    );
    this.#status.start();
    return net;
  }

  // Reactions to changes

  /** The new ledger's mempool inherits the former ledger's entries, including other people's payments. */
  #replaced(how: Replacement, former: Ledger | null): void {
    const { ledger } = this.#current;
    const { chain, mempool, network } = ledger;
    const net = (this.#net ??= this.#start(ledger));
    if (how === 'opened') net.rebind(chain, mempool, this.#joining.followed);
    else if (how === 'whole') net.leaveRecent(chain, mempool);
    else {
      net.enterRecent(chain, mempool);
      if (!this.#joining.followed) net.dropBehind();
    }
    if (former?.network.id === network.id) mempool.inherit(former.mempool.entries());
    for (const { decoded, own } of mempool.entries()) if (own) net.announceTransaction(decoded.id, true);
    this.#mining.refreshNow();
    this.#status.changed();
  }

  #moved(change: ChainChange): void {
    const team = change.disconnected.length > 0 && this.#secret.isBack(this.#net?.status().peers ?? []);
    for (const event of chainEvents(change, this.#current.account, this.#current.ledger, team)) this.#listener.event(event);
    this.#net?.announceBlock(change.tip.id);
    this.#mining.refreshNow();
    this.#status.changed();
  }

  #pooled(event: MempoolEvent): void {
    const waits = event.type === 'added' && event.waits;
    if (event.type === 'dropped') {
      if (event.own) this.#listener.event({ type: 'dropped', txid: event.id, code: event.code });
    } else if (!waits || event.entry.own) {
      // A transfer that no block can take has cost its sender nothing, so other nodes need not relay it before it can be mined.
      this.#net?.announceTransaction(event.entry.decoded.id, event.entry.own);
    }
    if (!waits) this.#mining.refreshSoon();
    const incoming = incomingEvent(event, this.#current.account, this.#current.ledger);
    if (incoming) this.#listener.event(incoming);
    this.#status.changed();
  }

  // Facts that the page reports

  /** Takes the state of the signaling server. */
  setSignaling(state: SyncStatus['signaling']): void {
    this.#status.page.signaling = state;
    this.#status.soon();
  }

  /** Takes the battery's state, and whether the page is visible. */
  setDeviceState(deviceState: DeviceState): void {
    this.#mining.setDeviceState(deviceState);
    this.#status.soon();
  }

  /** Checks the links, because the page has gone on or its network may have changed. @param stale whether new blocks may be missing */
  doubtLinks(stale: boolean): void {
    this.#mailbox.post('net', async () => this.#net?.checkLinks(stale), 'peers');
  }

  // Calls of the page

  setLinks(mode: LinkMode): Promise<void> {
    return this.#mailbox.ask(() => {
      this.#secret.mode = this.#status.page.links = mode;
      this.#status.soon();
    });
  }

  status(): Promise<Status> {
    return this.#mailbox.ask(() => this.#status.now());
  }

  open({ fragment, binding, chainChoice, secure }: OpenRequest): Promise<Status> {
    return this.#mailbox.ask(async () => {
      this.#status.page.secure = secure;
      this.#joining.choice = chainChoice;
      await this.#current.open(parseNetworkLink(fragment), binding);
      // An earlier session may have left a recent chain.
      if (chainChoice === 'replay') await this.#joining.choose(chainChoice);
      return this.#status.now();
    });
  }

  announceRegistration(): Promise<{ txid: string }> {
    return this.#submitter.register();
  }

  async mine(on: boolean, options: MiningOptions = {}) {
    await this.#mining.choose(on === true, options ?? {});
    this.#status.soon();
    return (await this.status()).mining;
  }

  transfer(request: TransferRequest): Promise<{ txid: string }> {
    return this.#submitter.transfer(request);
  }

  experiment(request: ExperimentRequest): Promise<ExperimentResult> {
    return this.#experiments.run(request);
  }

  replaceTransfer(request: ReplacementRequest): Promise<{ txid: string }> {
    return this.#submitter.replace(request);
  }

  chooseChain(choice: ChainChoice): Promise<void> {
    return this.#mailbox.ask(async () => {
      await this.#joining.choose(choice);
      this.#status.changed();
    });
  }

  activeId(height: number): Promise<string | null> {
    return this.#mailbox.ask(() => this.#current.ledger.chain.activeId(height));
  }

  takeHeaders(headers: Uint8Array[]): Promise<FileIntakeOutcome> {
    return this.#mailbox.ask(() => takeHeaders(this.#current.ledger.chain, headers), 'peers');
  }

  takeBlocks(blocks: Uint8Array[]): Promise<FileIntakeOutcome> {
    return this.#mailbox.ask(() => takeBlocks(this.#current.ledger.chain, blocks), 'peers');
  }

  beginExport(): Promise<void> {
    return this.#mailbox.ask(() => this.#export.begin(this.#current.ledger.store.pages()));
  }

  async nextExportPart(): Promise<Uint8Array | null> {
    return this.#export.next();
  }
}
