/**
 * The one API of a node: what the interface, the console (`window.tabchain`) and the tests call.
 *
 * Conventions: every method returns a promise of plain JSON (bytes only where named); amounts are decimal strings of
 * coins ("12.5"); times are Unix milliseconds; block ids, transaction ids and roots are lower-case hexadecimal;
 * addresses are bech32m text. A refused call rejects with a `TabchainError` whose `code` is stable. No method returns a secret.
 */

import type { KeyFileRequest, LoginRequest, NameStatus, OwnAccount, StoredAccount } from './account.ts';

export type * from './account.ts';

/** Decimal string of coins, at most six fractional digits, no trailing zeros: "0", "12.5". */
export type Coins = string;

export type LinkKind = 'direct' | 'relayed' | 'local';

export interface PeerInfo {
  /** Identity of the remote tab for this page load (random, 16 hex digits). */
  id: string;
  kind: LinkKind;
  state: 'connecting' | 'ready';
  /** The remote tip's height as last announced; 0 before the handshake. */
  height: number;
  latencyMs: number | null;
  connectedAt: number;
  /** Bytes of node messages. */
  received: number;
  sent: number;
  agent: string;
}

/**
 * `unavailable`: this browser lends none out (WebGPU needs https or localhost); `starting`: compiling, and checking itself against the
 * processor; `failed`: it ended by itself, as a `problem` event has told (`gpu-lost`, `gpu-wrong`, `gpu-silent`), mining goes on without
 * it, and it is tried again when asked for again.
 */
export type GpuStatus = 'unavailable' | 'off' | 'starting' | 'on' | 'failed';

/** What is not given stays as it was last; at first half of the cores, 100 %, no GPU. */
export interface MiningOptions {
  threads?: number;
  /** 1–100, percent of the time each thread, and the GPU, works. */
  throttle?: number;
  /** Search on the GPU beside the threads. Refused with `gpu-unavailable` where there is none. */
  gpu?: boolean;
  /** Work at 20 % at most while the device runs on its battery (where the browser tells). Default true. */
  easeOnBattery?: boolean;
  /** The same while the tab is not in sight. Default false: a tab in the background is a miner like any other. */
  easeWhenHidden?: boolean;
}

export interface MiningStatus {
  on: boolean;
  /** Hashes a second over the last seconds, measured from work done; 0 when off. */
  hashrate: number;
  /** Blocks of the active chain mined by this account's address. */
  blocks: number;
  threads: number;
  /** 1–100, percent of the time each thread works. */
  throttle: number;
  /** Expected seconds until this tab finds a block at the present rate; null when off. */
  expectedSeconds: number | null;
  /** Which search is in use, e.g. "wasm-scalar", or "wasm-scalar + webgpu (nvidia ampere)". */
  kernel: string;
  gpu: GpuStatus;
  /** Why the throttle is 20 % at most just now, if so. */
  eased: 'battery' | 'hidden' | null;
  /** Why mining is on but idle, if so: "syncing", "no-account", "not-open", "clock". */
  waiting: string | null;
}

export type SyncState =
  | 'starting' // opening the database
  | 'offline' // links cut by the person
  | 'searching' // no peers yet, or none that has said where the chain stands
  | 'syncing' // headers or blocks missing
  | 'synced';

export interface SyncStatus {
  state: SyncState;
  /** Height of the best header that this node has verified, and height verified and connected so far. */
  target: number;
  height: number;
  /** Signaling server: connection state as the person should read it. */
  signaling: 'connected' | 'connecting' | 'unreachable' | 'off';
  /** Milliseconds this clock seems ahead of the peers' (median), null when unknown. Never used by the rules. */
  clockSkewMs: number | null;
}

export interface PersistedStatus {
  /** Height up to which the disk has acknowledged everything; -1 when nothing is stored (a guest). */
  height: number;
  tip: string | null;
  bytes: number;
  /** Stable code of what is wrong with the disk, null when all is well. */
  error: string | null;
  /** True for a guest: the chain is in memory until an account is made or opened. */
  memoryOnly: boolean;
}

export interface NetworkInfo {
  label: string;
  /** Fragment that joins this network, e.g. "#net=demo". */
  link: string;
  blockTimeMs: number;
  subsidy: Coins;
  halvingInterval: number;
  maxBlockBytes: number;
}

export interface Status {
  version: string;
  networkId: string;
  network: NetworkInfo;
  height: number;
  tip: string;
  tipTime: number;
  stateRoot: string;
  /** Cumulative work of the active chain in expected hashes, decimal string (may pass 2^53). */
  work: string;
  /** Expected hashes for the next block, decimal string, and estimated hash rate of the network. */
  difficulty: string;
  networkHashrate: number;
  peers: PeerInfo[];
  account: OwnAccount | null;
  /** Confirmed balance, null without an account. */
  balance: Coins | null;
  /** Balance less own pending payments and their fees. */
  spendable: Coins | null;
  mining: MiningStatus;
  sync: SyncStatus;
  persisted: PersistedStatus;
  mempool: { count: number; bytes: number };
  /** Grows by one with each change a list on screen could show (block, reorganisation, mempool, account). */
  revision: number;
  /** Whether this page has a secure context; when not, `slow` lists what runs on fall-backs: "keys", "signatures". */
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
  /** Of a transfer with this memo: the fee that should enter the next block, and the lowest that this node accepts. */
  suggestedFee: Coins;
  minimumFee: Coins;
  /** Whether the memo can be sealed (the recipient has registered an encryption key). */
  canSeal: boolean;
}

export interface FeeHint {
  /** Lowest fee this node accepts for a plain transfer, and the one that should enter the next block. */
  minimum: Coins;
  suggested: Coins;
  /** Per byte, in smallest units, of the suggestion. */
  perByte: number;
}

export type TransactionStatus =
  | 'pending' // in the mempool
  | 'queued' // in the mempool behind a missing nonce
  | 'confirmed'
  | 'dropped'; // own, and no longer valid: replaced, expired or refused; see `reason`

export interface PartyInfo {
  address: string;
  name: string | null;
}

export interface TransactionInfo {
  txid: string;
  kind: 'transfer' | 'registration';
  status: TransactionStatus;
  /** Error code explaining `dropped`. */
  reason: string | null;
  /** Of a dropped one, which has paid nothing: what took its place (the sender's transfer with its number, the registration of its name), where that is known. */
  overtakenBy: string | null;
  height: number | null;
  blockId: string | null;
  /** Position in the block. */
  position: number | null;
  /** Block time, or first seen for a pending one. */
  time: number;
  confirmations: number;
  /** Work piled on it, expected hashes, decimal string. */
  confirmedWork: string;
  from: PartyInfo;
  /** Null for a registration. */
  to: PartyInfo | null;
  amount: Coins;
  fee: Coins;
  nonce: number;
  /** Plain text; for a sealed memo the opened text where this account can read it, else null. */
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
  /** How it moves this account's balance: "-12.51", "+80", "+50" for a mined block, "0" for one that was dropped. */
  change: string;
  direction: 'in' | 'out' | 'self' | 'registration' | 'mined';
  /** Pass as `before` to continue with older entries. */
  cursor: string;
}

export interface HistoryOptions {
  limit?: number;
  before?: string;
  /** Only entries whose name, address, memo or txid contains this. */
  search?: string;
  /** Whose history; default the own account. */
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
  transactionRoot: string;
  stateRoot: string;
  bits: string;
  target: string;
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
  /** PEM of the signing key, null when unregistered. */
  publicKey: string | null;
  blocksMined: number;
  transactions: number;
}

export interface MempoolInfo {
  count: number;
  bytes: number;
  /** What the next block would take, by fee per byte, first 100. */
  items: TransactionInfo[];
}

/** What the one search box found: open this. */
export type SearchHit =
  | { kind: 'block'; id: string; height: number }
  | { kind: 'transaction'; txid: string }
  | { kind: 'account'; address: string; name: string | null }
  | { kind: 'none' };

export interface QueryResult {
  columns: string[];
  /** Row-major; blobs as lower-case hexadecimal, integers beyond 2^53 as decimal strings. */
  rows: (string | number | null)[][];
  ms: number;
  /** Whether more rows would have come: an answer has at most 10,000 rows and 8 Mi characters. */
  truncated: boolean;
  /** Values of more than 1 MiB, of which only the first 1,000 characters are in `rows`: where, and their length in bytes. */
  cut: { row: number; column: number; bytes: number }[];
}

export type NodeEvent =
  | { type: 'status'; status: Status }
  | { type: 'block'; height: number; id: string; own: boolean }
  | { type: 'reorganisation'; from: number; depth: number; height: number }
  | { type: 'received'; txid: string; from: PartyInfo; amount: Coins }
  | { type: 'confirmed'; txid: string; height: number }
  | { type: 'dropped'; txid: string; code: string }
  | { type: 'problem'; code: string; message: string };

/** Progress of the long calls, for the person: "keys", "stamp", "sign", "save". */
export type RegisterProgress = (step: 'keys' | 'encrypt' | 'stamp' | 'sign' | 'save', fraction: number | null) => void;

/** The full API of a page. `window.tabchain` is this object. */
export interface TabchainApi {
  /** Resolves when the database is open and the rules run (peers may still be missing). */
  ready(): Promise<Status>;
  status(): Promise<Status>;
  /** Calls back on every event until the returned function is called; status events at most four a second. */
  subscribe(listener: (event: NodeEvent) => void): () => void;

  /** Makes keys, keeps them encrypted under the passphrase, announces the registration, and opens the account. */
  register(request: { name: string; passphrase: string }, progress?: RegisterProgress): Promise<OwnAccount & { txid: string }>;
  /** Whether a user name can be registered, as far as this node knows. @throws `name-invalid` */
  nameStatus(name: string): Promise<NameStatus>;
  /** Opens an account of this browser. With neither name nor address: the account this tab last had open. */
  login(request: LoginRequest): Promise<OwnAccount>;
  /**
   * Opens an account from a key file's PEM text and keeps it in this browser. Refuses a file of another network (`key-file-other-network`)
   * and one that takes long to open (`key-file-slow`) unless told to take it.
   */
  importKeyFile(request: KeyFileRequest): Promise<OwnAccount>;
  logout(): Promise<void>;
  /** The encrypted PEM of the account that is open, as `openssl pkey` reads it. */
  keyFile(): Promise<string>;
  /** Remembers that the person has saved the key file (ends the nag). */
  keyFileSaved(): Promise<void>;
  /** Accounts kept in this browser for this network. */
  accounts(): Promise<StoredAccount[]>;
  /** Removes an account of this browser: its keys and its copy of the chain. Needs the passphrase. */
  forgetAccount(request: { address: string; passphrase: string }): Promise<void>;

  mine(on: boolean, options?: MiningOptions): Promise<MiningStatus>;

  feeHint(): Promise<FeeHint>;
  previewTransfer(request: TransferRequest): Promise<TransferPreview>;
  /** Largest amount that can be sent with this fee, the suggested one by default. */
  maximumAmount(request?: MaximumRequest): Promise<Coins>;
  transfer(request: TransferRequest): Promise<{ txid: string }>;

  /** Null when unknown. */
  transaction(txid: string): Promise<TransactionInfo | null>;
  /** Newest first: pending, then by height and position. */
  history(options?: HistoryOptions): Promise<HistoryEntry[]>;
  /** Newest first, active chain. */
  blocks(options?: { limit?: number; before?: number; miner?: string }): Promise<BlockSummary[]>;
  /** By height (active chain) or id (side branches too); null when unknown. */
  block(idOrHeight: string | number): Promise<BlockInfo | null>;
  /** By name or address; null when unknown to the chain. */
  account(nameOrAddress: string): Promise<AccountInfo | null>;
  mempool(): Promise<MempoolInfo>;
  search(text: string): Promise<SearchHit>;

  /** One read-only statement on a copy of the database; cannot change the node. */
  query(sql: string, params?: readonly (string | number | null)[] | Record<string, string | number | null>): Promise<QueryResult>;
  /** The whole database as a valid SQLite file at a block boundary, in memory. */
  exportDatabase(): Promise<Uint8Array>;
  /** The same as a file of the browser's, made piece by piece: for large databases. */
  exportFile(): Promise<Blob>;

  /** Cuts all links and stays off until `connect()`. */
  disconnect(): Promise<void>;
  connect(): Promise<void>;
}
