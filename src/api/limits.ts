/** Limits that a form checks before it calls the node, and values that it makes. Other folders define them; `ui/` imports them from here. */

export { MAX_MEMO_BYTES } from '../protocol/memo.ts';
export { newRoomKey } from '../protocol/room-key.ts';
export { NAME_PATTERN } from '../protocol/transactions/registration.ts';
export { MAX_KEY_FILE_CHARACTERS } from '../wallet/keyfile.ts';
export { MIN_PASSPHRASE_CHARACTERS } from '../wallet/passphrase.ts';
