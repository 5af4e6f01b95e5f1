import type { BrokenFile, FileNetwork, ValidFile } from './file.ts';

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
}

/** One-way messages from the file worker. */
export interface FileNote {
  readonly step: 'read' | 'blocks' | 'rows';
  readonly fraction: number;
}
