/** The file that a snapshot reads from. */
export interface ChunkSource {
  readonly size: number;
  readonly chunkCount: number;
  chunk(index: number): Uint8Array;
}

/**
 * A file as it was at one moment, read chunk by chunk while SQLite continues to write. Each chunk is copied when it is read, or just before
 * it changes. So an export needs memory only for the few chunks that change meanwhile, not for the whole file.
 */
export class FileSnapshot {
  /** Size of the file at that moment, in bytes. */
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

  /** A copy of the next chunk. After the last chunk, closes the snapshot and returns null. */
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

  /** The file calls this just before it changes a chunk. */
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
