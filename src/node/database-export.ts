import type { FileSnapshot } from '../storage/disk/file-snapshot.ts';
import type { PageFile } from '../storage/disk/page-file.ts';

/** One copy of the database at a time, handed out piece by piece while the node goes on. */
export class DatabaseExport {
  #snapshot: FileSnapshot | null = null;

  /** Begins a copy of the file as it is now; an earlier copy that was not read to its end is given up. */
  begin(pages: PageFile): void {
    this.#snapshot?.close();
    this.#snapshot = pages.snapshot();
  }

  /** The next piece; null after the last, and before the first {@link begin}. */
  next(): Uint8Array | null {
    return this.#snapshot?.next() ?? null;
  }
}
