import { untrack } from 'svelte';
import type { ForkTree, HistoryEntry, Status } from '../../../api/api.ts';
import type { App } from '../../state/app.svelte.ts';
import { doneSteps, NO_WORK, STEPS, type LabFacts, type LabId, type LabWork } from './labs.ts';

/** Enough for the payments of a lab among the rewards of a quick network. */
const ENTRIES = 40;
/** More pages than an experiment needs. */
const MAX_PLACES = 200;

/** The experiment that this tab does now. It goes on while its person looks at other pages. */
export class LabRun {
  readonly id: LabId;
  done = $state.raw<readonly string[]>([]);
  work = $state.raw<LabWork>(NO_WORK);
  readonly #app: App;
  readonly #startedAt = Date.now();
  readonly #atStart: Pick<Status, 'height' | 'difficulty'>;
  /** Each place once. */
  #visited: readonly string[] = [];
  #cutAt: number | null = null;
  #history: readonly HistoryEntry[] = [];
  #changes: ForkTree['reorganisations'] = [];
  #revision = -1;

  constructor(app: App, id: LabId, status: Pick<Status, 'height' | 'difficulty'>) {
    this.#app = app;
    this.id = id;
    this.#atStart = { height: status.height, difficulty: status.difficulty };
  }

  /** The first step that is not done; null at the end. */
  get next(): string | null {
    return STEPS[this.id].find(({ key }) => !this.done.includes(key))?.key ?? null;
  }

  note(work: Partial<LabWork>): void {
    this.work = { ...this.work, ...work };
  }

  /** Notes steps that a bench has seen done. */
  mark(...keys: readonly string[]): void {
    const fresh = keys.filter((key) => !this.work.marks.includes(key));
    if (fresh.length > 0) this.note({ marks: [...this.work.marks, ...fresh] });
  }

  /** Call in an effect: follows the node, the place and the lab's controls. */
  follow(): void {
    const { status, router } = this.#app;
    const { path } = router.place;
    void this.work;
    if (status === null) return;
    untrack(() => {
      if (!this.#visited.includes(path)) this.#visited = [...this.#visited, path].slice(-MAX_PLACES);
      if (status.sync.state === 'offline') this.#cutAt ??= status.height;
      this.#judge(status);
      if (status.revision !== this.#revision) void this.#read(status);
    });
  }

  async #read(status: Status): Promise<void> {
    this.#revision = status.revision;
    const { api, account } = this.#app;
    try {
      this.#history = account === null ? [] : await api.history({ limit: ENTRIES });
      this.#changes = (await api.forks({ heights: 1 })).reorganisations;
      if (this.#app.status) this.#judge(this.#app.status);
    } catch {
      // The next change of the chain asks again.
      this.#revision = -1;
    }
  }

  #judge(status: Status): void {
    const facts: LabFacts = {
      status,
      atStart: this.#atStart,
      startedAt: this.#startedAt,
      history: this.#history,
      changes: this.#changes,
      visited: this.#visited,
      done: this.done,
      cutAt: this.#cutAt,
      work: this.work,
    };
    const done = doneSteps(this.id, facts);
    if (done.length !== this.done.length) this.done = done;
  }
}
