import type { AccountKeys } from '../wallet/account-keys.ts';
import type { LinkWorth, Meeting } from '../net/transport.ts';
import type { FileIntakeOutcome } from './file-service.ts';
import type { ChainChoice } from './chain.ts';
import type { LinkKind, NodeEvent, OwnAccount, Status, SyncStatus, TabchainApi } from './api.ts';

/** The account whose database a node has open. */
export interface BoundAccount {
  name: string;
  address: string;
  keyFileSaved: boolean;
  keyKept: boolean;
}

/** The last save of an account's chain that the disk has acknowledged. */
export interface SavedMark {
  /** Number of the save; a later one has a higher number. */
  readonly sequence: number;
  readonly height: number;
  readonly tip: string;
}

/** An account, the owner's fencing token for its storage, and the last known save. */
export interface Binding {
  account: BoundAccount;
  fencingToken: string;
  /** Null or absent if unknown. */
  lastSaved?: SavedMark | null;
}

export interface OpenRequest {
  /** Location fragment with the network's parameters. */
  fragment: string;
  /** Null opens a guest: a full node in memory. */
  binding: Binding | null;
  chainChoice: ChainChoice;
  secure: boolean;
}

/** Methods of the API that only read. The page forwards them to the node worker, which answers each between two changes. */
export const READ_METHODS = [
  'nameStatus',
  'feeHint',
  'feeLevels',
  'previewTransfer',
  'previewReplacement',
  'maximumAmount',
  'transaction',
  'history',
  'blocks',
  'block',
  'blockHeader',
  'merklePath',
  'signature',
  'tryBlock',
  'headerTimes',
  'alterChain',
  'signText',
  'checkText',
  'strip',
  'series',
  'account',
  'activity',
  'people',
  'forks',
  'mempool',
  'search',
  'receipt',
  'checkReceipt',
] as const satisfies readonly (keyof TabchainApi)[];

export type ReadMethod = (typeof READ_METHODS)[number];
export type Reads = Pick<TabchainApi, ReadMethod>;

/** Read methods that all call one function. */
export function forwardReads(read: (method: ReadMethod, args: unknown[]) => Promise<unknown>): Reads {
  const methods = READ_METHODS.map((method) => [method, (...args: unknown[]) => read(method, args)]);
  return Object.fromEntries(methods) as Reads;
}

/** Calls a read method by its name. */
export function callRead(reads: { [M in ReadMethod]: unknown }, method: ReadMethod, args: unknown[]): unknown {
  return (reads[method] as (...args: unknown[]) => unknown).apply(reads, args);
}

/** The calls of the page to the node worker. */
export interface NodeService extends Reads, Pick<TabchainApi, 'status' | 'transfer' | 'replaceTransfer' | 'experiment' | 'mine'> {
  /** Opens (or, called again, replaces) the node. */
  open(request: OpenRequest): Promise<Status>;
  /** Whether a name can still be registered, as far as this node knows. @throws name-invalid, name-taken */
  checkName(name: string): Promise<void>;
  /** Binds a guest, or a node of another account, to this account's database and unlocks the account. Keeps the chain in memory. */
  bind(account: BoundAccount, fencingToken: string, keys: AccountKeys): Promise<OwnAccount>;
  /** Finds the stamp, signs and announces the registration of the bound account. */
  announceRegistration(): Promise<{ txid: string }>;
  unlock(keys: AccountKeys): Promise<OwnAccount>;
  /** Forgets the keys; the account stays open. */
  lock(): Promise<void>;
  keyFileSaved(saved: boolean): Promise<void>;
  /** Stops mining, forgets the key, saves the last changes and closes the database. The node continues as a guest. */
  unbind(): Promise<void>;
  /** Starts a copy of the database at a block boundary, and drops an earlier copy that was not read to its end. */
  beginExport(): Promise<void>;
  /** The next piece of that copy; null after the last. */
  nextExportPart(): Promise<Uint8Array | null>;
  /** Id of the active block at a height; null above the tip, and below the base of a recent chain. */
  activeId(height: number): Promise<string | null>;
  /** Takes consecutive sealed headers of a file. An empty list ends the headers of one file. */
  takeHeaders(headers: Uint8Array[]): Promise<FileIntakeOutcome>;
  /** Takes consecutive blocks of a file. */
  takeBlocks(blocks: Uint8Array[]): Promise<FileIntakeOutcome>;
  /** Takes the person's choice of how much of the chain to keep. */
  chooseChain(choice: ChainChoice): Promise<void>;
  /** Tells the node where its links lead now. */
  setLinks(mode: LinkMode): Promise<void>;
}

/** Whether the page opens links: to the network, to none, or only to a team of the lab. */
export type LinkMode = 'open' | 'closed' | 'team';

/** States of the device in which mining slows down. */
export interface DeviceState {
  /** The device runs on its battery, if the browser reports this. */
  onBattery: boolean;
  /** The tab is hidden. */
  hidden: boolean;
}

/** One-way messages from the page. */
export type PageNote =
  /** `self`: peer id of this tab; `peerId`: of the other end. */
  | { kind: 'link-open'; link: string; self: string; peerId: string; linkKind: LinkKind; met: Meeting; rtc: boolean }
  | { kind: 'link-message'; link: string; bytes: Uint8Array }
  /** `taken`: bytes of this link that have reached the page so far; `bytes`: bytes still queued on the page. */
  | { kind: 'link-buffered'; link: string; bytes: number; taken: number }
  | { kind: 'link-closed'; link: string; reason: string }
  | { kind: 'signaling'; state: SyncStatus['signaling'] }
  | { kind: 'device-state'; deviceState: DeviceState }
  /** The page has gone on, or its network may have changed. `stale`: this may have kept new blocks from the node. */
  | { kind: 'links-doubted'; stale: boolean }
  /** Areas of the log that the console shows (util/log.ts); the page's first message. */
  | { kind: 'log'; areas: string };

/** One-way messages from the node worker. */
export type NodeNote =
  | { kind: 'event'; event: NodeEvent }
  /** The disk has acknowledged more of an account's chain. */
  | { kind: 'saved'; address: string; mark: SavedMark }
  | { kind: 'register-step'; step: 'stamp' | 'sign' | 'save'; fraction: number | null }
  | { kind: 'link-send'; link: string; bytes: Uint8Array }
  /** `frames` more frames of a link, together `bytes` long, have reached the worker. */
  | { kind: 'link-taken'; link: string; frames: number; bytes: number }
  | { kind: 'link-worth'; link: string; worth: LinkWorth }
  /** The other end of a link is late with an answer. */
  | { kind: 'link-doubted'; link: string }
  /** The page should check its connections. `stale`: the machine slept, or its network has changed. */
  | { kind: 'check-links'; stale: boolean }
  | { kind: 'link-close'; link: string; reason: string };
