/** Limits that a form checks before it asks the node. The folders that decide them define them; `ui/` reads them here. */

export { MAX_MEMO_BYTES } from '../protocol/memo.ts';
export { NAME_PATTERN } from '../protocol/transactions/registration.ts';
export { MAX_KEY_FILE_CHARACTERS } from '../wallet/keyfile.ts';
export { MIN_PASSPHRASE_CHARACTERS } from '../wallet/passphrase.ts';
