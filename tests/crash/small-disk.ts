import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Sizes of the pieces that fill the remaining space. */
const BALLAST_BYTES = [1 << 20, 1 << 16, 1 << 12];

/** A small disk in memory that can be filled to the last page. */
export class SmallDisk {
  readonly folder: string;
  readonly #ballast: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#ballast = join(folder, 'ballast');
  }

  /** Null if mounting is not allowed. */
  static mount(megabytes: number): SmallDisk | null {
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-small-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
    } catch {
      rmSync(folder, { recursive: true });
      return null;
    }
    return new SmallDisk(folder);
  }

  /** Does not wait for programs that still hold files on the disk. */
  unmount(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmSync(this.folder, { recursive: true });
  }

  /** Fills all free space, including space freed since the last call. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    for (const step of BALLAST_BYTES) while (hasRoomFor(file, new Uint8Array(step))) continue;
    closeSync(file);
  }

  /** Frees the ballast's space. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }
}

/** Runs `work` with `folder` as the system's folder for temporary files, such as a browser's profile. */
export async function hosting<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

function hasRoomFor(file: number, bytes: Uint8Array): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch {
    return false;
  }
}
