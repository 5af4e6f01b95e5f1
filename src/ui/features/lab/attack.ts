/**
 * An attempt to rewrite blocks, as this tab's node saw it: the chain at the cut, the own branch at the return, and what the others had by then,
 * which their greetings say when the links open again.
 */
import type { ForkTree, Status } from '../../../api/api.ts';

/** A chain's end. */
interface End {
  readonly height: number;
  /** Expected hashes of the whole chain. */
  readonly work: bigint;
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
  readonly others: Side;
  /** The part of the work of both sides that is this tab's. */
  readonly share: number;
  /** Whether the own branch is the one that counts. */
  readonly won: boolean;
}

export interface AttackState {
  /** Where the branches part. Null while the tab is linked and no attempt is open. */
  readonly cut: (End & { readonly rates: Rates }) | null;
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

type Seen = Pick<Status, 'height' | 'work' | 'sync' | 'peers' | 'networkHashrate'> & {
  readonly mining: Pick<Status['mining'], 'hashrate'>;
};

/** The next state after a status: follows the cut, the own branch and the return. */
export function followAttack(state: AttackState, status: Seen, nowMs: number): AttackState {
  const end: End = { height: status.height, work: BigInt(status.work) };
  if (status.sync.state === 'offline') {
    const rates = { own: status.mining.hashrate, network: status.networkHashrate };
    const isNew = state.cut === null || state.backMs !== null;
    return { ...state, cut: isNew ? { ...end, rates } : state.cut, own: end, backMs: null, others: null };
  }
  if (state.cut === null) return state;
  if (state.own.height <= state.cut.height) return { ...NO_ATTACK, attempts: state.attempts };
  const greeted = status.peers.flatMap(({ state: link, greeting }) => (link === 'ready' && greeting ? [endOf(greeting)] : []));
  const others = greeted.reduce((best, each) => (best !== null && best.work >= each.work ? best : each), state.others);
  return { ...state, backMs: state.backMs ?? nowMs, others };
}

/**
 * Ends the attempt once it is decided: the own branch was replaced, or another tab has taken it.
 * @param changes read after `status`, so that they explain it
 */
export function settleAttack(state: AttackState, status: Seen, changes: ForkTree['reorganisations'], wanted: number): AttackState {
  const { cut, own, backMs, others } = state;
  if (cut === null || backMs === null || others === null) return state;
  const lost = changes.some(({ time, fork }) => time >= backMs && fork < own.height);
  const taken = status.peers.some((peer) => peer.state === 'ready' && peer.agrees === true && peer.height >= own.height);
  if (!lost && !taken) return state;
  const [mine, theirs] = [sideOf(cut, own), sideOf(cut, others)];
  const attempt = { wanted, own: mine, others: theirs, share: mine.work / (mine.work + theirs.work), won: !lost };
  return { ...NO_ATTACK, attempts: [...state.attempts, attempt] };
}

/** Whether an attempt waits for its decision. */
export const isUndecided = ({ cut, backMs }: AttackState): boolean => cut !== null && backMs !== null;

/** Whether an attempt did what it wanted: so many blocks of the others no longer count. */
export const succeeded = ({ won, wanted, others }: Attempt): boolean => won && others.blocks >= wanted;

/** The attackers' share by all attempts, weighted by work; null before the first. */
export function shareOf(attempts: readonly Attempt[]): number | null {
  const sum = (side: 'own' | 'others'): number => attempts.reduce((total, attempt) => total + attempt[side].work, 0);
  const [own, others] = [sum('own'), sum('others')];
  return own + others === 0 ? null : own / (own + others);
}

/** The share by hash rates while the tab is cut off: its rate now, and the rate of the others before the cut. Null where nothing is known. */
export function shareByRates({ cut }: AttackState, ownNow: number): number | null {
  if (cut === null || ownNow === 0) return null;
  const others = Math.max(0, cut.rates.network - cut.rates.own);
  return ownNow / (ownNow + others);
}

const endOf = ({ height, work }: { readonly height: number; readonly work: string }): End => ({ height, work: BigInt(work) });
const sideOf = (cut: End, end: End): Side => ({
  blocks: Math.max(0, end.height - cut.height),
  work: end.work > cut.work ? Number(end.work - cut.work) : 0,
});
