/** English texts about the page as a program: its versions, its keys, its first steps. */
export const enForm = {
  newerPage: {
    outdated: (kept: boolean) =>
      `This tab is older than the network and can no longer join it. ${kept ? 'Reload the page; your account stays in this browser.' : 'Save your key file first, then reload: this browser stores nothing for this page.'}`,
    reload: 'Reload',
    text: (kept: boolean): string =>
      kept
        ? 'A newer version of this page is here. Reload when it suits you: account, chain and mining stay.'
        : 'A newer version of this page is here. Save your key file before you reload: this browser stores nothing for this page.',
    later: 'Later',
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    search: 'Search',
    mine: 'Start or stop mining',
    help: 'Show this list',
    then: 'then',
    on: 'Keys act on this page',
    mineOn: 'Mining has started.',
    mineOff: 'Mining has stopped.',
  },
  firstSteps: {
    title: 'First steps',
    lead: 'One minute, and you have done what a blockchain is for.',
    skip: 'Skip',
    close: 'Done',
    again: 'Show the first steps again',
    progress: (done: number, all: number): string => `${done} of ${all} done`,
    /** Read before a step that is done. */
    isDone: 'Done:',
    steps: {
      name: {
        title: 'Take a name',
        text: 'Your tab makes a key pair. The name is yours as soon as a block holds it.',
        action: 'Get a name',
      },
      mine: {
        title: 'Find a block',
        text: 'Your tab searches for a number that makes the block’s hash small enough. Who finds it gets the reward.',
        action: 'Mine a block',
      },
      pay: {
        title: 'Pay somebody',
        text: 'Type a neighbour’s name. Your key signs the payment, and every tab checks the signature.',
        action: 'Make a payment',
      },
      see: {
        title: 'See it in the database',
        text: 'The whole chain lies in your tab, as tables. Ask for your payment in SQL.',
        action: 'Ask the database',
      },
    },
    /** While a step waits for the chain. */
    waiting: {
      name: 'Your name is on its way into a block.',
      mine: 'Your tab is searching…',
      pay: 'Your payment waits for the next block.',
    },
    finished: 'That was all of it: a key, a block, a signed payment, and your own copy of everything.',
  },
};
