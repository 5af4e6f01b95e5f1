import { count, number } from './numbers.ts';

/** English texts of the chain lab. */
export const enLabChain = {
  lab: {
    title: 'Chain: alter the past',
    goal: 'Alter an old block in a copy of your own chain, and see which blocks break, and what a forger would have to mine again.',
    steps: {
      alter: 'Choose an old block, and alter a field or an amount.',
      next: 'Alter the block so that its id changes: the next block no longer follows it.',
      relink: 'Repair the links as a forger would, and look at the seals of the later blocks.',
      undo: 'Take everything back, so that all rules hold again.',
      real: 'Open the real chain: nothing has changed there.',
    },
    watch:
      'An amount is under the transaction root, the root is in the header, the header gives the id, and the next block names the id. So one change runs through to the newest block.',
    questions: [
      'Which rule noticed your change first, and in which block?',
      'Why are the links easy to repair, and the seals not?',
      'How much work would it be, and what would the others do meanwhile?',
    ],
  },
  bench: {
    title: 'A copy of your chain',
    memory: 'The copy is in memory alone. Your saved chain does not change, and nothing is sent.',
    block: (tip: number): string => `Block, 1 to ${number(tip)}`,
    blockInvalid: (tip: number): string => `Type the height of a block, from 1 to ${number(tip)}.`,
    relink: 'Repair the links of all later blocks, as a forger would',
    undo: 'Take the change back',
    records: {
      alter: (height: number, code: string): string => `In the altered block ${number(height)}, this rule broke first: ${code}.`,
      next: (height: number, before: string, after: string): string =>
        `The id became ${after} instead of ${before}. Block ${number(height)} still names ${before}: previous-wrong.`,
      relink: (refused: number, all: number, hashes: string, time: string): string =>
        `With the links repaired, ${number(refused)} of the ${count(all, 'later block', 'later blocks')} had no seal. To seal all again takes about ${hashes} hashes, or ${time} of the whole network.`,
    },
    resultTitle: 'What a node finds',
    allHold: 'All rules hold.',
    fall: (refused: number, all: number): string =>
      all === 0
        ? 'A node refuses the altered block.'
        : `A node refuses ${number(refused)} of the ${count(all, 'later block', 'later blocks')}.`,
    blockName: (height: number): string => `Block ${number(height)}`,
    luck: 'All rules hold by luck: the new hash is low enough.',
    not: (rule: string): string => `Broken: “${rule}”.`,
    newId: (before: string, after: string): string => `Its id was ${before} and is now ${after}.`,
    previousWrong: (named: string, actual: string): string => `It names ${named}, but the block before is now ${actual}.`,
    sealWrong: (id: string): string => `Its id is now ${id}, which is above the target: the seal is broken.`,
    historyWrong: (height: number): string => `Its history root still stands for the old block ${number(height)}.`,
    holds: (height: number): string => `Block ${number(height)} keeps the rules.`,
    more: (more: number, refused: number): string =>
      `${count(more, 'more block is', 'more blocks are')} checked in the same way. In all, ${number(refused)} are refused.`,
    workTitle: 'What the forger would have to do',
    toMine: 'Blocks to seal again',
    blocks: (n: number): string => count(n, 'block', 'blocks'),
    hashes: 'Hashes on average',
    time: 'With the whole network’s rate',
    unknown: 'unknown: the chain is too young',
    meanwhile:
      'Meanwhile all others mine on, and their chain grows. The forger needs more than half of all hash rate to catch up for certain.',
  },
};
