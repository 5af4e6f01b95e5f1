import type { FileOptions, FileRelation, FileReport, ValidFile } from '../api/file.ts';
import type { FileService } from '../api/file-service.ts';
import type { NodeService } from '../api/service.ts';
import { argumentInvalid } from '../api/arguments.ts';
import { Semaphore } from '../util/semaphore.ts';
import { FileThread } from './file-thread.ts';

/** Checks exported files. A worker of its own handles each file, one file at a time. */
export class FileConsole {
  readonly #node: Pick<NodeService, 'status' | 'activeId'>;
  readonly #files = new Semaphore(1);

  constructor(node: Pick<NodeService, 'status' | 'activeId'>) {
    this.#node = node;
  }

  /** See {@link TabchainApi.checkFile}. */
  async check(file: Blob, options: FileOptions = {}): Promise<FileReport> {
    assertArguments(file, options);
    return this.#files.run(() =>
      FileThread.run(options, async (thread) => {
        const opened = await thread.ask((service) => service.open(file));
        if ('valid' in opened) return opened;
        const found = await thread.ask((service) => service.check());
        if (!found.valid) return found;
        return { ...found, relation: await thread.ask((service) => this.#relation(service, found)) };
      }),
    );
  }

  /** Compares the file's chain with this tab's chain at their common height. */
  async #relation(service: FileService, file: Omit<ValidFile, 'relation'>): Promise<FileRelation> {
    const own = await this.#node.status();
    if (file.network.id !== own.networkId) return { kind: 'other-network' };
    const common = await this.#commonHeight(service, Math.min(file.height, own.height));
    if (common === file.height && common === own.height) return { kind: 'same' };
    if (common === file.height) return { kind: 'behind', blocks: own.height - common };
    if (common === own.height) return { kind: 'ahead', blocks: file.height - common };
    const [theirs, ours] = [BigInt(file.work), BigInt(own.work)];
    return { kind: 'fork', height: common, heavier: theirs > ours ? 'file' : theirs < ours ? 'own' : 'neither' };
  }

  /** The highest height, at most `top`, at which both chains have the same block. Binary search, because equal blocks have equal ancestors. */
  async #commonHeight(service: FileService, top: number): Promise<number> {
    let [low, high] = [0, top];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const [theirs, ours] = await Promise.all([service.idAt(middle), this.#node.activeId(middle)]);
      if (theirs === ours) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Console arguments may be anything. */
function assertArguments(file: unknown, options: unknown): void {
  if (!(file instanceof Blob)) throw argumentInvalid('file', 'a File or Blob');
  if (typeof options !== 'object' || options === null) throw argumentInvalid('options', 'an object such as { signal }');
  const { progress, signal } = options as { progress?: unknown; signal?: unknown };
  if (progress != null && typeof progress !== 'function') throw argumentInvalid('progress', 'a function');
  if (signal != null && !(signal instanceof AbortSignal)) throw argumentInvalid('signal', 'an AbortSignal');
}
