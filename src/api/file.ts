import type { ErrorCode } from '../util/error-codes.ts';
import type { Coins } from './api.ts';

/** Calls back while a file is read, while its blocks are checked or taken, and while its other rows are compared. `fraction` is 0 to 1. */
export type FileProgress = (step: 'read' | 'blocks' | 'rows', fraction: number) => void;

export interface FileOptions {
  progress?: FileProgress;
  /** Ends the work; the call then rejects with `cancelled`. */
  signal?: AbortSignal;
}

export interface FileNetwork {
  id: string;
  label: string;
  /** Fragment that joins the network, e.g. "#net=demo". */
  link: string;
}

/** How the chain of a file relates to the chain of this tab. */
export type FileRelation =
  | { kind: 'same' }
  /** The file lacks the newest `blocks` blocks of this tab. */
  | { kind: 'behind'; blocks: number }
  /** The file has `blocks` more blocks on this tab's tip. */
  | { kind: 'ahead'; blocks: number }
  /**
   * Both have the same blocks up to `height`, and then different blocks. `heavier` has more work. `height` is null where they part before
   * the first block of this tab, whose chain is recent.
   */
  | { kind: 'fork'; height: number | null; heavier: 'file' | 'own' | 'neither' }
  /** The file ends before block `from`, the first block of this tab, whose chain is recent. */
  | { kind: 'unknown'; from: number }
  | { kind: 'other-network' };

/** How the chain in a file relates to this tab's chain, as the ids in the file say. Nothing in the file is proven. */
export interface FileComparison {
  network: FileNetwork;
  /** Height of the file's newest block. */
  height: number;
  kind: FileRelation['kind'];
  /** Height of the first block of this tab; above 0 in a recent chain. Nothing below is compared. */
  from: number;
  /** For `fork`: the lowest height at which the blocks differ, and both ids; null where a row is missing. At `from` they may part earlier. */
  parting: { height: number; own: string | null; file: string | null } | null;
}

/** What is wrong in a file, and where. */
export interface FileFault {
  /** The code of the broken rule, or `file-row-altered`, `file-row-differs`, `file-row-missing`, `file-row-extra`, `file-damaged`. */
  code: ErrorCode;
  /** English; the interface translates the code. */
  message: string;
  /** Height of the block; null for a row beside the blocks. */
  height: number | null;
  /** Position of the transaction in its block, from 0; null where the fault is not in one transaction. */
  transaction: number | null;
  table: 'meta' | 'accounts' | 'blocks' | 'transactions';
  /** Key of the row in the table. */
  row: string;
  /** For `file-row-differs`: the column, its value in the file, and the value that the blocks give. */
  values: { column: string; found: string; expected: string } | null;
}

export interface ValidFile {
  valid: true;
  network: FileNetwork;
  height: number;
  tip: string;
  /** Unix milliseconds. */
  tipTime: number;
  /** Rows, with genesis. */
  blocks: number;
  transactions: number;
  accounts: number;
  supply: Coins;
  /** Cumulative work in expected hashes, decimal string. */
  work: string;
  relation: FileRelation;
}

export interface BrokenFile {
  valid: false;
  /** Null where the file does not say its network. */
  network: FileNetwork | null;
  /** The first fault: in the parameters, then block by block, then in the other rows. */
  fault: FileFault;
}

/** The result of checking a whole file. */
export type FileReport = ValidFile | BrokenFile;

export interface TakenBlocks {
  /** Blocks of the file that this tab did not have. */
  blocks: number;
  /** The tab's chain after the last block. */
  height: number;
  tip: string;
  /** Blocks that were left, because they are ahead of this device's clock. */
  ahead: number;
  /** What ended the work early; the blocks before it stay. Null where the file was taken to its end. */
  fault: FileFault | null;
}
