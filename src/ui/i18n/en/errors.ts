/** What a refused call means for the person and what to do, by the error's stable code. */

export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** "the least is 0.01" where the error carries the figure. */
const figure = (details: ErrorDetails, key: string, text: (value: string) => string): string =>
  details[key] === undefined ? '' : text(String(details[key]));

export const errorsEn = {
  'name-invalid': () => 'A user name has 2 to 20 characters, a–z, 0–9 and _, and begins with a letter.',
  'name-taken': () => 'Somebody on this chain already has this name. Choose another one.',
  'name-unknown': () => 'Nobody on this chain has registered this name. Check the spelling, or use the address.',
  'passphrase-wrong': () => 'The passphrase does not open this key. Check capital letters and spaces, then try again.',
  'passphrase-too-short': () => 'The passphrase needs at least 8 characters.',
  'passphrase-common': () =>
    'This passphrase is among the first that anybody would guess: it is common, repeats itself, or is your name. Take several words that do not belong together.',
  'passphrase-required': () => 'Enter the passphrase.',
  'account-in-use': () => 'This account is open in another tab. Close or log out there first; every tab is a node of its own.',
  'account-unknown': (d: ErrorDetails) =>
    `No account of this name is kept here${figure(d, 'place', (v) => `, in this browser at ${v}`)}. Each address, each port, http and https, and each browser and profile keep accounts of their own. Open it where it was made, or bring its key file.${figure(d, 'label', (v) => ` This browser does keep one of this name for the network “${v}”.`)}`,
  'account-exists': () => 'This account is already kept in this browser. Log in with its passphrase.',
  'account-open': () => 'An account is already open in this tab. Log out first.',
  'already-registered': () => 'This key is already registered on this chain. Log in instead.',
  'key-file-invalid': () => 'This file is not a Tabchain key file, or it is damaged. Nothing was changed; choose another copy.',
  'key-file-other-network': (d: ErrorDetails) =>
    `This key belongs to ${figure(d, 'label', (v) => `the network “${v}”`) || 'another network'}: its coins and its name are there. Open it there, or use it here as a new account with nothing on it.`,
  'key-file-slow': (d: ErrorDetails) =>
    `This key file was encrypted so that opening it takes ${figure(d, 'iterations', (v) => Number(v).toLocaleString('en')) || 'very many'} rounds${figure(d, 'seconds', (v) => `, about ${v} s on this page`)}. You can cancel at any time.`,
  cancelled: () => 'Cancelled. Nothing was changed.',
  'link-other-network': () => 'This link belongs to another network. Open it in a tab of its own to get there.',
  'recipient-invalid': () => 'This is neither a user name nor an address.',
  'recipient-unknown': () => 'Nobody on this chain has this name. Check the spelling, or use the address.',
  'address-invalid': () => 'This address has a typing error. Copy it again in full.',
  'amount-invalid': () => 'Enter an amount in digits with nothing between them but one point, such as 12.5.',
  'amount-ambiguous': (d: ErrorDetails) =>
    `This can be read in two ways: write ${figure(d, 'decimal', (v) => v) || '1.5'} or ${figure(d, 'whole', (v) => v) || '1500'}, with a point or without a comma.`,
  'amount-not-positive': () => 'The amount must be more than zero.',
  'amount-too-precise': () => 'An amount has at most six decimals.',
  'amount-too-large': () => 'There are not that many coins.',
  'balance-insufficient': (d: ErrorDetails) =>
    `The balance does not cover the amount and the fee${figure(d, 'spendable', (v) => `; you can spend ${v}`)}. Payments on their way count as spent.`,
  'fee-invalid': () => 'Enter the fee in digits with nothing between them but one point, such as 0.01.',
  'fee-ambiguous': (d: ErrorDetails) =>
    `This can be read in two ways: write ${figure(d, 'decimal', (v) => v) || '0.01'} or ${figure(d, 'whole', (v) => v) || '1'}, with a point or without a comma.`,
  'fee-too-low': (d: ErrorDetails) =>
    `No node would pass on so low a fee${figure(d, 'minimum', (v) => `; the least is ${v}`)}. Take the suggested one.`,
  'memo-too-long': () => 'The memo is longer than 140 bytes. A Chinese character takes three, an emoji four.',
  'memo-invalid': () => 'The memo holds characters that cannot be shown safely. Type it again without line breaks.',
  'memo-cannot-seal': () => 'It cannot be sealed: the other side has registered no key. Send it open or leave it empty.',
  'not-registered': () => 'Your registration is not in a block yet. Pay once it is; mining helps.',
  locked: () => 'Your key is locked. Enter the passphrase to go on.',
  'no-account': () => 'No account is open. Register or log in first.',
  'mempool-full': () => 'Too many transactions are waiting. Raise the fee or try again after the next block.',
  'nonce-gap': () => 'An earlier transfer of yours is missing. Wait a moment and try again.',
  'signaling-unreachable': () =>
    'The signaling server cannot be reached, so no new tabs are found. Present links go on; it is tried again.',
  'storage-full': () => 'The disk is full. Nothing stored was lost; make room, and save your key file now.',
  'storage-unavailable': () =>
    'The browser gives this page no storage, so the chain stays in memory. Allow site data for this page, use an ordinary window, or make room on a full disk.',
  'storage-silent': () =>
    'This browser’s storage does not answer, so the chain stays in memory for now. Save your key file, close other tabs of this page and reload; if that does not help, restart the browser.',
  'storage-answered-late': () => 'This browser’s storage answers again. Reload the page to go on with what it holds.',
  'storage-not-owner': () => 'Another tab has taken over this account’s storage. Go on there, or reload this tab.',
  'storage-damaged': () => 'The stored chain was damaged. It is fetched again from the other tabs; your key is safe.',
  'storage-rolled-back': () =>
    'The chain stored in this browser is older than what was saved here, or gone: something outside this page has put it back or removed it. The rest comes again from the other tabs; your key is safe. Look in your history whether your newest payments are there.',
  'storage-block-altered': () =>
    'A block stored in this browser was altered or damaged. It is fetched again from the other tabs, and until then this tab cannot pass it on. Your key and your balance are safe.',
  'storage-failed': () =>
    'The chain could not be written to the disk, which may be full. It is tried again; save your key file to be safe.',
  'signal-invalid': (d: ErrorDetails) =>
    d['what'] === 'too-many'
      ? 'This link names too many signaling servers; four are the most.'
      : d['what'] === 'insecure'
        ? `This page came by https, and from such a page a browser opens only wss:// addresses. The link names ${figure(d, 'server', (v) => `“${v}”`)}.`
        : `The signaling server in this link${figure(d, 'server', (v) => `, “${v}”,`)} is no address like wss://example.org/signal. Correct the link, or go on without it.`,
  'network-invalid': (d: ErrorDetails) =>
    `The network in this link makes no sense. ${
      d['field'] === 'net'
        ? 'A network’s label has 1 to 32 characters: a–z, 0–9, and hyphens inside. '
        : figure(d, 'field', (v) => `“${v}” cannot be read or is out of range. `)
    }Ask for the link again.`,
  'clock-skew': () => 'The clock of this device is off. Set it to automatic, or blocks may be refused.',
  'query-failed': (d: ErrorDetails) =>
    d['sqlite'] !== undefined
      ? `SQLite says: ${String(d['sqlite'])}`
      : ({
          empty: 'There is no question to answer. Write one statement, such as SELECT name FROM accounts.',
          several: 'Ask one question at a time: the console runs a single statement.',
          length: 'The question is too long: at most 100,000 characters.',
        }[String(d['own'])] ?? 'The console has failed. Run the question again.'),
  'query-too-large': (d: ErrorDetails) =>
    d['columns'] !== undefined
      ? `The answer would have ${String(d['columns'])} columns, and at most ${String(d['maximum'])} can be shown. Name the ones you want to see.`
      : d['bytes'] !== undefined
        ? 'This database is too large for a copy in this tab. Export it and ask it with sqlite3.'
        : 'The answer takes more memory than a question may have, so it was stopped. Ask for fewer rows, or for parts with substr().',
  'script-blocked': () =>
    'A part of this page could not be loaded. Reload the page; if that does not help, allow its scripts in your content blocker.',
  'miner-blocked': () =>
    'The mining code could not be loaded, so the node searches by itself, slowly. Reload the page, or allow its scripts in your content blocker.',
  'query-write': () => 'Only questions are allowed here; this one would change the database.',
  'query-timeout': () => 'This question took too long and was stopped. Add a LIMIT or a narrower WHERE.',
  'passphrase-too-long': () => 'The passphrase is too long. A few words are enough.',
  'nonce-already-used': () => 'This transfer was overtaken by another one of the same account. Send it again if it is still meant.',
  'sender-not-registered': () => 'Your registration is not in a block yet. Pay once it is; mining helps.',
  'transaction-other-network': () => 'This transaction was signed for another network.',
  'own-transactions-altered': () =>
    'Waiting transactions kept in this browser had been altered, so they were removed and not sent. Look at your history, and send again what is missing.',
  'signature-invalid': () => 'The signature is not that of the account, so no node accepts this transaction.',
  'stamp-invalid': () => 'The registration lacks its proof of work.',
  'storage-other-network': () => 'What is stored here belongs to another network.',
  'storage-too-new': () => 'What is stored here was written by a newer version. Reload the page to get that version.',
  'memo-unreadable': () => 'This memo cannot be opened with your key.',
  'pem-invalid': () => 'This file is not a Tabchain key file, or it is damaged. Nothing was changed; choose another copy.',
  replaced: () => 'Another transfer with the same number and a higher fee took its place.',
  expired: () => 'It waited too long without a block taking it. Send it again, perhaps with a higher fee.',
  'registration-pending': () => 'Your registration is not in a block yet. Pay once it is; mining helps.',
  'gpu-unavailable': () => 'This browser offers no graphics card for mining. It takes https or localhost, and a browser with WebGPU.',
  'gpu-lost': () => 'The graphics card has stopped working for this page. Mining goes on without it; it can be switched on again.',
  'gpu-wrong': () => 'The graphics card computed wrong results and was switched off. Mining goes on without it.',
  'gpu-silent': () => 'The graphics card does not answer and was switched off. Mining goes on without it.',
  'node-stopped': () => 'The node of this tab has stopped. Reload the page; nothing that was stored is lost.',
  internal: () => 'Something went wrong inside the node. Nothing was sent. Reload the page; your coins are on the chain.',
};

export type ErrorTexts = typeof errorsEn;
