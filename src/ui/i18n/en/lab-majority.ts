import { count, number } from './numbers.ts';

const blocks = (n: number): string => count(n, 'block', 'blocks');

/** English texts of the experiment about outpacing the others. */
export const enLabMajority = {
  lab: {
    title: '51 %: rewriting the past',
    goal: 'Mine a secret branch against the rest, try to replace blocks that everybody had, and compare with the chance.',
    steps: {
      linked: 'Be linked with a tab that mines. One team attacks, and the others go on mining.',
      cut: 'Choose how many blocks to rewrite. Then join a team, or cut all links and attack alone.',
      mine: 'Mine at least as many blocks in secret.',
      back: 'Publish the branch, or link again, when you believe that you are ahead.',
      settled: 'See which branch everybody keeps.',
      again: 'Try once more, with another number of blocks or of threads.',
    },
    watch:
      'Blocks can be replaced only by more work than they and all later blocks have. Each further block makes that less likely, but never impossible.',
    questions: [
      'How many blocks did the winners need, and what was their share of the work?',
      'With which share does an attack always succeed in the end?',
      'How long should a shop wait where one miner has a third of the power?',
      'What could the attackers change, and what could they never do? Think of signatures.',
    ],
  },
  bench: {
    title: 'Your attack',
    depth: 'Blocks to rewrite',
    blocks,
    mined: (n: number, height: string): string =>
      `${blocks(n)} mined in secret since block ${height}. How far the others are, only they know.`,
    undecided: 'The branches are being compared. Where both have the same work, the next block decides.',
    attempts: 'Your attempts',
    nothing: 'The others mined nothing, so there was nothing to rewrite.',
    won: (theirs: number, own: number): string => `Won: ${blocks(own)} of yours replaced ${blocks(theirs)} of the others.`,
    lost: (own: number, theirs: number): string => `Lost: ${blocks(own)} of yours against ${blocks(theirs)} of the others.`,
    wonUnseen: (own: number): string =>
      `Won: everybody has the ${blocks(own)} of your team. Another tab of the team was back first, and says how many were replaced.`,
    lostUnseen: (own: number): string => `Lost: ${blocks(own)} of your team count no more.`,
    measured: (share: string): string => `Your share of the work was ${share}.`,
    expected: (depth: number, chance: string): string => `The chance to rewrite ${blocks(depth)} with it is ${chance}.`,
    chances: 'The chance',
    byRates: (share: string): string => `By the hash rates, your share is ${share} now.`,
    byWork: (share: string): string => `By the work of all your attempts, your share is ${share}.`,
    example: (share: string): string =>
      `An example: a team with ${share} of all hash power. Your own share appears while you are cut off and mine.`,
    columns: { blocks: 'To rewrite', exact: 'Chance', nakamoto: 'After Nakamoto, 2008' },
    note: 'The formulas let the attackers go on for as long as they like, so those who come back early win less often. They count blocks of equal difficulty; the network compares work.',
  },
  team: {
    title: 'Attack as a team',
    text: 'Everybody of the team types the same name. Then these tabs leave the network, link with each other alone, and mine one secret branch.',
    name: 'Name of the team',
    join: 'Join the team',
    you: 'You:',
    together: (tabs: number, rate: string): string => `${count(tabs, 'tab', 'tabs')}, ${rate} together.`,
    inside:
      'The rest of the network knows nothing of your blocks. Anybody who guesses the name is in the team, too. When one tab publishes, closes the experiment or reloads, the branch is public.',
    back: (depth: number, height: number): string =>
      `An experiment: a team brought its secret branch back. ${count(depth, 'block was', 'blocks were')} replaced, and the height is now ${number(height)}.`,
    now: (tabs: number): string =>
      `In a secret team, linked with ${tabs === 0 ? 'no other tab yet' : `${count(tabs, 'tab', 'tabs')} of the team alone`}. The Lab and the Network page lead back.`,
    pill: 'Secret team',
  },
};
