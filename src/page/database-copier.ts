import type { NodeService } from '../api/service.ts';
import { Semaphore } from '../util/semaphore.ts';

/** Brings the node's database to the page in pieces, one copy at a time, so that no thread ever holds a second whole one for it. */
export class DatabaseCopier {
  readonly #service: Pick<NodeService, 'beginExport' | 'nextExportPart'>;
  readonly #copies = new Semaphore(1);

  constructor(service: Pick<NodeService, 'beginExport' | 'nextExportPart'>) {
    this.#service = service;
  }

  /** Calls `take` with each piece of a valid SQLite file, in order, each one's to keep. */
  copy(take: (part: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    return this.#copies.run(async () => {
      await this.#service.beginExport();
      for (let part = await this.#service.nextExportPart(); part; part = await this.#service.nextExportPart()) {
        take(part as Uint8Array<ArrayBuffer>);
      }
    });
  }

  /** All of it, in the browser's own storage of files. */
  async toFile(): Promise<Blob> {
    const parts: Blob[] = [];
    await this.copy((part) => parts.push(new Blob([part])));
    return new Blob(parts, { type: 'application/vnd.sqlite3' });
  }
}
