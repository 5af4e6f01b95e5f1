import type { ErrorDetails } from '../../../util/errors.ts';
import type { ErrorTexts } from '../language-pack.ts';
import { number } from './numbers.ts';

/** "the least is 0.01" where the error carries the figure. */
const figure = (details: ErrorDetails, key: string, text: (value: string) => string): string =>
  details[key] === undefined ? '' : text(String(details[key]));

/** What follows where data or blocks are refused, and where the signaling server ends a connection. */
const OTHER_TABS = 'The node goes on with what other tabs send.';
const REFUSED = 'The node has refused it; the chain goes on without it.';
const RECONNECTS = 'The page connects again by itself.';

/** What a refused call means for the person and what to do, by the error's stable code. */
export const errorsEn: ErrorTexts = {
  // Faults of the program itself
  internal: () => 'Something went wrong inside the node. Nothing was sent. Reload the page; your coins are on the chain.',
  'invariant-broken': () => 'A check inside the node failed. Reload the page; your coins are on the chain.',

  // Bytes, encodings and messages of other tabs
  'hex-invalid': () => 'This is not hexadecimal text, which has only 0–9 and a–f, in pairs. Copy it again in full.',
  'utf8-invalid': () => 'This text is not valid UTF-8. Copy it again, or choose another file.',
  'integer-out-of-range': () => 'This number is too large or too small. Enter another one.',
  'encoding-truncated': () => `Data ended too early and was refused. ${OTHER_TABS}`,
  'encoding-trailing': () => `Data went on after its end and was refused. ${OTHER_TABS}`,
  'encoding-too-long': () => `Data was longer than allowed and was refused. ${OTHER_TABS}`,
  'encoding-non-canonical': () => `Data was not written in its one valid form and was refused. ${OTHER_TABS}`,
  'bits-non-canonical': () => `A difficulty target was not written in its one valid form and was refused. ${OTHER_TABS}`,
  'state-proof-wrong': () => `A proof about accounts did not match the chain and was refused. ${OTHER_TABS}`,
  'history-proof-wrong': () => `A proof of an earlier block does not fit the block header, and was refused. ${OTHER_TABS}`,
  'work-proof-wrong': () => `A proof of a chain’s work is wrong, and was refused. ${OTHER_TABS}`,
  'protocol-version': () => 'The other tab runs another version of Tabchain. Reload both tabs to get the newest one.',

  // Rules of blocks and transactions
  'version-unsupported': () => 'A block has a version that this page does not know. Reload the page: there may be a newer version.',
  'previous-wrong': () => `A block does not name the block before it. ${REFUSED}`,
  'height-wrong': () => `A block’s height is not one more than that of the block before it. ${REFUSED}`,
  'time-not-after-parent': () => `A block’s time is not later than that of the block before it. ${REFUSED}`,
  'bits-wrong': () => `A block’s difficulty is not what the rules give. ${REFUSED}`,
  'seal-above-target': () => `A block lacks its proof of work. ${REFUSED}`,
  'history-root-wrong': () => `A block’s header commits to other earlier blocks than the chain has. ${REFUSED}`,
  'block-ancestor-invalid': () => `A block comes after one that broke a rule. ${REFUSED}`,
  'block-oversized': () => `A block is larger than the network allows. ${REFUSED}`,
  'transaction-root-wrong': () => `A block’s transactions are not those that its header names. ${REFUSED}`,
  'block-too-many-registrations': () => `A block holds more registrations than it may. ${REFUSED}`,
  'block-duplicate-transaction': () => `A block holds the same transaction twice. ${REFUSED}`,
  'supply-wrong': () => `After a block there are not as many coins as its header says. ${REFUSED}`,
  'state-root-wrong': () => `The accounts after a block are not those that its header names. ${REFUSED}`,
  'transaction-other-network': () => 'This transaction was signed for another network.',
  'name-invalid': () => 'A user name has 2 to 20 characters, a–z, 0–9 and _, and begins with a letter.',
  'modulus-invalid': () => 'The public key is not an RSA key of 2048 bits. Use a key file that Tabchain made.',
  'stamp-invalid': () => 'The registration lacks its proof of work.',
  'amount-not-positive': () => 'The amount must be more than zero.',
  'amount-too-large': () => 'There are not that many coins.',
  'memo-invalid': () => 'The memo holds characters that cannot be shown safely. Type it again without line breaks.',
  'already-registered': () => 'This key is already registered on this chain. Log in instead.',
  'name-taken': () => 'Somebody on this chain already has this name. Choose another one.',
  'sender-not-registered': () => 'You can pay once your registration is in a block. Mining makes that faster.',
  'nonce-already-used': () => 'Another transfer of the same account came first. Send this one again if you still want it.',
  'nonce-gap': () => 'An earlier transfer of yours is missing. Wait a moment and try again.',
  'balance-insufficient': (d) =>
    `The balance does not cover the amount and the fee${figure(d, 'spendable', (v) => `; you can spend ${v}`)}. Payments on their way count as spent.`,
  'signature-invalid': () => 'The signature is not that of the account, so no node accepts this transaction.',

  // Why a transaction is not taken into the mempool, or leaves it
  'fee-too-low': (d) =>
    `The fee is too low for any node to pass on${figure(d, 'minimum', (v) => `; the least is ${v}`)}. Use the suggested one.`,
  'replacement-fee-too-low': (d) =>
    `To replace a waiting transfer, raise the fee${figure(d, 'minimum', (v) => ` to at least ${v}`) || ' by more than a tenth'}.`,
  'mempool-full': () => 'Too many transactions are waiting. Raise the fee or try again after the next block.',
  'registration-pending': () => 'You can pay once your registration is in a block. Mining makes that faster.',
  'transfer-not-waiting': () =>
    'Only a payment of yours that waits for a block can be changed. This one is in a block already, or it is not yours.',
  replaced: () => 'Another transfer with the same number and a higher fee took its place.',
  expired: () => 'The transaction waited too long and no block included it. Send it again, perhaps with a higher fee.',
  evicted: () => 'Too many transactions were waiting, so this one was dropped. Send it again, perhaps with a higher fee.',

  // Payments as people write them
  'recipient-invalid': () => 'This is neither a user name nor an address.',
  'recipient-unknown': () => 'Nobody on this chain has this name. Check the spelling, or use the address.',
  'address-invalid': () => 'This address has a typing error. Copy it again in full.',
  'link-other-network': () => 'This link belongs to another network. Open it in another tab.',
  'network-invalid': (d) =>
    `The network in this link makes no sense. ${
      d['field'] === 'net'
        ? 'A network’s label has 1 to 32 characters: a–z, 0–9, and hyphens inside. '
        : figure(d, 'easiest', (v) => `Its “start” is easier than its easiest target, ${v}. Remove “start”, or write a harder target. `) ||
          figure(d, 'field', (v) => `“${v}” cannot be read or is out of range. `)
    }Ask for the link again.`,
  'amount-invalid': () => 'Enter the amount in digits, with at most one decimal point, such as 12.5.',
  'amount-ambiguous': (d) =>
    `This can be read in two ways: write ${figure(d, 'decimal', (v) => v) || '1.5'} or ${figure(d, 'whole', (v) => v) || '1500'}, with a point or without a comma.`,
  'amount-too-precise': () => 'An amount has at most six decimals.',
  'fee-invalid': () => 'Enter the fee in digits, with at most one decimal point, such as 0.01.',
  'fee-ambiguous': (d) =>
    `This can be read in two ways: write ${figure(d, 'decimal', (v) => v) || '0.01'} or ${figure(d, 'whole', (v) => v) || '1'}, with a point or without a comma.`,
  'memo-too-long': () => 'The memo is longer than 140 bytes. A Chinese character takes three, an emoji four.',
  'memo-cannot-seal': () => 'The memo cannot be sealed, because the recipient has registered no key. Send it open, or leave it empty.',
  'memo-unreadable': () => 'This memo cannot be opened with your key.',
  'not-registered': () => 'You can pay once your registration is in a block. Mining makes that faster.',
  'argument-invalid': (d) => `This value does not fit here${figure(d, 'field', (v) => ` (${v})`)}. Correct it and try again.`,

  // Keys and accounts
  'receipt-unreadable': () => 'This is not a whole receipt. Copy all of it, or choose the file that was saved.',
  'receipt-version': () => 'This is no receipt, or a newer version of this page made it. Reload this page, then check the receipt again.',
  'receipt-other-network': () => 'The receipt belongs to another network. Open the link of that network, then check it there.',
  'receipt-wrong': () => 'The receipt proves nothing: parts of it do not fit together. Ask for the receipt again.',
  'receipt-too-early': () => 'No block contains the transaction yet. Make the receipt when the transaction is confirmed.',
  'der-invalid': () => 'The key inside this file is damaged. Nothing was changed; choose another copy.',
  'pem-invalid': () => 'This file is not a Tabchain key file, or it is damaged. Nothing was changed; choose another copy.',
  'key-invalid': () => 'This is not a private RSA key of 2048 bits. Nothing was changed; choose a key file that Tabchain made.',
  'padding-invalid': () => 'This could not be decrypted: the passphrase is wrong, or the file is damaged. Check both and try again.',
  'signing-failed': () => 'The signature came out wrong, so nothing was sent. Try again; if that does not help, restart the browser.',
  'key-file-invalid': () => 'This file is not a Tabchain key file, or it is damaged. Nothing was changed; choose another copy.',
  'key-file-other-network': (d) =>
    `This key belongs to ${figure(d, 'label', (v) => `the network “${v}”`) || 'another network'}: its coins and its name are there. Open it there, or use it here as a new account with nothing on it.`,
  'key-file-slow': (d) =>
    `This key file was encrypted so that opening it takes ${figure(d, 'iterations', (v) => number(Number(v))) || 'very many'} rounds${figure(d, 'seconds', (v) => `, about ${v} s on this page`)}. You can cancel at any time.`,
  'passphrase-required': () => 'Enter the passphrase.',
  'passphrase-too-short': () => 'The passphrase needs at least 8 characters.',
  'passphrase-too-long': () => 'The passphrase is too long. A few words are enough.',
  'passphrase-common': () =>
    'This passphrase is among the first that anybody would guess: it is common, repeats itself, or is your name. Use several words that do not belong together.',
  'passphrase-wrong': () => 'The passphrase does not open this key. Check capital letters and spaces, then try again.',
  'account-unknown': (d) =>
    `No account of this name is kept here${figure(d, 'place', (v) => `, in this browser at ${v}`)}. Each address, each port, http and https, and each browser and profile keep their own accounts. Open it where it was made, or bring its key file.${figure(d, 'label', (v) => ` This browser does keep one of this name for the network “${v}”.`)}`,
  'account-in-use': () => 'This account is open in another tab. Close it or log out there first; every tab is its own node.',
  'no-account': () => 'No account is open. Register or log in first.',
  locked: () => 'Your key is locked. Enter the passphrase to go on.',
  cancelled: () => 'Cancelled. Nothing was changed.',

  // Contacts of a device
  'contact-label-invalid': (d) =>
    `A label needs 1 to${figure(d, 'maximum', (v) => ` ${v}`) || ' 40'} characters, and no invisible ones that turn text around.`,
  'contacts-full': (d) => `This device keeps at most${figure(d, 'maximum', (v) => ` ${v}`) || ' 500'} contacts. Remove some first.`,
  'contacts-file-invalid': () => 'This is not a whole contacts file, so nothing was taken from it.',
  'contacts-file-other-network': () => 'These contacts belong to another network, so nothing was taken. Open that network first.',

  // Mining
  'threads-invalid': (d) => `Enter a whole number of threads${figure(d, 'maximum', (v) => ` from 1 to ${v}`)}.`,
  'throttle-invalid': () => 'Enter the share of time to mine as a whole number of percent from 1 to 100.',
  'search-cancelled': () => 'The search for a proof of work was cancelled. Start it again when you like.',
  'thread-failed': () => 'A mining thread has failed. Another one takes its place.',
  'miner-blocked': () =>
    'The mining code could not be loaded, so the node searches by itself, slowly. Reload the page, or allow its scripts in your content blocker.',
  'gpu-unavailable': () => 'This browser offers no graphics card for mining. It needs https or localhost, and a browser with WebGPU.',
  'gpu-lost': () => 'The graphics card has stopped working for this page. Mining goes on without it; it can be switched on again.',
  'gpu-wrong': () => 'The graphics card computed wrong results and was switched off. Mining goes on without it.',
  'gpu-silent': () => 'The graphics card does not answer and was switched off. Mining goes on without it.',

  // The database and the disk under it
  'storage-unavailable': () =>
    'The browser gives this page no storage, so the chain stays in memory. Allow site data for this page, use an ordinary window, or make room on a full disk.',
  'storage-silent': () =>
    'This browser’s storage does not answer, so the chain stays in memory for now. Save your key file, close other tabs of this page and reload; if that does not help, restart the browser.',
  'storage-answered-late': () => 'This browser’s storage answers again. Reload the page to go on with what it holds.',
  'storage-full': () => 'The disk is full. Nothing stored was lost; make room, and save your key file now.',
  'storage-failed': () =>
    'The chain could not be written to the disk, which may be full. The page tries again; save your key file to be safe.',
  'storage-not-owner': () => 'Another tab has taken over this account’s storage. Go on there, or reload this tab.',
  'storage-not-as-known': () =>
    'The storage does not hold what was saved last, so everything is saved again. Save your key file to be safe.',
  'storage-other-network': () => 'The stored data belongs to another network.',
  'storage-too-new': () => 'A newer version wrote the stored data. Reload the page to get that version.',
  'storage-sql': () => 'The database of this tab reported an error. Reload the page; your key is safe.',
  'storage-damaged': () => 'The stored chain was damaged. It is fetched again from the other tabs; your key is safe.',
  'storage-rolled-back': () =>
    'The chain stored in this browser is older than what was saved here, or gone: something outside this page has put it back or removed it. The rest comes again from the other tabs; your key is safe. Look in your history whether your newest payments are there.',
  'storage-block-altered': () =>
    'A block stored in this browser was altered or damaged. It is fetched again from the other tabs, and until then this tab cannot pass it on. Your key and your balance are safe.',
  'own-transactions-altered': () =>
    'Waiting transactions kept in this browser had been altered, so they were removed and not sent. Look at your history, and send again what is missing.',
  'own-transactions-hidden': () =>
    'Some payments of this device no longer wait for a block. Blocks that this device does not keep contain them, or other payments with the same numbers. To see which, keep all blocks (Network page).',

  // Files of other tabs
  'file-unreadable': () => 'The browser cannot read this file. If the file has moved or changed, choose it again.',
  'file-too-large': (d) =>
    `This file is too large to check in a tab${figure(d, 'maximum', (v) => `; at most ${Math.round(Number(v) / 2 ** 20)} MiB fit`)}. Open it with sqlite3 instead.`,
  'file-not-sqlite': () => 'This is not a SQLite file. Choose a .sqlite file that Tabchain exported.',
  'file-not-tabchain': () => 'This SQLite file holds no chain. Choose a file that Tabchain exported.',
  'file-too-old': () => 'An older version of Tabchain wrote this file. Check it with that version, or ask for a new export.',
  'file-too-new': () => 'A newer version of Tabchain wrote this file. Reload the page to get that version.',
  'file-foreign-tables': (d) =>
    `This file has other tables, views or triggers than Tabchain writes${figure(d, 'name', (v) => `: “${v}”`)}. Nothing of it was run. Ask for a new export.`,
  'file-recent-only': () =>
    'This file holds only the newest blocks, so it cannot be checked from the first block on. Export a tab that has the whole chain.',
  'file-damaged': () => 'SQLite cannot read this file, so it is damaged. Copy it again, or ask for a new export.',
  'file-other-network': (d) =>
    `This file belongs to another network${figure(d, 'label', (v) => `, “${v}”`)}. Open the link of that network, and take the blocks there.`,
  'file-row-altered': () => 'A row of this file was altered: it does not give the hash that names it. Ask for a new export.',
  'file-row-differs': () => 'A row of this file has another value than the blocks give. Ask for a new export.',
  'file-row-missing': () => 'A row is missing from this file. Ask for a new export.',
  'file-row-extra': () => 'This file has a row that follows from no block. Ask for a new export.',
  'file-silent': () => 'SQLite does not come to an end with this file, so the check was stopped. Do not use this file.',
  'file-check-failed': () =>
    'The check of this file failed, perhaps because the memory is full. Nothing was changed; close other tabs and try again.',
  'experiment-valid': () => 'This breaks no rule, so it is no experiment. Nothing was sent.',
  'experiment-too-large': () => 'This block is too large for an experiment. Choose a block with fewer transactions.',
  'experiment-too-soon': () => 'Wait some seconds before the next experiment.',
  'experiment-parent-unknown': () => 'The block before this block is unknown here.',

  // The page and its SQL console
  'node-stopped': () => 'The node of this tab has stopped. Reload the page; nothing that was stored is lost.',
  'script-blocked': () =>
    'A part of this page could not be loaded. Reload the page; if that does not help, allow its scripts in your content blocker.',
  'language-unavailable': (d) =>
    `The texts in ${figure(d, 'name', (v) => v) || 'this language'} did not arrive, so the page keeps its language. Reload the page, or try again when its server answers.`,
  'page-unreachable': () => 'The server of this page does not answer, so this tab stays open. Try again later.',
  'clock-skew': () => 'The clock of this device is off. Set it to automatic, or blocks may be refused.',
  'query-failed': (d) =>
    d['sqlite'] !== undefined
      ? `SQLite says: ${String(d['sqlite'])}`
      : ({
          empty: 'There is no question to answer. Write one statement, such as SELECT name FROM accounts.',
          several: 'Ask one question at a time: the console runs a single statement.',
          length: 'The question is too long: at most 100,000 characters.',
        }[String(d['own'])] ?? 'The console has failed. Run the question again.'),
  'query-write': () => 'Only questions are allowed here; this one would change the database.',
  'query-timeout': () => 'This question took too long and was stopped. Add a LIMIT or a narrower WHERE.',
  'query-too-large': (d) =>
    d['columns'] !== undefined
      ? `The answer would have ${String(d['columns'])} columns, and at most ${String(d['maximum'])} can be shown. Name the ones you want to see.`
      : d['bytes'] !== undefined
        ? 'This database is too large for a copy in this tab. Export it and ask it with sqlite3.'
        : 'The answer takes more memory than a question may have, so it was stopped. Ask for fewer rows, or for parts with substr().',

  // Links to other tabs, and the signaling server
  'link-closed': () => 'The link to the other tab has closed. The page looks for others by itself.',
  'signal-invalid': (d) =>
    d['what'] === 'too-many'
      ? 'This link names too many signaling servers; four are the most.'
      : d['what'] === 'insecure'
        ? `This page was loaded over https, so the browser connects to wss:// addresses only. The link names ${figure(d, 'server', (v) => `“${v}”`)}.`
        : `The signaling server in this link${figure(d, 'server', (v) => `, “${v}”,`)} is not an address like wss://example.org/signal. Correct the link, or go on without it.`,
  'ice-server-invalid': (d) =>
    d['what'] === 'too-many'
      ? 'At most four STUN and TURN servers can be used. Remove one first.'
      : d['what'] === 'credentials'
        ? `The TURN server${figure(d, 'server', (v) => `, “${v}”,`)} needs a user name and a password: turn:user:password@turn.example.org.`
        : `The server${figure(d, 'server', (v) => `, “${v}”,`)} is not an address like stun:stun.example.org or turn:user:password@turn.example.org:3478.`,
  'room-key-invalid': (d) =>
    d['what'] === 'missing'
      ? 'This link lacks its room key. Copy the whole link again. A key in front of the # went to the server, so it is not used; make a new one.'
      : d['what'] === 'length'
        ? 'The room key in this link is cut off, or was made up. Words and short keys can be guessed. Copy the whole link again, or make a new key on the Network page.'
        : 'The room key in this link contains a typing error, or was made up. Copy the whole link again, or make a new key on the Network page.',
  'signaling-version': () => 'The signaling server runs another version. Reload the page, or update the server.',
  'message-invalid': () => `A message between this tab and the signaling server could not be read. ${RECONNECTS}`,
  'message-too-large': () => `A message between this tab and the signaling server was too large. ${RECONNECTS}`,
  'identity-unproven': () => `This tab has not proved to the signaling server that its identity is its own. ${RECONNECTS}`,
  'already-joined': () => `This tab has joined the signaling server’s room already. ${RECONNECTS}`,
  'not-joined': () => `This tab has not joined the signaling server’s room yet. ${RECONNECTS}`,
  'room-full': () => `The signaling server has no room for more tabs of this network. ${RECONNECTS}`,

  // Meeting other tabs by hand
  'code-invalid': (d) =>
    d['wrong']
      ? `A network’s code has six letters, and “${String(d['wrong'])}” is not one of them: I, L, O, U and digits are never used.`
      : 'A network’s code has six letters, like BCD FGH.',
  'code-unknown': () =>
    'Nobody answers to this code. Check the letters, and ask the person who shows the code to keep that page open. The link or the QR code works as well.',
  'code-private': () => 'A private room has no code, because six letters can be guessed. Share its link.',
  'network-in-use': () => 'This browser keeps an account of that network. Forget the account there first, or keep the network.',
  'team-name-invalid': (d) =>
    `Write the team’s name with letters and digits, at most ${String(d['most'] ?? 24)} of them. Everybody of the team writes the same name.`,
  'invitation-unreadable': () => 'This is not a whole invitation or reply. Copy all of it, or scan the code again.',
  'invitation-kind': (d) =>
    d['wanted'] === 'reply'
      ? 'This is an invitation, not a reply. Open it on the other device; that device then shows its reply.'
      : 'This is a reply, not an invitation. The tab that made the invitation needs it.',
  'invitation-version': () => 'Another version of this page made this. Reload the page on both devices, then make a new invitation.',
  'invitation-other-network': () => 'This invitation is for another network. Open its link in a new tab.',
  'invitation-own': () => 'This tab made it itself. Open the invitation on the other device.',
  'invitation-expired': () =>
    'This invitation is too old, or a clock is wrong. Ask for a new one; if that fails too, set the clocks of both devices to automatic.',
  'invitation-too-many': () => 'These were too many invitations in a short time. Wait half a minute, then try again.',
  'reply-unknown': () =>
    'No open tab of this browser waits for this reply: the invitation was used, is too old, or its page was reloaded. Make a new invitation.',
  'invitation-not-linked': () =>
    'The two devices found no way to each other. Join both to the same Wi-Fi and make a new invitation. Some school networks keep devices apart.',
  'webrtc-unavailable': () => 'This browser makes no direct connections here, so it cannot meet others by hand. Try another browser.',
  'links-off': () => 'This tab is disconnected. Connect it on the network page, then try again.',

  // Settings of the signaling server, when it starts
  'argument-unknown': (d) =>
    `The server does not know this argument${figure(d, 'argument', (v) => `: ${v}`)}. Start it without the argument.`,
  'port-invalid': (d) => `PORT must be a number from 0 to 65535${figure(d, 'port', (v) => `, not “${v}”`)}.`,
  'port-busy': (d) => `Port${figure(d, 'port', (v) => ` ${v}`)} is in use by another program. Set PORT to a free one.`,
  'port-forbidden': (d) => `This user may not open port${figure(d, 'port', (v) => ` ${v}`)}. Set PORT to 1024 or above.`,
  'host-unavailable': (d) => `This machine has no address${figure(d, 'host', (v) => ` “${v}”`)}. Check HOST.`,
  'metrics-token-invalid': () => 'METRICS_TOKEN must be at least 16 letters, digits or signs, without spaces.',
  'redis-url-invalid': () => 'REDIS_URL must be an address like redis://localhost:6379.',
  'allowed-hosts-invalid': (d) =>
    `ALLOWED_HOSTS must be host names with commas between them, such as tabs.example.org${figure(d, 'host', (v) => `, not “${v}”`)}.`,
  'trust-proxy-invalid': (d) =>
    `TRUST_PROXY must be the number of proxies, or their addresses, such as 127.0.0.1 or 10.0.0.0/8${figure(d, 'value', (v) => `, not “${v}”`)}.`,
};
