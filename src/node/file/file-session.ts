import type { BrokenFile, ValidFile } from '../../api/file.ts';
import type { FileNote, FilePart, FileService, OpenedFile } from '../../api/file-service.ts';
import { RuleError } from '../../consensus/rule-error.ts';
import { MAX_GROUP_BLOCKS } from '../../net/peer-limits.ts';
import { encodeBlock, encodeSealedHeader } from '../../protocol/block.ts';
import { MAX_HEADERS } from '../../protocol/wire.ts';
import { ChainFile } from '../../storage/chain-file.ts';
import { readFile } from '../../storage/read-file.ts';
import { TabchainError } from '../../util/errors.ts';
import type { Env } from '../env.ts';
import { BlockFault, describeNetwork, faultOf } from './faults.ts';
import { FileCheck } from './file-check.ts';

/** A part that reaches this size is sent: the node is then busy for a moment only, and does its own work in between. */
const MAX_PART_BYTES = 512 * 1024;

/** The calls of the file worker, for one file. */
export class FileSession implements FileService {
  readonly #env: Pick<Env, 'sql' | 'verifier'>;
  readonly #onProgress: (note: FileNote) => void;
  #file: ChainFile | null = null;

  /** @param onProgress called often while a call works, so that the page notices a worker that hangs */
  constructor(env: Pick<Env, 'sql' | 'verifier'>, onProgress: (note: FileNote) => void) {
    this.#env = env;
    this.#onProgress = onProgress;
  }

  async open(bytes: Blob): Promise<OpenedFile | BrokenFile> {
    const pages = await readFile(bytes, (fraction) => this.#onProgress({ step: 'read', fraction }));
    try {
      const file = (this.#file = ChainFile.open(this.#env.sql, pages));
      return { network: describeNetwork(file.network), height: file.height };
    } catch (error) {
      return broken(null, error);
    }
  }

  async check(): Promise<Omit<ValidFile, 'relation'> | BrokenFile> {
    const file = this.#opened();
    try {
      return await FileCheck.run(file, this.#env, (step, fraction) => this.#onProgress({ step, fraction }));
    } catch (error) {
      return broken(file, error);
    }
  }

  async idAt(height: number): Promise<string | null> {
    return this.#opened().idAt(height);
  }

  async headers(from: number): Promise<FilePart> {
    const file = this.#opened();
    return readPart(from, file.height, MAX_HEADERS, (height) => encodeSealedHeader(file.header(height)));
  }

  async blocks(from: number): Promise<FilePart> {
    const file = this.#opened();
    return readPart(from, file.height, MAX_GROUP_BLOCKS, (height) => {
      const block = file.block(height);
      if (block.size > file.network.maxBlockBytes) throw new BlockFault(block, new RuleError('block-oversized'));
      return encodeBlock(block);
    });
  }

  #opened(): ChainFile {
    if (!this.#file) throw new TabchainError('internal', 'No file is open.');
    return this.#file;
  }
}

/** Reads items from a height up, until there are `limit` items or {@link MAX_PART_BYTES}. */
function readPart(from: number, top: number, limit: number, read: (height: number) => Uint8Array): FilePart {
  const items: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (let height = from; height <= top && items.length < limit && bytes < MAX_PART_BYTES; height++) {
      const item = read(height);
      items.push(item);
      bytes += item.length;
    }
    return { items, fault: null };
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    return { items, fault };
  }
}

/** The report of a file with a fault. Other errors are thrown again. */
function broken(file: ChainFile | null, error: unknown): BrokenFile {
  const fault = faultOf(error);
  if (!fault) throw error;
  return { valid: false, network: file && describeNetwork(file.network), fault };
}
