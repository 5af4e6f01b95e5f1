/** English texts about the key of an account, and about several accounts. */
export const enKeys = {
  keys: {
    change: 'Change passphrase',
    changeText:
      'Encrypts the key in this browser under the new passphrase. Key files that you saved before still open with the old one, so save a new file afterwards.',
    former: 'Present passphrase',
    next: 'New passphrase',
    repeat: 'Repeat the new passphrase',
    changed: 'The passphrase is changed. Save a new key file: the old one keeps the old passphrase.',
    autoLock: 'Lock the key when nobody uses this tab for',
    never: 'never',
    autoLockText: 'A locked key cannot pay or open sealed memos until you enter the passphrase. Mining goes on.',
    lockNow: 'Lock now',
    locked: 'locked',
    switch: 'Switch',
    switchTitle: 'Accounts in this browser',
    switchText: 'One account is open in a tab. Switching stops mining for it; its key stays in this browser.',
    switchLead: (name: string) => `${name} is open in this tab. It stays in this browser, but stops mining here.`,
    openHere: 'open here',
    addNew: 'Make another account',
    addOld: 'Open a key file',
    nagShort: 'Your key is only in this browser.',
    nagNotKeptShort: 'Closing this tab loses your key.',
  },
};
