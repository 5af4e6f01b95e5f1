import type { NodeService } from '../api/service.ts';
import { Semaphore } from '../util/semaphore.ts';

/** Copies the node's database to the page in pieces, one copy at a time, so no thread holds a second whole database for the copy. */
export class DatabaseCopier {
  readonly #service: Pick<NodeService, 'beginExport' | 'nextExportPart'>;
  readonly #copies = new Semaphore(1);

  constructor(service: Pick<NodeService, 'beginExport' | 'nextExportPart'>) {
    this.#service = service;
  }

  /** Calls `take` with each piece of a valid SQLite file, in order. `take` may keep the piece. */
  copy(take: (part: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    return this.#copies.run(async () => {
      await this.#service.beginExport();
      for (let part = await this.#service.nextExportPart(); part; part = await this.#service.nextExportPart()) {
        take(part as Uint8Array<ArrayBuffer>);
      }
    });
  }

  /** The whole file as a Blob, which the browser may keep on disk. */
  async toFile(): Promise<Blob> {
    const parts: Blob[] = [];
    await this.copy((part) => parts.push(new Blob([part])));
    return sqliteFile(parts);
  }
}

/** A SQLite file of these parts. */
export function sqliteFile(parts: Blob[]): Blob {
  return new Blob(parts, { type: 'application/vnd.sqlite3' });
}
