/**
 * An attempt to rewrite blocks, as this tab's node saw it: the chain at the cut, the own branch at the return, and what the others had by then,
 * which their greetings say when the links open again.
 *
 * The tabs of a team return together. A tab that comes a moment later finds its branch at the others already, and cannot know what it replaced.
 * Only the first tabs can.
 */
import type { ForkTree, SecretTeamInfo, Status } from '../../../api/api.ts';
import { isApart } from './lab-facts.ts';

/** A chain's end. */
interface End {
  readonly height: number;
  /** Expected hashes of the whole chain. */
  readonly work: bigint;
}

/** A block's end of the chain, with its id. */
export interface Tip extends End {
  readonly tip: string;
}

interface Cut extends Tip {
  readonly rates: Rates;
  /** Whether a team shares the branch. */
  readonly team: boolean;
}

/** What one side mined since the cut. */
export interface Side {
  readonly blocks: number;
  /** Expected hashes. */
  readonly work: number;
}

export interface Attempt {
  readonly wanted: number;
  readonly own: Side;
  /** Null where this tab came after the others had taken the branch of its team. */
  readonly others: Side | null;
  /** The part of the work of both sides that is this tab's, or its team's; null where the others' work is unknown. */
  readonly share: number | null;
  /** Whether the own branch is the one that counts. */
  readonly won: boolean;
}

export interface AttackState {
  /** Where the branches part. Null while the tab is linked and no attempt is open. */
  readonly cut: Cut | null;
  /** The own branch's end while the tab is cut off. */
  readonly own: End;
  /** When the links came back; null before. */
  readonly backMs: number | null;
  /** The others' end, by the greeting with the most work. */
  readonly others: End | null;
  /** Finished attempts, oldest first. */
  readonly attempts: readonly Attempt[];
}

/** Hashes a second of this tab, and of the whole network. */
interface Rates {
  readonly own: number;
  readonly network: number;
}

const NOWHERE: End = { height: 0, work: 0n };
export const NO_ATTACK: AttackState = { cut: null, own: NOWHERE, backMs: null, others: null, attempts: [] };

/** A tab of a team that is slower than this finds the branch of its team at the others. */
const UNKNOWN_AFTER_MS = 5_000;

type Seen = Pick<Status, 'height' | 'tip' | 'work' | 'sync' | 'peers' | 'networkHashrate'> & {
  readonly mining: Pick<Status['mining'], 'hashrate'>;
};

/** The next state after a status: follows the cut, the own branch and the return. */
export function followAttack(state: AttackState, status: Seen, nowMs: number): AttackState {
  const end: End = { height: status.height, work: BigInt(status.work) };
  if (isApart(status)) {
    const rates = { own: status.mining.hashrate, network: status.networkHashrate };
    const { team } = status.sync;
    const isNew = state.cut === null || state.backMs !== null;
    return {
      ...state,
      cut: isNew ? { ...end, tip: status.tip, rates, team } : state.cut && { ...state.cut, team: state.cut.team || team },
      own: end,
      backMs: null,
      others: null,
    };
  }
  if (state.cut === null) return state;
  if (state.own.height <= state.cut.height) return { ...NO_ATTACK, attempts: state.attempts };
  const { cut, own } = state;
  const rivals = othersOf(status).flatMap(({ greeting }) => {
    if (greeting === null) return [];
    const greeted = endOf(greeting);
    // Such a tab has already taken blocks of the branch from a faster member of the team.
    const isTaken = cut.team && greeting.agrees === true && greeted.height > cut.height && greeted.work <= own.work;
    return isTaken ? [] : [greeted];
  });
  const others = rivals.reduce((best, each) => (best !== null && best.work >= each.work ? best : each), state.others);
  return { ...state, backMs: state.backMs ?? nowMs, others };
}

/**
 * Ends the attempt once it is decided: the own branch was replaced, or another tab has taken it.
 * @param changes read after `status`, so that they explain it
 */
export function settleAttack(
  state: AttackState,
  status: Seen,
  changes: ForkTree['reorganisations'],
  wanted: number,
  nowMs: number,
): AttackState {
  const { cut, own, backMs, others } = state;
  if (cut === null || backMs === null || (others === null && !(cut.team && nowMs - backMs >= UNKNOWN_AFTER_MS))) return state;
  const lost = changes.some(({ time, fork }) => time >= backMs && fork < own.height);
  const taken = othersOf(status).some((peer) => peer.agrees === true && peer.height >= own.height);
  if (!lost && !taken) return state;
  const mine = sideOf(cut, own);
  const theirs = others && sideOf(cut, others);
  const share = theirs && mine.work / (mine.work + theirs.work);
  const attempt = { wanted, own: mine, others: theirs, share, won: !lost };
  return { ...NO_ATTACK, attempts: [...state.attempts, attempt] };
}

/**
 * Where the branch of a team leaves the chain of the others: the highest block with which a member came, and which the branch has.
 * @param ends such blocks of all members, as far as they are on this tab's chain
 */
export function moveCut(state: AttackState, ends: readonly Tip[]): AttackState {
  const { cut } = state;
  const best = ends.reduce<Tip | null>((high, each) => (high && high.height >= each.height ? high : each), null);
  return cut === null || best === null || best.tip === cut.tip ? state : { ...state, cut: { ...cut, ...best } };
}

/** Linked tabs that are not of the own team. */
const othersOf = ({ peers }: Seen): Seen['peers'] => peers.filter(({ state, team }) => state === 'ready' && !team);

/** Whether an attempt waits for its decision. */
export const isUndecided = ({ cut, backMs }: AttackState): boolean => cut !== null && backMs !== null;

/** Whether an attempt did what it wanted: so many blocks of the others no longer count. */
export const succeeded = ({ won, wanted, others }: Attempt): boolean => won && others !== null && others.blocks >= wanted;

/** The attackers' share by all attempts, weighted by work; null before the first. */
export function shareOf(attempts: readonly Attempt[]): number | null {
  const sum = (side: 'own' | 'others'): number =>
    attempts.reduce((total, attempt) => total + (attempt.share === null ? 0 : attempt[side]!.work), 0);
  const [own, others] = [sum('own'), sum('others')];
  return own + others === 0 ? null : own / (own + others);
}

/**
 * The share by hash rates while the tab is cut off: the rate of the tab and its team now, and the rate of the others before the cut.
 * Null where nothing is known.
 */
export function shareByRates({ cut }: AttackState, ownNow: number, team: SecretTeamInfo | null): number | null {
  const members = team?.members ?? [];
  const now = members.reduce((sum, { hashrate }) => sum + hashrate, ownNow);
  if (cut === null || now === 0) return null;
  const before = members.reduce((sum, member) => sum + member.before, cut.rates.own);
  return now / (now + Math.max(0, cut.rates.network - before));
}

const endOf = ({ height, work }: { readonly height: number; readonly work: string }): End => ({ height, work: BigInt(work) });
const sideOf = (cut: End, end: End): Side => ({
  blocks: Math.max(0, end.height - cut.height),
  work: end.work > cut.work ? Number(end.work - cut.work) : 0,
});
