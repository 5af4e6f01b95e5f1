import { untrack } from 'svelte';
import type { ForkTree, HistoryEntry, SecretTeamInfo, Status } from '../../../api/api.ts';
import type { Messages } from '../../i18n/en/messages.ts';
import type { App } from '../../state/app.svelte.ts';
import { startMining, stopMining } from '../mining/mining.ts';
import { followAttack, isUndecided, moveCut, NO_ATTACK, settleAttack, type AttackState, type Tip } from './attack.ts';
import { isApart, NO_RIVALS, NO_WORK, type LabFacts, type LabWork, type Rivals } from './lab-facts.ts';
import { doneSteps, STEPS, type LabId } from './labs.ts';

/** Enough for the payments of a lab among the rewards of a quick network. */
const ENTRIES = 40;
/** More pages than an experiment needs. */
const MAX_PLACES = 200;

/** A fact of an experiment, as a sentence in the language of the page. */
export interface LabRecord {
  readonly key: string;
  readonly say: (t: Messages) => string;
}

/** The experiment that this tab does now. It goes on while its person looks at other pages. */
export class LabRun {
  readonly id: LabId;
  done = $state.raw<readonly string[]>([]);
  work = $state.raw<LabWork>(NO_WORK);
  /** double: both payments. */
  rivals = $state.raw<Rivals>(NO_RIVALS);
  /** double: the block that had a payment and counts no more. */
  lostBlock = $state.raw<{ readonly height: number; readonly id: string } | null>(null);
  attack = $state.raw<AttackState>(NO_ATTACK);
  /** majority: the team to which this tab belongs. */
  team = $state.raw<SecretTeamInfo | null>(null);
  /** What has really happened, in the order of the steps: the questions are about these codes, heights and ids. */
  records = $state.raw<readonly LabRecord[]>([]);
  readonly #app: App;
  readonly #startedAt = Date.now();
  readonly #atStart: Pick<Status, 'height' | 'difficulty' | 'mining' | 'sync'>;
  /** Each place once. */
  #visited: readonly string[] = [];
  #cutAt: number | null = null;
  #history: readonly HistoryEntry[] = [];
  #changes: ForkTree['reorganisations'] = [];
  #revision = -1;
  #asked: readonly (string | null)[] = [null, null];
  #reading = false;

  constructor(app: App, id: LabId, status: Pick<Status, 'height' | 'difficulty' | 'mining' | 'sync'>) {
    this.#app = app;
    this.id = id;
    this.#atStart = status;
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

  /** Ends the experiment. Links and mining become as they were before; what entered the chain stays. */
  async end(): Promise<void> {
    const app = this.#app;
    app.lab = null;
    const { status, api } = app;
    try {
      if (status !== null && isApart(status) && !isApart(this.#atStart)) await api.connect();
      if (status?.mining.on !== this.#atStart.mining.on) await (this.#atStart.mining.on ? startMining : stopMining)(app);
      await app.refresh();
    } catch (error) {
      app.toasts.show({ key: 'lab', tone: 'bad', text: app.explain(error) });
    }
  }

  /** Notes a fact; it takes the place of an earlier fact of the same key. */
  record(key: string, say: LabRecord['say']): void {
    // An effect that notes a fact must not run again because of the fact.
    const others = untrack(() => this.records).filter((each) => each.key !== key);
    this.records = [...others, { key, say }];
  }

  /** Call in an effect: follows the node, the place and the lab's controls. */
  follow(): void {
    const { status, router } = this.#app;
    const { path } = router.place;
    void this.work;
    if (status === null) return;
    untrack(() => {
      if (!this.#visited.includes(path)) this.#visited = [...this.#visited, path].slice(-MAX_PLACES);
      if (isApart(status)) this.#cutAt ??= status.height;
      this.attack = followAttack(this.attack, status, Date.now());
      this.#judge(status);
      if (this.#isOutdated(status) || isUndecided(this.attack) || status.sync.team || this.team !== null) void this.#read(status);
    });
  }

  /** Whether what was read of the node is older than this status, or about other payments. */
  #isOutdated({ revision }: Status): boolean {
    return revision !== this.#revision || this.work.first !== this.#asked[0] || this.work.second !== this.#asked[1];
  }

  async #read(status: Status): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    this.#revision = status.revision;
    const { api, account } = this.#app;
    const { first, second, rewrite } = this.work;
    this.#asked = [first, second];
    const paid = async (txid: string | null) => (txid === null ? null : await api.transaction(txid));
    try {
      this.#history = account === null ? [] : await api.history({ limit: ENTRIES });
      await this.#readTeam(status);
      this.#changes = (await api.forks({ heights: 1 })).reorganisations;
      this.#compare([await paid(first), await paid(second)]);
      this.attack = settleAttack(this.attack, status, this.#changes, rewrite, Date.now());
    } catch {
      // The next status asks again.
      this.#revision = -1;
      this.#reading = false;
      return;
    }
    this.#reading = false;
    const newest = this.#app.status ?? status;
    this.#judge(newest);
    if (this.#isOutdated(newest)) void this.#read(newest);
  }

  /** Reads what the team knows, and where its branch leaves the chain of the others. */
  async #readTeam({ sync }: Status): Promise<void> {
    const { api } = this.#app;
    this.team = sync.team ? await api.team() : null;
    const { cut } = this.attack;
    if (this.team === null || cut === null) return;
    const tips = [cut.tip, ...this.team.members.map(({ tip }) => tip)];
    const blocks = await Promise.all(tips.filter((tip, i) => tips.indexOf(tip) === i).map((tip) => api.block(tip)));
    const ends = blocks.flatMap((block): Tip[] =>
      block?.active ? [{ height: block.height, work: BigInt(block.cumulativeWork), tip: block.id }] : [],
    );
    this.attack = moveCut(this.attack, ends);
  }

  /** Takes both payments, and remembers the block of one that no longer has one. */
  #compare(rivals: Rivals): void {
    rivals.forEach((now, i) => {
      const before = this.rivals[i];
      const isLost = before?.status === 'confirmed' && now?.txid === before.txid && now.status !== 'confirmed';
      if (isLost) this.lostBlock = { height: before.height!, id: before.blockId! };
    });
    if (rivals[1] === null) this.lostBlock = null;
    this.rivals = rivals;
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
      rivals: this.rivals,
      attack: this.attack,
      work: this.work,
    };
    const done = doneSteps(this.id, facts);
    if (done.length !== this.done.length) this.done = done;
  }
}
