/**
 * The API of a node. The interface, the console (`window.tabchain`) and the tests use this same API.
 *
 * Conventions: every method returns a promise of plain JSON (bytes only where named); amounts are decimal strings of
 * coins ("12.5"); times are Unix milliseconds; block ids, transaction ids and roots are lower-case hexadecimal;
 * addresses are bech32m text. A refused call rejects with a `TabchainError` whose `code` is stable. No method returns a secret.
 */

import type { HandReply, HandText, Neighbourhood, PeerStatus } from '../net/transport.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import type { EarlierChain, KeyFileRequest, LoginRequest, NameStatus, OwnAccount, StoredAccount } from './account.ts';
import type { ChainChoice, ChainStatus, SyncStatus } from './chain.ts';
import type { ExplorerCalls } from './explorer.ts';
import type { NodeEvent, RegisterProgress } from './events.ts';
import type { FileComparison, FileOptions, FileReport, TakenBlocks } from './file.ts';
import type { ForksOptions, ForkTree } from './forks.ts';
import type { LabCalls, SecretTeamInfo } from './lab.ts';
import type { MiningOptions, MiningStatus } from './mining.ts';
import type { NetworkInfo } from './network-info.ts';
import type { FeeLevel, FeeLevelsRequest, ReplacementPreview, ReplacementRequest } from './payments.ts';
import type { NetworkCalls } from './networks.ts';
import type { AccountActivity, PeopleOptions, PeoplePage } from './people.ts';
import type { ServerInfo } from './servers.ts';
import type { QueryParams, QueryResult, RelationInfo, SearchHit } from './query.ts';
import type { ReceiptCheck, ReceiptInfo, ReceiptRequest } from './receipts.ts';

export type { HandReply, HandText, LinkKind, Neighbourhood, PeerStatus as PeerInfo } from '../net/transport.ts';
export type * from './account.ts';
export type { ChainChoice, ChainStatus, SyncState, SyncStatus } from './chain.ts';
export type * from './events.ts';
export type * from './forks.ts';
export type * from './explorer.ts';
export type * from './network-info.ts';
export type * from './payments.ts';
export type * from './networks.ts';
export type * from './people.ts';
export type * from './query.ts';
export type * from './receipts.ts';
export type * from './servers.ts';
export type * from './file.ts';
export type * from './lab.ts';
export type * from './mining.ts';

/** Decimal string of coins, at most six fractional digits, no trailing zeros: "0", "12.5". */
export type Coins = string;

export interface PersistedStatus {
  /** Height up to which the disk has acknowledged all blocks; -1 if nothing is stored (a guest). */
  height: number;
  tip: string | null;
  bytes: number;
  /** Stable code of the disk's error; null without an error. */
  error: ErrorCode | null;
  /** True for a guest: the chain is in memory until an account is created or opened. */
  memoryOnly: boolean;
}

export interface Status {
  version: string;
  /** `older`, `newer`: tabs that lately greeted this node in such a version of the protocol. Each number is only a claim. */
  protocol: { version: number; older: number; newer: number };
  networkId: string;
  network: NetworkInfo;
  height: number;
  tip: string;
  tipTime: number;
  stateRoot: string;
  /** Cumulative work of the active chain in expected hashes, decimal string (may pass 2^53). */
  work: string;
  /** `difficulty`: expected hashes for the next block, decimal string; `networkHashrate`: estimated hash rate of the network. */
  difficulty: string;
  networkHashrate: number;
  peers: PeerStatus[];
  account: OwnAccount | null;
  /** Confirmed balance, null without an account. */
  balance: Coins | null;
  /** Balance less own pending payments and their fees. */
  spendable: Coins | null;
  /** Payments of others to this account that the next blocks could take. Nobody can spend them yet, and their senders may still cancel them. */
  incoming: Coins | null;
  mining: MiningStatus;
  sync: SyncStatus;
  chain: ChainStatus;
  persisted: PersistedStatus;
  mempool: { count: number; bytes: number };
  /** Grows by one with each change that a list on screen could show (block, reorganisation, mempool, account). */
  revision: number;
  /** Whether this page has a secure context. If not, `slow` lists the work that uses slow fallbacks: "keys", "signatures". */
  secure: boolean;
  slow: string[];
}

export interface TransferRequest {
  /** User name or address. */
  to: string;
  amount: Coins | number;
  fee?: Coins | number;
  memo?: string;
  /** Seal the memo to the recipient's encryption key. */
  sealed?: boolean;
}

export type MaximumRequest = Pick<TransferRequest, 'fee' | 'memo' | 'sealed'>;

export interface TransferPreview {
  to: { name: string | null; address: string; fingerprint: string; registered: boolean };
  amount: Coins;
  fee: Coins;
  total: Coins;
  balanceAfter: Coins;
  nonce: number;
  bytes: number;
  /** Blocks until a block takes the transfer, if no better-paying transfer arrives: 1 is the next block. */
  expectedBlocks: number;
  /** For a transfer with this memo: a fee that should enter the next block, and the lowest fee that this node accepts. */
  suggestedFee: Coins;
  minimumFee: Coins;
  /** Whether the memo can be sealed (the recipient has registered an encryption key). */
  canSeal: boolean;
}

export interface FeeHint {
  /** Lowest fee that this node accepts for a plain transfer, and the fee that should enter the next block. */
  minimum: Coins;
  suggested: Coins;
  /** The suggested fee per byte, in smallest units. */
  perByte: number;
}

export type TransactionStatus =
  | 'pending' // in the mempool
  | 'queued' // in the mempool behind a missing nonce
  | 'confirmed'
  | 'dropped'; // own transaction that is no longer valid: replaced, expired or refused; see `reason`

export interface PartyInfo {
  address: string;
  name: string | null;
}

export interface TransactionInfo {
  txid: string;
  kind: 'transfer' | 'registration';
  status: TransactionStatus;
  /** Error code explaining `dropped`. */
  reason: ErrorCode | null;
  /** For a dropped transaction, which paid nothing: the transaction that replaced it, if known (same sender and nonce, or same name). */
  overtakenBy: string | null;
  height: number | null;
  blockId: string | null;
  /** Position in the block. */
  position: number | null;
  /** Block time; for a pending transaction, the time first seen. */
  time: number;
  confirmations: number;
  /** Work of its block and the later blocks, in expected hashes, decimal string. */
  confirmedWork: string;
  from: PartyInfo;
  /** Null for a registration. */
  to: PartyInfo | null;
  amount: Coins;
  fee: Coins;
  /** Coins that a registration in the chain minted for its account. "0" for a transfer, and while no block has the registration. */
  granted: Coins;
  nonce: number;
  /** Plain text. For a sealed memo, the opened text if this account can read it (as recipient, or as sender from this browser's copy), otherwise null. */
  memo: string | null;
  sealed: boolean;
  bytes: number;
  /** Hexadecimal. */
  signature: string;
  /** For a registration: the name that it binds. */
  name: string | null;
}

/** A transaction of an account, or a block that the account mined. */
export interface HistoryEntry extends Omit<TransactionInfo, 'kind'> {
  /** For `mined`, `txid` is the id of the block, `to` its miner and `amount` its reward. */
  kind: TransactionInfo['kind'] | 'mined';
  /** Change of this account's balance: "-12.51", "+80", "+50" for a mined block or for a grant, "0" for a dropped transaction. */
  change: string;
  direction: 'in' | 'out' | 'self' | 'registration' | 'mined';
  /** Pass as `before` to continue with older entries. */
  cursor: string;
}

export interface HistoryOptions {
  limit?: number;
  before?: string;
  /** Only entries whose name, address, memo or txid contains this text. */
  search?: string;
  /** Account whose history to read; default: the open account. */
  account?: string;
  /** Include mined blocks as entries of kind `mined`. Default false. */
  mined?: boolean;
}

export interface BlockSummary {
  height: number;
  id: string;
  time: number;
  miner: PartyInfo;
  transactions: number;
  bytes: number;
  fees: Coins;
  /** Subsidy plus fees. */
  reward: Coins;
  work: string;
  confirmations: number;
  active: boolean;
}

export interface BlockInfo extends BlockSummary {
  previous: string;
  next: string | null;
  historyRoot: string;
  transactionRoot: string;
  stateRoot: string;
  bits: string;
  target: string;
  /** Coins in existence after this block. */
  supply: Coins;
  nonce: string;
  version: number;
  cumulativeWork: string;
  items: TransactionInfo[];
}

export interface AccountInfo {
  address: string;
  name: string | null;
  fingerprint: string;
  balance: Coins;
  nonce: number;
  registeredHeight: number | null;
  /** PEM of the signing key; null if unregistered. */
  publicKey: string | null;
  blocksMined: number;
  transactions: number;
}

export interface MempoolInfo {
  count: number;
  bytes: number;
  /** Transactions that the next block would take, by fee per byte, first 100. */
  items: TransactionInfo[];
}

/** The full API of a page. `window.tabchain` is this object. */
export interface TabchainApi extends NetworkCalls, ExplorerCalls, LabCalls {
  /** Resolves when the database is open and the rules run (peers may still be missing). */
  ready(): Promise<Status>;
  status(): Promise<Status>;
  /** Calls `listener` on every event until the returned function is called; status events at most four a second. */
  subscribe(listener: (event: NodeEvent) => void): () => void;

  /** Makes keys, stores them encrypted under the passphrase, announces the registration, and opens the account. */
  register(request: { name: string; passphrase: string }, progress?: RegisterProgress): Promise<OwnAccount & { txid: string }>;
  /** Whether a user name can be registered, as far as this node knows. @throws `name-invalid` */
  nameStatus(name: string): Promise<NameStatus>;
  /** Opens an account of this browser. With neither name nor address: the account that this tab has open. */
  login(request: LoginRequest): Promise<OwnAccount>;
  /**
   * Opens an account from a key file's PEM text and stores it in this browser. Refuses a file of another network
   * (`key-file-other-network`) and a file that takes long to open (`key-file-slow`), unless the request accepts it.
   */
  importKeyFile(request: KeyFileRequest): Promise<OwnAccount>;
  logout(): Promise<void>;
  /** The encrypted PEM of the open account, readable by `openssl pkey`. */
  keyFile(): Promise<string>;
  /** Records that the user has saved the key file, which ends the reminder. */
  keyFileSaved(): Promise<void>;
  /** Encrypts the open account's key under another passphrase. Key files saved before keep the former. @throws `passphrase-…` */
  changePassphrase(request: { passphrase: string; newPassphrase: string }): Promise<void>;
  /** Forgets the key until `login`: mining continues, paying and reading sealed memos need the passphrase again. */
  lock(): Promise<void>;
  /** Accounts stored in this browser for this network. */
  accounts(): Promise<StoredAccount[]>;
  /** Removes an account of this browser: its keys and its copies of the chain. Needs the passphrase. */
  forgetAccount(request: { address: string; passphrase: string }): Promise<void>;
  /** Chains that this browser keeps from earlier versions of the protocol, for accounts of this network. */
  earlierChains(): Promise<EarlierChain[]>;
  /** Such a chain as a SQLite file. */
  exportEarlierChain(chain: Pick<EarlierChain, 'networkId' | 'address'>): Promise<Blob>;
  deleteEarlierChain(chain: Pick<EarlierChain, 'networkId' | 'address'>): Promise<void>;

  mine(on: boolean, options?: MiningOptions): Promise<MiningStatus>;

  feeHint(): Promise<FeeHint>;
  /** Fees for a transfer with this memo, highest first, from the waiting transactions. @throws `memo-…` */
  feeLevels(request?: FeeLevelsRequest): Promise<FeeLevel[]>;
  previewTransfer(request: TransferRequest): Promise<TransferPreview>;
  /** Largest amount that can be sent with this fee; default: the suggested fee. */
  maximumAmount(request?: MaximumRequest): Promise<Coins>;
  transfer(request: TransferRequest): Promise<{ txid: string }>;
  /**
   * What {@link replaceTransfer} would do; sends nothing.
   * @throws `transfer-not-waiting`, `replacement-fee-too-low`, `fee-…`, `balance-insufficient`
   */
  previewReplacement(request: ReplacementRequest): Promise<ReplacementPreview>;
  /**
   * Replaces an own waiting transfer by the same transfer with a higher fee, pays somebody else instead, or cancels it. Other miners may still
   * take the former transfer, because only one of both can enter the chain.
   */
  replaceTransfer(request: ReplacementRequest): Promise<{ txid: string }>;

  /** Null if unknown. */
  transaction(txid: string): Promise<TransactionInfo | null>;
  /** Newest first: pending, then by height and position. */
  history(options?: HistoryOptions): Promise<HistoryEntry[]>;
  /** Newest first, active chain. */
  blocks(options?: { limit?: number; before?: number; miner?: string }): Promise<BlockSummary[]>;
  /** By height (active chain) or id (also on side branches); null if unknown. `items` are its transactions `from` on, by default all. */
  block(idOrHeight: string | number, page?: { from?: number; limit?: number }): Promise<BlockInfo | null>;
  /** By name or address; null if unknown to the chain. */
  account(nameOrAddress: string): Promise<AccountInfo | null>;
  /** The curve of an account's balance, and with whom it exchanged coins, from its newest entries; null if unknown to the chain. */
  activity(nameOrAddress: string): Promise<AccountActivity | null>;
  /** The accounts of the chain, page by page. @throws `argument-invalid` */
  people(options?: PeopleOptions): Promise<PeoplePage>;
  /** All branches that this node knows near the tip, and the last changes to another branch. */
  forks(options?: ForksOptions): Promise<ForkTree>;
  mempool(): Promise<MempoolInfo>;
  search(text: string): Promise<SearchHit>;

  /**
   * Makes a receipt: a small proof that this tab's chain contains something.
   * @throws `receipt-too-early` (no block has the transaction yet), `argument-invalid` (unknown to the chain)
   */
  receipt(of: ReceiptRequest): Promise<ReceiptInfo>;
  /**
   * Checks a receipt, as text or as the bytes of a file.
   * @param trusted id of a block that the caller trusts. A tab without the chain needs such a block.
   * @throws `receipt-unreadable`, `receipt-version`, `receipt-other-network`, `receipt-wrong`
   */
  checkReceipt(receipt: string | Uint8Array, trusted?: string): Promise<ReceiptCheck>;

  /** One read-only statement on a copy of the database; cannot change the node. */
  query(sql: string, params?: QueryParams): Promise<QueryResult>;
  /** The same on somebody else's SQLite file, in a worker of its own. @throws also `file-…` */
  queryFile(file: Blob, sql: string, params?: QueryParams): Promise<QueryResult>;
  /** The tables and views of the database, with the meaning of each column. */
  schema(): Promise<RelationInfo[]>;
  /** The whole database as a valid SQLite file at a block boundary, in memory. */
  exportDatabase(): Promise<Uint8Array>;
  /** The same as a Blob, copied piece by piece; for large databases. */
  exportFile(): Promise<Blob>;
  /** Checks an exported file from genesis, and changes nothing. A file that cannot be checked rejects with a code `file-…`. */
  checkFile(file: Blob, options?: FileOptions): Promise<FileReport>;
  /** Finds where the chain in an exported file leaves this tab's chain, without checking the file. */
  compareFile(file: Blob, options?: FileOptions): Promise<FileComparison>;
  /** Gives a file's blocks to the node, as if a peer had sent them. After `cancelled`, the blocks taken so far stay. */
  takeFile(file: Blob, options?: FileOptions): Promise<TakenBlocks>;

  /**
   * Chooses how much of the chain this browser keeps and verifies; the choice outlives the page.
   * @throws `argument-invalid`
   */
  chooseChain(choice: ChainChoice): Promise<ChainStatus>;

  /** Closes all links and opens no more until `connect()`. */
  disconnect(): Promise<void>;
  /** Opens the links of the network again. In a team, this publishes the secret branch, and all its other tabs return as well. */
  connect(): Promise<void>;
  /**
   * Leaves the network for a team of the lab: the tabs with the same team name link with each other alone, and mine a secret branch together.
   * @throws team-name-invalid, script-blocked
   */
  joinTeam(name: string): Promise<SecretTeamInfo>;
  /** The team to which this tab belongs; null outside a team. */
  team(): Promise<SecretTeamInfo | null>;

  /** The links of this tab, the links that its peers say they have, and the signaling servers. */
  neighbourhood(): Promise<Neighbourhood>;

  /** The servers that this tab uses, signaling servers first. */
  servers(): Promise<ServerInfo[]>;
  /**
   * Uses one more server for this network on this device: a signaling server, or a STUN or TURN server. The change takes effect at once.
   * @param address as in a link: `wss://…`, `stun:…`, `turn:user:password@…`
   * @throws `signal-invalid`, `ice-server-invalid`
   */
  addServer(address: string): Promise<ServerInfo[]>;
  /** Uses a server no longer; a server of the link stays. @throws `argument-invalid` */
  removeServer(address: string): Promise<ServerInfo[]>;

  /**
   * Makes an invitation for one other tab, without any server. Somebody brings it to the other tab, and brings that tab's reply back.
   * @throws `links-off`, `webrtc-unavailable`, `invitation-too-many`
   */
  invite(): Promise<HandText>;
  /** Takes another tab's invitation, as text or link, and makes the reply. @throws `invitation-…`, `links-off`, `webrtc-unavailable` */
  acceptInvitation(invitation: string): Promise<HandReply>;
  /** Takes the reply to an invitation of a tab of this browser, and resolves when the link is open. @throws `reply-unknown`, `invitation-…`, `links-off` */
  acceptReply(reply: string): Promise<{ peer: string }>;
}
