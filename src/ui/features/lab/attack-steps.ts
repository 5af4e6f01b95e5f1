/** The steps of the experiments that attack the chain: spending twice, outpacing the others, and header times. */
import type { TransactionInfo } from '../../../api/api.ts';
import { PLANS } from './header-plan.ts';
import { isCut, marked, ready, type LabFacts, type LabStep, type Rivals } from './lab-facts.ts';

/** Confirmations after which the experiment calls a payment deep. */
const DEEP = 3;
const ATTEMPTS = 2;

const isLinked = (facts: LabFacts): boolean => !isCut(facts) && ready(facts) > 0;
/** Whether a peer's chain is this tab's, so both have decided for one branch. */
const isOneChain = ({ status }: LabFacts): boolean =>
  status.peers.some(({ state, agrees, height }) => state === 'ready' && agrees === true && height === status.height);

const waits = (info: TransactionInfo | null): boolean => info?.status === 'pending' || info?.status === 'queued';
const counts = (info: TransactionInfo | null): boolean => info?.status === 'confirmed';
const lost = (info: TransactionInfo | null): boolean => info?.status === 'dropped';
const isDecided = ([first, second]: Rivals): boolean => (counts(first) && lost(second)) || (lost(first) && counts(second));

export const DOUBLE: readonly LabStep[] = [
  { key: 'linked', isDone: isLinked },
  { key: 'pay', isDone: (facts) => isCut(facts) && waits(facts.rivals[0]) },
  { key: 'again', isDone: (facts) => isCut(facts) && facts.rivals[1] !== null && !lost(facts.rivals[1]) },
  { key: 'mine', isDone: (facts) => isCut(facts) && counts(facts.rivals[1]) },
  { key: 'back', isDone: isLinked },
  { key: 'settled', isDone: (facts) => isDecided(facts.rivals) && isOneChain(facts) },
  { key: 'deep', isDone: ({ rivals }) => isDecided(rivals) && rivals.some((info) => counts(info) && info!.confirmations >= DEEP) },
];

export const MAJORITY: readonly LabStep[] = [
  { key: 'linked', isDone: isLinked },
  { key: 'cut', isDone: isCut },
  { key: 'mine', isDone: ({ attack, work }) => attack.cut !== null && attack.own.height >= attack.cut.height + work.rewrite },
  { key: 'back', isDone: isLinked },
  { key: 'settled', isDone: ({ attack }) => attack.attempts.length >= 1 },
  { key: 'again', isDone: ({ attack }) => attack.attempts.length >= ATTEMPTS },
];

export const TIMES: readonly LabStep[] = PLANS.map(marked);
