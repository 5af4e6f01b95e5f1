/** What is known while an experiment runs, and what its steps ask of that. */
import type { ForkTree, HistoryEntry, Status, TransactionInfo } from '../../../api/api.ts';
import type { AttackState } from './attack.ts';

/** Two own payments with one number, as the node sees them. */
export type Rivals = readonly [first: TransactionInfo | null, second: TransactionInfo | null];
export const NO_RIVALS: Rivals = [null, null];

/** What a lab's own controls have done. */
export interface LabWork {
  /** hash: texts tried, nonces tried by hand, and the most leading zero digits of a hash so far. */
  readonly texts: number;
  readonly tries: number;
  readonly zeros: number;
  /** detective: questions answered. */
  readonly solved: number;
  /** Keys of steps that a bench has seen done. */
  readonly marks: readonly string[];
  /** double: ids of the two payments. */
  readonly first: string | null;
  readonly second: string | null;
  /** majority: blocks to rewrite. */
  readonly rewrite: number;
}

export const NO_WORK: LabWork = { texts: 0, tries: 0, zeros: 0, solved: 0, marks: [], first: null, second: null, rewrite: 2 };

/** What is known while a lab runs. */
export interface LabFacts {
  readonly status: Pick<Status, 'height' | 'difficulty' | 'sync' | 'mining' | 'peers'>;
  /** The same when the lab began. */
  readonly atStart: Pick<Status, 'height' | 'difficulty'>;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Newest entries of the account's history. */
  readonly history: readonly Pick<HistoryEntry, 'direction' | 'status' | 'fee' | 'sealed' | 'time' | 'height' | 'position'>[];
  readonly changes: ForkTree['reorganisations'];
  /** Paths of the pages that were opened since the lab began. */
  readonly visited: readonly string[];
  /** Steps that are done. */
  readonly done: readonly string[];
  /** Height at which the link was cut; null before. */
  readonly cutAt: number | null;
  /** double: both payments, as this tab's chain has them. */
  readonly rivals: Rivals;
  readonly attack: AttackState;
  readonly work: LabWork;
}

export interface LabStep {
  readonly key: string;
  readonly isDone: (facts: LabFacts) => boolean;
}

/** Number of open links. */
export const ready = ({ status }: LabFacts): number => status.peers.filter(({ state }) => state === 'ready').length;
/** Whether this tab has left the network: it has no links, or links to its team alone. */
export const isApart = ({ sync }: { readonly sync: Pick<Status['sync'], 'state' | 'team'> }): boolean =>
  sync.state === 'offline' || sync.team;
export const isCut = ({ status }: LabFacts): boolean => isApart(status);
/** Whether a page whose path begins so was opened since the lab began. */
export const opened = ({ visited }: LabFacts, start: string): boolean => visited.some((path) => path.startsWith(start));
/** Own payments since the lab began. */
export const sent = ({ history, startedAt }: LabFacts): LabFacts['history'] =>
  history.filter(({ direction, time }) => (direction === 'out' || direction === 'self') && time >= startedAt);

/** A step that the bench of the experiment itself sees done. */
export const marked = (key: string): LabStep => ({ key, isDone: ({ work }) => work.marks.includes(key) });
