import { enLabChain } from './lab-chain.ts';
import { enLabHome } from './lab-home.ts';
import { enLabSignature } from './lab-signature.ts';
import { enLabTamper } from './lab-tamper.ts';
import { enLabDouble } from './lab-double.ts';
import { enLabMajority } from './lab-majority.ts';
import { enLabRules } from './lab-rules.ts';
import { enLabTimes } from './lab-times.ts';

import { count } from './numbers.ts';

/** English texts of the experiments. */
export const enLab = {
  lab: {
    title: 'Lab',
    lead: 'Experiments of five to ten minutes, on the real network. Each step ticks itself when it has really happened.',
    all: 'All experiments',
    before: 'The steps tick themselves. You may go to other pages meanwhile; a line at the top shows the next step.',
    start: 'Begin',
    end: 'End the experiment',
    steps: 'Steps',
    go: 'Go there',
    isDone: 'Done:',
    finished: 'All steps are done. Talk about the questions.',
    happened: 'What happened here',
    watch: 'What to look for',
    ask: 'Questions',
    minutes: (n: number): string => `${n} minutes`,
    progress: (done: number, all: number): string => `${done} of ${all}`,
    hashBench: {
      title: 'Hash bench',
      text: 'Text',
      number: 'Number',
      digest: (zeros: number): string => `SHA-256 of text and number, with ${zeros} leading zeros`,
      step: 'Next number',
      search: (zeros: number): string => `Search for ${zeros} zeros`,
      stop: 'Stop',
      found: (number: string): string => `Number ${number} has enough zeros. Everybody can check this with a single hash.`,
    },
    linkSwitch: {
      title: 'Your link',
      isCut: 'All links of this tab are cut. It knows only what it knew, and what it mines itself.',
      isLinked: (peers: number): string =>
        peers === 0 ? 'This tab has no link yet.' : `This tab is linked with ${count(peers, 'tab', 'tabs')}.`,
      isTeam: (peers: number): string =>
        peers === 0
          ? 'No other tab of your team is here yet.'
          : `This tab is linked with ${count(peers, 'tab', 'tabs')} of its team, and with nobody else.`,
      publish: 'Publish the branch together',
      cut: 'Cut all links',
      connect: 'Link again',
      needsAccount: 'Mining needs an account: register first.',
    },
    detective: {
      title: 'Case file',
      hint: 'Find the answers in the database of your own tab. The right answers come from there, too.',
      check: 'Check',
      right: 'Right.',
      wrong: 'The database says something else.',
      none: 'The chain has nothing about this yet. Mine and pay first.',
      questions: {
        miner: 'Who found most blocks?',
        payment: 'How many coins had the largest payment?',
        crowded: 'What is the height of a block with most transactions?',
        supply: 'How many coins exist now?',
        generous: 'Who made most payments?',
      },
    },
    signatureBench: enLabSignature.bench,
    chainBench: enLabChain.bench,
    tamperBench: enLabTamper.bench,
    takeHome: enLabHome,
    seen: enLabTamper.seen,
    doubleBench: enLabDouble.bench,
    majorityBench: enLabMajority.bench,
    team: enLabMajority.team,
    rules: enLabRules,
    timesBench: enLabTimes.bench,
    labs: {
      signature: enLabSignature.lab,
      chain: enLabChain.lab,
      tamper: enLabTamper.lab,
      hash: {
        title: 'Hash: a number that proves work',
        goal: 'See why finding a block is hard, and checking it is easy.',
        steps: {
          type: 'Type three letters into the text, and watch how the whole hash changes.',
          hand: 'Try eight numbers by hand.',
          find: 'Let the tab find a number whose hash begins with three zeros.',
          look: 'Open a real block and look at its hash.',
        },
        watch: 'One more letter changes every digit of the hash. Nobody can work backwards from the zeros to the number.',
        questions: [
          'About how many tries do three zeros take, and how many four?',
          'Why does everybody believe the found number without trying the others?',
          'What happens to the zeros if somebody alters the block later?',
        ],
      },
      fork: {
        title: 'Fork: two truths, until they meet',
        goal: 'Cut your link, mine alone, come back, and see which branch everybody keeps.',
        steps: {
          linked: 'Be linked with at least one other tab that mines.',
          cut: 'Cut all links.',
          mine: 'Mine at least one block alone, while the others go on.',
          back: 'Link again.',
          settled: 'Wait until all tabs agree.',
          tree: 'Open the tree of branches and find the branch that lost.',
        },
        watch:
          'The branch with more work wins, no matter who mined it. Rewards on the other branch are gone; its payments wait again and enter a later block.',
        questions: [
          'Whose branch won, and why?',
          'Which coins disappeared, and which payments came back?',
          'Why does a shop wait for a few more blocks before it hands over the goods?',
        ],
      },
      fees: {
        title: 'Fees: who gets into the block',
        goal: 'Send two payments with different fees, and see which is faster when blocks are full.',
        steps: {
          two: 'Send two payments with different fees, one of them as low as allowed.',
          confirmed: 'Wait until both are in a block.',
          waiting: 'Look at the blocks: how full were they?',
        },
        watch: 'Miners take what pays most for each byte. In an empty block every fee is enough; in a full block low fees wait.',
        questions: [
          'Why does a miner not take the payments in the order of their arrival?',
          'What would happen to the network without any fee?',
        ],
      },
      difficulty: {
        title: 'Difficulty: a clock without a clockmaker',
        goal: 'Let many tabs mine, and see how the rules keep the time between blocks.',
        steps: {
          mine: 'Start mining, together with as many tabs as you can.',
          blocks: 'Wait for twenty blocks.',
          changed: 'See the difficulty change by at least 15 percent.',
          chart: 'Look at the blocks and their intervals.',
        },
        watch: 'More miners find blocks faster, so the rules make blocks harder. When miners leave, blocks come slower at first.',
        questions: ['Who decides about the difficulty?', 'What would happen if every miner could write any time into a block?'],
      },
      privacy: {
        title: 'Privacy: what everybody can see',
        goal: 'Find out what others know about you, and what a sealed memo hides.',
        steps: {
          others: 'Open the page of somebody else and read all their payments.',
          seal: 'Send a payment with a sealed memo.',
          sql: 'Find your payment in the database, and look at the memo.',
        },
        watch: 'Amounts, names and times are open to all, for good. Only the text of a sealed memo is readable by two people alone.',
        questions: ['What would you not write into a memo?', 'Who can delete a payment that you regret?'],
      },
      proof: {
        title: 'Receipt: proof on a phone',
        goal: 'Prove a payment to somebody who does not have the chain.',
        steps: {
          pay: 'Have a payment of yours in a block.',
          make: 'Open the payment and make its receipt.',
          check: 'Check the receipt, best on another device.',
        },
        watch:
          'The receipt is two kilobytes, and the chain has thousands. The receipt holds just the hashes on the way from your payment to the block.',
        questions: ['What must the other person know to trust the receipt?', 'Why can nobody make a receipt for a payment that never was?'],
      },
      detective: {
        title: 'SQL detective',
        goal: 'Find out who did what, from the tables alone.',
        steps: {
          one: 'Answer one question.',
          all: 'Answer four questions.',
        },
        watch: 'The tables accounts, blocks and transactions hold everything. The views transfers and miners save some typing.',
        questions: ['Which question needed one table, and which needed two?', 'How do you know that nobody has changed these tables?'],
      },
      double: enLabDouble.lab,
      majority: enLabMajority.lab,
      times: enLabTimes.lab,
    },
  },
};
