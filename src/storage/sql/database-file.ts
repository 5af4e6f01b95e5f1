import type { Database, SqlJsStatic } from 'sql.js';
import { PAGE_BYTES, PageFile } from '../disk/page-file.ts';
import { Sql } from './database.ts';

/** Told why the writes of SQLite are not seen as they happen; saving then costs O(database). */
export type UntrackedListener = (reason: string) => void;

/** A database of sql.js together with its file, whose bytes are there to be kept. */
export class DatabaseFile {
  readonly sql: Sql;
  readonly #file: PageFile;
  readonly #onUntracked: UntrackedListener;
  /** SQLite works on `#file` itself; where it does not, `pages()` compares. */
  #tracked: boolean;
  /** Counters at the last look. */
  #seen = { changes: 0, writes: 0 };

  /**
   * @param image a database file; a page file is taken over, bytes are copied; null makes a new one
   * @param onUntracked sql.js does not treat the file as `PageFile` needs it
   */
  constructor(sqlJs: SqlJsStatic, image: PageFile | Uint8Array | null, onUntracked: UntrackedListener = () => undefined) {
    this.#file = image instanceof PageFile ? image : PageFile.from(image ?? emptyDatabase(sqlJs));
    this.#onUntracked = onUntracked;
    this.sql = new Sql(openDatabase(sqlJs, this.#file));
    this.#tracked = this.#file.attached;
    if (!this.#tracked) onUntracked('sql.js took a copy of the file');
  }

  /**
   * The file as it is after the last commit; call it between transactions alone. That costs nothing while SQLite works on the
   * file itself. Should that prove not to be so (another version of sql.js, or a file that was cut), it is brought to a copy that
   * SQLite makes, then and from then on.
   */
  pages(): PageFile {
    if (this.#tracked) this.#checkTracking();
    if (!this.#tracked) this.#file.become(this.sql.export());
    return this.#file;
  }

  /** What SQLite says must be what arrived in the file: its length, and that something was written if something changed. */
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

  /** The file may be opened again afterwards. */
  close(): void {
    this.sql.close();
    this.#file.detach();
  }
}

/** A database on the very bytes of `file`, which then is `attached`; on a copy where sql.js does not take such a thing. */
export function openDatabase(sqlJs: SqlJsStatic, file: PageFile): Database {
  const database = new sqlJs.Database(file as unknown as Uint8Array);
  if (file.attached) return database;
  database.close();
  return new sqlJs.Database(file.toBytes());
}

/** A database of one page: sql.js opens a file in place only where there is something in it. */
function emptyDatabase(sqlJs: SqlJsStatic): Uint8Array {
  const database = new sqlJs.Database();
  try {
    database.run(`PRAGMA page_size = ${PAGE_BYTES}`);
    return database.export();
  } finally {
    database.close();
  }
}
