import type { QueryResult, RelationInfo, TabchainApi } from '../../../api/api.ts';
import type { LanguagePack } from '../../i18n/language-pack.ts';
import type { App } from '../../state/app.svelte.ts';
import { explainedBy, foreignSchema } from './foreign-schema.ts';
import { explained, isPlan } from './plan.ts';
import { FIRST, numberOf, questionAt, type Question, type QuestionKey } from './questions.ts';
import { Shelf } from './shelf.svelte.ts';
import { schemaIn, type Relation } from './words.ts';

export type View = 'table' | 'chart' | 'plan';

/** A result, with the query and the database that gave it. */
export interface Answer {
  readonly sql: string;
  readonly result: QueryResult;
  /** The name of somebody else's file; null for the own chain. */
  readonly fileName: string | null;
}

/** Longest query that a link may bring: the longest that the console runs. */
export const MAX_SQL = 100_000;
/** A larger database is not copied unasked when the page opens. */
const MAX_UNASKED_BYTES = 64 << 20;

const KEPT = new WeakMap<App, Workbench>();

/** The workbench of this page. It outlives the visit, so a link in a result leads away and "back" leads to the same result. */
export function workbenchOf(app: App): Workbench {
  const known = KEPT.get(app);
  const workbench = known ?? new Workbench(app.api);
  if (!known) KEPT.set(app, workbench);
  return workbench;
}

/** The query, its answer, and the database that is asked. */
export class Workbench {
  readonly #api: TabchainApi;
  readonly shelf = new Shelf();
  sql = $state(FIRST.sql);
  /** The question whose lesson is shown; the user may change its query. */
  question = $state.raw<Question | null>(FIRST);
  answer = $state.raw<Answer | null>(null);
  error = $state.raw<unknown>(null);
  running = $state(false);
  view = $state<View>('table');
  /** Somebody else's file that is open beside the own chain. */
  file = $state.raw<File | null>(null);
  /** Whether the file is asked, and not the own chain. */
  asksFile = $state(false);
  #own = $state.raw<readonly RelationInfo[]>([]);
  #foreign = $state.raw<readonly Relation[]>([]);
  #opened = false;

  constructor(api: TabchainApi) {
    this.#api = api;
  }

  /**
   * Answers the first question, once. A query of a link waits for its reader: it may be slow, and people should see what they run.
   * @param bytes size of the own database
   */
  open(isLinked: boolean, bytes: number): void {
    if (this.#opened) return;
    this.#opened = true;
    void this.#api.schema().then(
      (schema) => (this.#own = schema),
      // Queries work without the explanations.
      () => undefined,
    );
    if (!isLinked && !this.isLarge(bytes)) void this.#run(this.sql, false);
  }

  isLarge(bytes: number): boolean {
    return bytes > MAX_UNASKED_BYTES;
  }

  /** The tables of the database that is asked, explained in the language of `pack`. */
  schema(pack: Pick<LanguagePack, 'schema'>): readonly Relation[] {
    const own = schemaIn(pack.schema, this.#own);
    return this.asksFile ? explainedBy(this.#foreign, own) : own;
  }

  run(): Promise<void> {
    return this.#run(this.sql, true);
  }

  explain(): Promise<void> {
    return this.#run(explained(this.sql), false);
  }

  /** Takes another query into the field. */
  use(sql: string, question: Question | null = null): void {
    this.sql = sql;
    this.question = question;
    this.error = null;
  }

  /** Shows a question of the notebook and answers it. */
  ask(key: QuestionKey, step = 0): Promise<void> {
    const question = questionAt(numberOf(key) + step);
    this.use(question.sql, question);
    return this.#run(question.sql, false);
  }

  /** Opens a file beside the own chain, or closes it. Its tables are listed when it is asked. */
  setFile(file: File | null): void {
    this.file = file;
    this.#foreign = [];
    if (file === null) this.asksFile = false;
    else if (this.asksFile) void this.#listTables(file);
  }

  askFile(asksFile: boolean): void {
    const { file } = this;
    this.asksFile = asksFile && file !== null;
    if (this.asksFile && file !== null && this.#foreign.length === 0) void this.#listTables(file);
  }

  async #listTables(file: File): Promise<void> {
    try {
      const tables = await foreignSchema((sql, params) => this.#api.queryFile(file, sql, params));
      if (this.file === file) this.#foreign = tables;
    } catch (error) {
      if (this.file === file) this.error = error;
    }
  }

  async #run(sql: string, keep: boolean): Promise<void> {
    if (this.running || sql.trim() === '') return;
    const file = this.asksFile ? this.file : null;
    this.running = true;
    this.error = null;
    try {
      const result = await (file === null ? this.#api.query(sql) : this.#api.queryFile(file, sql));
      this.answer = { sql, result, fileName: file?.name ?? null };
      if (isPlan(result)) this.view = 'plan';
      else if (this.view === 'plan') this.view = 'table';
      if (keep) this.shelf.remember(sql);
    } catch (error) {
      this.answer = null;
      this.error = error;
    } finally {
      this.running = false;
    }
  }
}
