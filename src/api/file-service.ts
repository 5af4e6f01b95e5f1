import type { BrokenFile, FileFault, FileNetwork, ValidFile } from './file.ts';

/** An open file, before its blocks are checked. */
export interface OpenedFile {
  readonly network: FileNetwork;
  readonly height: number;
}

/** The calls of the file worker. It handles one file, and the page ends it afterwards. */
export interface FileService {
  /** Opens a file. A file whose parameters do not give its network's id has a report at once. */
  open(file: Blob): Promise<OpenedFile | BrokenFile>;
  /** Checks all blocks and rows. The page adds how the chain relates to its own. */
  check(): Promise<Omit<ValidFile, 'relation'> | BrokenFile>;
  /** The id in a block's row, not proven; null above the tip. */
  idAt(height: number): Promise<string | null>;
  /** Blocks from a height up, some at a time. */
  blocks(from: number): Promise<FilePart>;
  /** Headers from a height up, many at a time. */
  headers(from: number): Promise<FilePart>;
}

/** One-way messages from the file worker. */
export interface FileNote {
  readonly step: 'read' | 'blocks' | 'rows';
  readonly fraction: number;
}

/** Consecutive blocks or headers of a file. */
export interface FilePart {
  /** Canonical bytes of each. */
  readonly items: Uint8Array[];
  /** Why the next item cannot be read; null where more follow or the file ends. */
  readonly fault: FileFault | null;
}

/** What the node did with headers or blocks of a file. */
export interface FileIntakeOutcome {
  /** Items that the node took, or had already. */
  readonly accepted: number;
  /** Blocks among them that the node did not have. */
  readonly fresh: number;
  /** Whether a branch with more work than the tip waits for its blocks. */
  readonly isBehind: boolean;
  /**
   * - `more`: give the next items
   * - `again`: the branch has more work than the tip now; give its headers again from the fork
   * - `ahead`: the item after the accepted ones is ahead of this device's clock
   * - `refused`: the item after the accepted ones breaks a rule, or does not continue the chain
   */
  readonly status: 'more' | 'again' | 'ahead' | 'refused';
  /** For `refused`. */
  readonly fault: FileFault | null;
}
