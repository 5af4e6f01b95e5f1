/** English texts of the interface. This catalogue is the type of every other one: a missing key is a compile error. */

import { enChain } from './chain.ts';
import { enForm } from './form.ts';
import { enExplorer } from './explorer.ts';
import { enLab } from './lab.ts';
import { enLessons } from './lessons.ts';
import { enKeys } from './keys.ts';
import { enMeet } from './meet.ts';
import { enMeeting } from './meeting.ts';
import { enMining } from './mining.ts';
import { enNetwork } from './network.ts';
import { enNetworks } from './networks.ts';
import { enPeople } from './people.ts';
import { enTransfer } from './transfer.ts';
import { enWallet } from './wallet.ts';

const number = new Intl.NumberFormat('en');
const count = (n: number, one: string, many: string): string => `${number.format(n)} ${n === 1 ? one : many}`;

export const en = {
  ...enChain,
  ...enForm,
  ...enExplorer,
  ...enLab,
  ...enLessons,
  ...enKeys,
  ...enMeet,
  ...enMeeting,
  ...enMining,
  ...enNetwork,
  ...enNetworks,
  ...enPeople,
  ...enTransfer,
  ...enWallet,
  /** What stands between two sentences. */
  sentenceGap: ' ',
  app: {
    skip: 'Skip to the content',
    coins: (amount: string): string => (amount === '1' ? 'coin' : 'coins'),
    loading: 'Loading…',
    notFoundTitle: 'Page not found',
    notFoundText: 'The link may be old or incomplete.',
    toHome: 'Go to the home page',
    startFailed: 'The node could not start',
    toMain: 'Open the main network',
    stillFetching: 'This node is still downloading the chain. If the chain has it, it will appear here automatically.',
    pageFailed: 'This page could not be shown',
    reload: 'Reload the page',
    starting: 'Starting the node',
    startingText: 'Opening and checking the database.',
  },
  nav: {
    main: 'Main',
    more: 'More',
    account: 'Your account',
    guest: 'No account is open',
    openAccount: 'Open an account',
    logout: 'Log out',
    keySaved: 'Key file saved',
    keyNotSaved: 'Key file not saved',
    nameLost: 'taken by someone else',
  },
  action: {
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'The browser refused to copy. Select the text and copy it by hand.',
    close: 'Close',
    dismiss: 'Dismiss',
    cancel: 'Cancel',
    newer: 'Newer',
    older: 'Older',
    show: 'Show',
    hide: 'Hide',
    details: 'Details',
    all: 'See all',
    csv: 'Save as CSV',
    enlarge: 'Enlarge',
  },
  pill: {
    peers: (n: number) => (n === 0 ? 'No peers' : count(n, 'peer', 'peers')),
    height: (n: number) => `Height ${number.format(n)}`,
    offline: 'Disconnected',
    starting: 'Starting',
    stopped: 'Not running',
    syncing: (percent: number) => `Syncing ${percent} %`,
  },
  now: {
    label: 'What this node is doing now',
    starting: 'Opening the database.',
    offline: 'Disconnected: this node works alone until you connect it again.',
    syncing: (height: number, target: number) => `Downloading and checking blocks: ${number.format(height)} of ${number.format(target)}.`,
    joining: 'Fetching the newest part of a long chain.',
    behind: (blocks: number, target: number) => `Checking older blocks meanwhile: ${number.format(blocks)} of ${number.format(target)}.`,
    cutOff: 'The other tabs have a longer chain, but none of them has all of its blocks, so this tab cannot check it.',
    synced: (height: number) => `Up to date with the network at height ${number.format(height)}.`,
    mining: (next: number, every: string | null) =>
      every === null
        ? `Mining block ${number.format(next)}.`
        : `Mining block ${number.format(next)}; you find a block about every ${every}.`,
    pending: (n: number) => `${count(n, 'transaction is', 'transactions are')} waiting for a block.`,
    stuck: (n: number, time: string) =>
      `Nobody has found a block for ${time}; ${count(n, 'transaction is', 'transactions are')} waiting. Start mining to put ${n === 1 ? 'it' : 'them'} in a block.`,
    opensAt: (time: string) => `This network opens on ${time}.`,
    stale: (ago: string) => `The last block was found ${ago}.`,
  },
  banner: {
    nag: 'Your key exists only in this browser. If its storage is cleared, the account and its coins are lost for good.',
    nagNotKept:
      'This browser stores nothing for this page. When you close this tab, your key and its coins are lost unless you save the key file.',
    nagAction: 'Save it now',
    unregistered: (name: string) =>
      `The name ${name} is not registered on this chain yet. Until it is, you cannot pay, and others cannot pay you by name.`,
    nameLost: (name: string) => `${name} belongs to someone else now. Choose another name; your coins are safe.`,
    nameLostAction: 'Choose a name',
    locked: (name: string, mines: boolean) =>
      `The key of ${name} is locked. ${mines ? 'Mining continues; to' : 'To'} pay, enter your passphrase.`,
    linkRepaired: (given: string, meant: string) => `This link was read as ${meant}; it says ${given}.`,
    linkPath: (folder: string) =>
      `“${folder}” in this address is not a network name, so this is the main network. A network name follows #net=:`,
    linkIgnored: (key: string) => `This page does not know “${key}” in this link and ignores it.`,
    linkMeant: (key: string) => `Should it be “${key}”?`,
    linkTwice: (key: string) => `This link contains “${key}” twice; the first one counts.`,
    understood: 'Understood',
    otherNetwork: 'The address was changed to another network or room. If you go there, mining stops here and your key is locked:',
    otherNetworkGo: 'Go there',
    otherNetworkStay: 'Stay here',
    disk: 'The chain cannot be saved to disk:',
    clockBehind: (time: string) =>
      `By this device’s clock, the last block was found ${time} in the future, so the clock is slow. Set it to automatic; until then, your own blocks wait.`,
    skew: (seconds: number) =>
      `This device’s clock seems ${count(Math.abs(seconds), 'second', 'seconds')} ${seconds > 0 ? 'ahead of' : 'behind'} the others.`,
  },
  toast: {
    label: 'Notifications',
    blocks: (n: number, height: number) =>
      n === 1
        ? `You mined block ${number.format(height)}.`
        : `You mined ${number.format(n)} blocks; the latest is ${number.format(height)}.`,
    received: (amount: string, from: string) => `${from} paid you ${amount} ${amount === '1' ? 'coin' : 'coins'}.`,
    confirmed: (height: number) => `Your transaction is in block ${number.format(height)}.`,
    dropped: 'One of your transactions was dropped.',
    reorganisation: (depth: number, height: number) =>
      `Another branch has more work: ${count(depth, 'block was', 'blocks were')} replaced, and the height is now ${number.format(height)}.`,
  },
  welcome: {
    title: 'A blockchain that lives in this tab',
    lead: 'This page is a full node. It keeps and checks the whole chain, mines, and talks to the other tabs directly. No server holds your coins.',
    registerTitle: 'New here',
    registerText: 'Choose a user name and a passphrase. Your keys are made here and never leave this browser.',
    register: 'Register',
    loginTitle: 'Been here before',
    loginText: 'Open an account stored in this browser, or use your key file.',
    login: 'Log in',
    accounts: 'Accounts in this browser',
    earlierTitle: 'Register your name again',
    earlierText:
      'A new version of this network has begun a new chain. Your key and address stay the same, but the new chain has neither your name nor your coins. Register your name again with your passphrase; no new key is made.',
    earlierAction: (name: string) => `Register ${name} again`,
    open: (name: string) => `Open ${name}`,
    nodeTitle: 'Your node is already running',
    fingerprint: 'fingerprint',
  },
  register: {
    title: 'Make an account',
    lead: 'You only need a user name and a passphrase. There is no e-mail address to give and no server to ask.',
    grant: (amount: string) =>
      `This network gives every new account ${amount} ${amount === '1' ? 'coin' : 'coins'}, so you can pay without mining.`,
    againTitle: 'Register your name',
    againLead:
      'This browser has your keys, but your name is not in a block yet. Enter your passphrase again. If the name is taken, choose another.',
    name: 'User name',
    nameHint: '2 to 20 characters: a–z, 0–9 and _, starting with a letter. Everyone on this chain can see it.',
    nameFree: (name: string) => `“${name}” is free.`,
    passphrase: 'Passphrase',
    passphraseHint: 'At least 8 characters; several words are better. Nobody can recover it for you.',
    repeat: 'Repeat passphrase',
    repeatWrong: 'The two passphrases do not match.',
    submit: 'Register',
    lostTitle: 'Choose another name',
    lostLead: (name: string) =>
      `${name} belongs to someone else now, because the branch with the most work contains their registration. Your keys and coins are unchanged. Enter another name, and your passphrase again.`,
    unusual: {
      space: 'It starts or ends with a space. A space is hard to see and easy to forget, so remove it.',
      width: 'It contains full-width characters or curly quotation marks. You will need the same input method to type it again.',
    },
    strength: { weak: 'Weak: add words', fair: 'Fair: one more word would help', good: 'Good' },
    working: 'Making your account',
    steps: {
      keys: 'Making two RSA key pairs',
      encrypt: 'Encrypting them with your passphrase',
      stamp: 'Computing the registration stamp, a small proof of work',
      sign: 'Signing the registration',
      save: 'Saving and broadcasting it',
    },
    earlierLead: (name: string) => `This browser has the key of ${name} from the earlier chain. Enter its passphrase: no new key is made.`,
    earlierOwner: {
      self: (name: string) => `${name} is already registered with your key.`,
      other: (name: string) => `${name} belongs to someone else on the new chain. Log in with your key, then choose another name.`,
    },
    earlierOthers: (names: readonly string[]) =>
      `This browser has keys from the earlier chain: ${names.join(', ')}. To use such a key under another name, log in first.`,
    slow: 'This page was not opened over https, so slower code makes the keys. A few extra seconds are normal.',
    haveAccount: 'An account is open in this tab',
    haveAccountText: (name: string) => `${name} is using this tab. Log out first, or register in another tab.`,
    doneTitle: (name: string) => `Welcome, ${name}`,
    doneText: 'Your registration is waiting for the next block. You can start mining now.',
    doneGrant: (amount: string) => `Your ${amount} ${amount === '1' ? 'coin arrives' : 'coins arrive'} with that block.`,
    toHome: 'Go to my node',
  },
  login: {
    title: 'Log in',
    lead: 'Your passphrase unlocks the key stored in this browser. It is never sent anywhere.',
    unlockTitle: 'Unlock your key',
    name: 'User name',
    nameHint: 'The name or address of an account stored in this browser.',
    keyFileNameHint: 'Only needed if this key was never registered on this chain.',
    passphrase: 'Passphrase',
    submit: 'Log in',
    keyFile: 'Key file',
    keyFileChoose: 'Choose a key file or drop it here',
    keyFileHint: 'To open an account that was created on another device.',
    keyFileGiven: (file: string) => `Key file: ${file}`,
    keyFileRemove: 'Remove it',
    inUse: 'open in another tab',
    noAccount: 'No account yet?',
    opening: 'Opening the account…',
  },
  home: {
    title: 'Home',
    balance: 'Balance',
    spendable: (amount: string) => `${amount} can be spent; the rest is in payments that wait for a block.`,
    nameLost: 'Someone else has your name now. You can still mine and receive. To pay, choose another name.',
    registrationNone: 'Your name is not registered yet. You can already mine and receive. To pay, register it.',
    registrationPending: 'Your registration is waiting for a block. You can already mine and receive; you can pay after that.',
    mining: 'Mining',
    miningOff: 'off',
    start: 'Start mining',
    stop: 'Stop mining',
    threads: 'Threads',
    intensity: 'Intensity',
    percent: (n: number) => `${n} %`,
    gpu: 'Use the graphics card too',
    gpuStarting: 'starting…',
    gpuFailed: 'switched off after an error',
    eased: {
      battery: 'Slowed down: this device is running on battery.',
      hidden: 'Slowed down: this tab is in the background.',
    },
    expected: (text: string) => `you find a block about every ${text}`,
    node: 'This node',
    minedByYou: (n: number): string => (n === 1 ? 'block mined by you' : 'blocks mined by you'),
    stored: (height: number) => `stored up to height ${number.format(height)}`,
    database: (size: string, where: string) => `Database ${size}, ${where}`,
    memoryOnly: (hasAccount: boolean): string =>
      hasAccount ? 'The chain is in memory only.' : 'The chain is in memory only until you open an account.',
    networkRate: 'Network',
    nextBlock: 'Next block',
    nextBlockNobody: 'nobody is mining',
    nextBlockAbout: (text: string) => `about every ${text}`,
    latest: 'Latest transactions',
    empty: 'No transactions yet',
    emptyText: 'Start mining to earn your first coins, or show someone your QR code.',
  },
  settings: {
    title: 'Settings',
    appearance: 'Appearance',
    language: 'Language',
    theme: 'Theme',
    themes: { system: 'Same as system', light: 'Light', dark: 'Dark' },
    easeOnBattery: 'Slow down mining while this device runs on battery',
    easeWhenHidden: 'Slow down mining while this tab is in the background',
    easeText: 'Each thread then works one fifth of the time.',
    accountTitle: 'Account',
    forget: 'Forget this account',
    forgetText: 'Removes its key and its copies of the chain from this browser. Without the key file, its coins are lost for good.',
    forgetAsk: (name: string) => `Forget ${name}?`,
    forgetPassphrase: 'Passphrase',
    forgetConfirm: 'Forget it for good',
    forgotten: (name: string) => `${name} is no longer in this browser.`,
    earlierTitle: 'Chains of an earlier version',
    earlierText:
      'A new version of this network has begun a new chain, and nothing uses the old chain any more. This browser keeps the old chain until you delete it here.',
    earlierExport: 'Save as a SQLite file',
    earlierDelete: 'Delete',
    earlierAsk: (name: string) => `Delete the old chain of ${name}?`,
    earlierAskText: 'Your key and the new chain stay. The old chain cannot be brought back.',
    about: 'About this page',
    version: 'Version',
    connection: 'Connection',
    secure: 'Secure (https or localhost)',
    insecure: 'Plain http',
    insecureText: 'Everything works here, but some parts are slower, because browsers offer their fast code only to secure pages:',
    slowTitle: 'Slower here',
    slow: {
      keys: 'Creating keys, and unlocking them with your passphrase, takes seconds instead of an instant.',
      signatures: 'Checking signatures takes longer, so syncing a long chain does too.',
    } as Record<string, string>,
    notSlow: 'Nothing is slower here.',
    kernel: 'Mining code',
    stored: 'Stored',
    storedText: (size: string, height: number) => `${size}, up to height ${number.format(height)}`,
  },
};

export type Messages = typeof en;
