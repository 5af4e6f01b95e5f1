import { number } from './numbers.ts';

/** English texts of the experiment about spending twice. */
export const enLabDouble = {
  lab: {
    title: 'Double spend: one coin, two shops',
    goal: 'Pay somebody, then pay the same coins to somebody else on your side of a cut, and see which payment the chain keeps.',
    steps: {
      linked: 'Be linked with a tab that mines. Have a coin to spend, and a name to pay.',
      pay: 'Pay somebody, and cut all links at once, before a block has the payment.',
      again: 'Cut off, pay the same coins to somebody else, or to yourself.',
      mine: 'Mine a block alone. On your side, the second payment is now in a block.',
      back: 'Link again.',
      settled: 'Wait until all tabs agree: just one of the two payments is left.',
      deep: 'Wait until the payment that is left is three blocks deep.',
    },
    watch:
      'Both payments have the same number. The rules take each number of an account once, so a branch can have either payment, and never both. The branch with more work decides.',
    questions: [
      'Who had the goods, and who had the coins at the end?',
      'Both payments were signed correctly. Which rule refused one of them?',
      'Why does a shop that waits for three blocks lose less often?',
      'What must happen in a real chain so that the payer gets the coins back?',
    ],
  },
  bench: {
    title: 'Your two payments',
    needsAccount: 'Paying needs an account with coins: register first.',
    needsSomebody: 'Nobody else has a name on this chain yet. Register a second account in another browser, or in a private window.',
    first: 'Pay',
    second: 'The same coins to',
    amount: 'Coins',
    yourself: 'yourself',
    payAndCut: 'Pay, and cut all links',
    again: 'Pay the same coins again',
    againText: 'The others have the payment, and this tab is cut off. Nobody can see what you do now.',
    mineText: 'Your side knows only the second payment now. Mine a block with it, then link again.',
    tooLate: 'A block took the payment before the links were cut, so its number is used and nothing can replace it. Pay again.',
    linkFirst: 'Link again first.',
    both: 'What became of them',
    to: (name: string, coins: string): string => `${coins} to ${name}`,
    number: (nonce: string): string => `payment number ${nonce}`,
    waits: 'waits for a block',
    inBlock: (height: string, deep: number): string => `in block ${height}, ${number(deep)} deep`,
    gone: 'does not happen',
    onlyHere: 'This is your side alone. The others see the first payment, and know nothing of the second.',
    here: 'This is the chain that your tab and its peers agree on, once they have agreed.',
    result: (name: string, coins: string, isFirst: boolean): string =>
      isFirst
        ? `${name}: ${coins} arrived. The branch of the others had more work, so the first payment counts.`
        : `${name}: ${coins} arrived. Your branch had more work, so the first payment disappeared everywhere.`,
    lostBlock: (height: string, id: string): string => `Block ${height} (${id}) had the other payment, and counts no more.`,
  },
};
