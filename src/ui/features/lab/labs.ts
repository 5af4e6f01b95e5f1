/**
 * The experiments. Each acts on the real network through the page's own API, so all other tabs treat it like anything else that people do, and
 * each step ticks itself by what the node says. Nothing here has a special right.
 */
import { DOUBLE, MAJORITY, TIMES } from './attack-steps.ts';
import { isCut, marked, opened, ready, sent, type LabFacts, type LabStep } from './lab-facts.ts';

/** In the order of a course: one block, the chain, several branches, the rules of pace, payments, and what remains visible. */
export const LABS = [
  'hash',
  'signature',
  'chain',
  'tamper',
  'fork',
  'double',
  'majority',
  'times',
  'difficulty',
  'fees',
  'privacy',
  'proof',
  'detective',
] as const;
export type LabId = (typeof LABS)[number];

/** How long a class needs. */
export const MINUTES: Readonly<Record<LabId, number>> = {
  hash: 5,
  fork: 10,
  fees: 10,
  difficulty: 10,
  privacy: 10,
  proof: 5,
  detective: 10,
  signature: 10,
  chain: 10,
  tamper: 10,
  double: 10,
  majority: 10,
  times: 10,
};

/** Zero digits that a hash of the first lab must begin with: 4,096 tries on average, a moment for the tab and an hour by hand. */
export const WANTED_ZEROS = 3;
const TRIES_BY_HAND = 8;
const SOLVED = 4;
/** Blocks after which the difficulty has answered to another number of miners. */
const ANSWER_BLOCKS = 20;
const CHANGE = 0.15;

export const STEPS: Readonly<Record<LabId, readonly LabStep[]>> = {
  hash: [
    { key: 'type', isDone: ({ work }) => work.texts >= 3 },
    { key: 'hand', isDone: ({ work }) => work.tries >= TRIES_BY_HAND },
    { key: 'find', isDone: ({ work }) => work.zeros >= WANTED_ZEROS },
    { key: 'look', isDone: (facts) => opened(facts, '/blocks/') },
  ],
  fork: [
    { key: 'linked', isDone: (facts) => ready(facts) > 0 },
    { key: 'cut', isDone: isCut },
    { key: 'mine', isDone: (facts) => isCut(facts) && facts.cutAt !== null && facts.status.height > facts.cutAt },
    { key: 'back', isDone: (facts) => facts.done.includes('mine') && !isCut(facts) && ready(facts) > 0 },
    {
      key: 'settled',
      isDone: (facts) =>
        facts.done.includes('back') &&
        (facts.changes.some(({ time }) => time >= facts.startedAt) || (facts.status.sync.state === 'synced' && agrees(facts))),
    },
    { key: 'tree', isDone: (facts) => facts.done.includes('settled') && opened(facts, '/forks') },
  ],
  fees: [
    { key: 'two', isDone: (facts) => new Set(sent(facts).map(({ fee }) => fee)).size >= 2 },
    { key: 'confirmed', isDone: (facts) => sent(facts).filter(({ status }) => status === 'confirmed').length >= 2 },
    { key: 'waiting', isDone: (facts) => opened(facts, '/blocks') },
  ],
  difficulty: [
    { key: 'mine', isDone: ({ status }) => status.mining.on },
    { key: 'blocks', isDone: ({ status, atStart }) => status.height >= atStart.height + ANSWER_BLOCKS },
    {
      key: 'changed',
      isDone: ({ status, atStart }) => Math.abs(Number(status.difficulty) / Number(atStart.difficulty) - 1) >= CHANGE,
    },
    { key: 'chart', isDone: (facts) => facts.done.includes('changed') && opened(facts, '/blocks') },
  ],
  privacy: [
    { key: 'others', isDone: (facts) => opened(facts, '/account/') },
    { key: 'seal', isDone: (facts) => sent(facts).some(({ sealed }) => sealed) },
    { key: 'sql', isDone: (facts) => facts.done.includes('seal') && opened(facts, '/database') },
  ],
  proof: [
    { key: 'pay', isDone: (facts) => facts.history.some(({ direction, status }) => direction === 'out' && status === 'confirmed') },
    { key: 'make', isDone: (facts) => opened(facts, '/tx/') },
    { key: 'check', isDone: (facts) => opened(facts, '/receipt') },
  ],
  detective: [
    { key: 'one', isDone: ({ work }) => work.solved >= 1 },
    { key: 'all', isDone: ({ work }) => work.solved >= SOLVED },
  ],
  signature: [
    ...['sign', 'power', 'letter', 'bit', 'back'].map(marked),
    { key: 'payment', isDone: (facts) => facts.done.includes('back') && opened(facts, '/tx/') },
  ],
  chain: [
    ...['alter', 'next', 'relink', 'undo'].map(marked),
    { key: 'real', isDone: (facts) => facts.done.includes('undo') && opened(facts, '/blocks') },
  ],
  tamper: [
    { key: 'linked', isDone: (facts) => ready(facts) > 0 },
    ...['balance', 'offer', 'old', 'repair'].map(marked),
    { key: 'agree', isDone: (facts) => facts.done.includes('repair') && agrees(facts) },
  ],
  double: DOUBLE,
  majority: MAJORITY,
  times: TIMES,
};

/** Whether some peer has this tab's height, so nobody has more to say. */
function agrees({ status }: LabFacts): boolean {
  return status.peers.some((peer) => peer.state === 'ready' && peer.height === status.height);
}

/** Steps that are done now. A step that was done stays done, and a step counts only after the steps before it. */
export function doneSteps(lab: LabId, facts: LabFacts): string[] {
  const done = [...facts.done];
  for (const { key, isDone } of STEPS[lab]) {
    if (done.includes(key)) continue;
    if (!isDone({ ...facts, done })) break;
    done.push(key);
  }
  return done;
}
