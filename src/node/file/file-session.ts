import type { BrokenFile, ValidFile } from '../../api/file.ts';
import type { FileNote, FileService, OpenedFile } from '../../api/file-service.ts';
import { ChainFile } from '../../storage/chain-file.ts';
import { TabchainError } from '../../util/errors.ts';
import type { Env } from '../env.ts';
import { describeNetwork, faultOf } from './faults.ts';
import { FileCheck } from './file-check.ts';
import { readFile } from './read-file.ts';

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

  #opened(): ChainFile {
    if (!this.#file) throw new TabchainError('internal', 'No file is open.');
    return this.#file;
  }
}

/** The report of a file with a fault. Other errors are thrown again. */
function broken(file: ChainFile | null, error: unknown): BrokenFile {
  const fault = faultOf(error);
  if (!fault) throw error;
  return { valid: false, network: file && describeNetwork(file.network), fault };
}
