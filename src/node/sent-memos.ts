import type { DecodedTransaction, Transfer } from '../protocol/transaction.ts';
import type { SentMemos } from '../storage/sent-memos.ts';
import { memoCopyId, openMemoCopy, sealMemoCopy } from '../wallet/memo-copy.ts';
import type { Env } from './env.ts';
import type { AccountSession } from './own-account.ts';

/** The copies of the open account. */
export class SentMemoBook {
  readonly #env: Env;
  #account = '';
  #memos: SentMemos | null = null;

  constructor(env: Env) {
    this.#env = env;
  }

  /** Keeps the text of a sealed memo for its sender. Without storage, the sender cannot read it again. */
  async keep(networkId: string, account: AccountSession, { transaction }: DecodedTransaction<Transfer>, text: string): Promise<void> {
    const { memo } = transaction;
    const keys = account.unlocked;
    if (memo.kind !== 'sealed' || !keys) return;
    const memos = this.#of(networkId, account);
    if (!memos) return;
    const { clock, random, log } = this.#env;
    const box = sealMemoCopy(text, memo.ciphertext, keys, random);
    const failed = (error: unknown): void => log('warn', 'storage/memo-not-kept', { error: String(error) });
    await memos.put(memoCopyId(memo.ciphertext), box, clock.now()).catch(failed);
  }

  /** The text of a sealed memo that the account has sent; null if this browser has no copy, or the key is locked. */
  async read(networkId: string, account: AccountSession, ciphertext: Uint8Array): Promise<string | null> {
    const keys = account.unlocked;
    const box =
      keys &&
      (await this.#of(networkId, account)
        ?.get(memoCopyId(ciphertext))
        .catch(() => null));
    return keys && box ? openMemoCopy(box, ciphertext, keys) : null;
  }

  #of(networkId: string, { addressText }: AccountSession): SentMemos | null {
    const account = `${networkId}:${addressText}`;
    if (account !== this.#account) {
      this.#account = account;
      this.#memos = this.#env.openSentMemos?.(networkId, addressText) ?? null;
    }
    return this.#memos;
  }
}
