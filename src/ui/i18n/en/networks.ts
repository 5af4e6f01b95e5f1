const number = new Intl.NumberFormat('en');

/** English texts about joining, creating and finding networks. */
export const enNetworks = {
  networks: {
    title: 'Networks',
    lead: 'Each network has its own chain, its own coins and its own people. Nobody owns a network: everybody who opens its link takes part.',
    you: 'You are in',
    other: 'another network, or a new one',
    joinTitle: 'Join by code',
    joinText: 'Somebody shows six letters on a wall or a screen? Type them here.',
    code: 'Code',
    find: 'Find the network',
    finding: 'Asking the tabs that show this code…',
    found: 'This code leads to',
    enter: 'Open this network',
    hereTitle: 'This network',
    hereText: 'A short code saves others from typing the link. Your tab answers to the code while this page is open.',
    showCode: 'Show its code',
    hideCode: 'Hide the code',
    shown:
      'Others open this page’s address and type the code under “Networks”. Keep this page open meanwhile. The code is for today; the link is for good.',
    createTitle: 'Create a network',
    createText: 'For a class, a club, a race. Its rules are in its link and can never change.',
    name: 'Name',
    nameHint: 'Letters a–z, digits and hyphens, such as class-3b',
    kind: 'Kind',
    presets: {
      class: {
        title: '45-minute class',
        text: 'A block every 5 seconds, and 100 coins for everybody who registers, so all can pay at once.',
      },
      semester: { title: 'Semester', text: 'A block a minute, small rewards, 100 coins to begin with. The chain stays small for months.' },
      race: { title: 'Race', text: 'A block every 2 seconds, nothing for free, and the reward halves every 100 blocks.' },
    },
    rules: 'Rules in detail',
    fields: {
      seconds: { label: 'Seconds between blocks', hint: 'On average; 0.2 to 86,400' },
      subsidy: { label: 'Reward', hint: 'Coins for each block' },
      grant: { label: 'Grant', hint: 'Coins for each registration' },
      halving: { label: 'Blocks between halvings', hint: '0: the reward never halves' },
      kibibytes: { label: 'Largest block (KiB)', hint: '4 to 4,096' },
    },
    create: 'Create',
    made: 'This link begins the network',
    madeText: 'Open the link, register, and mine. Then show its code on this page so that others can join.',
    knownTitle: 'Networks of this device',
    here: 'Open now',
    private: 'Private room',
    height: (height: number): string => `Block ${number.format(height)}`,
    forget: 'Remove from the list',
  },
  present: {
    title: 'Present',
    open: 'Show on a wall',
    openText: 'For a projector: who is here, what happens, and how to join.',
    join: 'Open this page and type the code, or scan:',
    block: 'blocks',
    tabs: (n: number): string => (n === 1 ? 'tab here' : 'tabs here'),
    hashrate: 'all together',
    leave: 'Leave this view',
    people: 'People',
    nobody: 'Nobody has registered yet.',
    order: 'Order',
    orders: { blocks: 'Blocks', balance: 'Coins', seen: 'Last seen' },
    forks: 'Branches',
    news: 'What happens',
    nothing: 'News appears here with the next block.',
    found: (name: string, height: string, payments: number): string =>
      payments === 0
        ? `${name} found block ${height}.`
        : `${name} found block ${height} with ${number.format(payments)} ${payments === 1 ? 'payment' : 'payments'}.`,
    joined: (name: string): string => `${name} has joined.`,
    paid: (from: string, to: string, coins: string): string => `${from} paid ${to} ${coins}.`,
    replaced: (blocks: number, by: number): string =>
      `A branch with more work replaced ${number.format(blocks)} ${blocks === 1 ? 'block' : 'blocks'} by ${number.format(by)}.`,
  },
};
