import { count, number } from './numbers.ts';

/** English texts of the tamper lab. */
export const enLabTamper = {
  lab: {
    title: 'Tamper: lie to the network',
    goal: 'Give yourself coins in a copy of your database, offer the result to real tabs, and read the rule by which they refuse it.',
    steps: {
      linked: 'Be linked with at least one other tab.',
      balance: 'Write another balance for yourself into your copy.',
      offer: 'Offer a payment of this balance to the other tabs.',
      old: 'Alter the amount of an old payment, and offer it.',
      repair: 'Throw your copy away, and have your real balance proven.',
      agree: 'See that all tabs still have the same newest block.',
    },
    watch:
      'Nobody asks what your database says. Each tab compares your offer with its own database, and answers with the first rule that is broken.',
    questions: [
      'Which rule refused your coins, and what did the other tabs compare?',
      'Why do the three ways to alter an old amount break three different rules?',
      'What would have to be true of most tabs for your lie to succeed?',
    ],
  },
  bench: {
    copyTitle: 'Your altered copy',
    memory:
      'The copy is in memory alone. The offers are real messages, marked as an experiment: the pages of the others show your name and the rule. Nobody takes an offer, and nobody is blamed.',
    database: 'Your database says',
    copy: 'Your copy says',
    newBalance: 'Balance in your copy',
    alter: 'Write it into the copy',
    offer: (coins: string): string => `Offer a payment of ${coins} coins`,
    toYourself: 'Your key really signs this payment. It goes to yourself, so nobody can use it against you on a richer day.',
    needsAccount: 'This experiment needs an account: register first.',
    resultBalance: 'Answers to your coins',
    records: {
      offer: (coins: string, real: string, codes: string): string =>
        `You offered ${coins} coins; the databases of the others say ${real}. Answers: ${codes}.`,
      old: (how: string, height: number, codes: string): string => `A payment of block ${number(height)}, altered. ${how}: ${codes}.`,
    },
    oldTitle: 'An old payment with another amount',
    noPayments: 'The chain has no payments yet. Make one first.',
    payment: 'Payment to alter',
    paymentOf: (from: string, to: string, coins: string, height: number): string => `${from} → ${to}: ${coins} (block ${number(height)})`,
    newAmount: 'Its new amount',
    how: 'How to offer it',
    hows: {
      signature: 'As a payment, with its old signature',
      block: 'Inside its block, whose header stays',
      root: 'Inside its block, with a new transaction root in the header',
    },
    offerOld: 'Offer the altered payment',
    repairTitle: 'Repair',
    repairText: 'Throw the copy away. Your node then proves the balance of your database against the newest block.',
    repair: 'Throw the copy away',
    proven: (coins: string, height: number): string => `Your balance is ${coins}, proven by the state root of block ${number(height)}.`,
    refused: (refusals: number, answers: number): string =>
      answers === 0 ? 'No tab has answered.' : `${number(refusals)} of ${count(answers, 'tab', 'tabs')} refused it.`,
    sent: (kind: 'transaction' | 'block', bytes: number): string =>
      `${kind === 'block' ? 'A block' : 'A transaction'} of ${count(bytes, 'byte', 'bytes')} was sent:`,
    ownNode: 'Your own node',
    peer: (id: string): string => `Tab ${id}`,
    noBreach: 'finds no broken rule.',
    silent: (n: number): string => `${count(n, 'tab', 'tabs')} did not answer in time: perhaps still syncing.`,
    others: (n: number): string => `${count(n, 'tab runs', 'tabs run')} an older page that knows no experiments, and got nothing.`,
    nobody: 'Link with another tab and try again.',
  },
  /** A line of the bell in the tabs of the others. */
  seen: (who: string, kind: 'transaction' | 'block', refusal: string | null): string =>
    `${who} runs an experiment and offers an invalid ${kind}. ${refusal === null ? 'Your node finds no broken rule.' : `Your node refuses it: ${refusal}`}`,
};
