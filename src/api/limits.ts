/** Limits that a form checks before it calls the node, values that it makes, and the contacts that only a device knows. Other folders define them; `ui/` imports them from here. */

export { MAX_MEMO_BYTES } from '../protocol/memo.ts';
export { newRoomKey } from '../protocol/room-key.ts';
export { NAME_PATTERN } from '../protocol/transactions/registration.ts';
export {
  contactLabel,
  contactsFile,
  MAX_CONTACTS,
  MAX_CONTACTS_FILE_BYTES,
  MAX_LABEL_CHARACTERS,
  readContacts,
  readContactsFile,
} from '../wallet/contacts.ts';
export { MAX_KEY_FILE_CHARACTERS } from '../wallet/keyfile.ts';
export { requestedAmount, requestedMemo } from '../wallet/payment-request.ts';
export { MIN_PASSPHRASE_CHARACTERS } from '../wallet/passphrase.ts';
