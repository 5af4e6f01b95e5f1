import type { Database, SqlJsStatic } from 'sql.js';
import { PAGE_BYTES, PageFile } from '../disk/page-file.ts';
import { Sql } from './database.ts';

/** Called with the reason when the file cannot see SQLite's writes. Saving then costs O(database). */
export type UntrackedListener = (reason: string) => void;

/** A database of sql.js together with the bytes of its file. */
export class DatabaseFile {
  readonly sql: Sql;
  readonly #file: PageFile;
  readonly #onUntracked: UntrackedListener;
  /** Whether SQLite works on `#file` itself. Otherwise `pages()` compares the file with an export. */
  #tracked: boolean;
  /** Counters at the last check. */
  #seen = { changes: 0, writes: 0 };

  /**
   * @param image a database file; a page file is used in place, bytes are copied; null makes a new database
   * @param onUntracked called when sql.js does not use the file as `PageFile` requires
   */
  constructor(sqlJs: SqlJsStatic, image: PageFile | Uint8Array | null, onUntracked: UntrackedListener = () => undefined) {
    this.#file = image instanceof PageFile ? image : PageFile.from(image ?? emptyDatabase(sqlJs));
    this.#onUntracked = onUntracked;
    this.sql = new Sql(openDatabase(sqlJs, this.#file));
    this.#tracked = this.#file.attached;
    if (!this.#tracked) onUntracked('sql.js took a copy of the file');
  }

  /**
   * The file after the last commit. Must be called only between transactions. The call costs nothing while SQLite works on the file
   * itself. Otherwise (another version of sql.js, or a truncated file), this call and all later calls copy SQLite's export into the file.
   */
  pages(): PageFile {
    if (this.#tracked) this.#checkTracking();
    if (!this.#tracked) this.#file.become(this.sql.export());
    return this.#file;
  }

  /** Compares the file with SQLite's counters: the length must match, and changed rows must have caused writes. */
  #checkTracking(): void {
    const bytes = this.sql.number('PRAGMA page_count')! * PAGE_BYTES;
    const changes = this.sql.number('SELECT total_changes()')!;
    const { writes, size } = this.#file;
    const lost = changes !== this.#seen.changes && writes === this.#seen.writes;
    this.#seen = { changes, writes };
    if (bytes === size && !lost) return;
    this.#tracked = false;
    this.#onUntracked(lost ? 'a commit did not arrive in the file' : `SQLite counts ${bytes} bytes, the file ${size}`);
  }

  /** Closes the database. The file may then be opened again. */
  close(): void {
    this.sql.close();
    this.#file.detach();
  }
}

/** Opens a database on `file` itself, which is then `attached`, or on a copy where sql.js does not accept a `PageFile`. */
export function openDatabase(sqlJs: SqlJsStatic, file: PageFile): Database {
  const database = new sqlJs.Database(file as unknown as Uint8Array);
  if (file.attached) return database;
  database.close();
  return new sqlJs.Database(file.toBytes());
}

/** A database of one page, because sql.js opens only a non-empty file in place. */
function emptyDatabase(sqlJs: SqlJsStatic): Uint8Array {
  const database = new sqlJs.Database();
  try {
    database.run(`PRAGMA page_size = ${PAGE_BYTES}`);
    return database.export();
  } finally {
    database.close();
  }
}
