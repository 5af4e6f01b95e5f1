import { addressFingerprint, addressText, parseAddress } from '../../crypto/address.ts';
import { publicKeyPem } from '../../crypto/rsa/private-key.ts';
import { formatCoins, parseCoins } from '../../protocol/amount.ts';
import type { DecodedBlock } from '../../protocol/block.ts';
import { parseParty } from '../../protocol/party.ts';
import { decodeTransaction, recipientOf, senderOf, type DecodedTransaction } from '../../protocol/transaction.ts';
import type { OwnTransaction } from '../../storage/port.ts';
import { ChainQueries, type AccountRow, type HistoryRow } from '../../storage/sql/queries.ts';
import { TabchainError } from '../../util/errors.ts';
import { tidyHandle } from '../../util/typed-text.ts';
import type {
  AccountActivity,
  AccountInfo,
  BlockInfo,
  BlockSummary,
  HistoryEntry,
  ForksOptions,
  ForkTree,
  HistoryOptions,
  MempoolInfo,
  NameStatus,
  PeopleOptions,
  PeoplePage,
  ReceiptCheck,
  ReceiptInfo,
  SearchHit,
  TabchainApi,
  TransactionInfo,
} from '../../api/api.ts';
import type { ReadMethod } from '../../api/service.ts';
import { argumentInvalid, cursorArgument, integerArgument, limitArgument, optionsArgument, textArgument } from '../../api/arguments.ts';
import { accountActivity } from './activity.ts';
import { headerDetails, locateBlock, summaryOfRow, summaryOfSideBlock, wholeBlock } from './block-info.ts';
import { pageArgument } from './explorer.ts';
import type { LedgerContents } from '../ledger.ts';
import { nameStatus, type AccountSession } from '../own-account.ts';
import { LabViews } from './lab.ts';
import { forkTree } from './forks.ts';
import type { SentMemoBook } from '../sent-memos.ts';
import { openedInfo, type MemoReader } from './opened-memo.ts';
import { peoplePage } from './people.ts';
import { searchChain } from './search.ts';
import { accountReceipt, blockReceipt, receiptCheck, transactionReceipt } from './receipts.ts';
import { confirmedInfo, droppedInfo, pooledInfo, type UnopenedTransaction } from './transaction-info.ts';
import { movementOf, rivalOf, signedCoins } from './transaction-kinds.ts';

const MAX_MEMPOOL_ITEMS = 100;
/** Cursor of the entries that wait for a block. They come before all confirmed entries. */
const PENDING_CURSOR = 'p';

/** The read methods, which may return their answer directly instead of a promise. */
type Answers = {
  [M in ReadMethod]: (...args: Parameters<TabchainApi[M]>) => ReturnType<TabchainApi[M]> | Awaited<ReturnType<TabchainApi[M]>>;
};

/** The answers of the API's read methods. The node makes an instance for each call; an instance keeps no state. */
export class Views extends LabViews implements Answers {
  readonly #ledger: LedgerContents;
  readonly #account: AccountSession | null;
  readonly #reader: MemoReader;
  readonly #queries: ChainQueries;

  constructor(ledger: LedgerContents, account: AccountSession | null, subtle: SubtleCrypto | null, sentMemos: SentMemoBook | null = null) {
    super(ledger, account, subtle);
    this.#ledger = ledger;
    this.#account = account;
    this.#reader = { account, subtle, networkId: ledger.network.id, sentMemos };
    this.#queries = new ChainQueries(ledger.store.sql);
  }

  nameStatus(name: string): NameStatus {
    return nameStatus(this.#ledger, name);
  }

  async transaction(txid: unknown): Promise<TransactionInfo | null> {
    const found = this.#transaction(txid);
    return found && this.#opened(found);
  }

  #transaction(txid: unknown): UnopenedTransaction | null {
    const id = tidyHandle(textArgument(txid, 'txid'));
    return this.#confirmed(id) ?? this.#waiting(id);
  }

  #confirmed(txid: string): UnopenedTransaction | null {
    const row = this.#queries.transaction(txid);
    return row && confirmedInfo(row, this.#ledger.chain.tip());
  }

  #waiting(txid: string): UnopenedTransaction | null {
    const { mempool } = this.#ledger;
    const entry = mempool.entry(txid);
    if (entry) return pooledInfo(entry, mempool.status(txid) ?? 'pending', this.#party);
    const own = mempool.ownTransactions().find(({ id }) => id === txid);
    return own ? this.#dropped(own) : null;
  }

  #dropped(own: OwnTransaction): UnopenedTransaction {
    return droppedInfo(own, this.#rivalOf(decodeTransaction(own.bytes)), this.#party);
  }

  /** Id of the confirmed or waiting transaction that took the place of a dropped transaction. */
  #rivalOf({ transaction, id }: DecodedTransaction): string | null {
    const rival = rivalOf(transaction, this.#queries, this.#ledger.mempool);
    return rival === undefined || rival === id ? null : rival;
  }

  readonly #party = (address: string) => this.#queries.party(address);

  readonly #opened = (unopened: UnopenedTransaction): Promise<TransactionInfo> => openedInfo(unopened, this.#reader);

  async history(given?: HistoryOptions): Promise<HistoryEntry[]> {
    const options = optionsArgument(given);
    const limit = limitArgument(options.limit);
    const search = options.search === undefined ? '' : textArgument(options.search, 'search').trim();
    const address = this.#addressOf(options.account);
    if (address === null) return [];
    const { before } = options;
    const pending = before === undefined ? await this.#pendingHistory(address, search) : [];
    const rows = this.#queries.history(address, {
      limit,
      ...(before === undefined || before === PENDING_CURSOR ? {} : { before: cursorArgument(before) }),
      ...(search === '' ? {} : { search }),
      ...(options.mined === true ? { mined: true } : {}),
    });
    const confirmed = await Promise.all(rows.map((row) => this.#historyEntry(row, address)));
    return [...pending, ...confirmed].slice(0, Math.max(limit, pending.length));
  }

  /** @throws TabchainError `no-account`, and the errors of {@link parseParty} */
  #addressOf(account: unknown): string | null {
    if (account === undefined) {
      if (!this.#account) throw new TabchainError('no-account', 'No account is open: register or log in first.');
      return this.#account.addressText;
    }
    const party = parseParty(textArgument(account, 'account'), this.#ledger.network.id);
    const address = party.kind === 'address' ? party.address : this.#ledger.store.addressOfName(party.name);
    return address === undefined ? null : addressText(address);
  }

  /** Null for an account that is not on this chain, and for a text that is neither name nor address. */
  #accountRow(text: string): AccountRow | null {
    try {
      const address = this.#addressOf(text);
      return address === null ? null : this.#queries.account(address);
    } catch {
      return null;
    }
  }

  async #pendingHistory(address: string, search: string): Promise<HistoryEntry[]> {
    const { mempool } = this.#ledger;
    const own = address === this.#account?.addressText;
    const party = parseAddress(address);
    const involved = mempool
      .entries()
      .filter(({ decoded: { transaction } }) => [senderOf(transaction), recipientOf(transaction)].includes(party));
    const pooled = involved.map((entry) => pooledInfo(entry, mempool.status(entry.decoded.id) ?? 'pending', this.#party));
    // The transfer that replaced another stands in its place.
    const dropped = mempool
      .ownTransactions()
      .filter(({ id, status, reason }) => own && status === 'dropped' && reason !== 'replaced' && !mempool.has(id));
    const all = [...pooled, ...dropped.map((each) => this.#dropped(each))];
    const mine = all.filter(({ info }) => info.from.address === address || info.to?.address === address);
    const opened = await Promise.all(mine.map((each) => this.#opened(each)));
    return opened
      .filter((info) => matches(info, search))
      .sort((a, b) => b.time - a.time)
      .map((info) => ({ ...info, ...movementOf(info, address), cursor: PENDING_CURSOR }));
  }

  async #historyEntry(row: HistoryRow, address: string): Promise<HistoryEntry> {
    const tip = this.#ledger.chain.tip();
    if (row.transaction) {
      const info = await this.#opened(confirmedInfo(row.transaction, tip));
      return { ...info, ...movementOf(info, address), cursor: String(row.key) };
    }
    return {
      ...minedEntry(summaryOfRow(row.block, tip.height)),
      confirmedWork: (tip.work - row.block.chainWork).toString(),
      cursor: String(row.key),
    };
  }

  async blocks(given?: { limit?: number; before?: number; miner?: string }): Promise<BlockSummary[]> {
    const options = optionsArgument(given);
    const { before, miner } = options;
    const tipHeight = this.#ledger.chain.tip().height;
    const address = miner === undefined ? null : this.#addressOf(miner);
    if (miner !== undefined && address === null) return [];
    const rows = this.#queries.blocks({
      limit: limitArgument(options.limit),
      ...(before === undefined ? {} : { before: integerArgument(before, 'before') }),
      ...(address === null ? {} : { miner: address }),
    });
    return rows.map((row) => summaryOfRow(row, tipHeight));
  }

  async block(idOrHeight: unknown, page?: { from?: number; limit?: number }): Promise<BlockInfo | null> {
    const { chain, network } = this.#ledger;
    const [from, limit] = pageArgument(page);
    const located = locateBlock(chain, idOrHeight);
    if (!located) return null;
    if (located.active) return this.#activeBlock(wholeBlock(chain, located.height), located.work, [from, limit]);
    const block = chain.block(located.id);
    const parent = block && chain.header(block.header.previous);
    if (!parent) return null;
    const items = block.transactions
      .slice(from, from + limit)
      .map((decoded) => pooledInfo({ decoded, own: false, firstSeenMs: block.header.timeMs, patient: false }, 'pending', this.#party));
    return {
      ...summaryOfSideBlock(block, parent.header, network, this.#party),
      ...headerDetails(block),
      next: null,
      cumulativeWork: located.work.toString(),
      items: await Promise.all(items.map((each) => this.#opened(each))),
    };
  }

  async #activeBlock(block: DecodedBlock, work: bigint, page: [from: number, limit: number]): Promise<BlockInfo> {
    const { chain } = this.#ledger;
    const { height } = block.header;
    const tip = chain.tip();
    const items = this.#queries.transactionsOf(height, ...page).map((row) => this.#opened(confirmedInfo(row, tip)));
    return {
      ...summaryOfRow(this.#queries.block(height)!, tip.height),
      ...headerDetails(block),
      next: chain.activeId(height + 1),
      cumulativeWork: work.toString(),
      items: await Promise.all(items),
    };
  }

  async account(nameOrAddress: unknown): Promise<AccountInfo | null> {
    const row = this.#accountRow(textArgument(nameOrAddress, 'account'));
    if (!row) return null;
    return {
      address: row.address,
      name: row.name,
      fingerprint: addressFingerprint(parseAddress(row.address)),
      balance: formatCoins(row.balance),
      nonce: row.nonce,
      registeredHeight: row.registeredHeight,
      publicKey: row.signingKey && publicKeyPem(row.signingKey),
      blocksMined: row.blocksMined,
      transactions: row.transactions,
    };
  }

  readonly activity = (account: unknown): AccountActivity | null =>
    accountActivity(this.#ledger, this.#accountRow(textArgument(account, 'account')));
  readonly people = (options?: PeopleOptions): PeoplePage => peoplePage(this.#ledger, options);
  readonly forks = (options?: ForksOptions): ForkTree => forkTree(this.#ledger, this.#account?.address ?? null, options);

  async mempool(): Promise<MempoolInfo> {
    const { mempool } = this.#ledger;
    const entries = mempool.entries().slice(0, MAX_MEMPOOL_ITEMS);
    const items = entries.map((entry) => this.#opened(pooledInfo(entry, mempool.status(entry.decoded.id) ?? 'pending', this.#party)));
    return { count: mempool.count, bytes: mempool.bytes, items: await Promise.all(items) };
  }

  /** Finds a height, the beginning of an id, an address or a name. */
  async search(text: unknown): Promise<SearchHit> {
    return searchChain(this.#ledger, textArgument(text, 'text'), (txid) => (this.#confirmed(txid) ?? this.#waiting(txid)) !== null);
  }

  async receipt(of: unknown): Promise<ReceiptInfo> {
    const request = optionsArgument(of ?? undefined) as Record<string, unknown>;
    const anchor = request['short'] === true ? 'own' : 'tip';
    if ('transaction' in request) {
      const found = this.#transaction(request['transaction']);
      if (found) return transactionReceipt(this.#ledger, found.info, anchor);
    } else if ('account' in request) {
      const row = this.#accountRow(textArgument(request['account'], 'account'));
      if (row) return accountReceipt(this.#ledger, row);
    } else if ('block' in request) {
      const located = locateBlock(this.#ledger.chain, request['block']);
      if (located?.active) return blockReceipt(this.#ledger, located.height, anchor);
    }
    throw argumentInvalid('of', 'a transaction, an account or a block of this chain');
  }

  checkReceipt(receipt: unknown, trusted?: unknown): ReceiptCheck {
    return receiptCheck(this.#ledger, this.#party, receipt, trusted);
  }
}

/** The history entry of a mined block. */
function minedEntry(block: BlockSummary): Omit<HistoryEntry, 'cursor'> {
  return {
    txid: block.id,
    kind: 'mined',
    status: 'confirmed',
    reason: null,
    overtakenBy: null,
    height: block.height,
    blockId: block.id,
    position: null,
    time: block.time,
    confirmations: block.confirmations,
    confirmedWork: '0',
    from: { address: '', name: null },
    to: block.miner,
    amount: block.reward,
    fee: '0',
    granted: '0',
    nonce: 0,
    memo: null,
    sealed: false,
    bytes: block.bytes,
    signature: '',
    name: null,
    change: signedCoins(parseCoins(block.reward)),
    direction: 'mined',
  };
}

function matches(info: TransactionInfo, search: string): boolean {
  const wanted = search.toLowerCase();
  const texts = [info.txid, info.memo, info.from.name, info.from.address, info.to?.name, info.to?.address];
  return wanted === '' || texts.some((text) => text?.toLowerCase().includes(wanted));
}
