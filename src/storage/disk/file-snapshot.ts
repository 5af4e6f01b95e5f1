/** What a snapshot reads: the pieces of a file as they are now. */
export interface ChunkSource {
  readonly size: number;
  readonly chunkCount: number;
  chunk(index: number): Uint8Array;
}

/**
 * A file as it was at one moment, read piece by piece while SQLite goes on writing: a piece is copied when it is read, or just before it
 * changes. So exporting takes the memory of the few pieces that change meanwhile, not that of the file.
 */
export class FileSnapshot {
  /** Bytes of the file at that moment. */
  readonly size: number;
  readonly #file: ChunkSource;
  readonly #chunks: number;
  readonly #onClose: (snapshot: FileSnapshot) => void;
  readonly #kept = new Map<number, Uint8Array>();
  #next = 0;

  constructor(file: ChunkSource, onClose: (snapshot: FileSnapshot) => void) {
    this.#file = file;
    this.size = file.size;
    this.#chunks = file.chunkCount;
    this.#onClose = onClose;
  }

  /** The next piece, a copy; null after the last one, which closes the snapshot. */
  next(): Uint8Array | null {
    if (this.#next >= this.#chunks) {
      this.close();
      return null;
    }
    const index = this.#next++;
    const chunk = this.#kept.get(index) ?? this.#copy(index);
    this.#kept.delete(index);
    return chunk;
  }

  /** The file tells that a piece is about to change. */
  changing(index: number): void {
    if (index >= this.#next && index < this.#chunks && !this.#kept.has(index)) this.#kept.set(index, this.#copy(index));
  }

  close(): void {
    this.#next = this.#chunks;
    this.#kept.clear();
    this.#onClose(this);
  }

  #copy(index: number): Uint8Array {
    return this.#file.chunk(index).slice();
  }
}
