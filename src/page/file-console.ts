import type { FileComparison, FileFault, FileOptions, FileRelation, FileReport, TakenBlocks, ValidFile } from '../api/file.ts';
import type { FileService } from '../api/file-service.ts';
import type { NodeService } from '../api/service.ts';
import { argumentInvalid } from '../api/arguments.ts';
import { Semaphore } from '../util/semaphore.ts';
import { TabchainError } from '../util/errors.ts';
import { commonHeight } from './common-height.ts';
import { FileThread } from './file-thread.ts';

/** The calls of the node that this file uses. */
type Node = Pick<NodeService, 'status' | 'activeId' | 'takeHeaders' | 'takeBlocks'>;

/** What came of giving headers or blocks to the node. */
interface Given {
  /** Height of the last item that the node took. */
  readonly last: number;
  readonly fresh: number;
  readonly isBehind: boolean;
  readonly isAhead: boolean;
  readonly fault: FileFault | null;
}

/** The headers of a branch are given a second time once the node knows that the branch has more work; a third time would not help. */
const MAX_HEADER_ROUNDS = 2;

/** Checks exported files, and takes their blocks. A worker of its own handles each file, one file at a time. */
export class FileConsole {
  readonly #node: Node;
  readonly #files = new Semaphore(1);

  constructor(node: Node) {
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

  /** See {@link TabchainApi.compareFile}. */
  async compare(file: Blob, options: FileOptions = {}): Promise<FileComparison> {
    assertArguments(file, options);
    return this.#files.run(() =>
      FileThread.run(options, async (thread) => {
        const opened = await thread.ask((service) => service.open(file));
        if ('valid' in opened) throw new TabchainError(opened.fault.code, opened.fault.message);
        const { network, height } = opened;
        const own = await this.#node.status();
        const from = own.chain.base;
        const found = { network, height, from };
        if (network.id !== own.networkId) return { ...found, kind: 'other-network', parting: null };
        if (height < from) return { ...found, kind: 'unknown', parting: null };
        const common = await thread.ask((service) => this.#commonHeight(service, from, Math.min(height, own.height)));
        if (common === height || common === own.height) {
          const kind = height === own.height ? 'same' : common === height ? 'behind' : 'ahead';
          return { ...found, kind, parting: null };
        }
        const at = common === null ? from : common + 1;
        const [theirs, ours] = await Promise.all([thread.ask((service) => service.idAt(at)), this.#node.activeId(at)]);
        return { ...found, kind: 'fork', parting: { height: at, file: theirs, own: ours } };
      }),
    );
  }

  /** See {@link TabchainApi.takeFile}. */
  async take(file: Blob, options: FileOptions = {}): Promise<TakenBlocks> {
    assertArguments(file, options);
    return this.#files.run(() =>
      FileThread.run(options, async (thread) => {
        const opened = await thread.ask((service) => service.open(file));
        if ('valid' in opened) return this.#taken(0, 0, opened.fault);
        const own = await this.#node.status();
        const from = own.chain.base;
        if (opened.network.id !== own.networkId) throw otherNetwork(opened.network.label);
        const top = Math.min(opened.height, own.height);
        // Where no block is common, the node says that it does not know the block before the first of these headers.
        const fork = (await thread.ask((service) => this.#commonHeight(service, from, top))) ?? Math.min(top, from - 1);
        // Like a peer: headers first, and blocks only of a branch with more work.
        const headers = await this.#headers(thread, fork, opened.height);
        const ahead = headers.isAhead ? opened.height - headers.last : 0;
        if (!headers.isBehind) return this.#taken(0, ahead, headers.fault);
        const blocks = await this.#blocks(thread, fork, headers.last, options);
        return this.#taken(blocks.fresh, ahead, blocks.fault ?? headers.fault);
      }),
    );
  }

  async #taken(blocks: number, ahead: number, fault: FileFault | null): Promise<TakenBlocks> {
    const { height, tip } = await this.#node.status();
    return { blocks, height, tip, ahead, fault };
  }

  async #headers(thread: FileThread, fork: number, top: number): Promise<Given> {
    try {
      for (let round = 1; ; round++) {
        const given = await this.#give(thread, 'headers', fork, top, () => undefined);
        if (given !== 'again') return given;
        if (round === MAX_HEADER_ROUNDS) return { last: fork, fresh: 0, isBehind: false, isAhead: false, fault: null };
      }
    } finally {
      await this.#node.takeHeaders([]);
    }
  }

  async #blocks(thread: FileThread, fork: number, top: number, { progress }: FileOptions): Promise<Given> {
    const given = await this.#give(thread, 'blocks', fork, top, (height) => progress?.('blocks', (height - fork) / (top - fork)));
    return given as Given;
  }

  /** Gives the headers or blocks above `fork` to the node, a part at a time, up to the height `top`. */
  async #give(
    thread: FileThread,
    what: 'headers' | 'blocks',
    fork: number,
    top: number,
    onTaken: (height: number) => void,
  ): Promise<Given | 'again'> {
    const given = { last: fork, fresh: 0, isBehind: false, isAhead: false, fault: null as FileFault | null };
    while (given.last < top) {
      const part = await thread.ask((service) => service[what](given.last + 1));
      const items = part.items.slice(0, top - given.last);
      if (items.length > 0) {
        const outcome = await (what === 'headers' ? this.#node.takeHeaders(items) : this.#node.takeBlocks(items));
        if (outcome.status === 'again') return 'again';
        given.last += outcome.accepted;
        given.fresh += outcome.fresh;
        given.isBehind = outcome.isBehind;
        given.isAhead = outcome.status === 'ahead';
        given.fault = outcome.fault;
        if (outcome.status !== 'more') return given;
        onTaken(given.last);
      }
      thread.throwIfCancelled();
      if (part.fault || items.length === 0) return { ...given, fault: part.fault };
    }
    return given;
  }

  /** Compares the file's chain with this tab's chain at their common height. */
  async #relation(service: FileService, file: Omit<ValidFile, 'relation'>): Promise<FileRelation> {
    const own = await this.#node.status();
    const from = own.chain.base;
    if (file.network.id !== own.networkId) return { kind: 'other-network' };
    if (file.height < from) return { kind: 'unknown', from };
    const common = await this.#commonHeight(service, from, Math.min(file.height, own.height));
    if (common === file.height && common === own.height) return { kind: 'same' };
    if (common === file.height) return { kind: 'behind', blocks: own.height - common };
    if (common === own.height) return { kind: 'ahead', blocks: file.height - common };
    const [theirs, ours] = [BigInt(file.work), BigInt(own.work)];
    return { kind: 'fork', height: common, heavier: theirs > ours ? 'file' : theirs < ours ? 'own' : 'neither' };
  }

  #commonHeight(service: FileService, base: number, top: number): Promise<number | null> {
    return commonHeight(
      base,
      top,
      (height) => service.idAt(height),
      (height) => this.#node.activeId(height),
    );
  }
}

const otherNetwork = (label: string): TabchainError =>
  new TabchainError('file-other-network', `This file holds the chain of another network, "${label}". Open the link of that network.`, {
    label,
  });

/** Console arguments may be anything. */
function assertArguments(file: unknown, options: unknown): void {
  if (!(file instanceof Blob)) throw argumentInvalid('file', 'a File or Blob');
  if (typeof options !== 'object' || options === null) throw argumentInvalid('options', 'an object such as { signal }');
  const { progress, signal } = options as { progress?: unknown; signal?: unknown };
  if (progress != null && typeof progress !== 'function') throw argumentInvalid('progress', 'a function');
  if (signal != null && !(signal instanceof AbortSignal)) throw argumentInvalid('signal', 'an AbortSignal');
}
