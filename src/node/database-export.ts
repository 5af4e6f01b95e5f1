import type { FileSnapshot } from '../storage/disk/file-snapshot.ts';
import type { PageFile } from '../storage/disk/page-file.ts';

/** One copy of the database at a time, read in parts while the node continues. */
export class DatabaseExport {
  #snapshot: FileSnapshot | null = null;

  /** Begins a copy of the present file. An earlier unfinished copy ends. */
  begin(pages: PageFile): void {
    this.#snapshot?.close();
    this.#snapshot = pages.snapshot();
  }

  /** The next part; null after the last part, and before the first {@link begin}. */
  next(): Uint8Array | null {
    return this.#snapshot?.next() ?? null;
  }
}
