import { number } from './numbers.ts';

/** English texts about payments that wait, and their fees. */
export const enWallet = {
  fees: {
    legend: 'How soon should it be in a block?',
    levels: { next: 'Next block', soon: 'Soon', whenever: 'Whenever' },
    /** `time` is null while nobody mines. */
    wait: (blocks: number, time: string | null): string => {
      const within = blocks === 1 ? 'in the next block' : `within ${number(blocks)} blocks`;
      return time === null ? `${within}, once somebody mines` : `${within}, about ${time}`;
    },
    about: (time: string) => `about ${time}`,
    nobody: 'once somebody mines',
    waitLabel: 'Expected',
    of: (fee: string) => `fee ${fee}`,
  },
  bell: {
    label: (unread: number) => (unread === 0 ? 'Events' : `Events: ${number(unread)} new`),
    title: 'Last events',
    empty: 'Payments, your blocks and reorganisations appear here.',
    incoming: (amount: string, from: string) =>
      `${from} is paying you ${amount} ${amount === '1' ? 'coin' : 'coins'}; it waits for a block.`,
    replaced: 'A newer version of your payment replaced it.',
  },
  contacts: {
    title: 'Contacts',
    lead: 'Labels for accounts, kept on this device for this network. Nobody else sees them.',
    proposals: 'Contacts and names',
    add: 'Save as contact',
    rename: 'Edit contact',
    label: 'Label',
    labelHint: (maximum: number) => `At most ${maximum} characters; only this device knows it.`,
    save: 'Save',
    remove: 'Remove',
    pay: 'Pay',
    empty: 'No contacts yet',
    emptyText: 'When you enter a recipient, you can save the account under a label of your own.',
    export: 'Save as file',
    importTitle: 'From another device',
    file: 'Contacts file',
    choose: 'Choose a contacts file',
    chooseHint: 'or drop it here. Labels that this device has stay as they are.',
    added: (n: number) => (n === 0 ? 'Nothing new in this file.' : n === 1 ? 'One contact added.' : `${number(n)} contacts added.`),
  },
  request: {
    title: 'Ask for an amount',
    text: 'The code and the link then contain the amount and the memo, so the payer only has to check them.',
    amount: 'Amount to ask for',
    memo: 'What for',
    memoHint: 'Everybody who sees the link can read it.',
    clear: 'Ask for no amount',
    wrong: 'Correct the request first; the code appears then.',
  },
  incoming: {
    from: (amount: string, from: string) => `+${amount} on its way from ${from}`,
    several: (amount: string) => `+${amount} on its way`,
  },
  change: {
    open: 'Change fee or cancel',
    title: 'A payment that waits',
    what: (amount: string, to: string) => `${amount} ${amount === '1' ? 'coin' : 'coins'} to ${to}`,
    now: (fee: string, wait: string) => `Its fee is ${fee}: expected ${wait}.`,
    choice: 'What do you want to do?',
    raise: 'Raise the fee',
    raiseText: 'The same payment with a higher fee comes earlier.',
    cancel: 'Cancel the payment',
    cancelText: 'A payment to yourself takes its place. You lose only the new fee.',
    fee: 'New fee',
    feeHint: (minimum: string) => `At least ${minimum}.`,
    then: (wait: string) => `Expected ${wait}.`,
    race: 'Only one of the two can enter a block. A miner who has not heard of the change may still take the first one.',
    submitRaise: 'Raise the fee',
    submitCancel: 'Cancel the payment',
    keep: 'Leave it as it is',
    gone: 'This payment no longer waits.',
    raised: 'The fee is raised. The payment goes on under a new id.',
    cancelled: 'The payment is being cancelled. It is certain once the cancellation is in a block.',
  },
};
