import { argumentInvalid } from '../api/arguments.ts';
import type { TabchainApi } from '../api/api.ts';
import type { NodeService } from '../api/service.ts';
import { TabchainError } from '../util/errors.ts';
import { assertNewPassphrase } from '../wallet/passphrase.ts';
import type { AccountBook, Held } from './account-book.ts';

export type KeyMethod = 'keyFile' | 'keyFileSaved' | 'changePassphrase' | 'lock';

export interface KeyHost {
  readonly service: Pick<NodeService, 'keyFileSaved' | 'lock'>;
  /** The open account. */
  held(): Held | null;
  /** Runs changes of account one at a time, after the node is open. */
  exclusively<T>(work: (book: AccountBook) => Promise<T>): Promise<T>;
}

/** A longer text is no passphrase, and checking it takes long. */
const MAX_TEXT = 10_000;

/** The calls that concern the key of the open account. */
export function keyCalls({ service, held, exclusively }: KeyHost): Pick<TabchainApi, KeyMethod> {
  const open = (): Held => {
    const account = held();
    if (!account) throw new TabchainError('no-account', 'No account is open: register or log in first.');
    return account;
  };
  return {
    keyFile: () => exclusively(async (book) => book.keyFileOf(open().entry)),
    keyFileSaved: () =>
      exclusively(async (book) => {
        await book.markKeyFileSaved(open());
        await service.keyFileSaved(true);
      }),
    changePassphrase: (request) =>
      exclusively(async (book) => {
        const account = open();
        const passphrase = textField(request, 'passphrase');
        const newPassphrase = textField(request, 'newPassphrase');
        assertNewPassphrase(newPassphrase, account.entry.name);
        await book.changePassphrase(account, passphrase, newPassphrase);
        await service.keyFileSaved(false);
      }),
    lock: () =>
      exclusively(async () => {
        open();
        await service.lock();
      }),
  };
}

function textField(request: unknown, field: string): string {
  const value = (request as Record<string, unknown> | null | undefined)?.[field];
  if (typeof value !== 'string' || value.length > MAX_TEXT) throw argumentInvalid(field, 'a text');
  return value;
}
