import type { NodeService } from '../api/service.ts';

/** Brings the node's database to the page in pieces, one copy at a time, so that no thread ever holds a second whole one for it. */
export class DatabaseCopier {
  readonly #service: Pick<NodeService, 'beginExport' | 'nextExportPart'>;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(service: Pick<NodeService, 'beginExport' | 'nextExportPart'>) {
    this.#service = service;
  }

  /** Calls `take` with each piece of a valid SQLite file, in order, each one's to keep. */
  copy(take: (part: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    const result = this.#queue.then(async () => {
      await this.#service.beginExport();
      for (let part = await this.#service.nextExportPart(); part; part = await this.#service.nextExportPart()) {
        take(part as Uint8Array<ArrayBuffer>);
      }
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** All of it, in the browser's own storage of files. */
  async toFile(): Promise<Blob> {
    const parts: Blob[] = [];
    await this.copy((part) => parts.push(new Blob([part])));
    return new Blob(parts, { type: 'application/vnd.sqlite3' });
  }
}
