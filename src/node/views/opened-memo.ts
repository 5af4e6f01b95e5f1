import { openMemo } from '../../wallet/builder.ts';
import type { TransactionInfo } from '../../api/api.ts';
import type { AccountSession } from '../own-account.ts';
import type { SentMemoBook } from '../sent-memos.ts';
import type { UnopenedTransaction } from './transaction-info.ts';

export interface MemoReader {
  readonly account: AccountSession | null;
  readonly subtle: SubtleCrypto | null;
  readonly networkId: string;
  /** Null where no copies of sent memos are kept. */
  readonly sentMemos: SentMemoBook | null;
}

/** Opens the sealed memo where this account is the recipient, or is the sender and this browser has kept a copy. */
export async function openedInfo({ info, sealedMemo }: UnopenedTransaction, reader: MemoReader): Promise<TransactionInfo> {
  const { account, subtle, networkId, sentMemos } = reader;
  const keys = account?.unlocked;
  if (!sealedMemo || !keys) return info;
  if (info.to?.address !== account.addressText) {
    const isSender = info.from.address === account.addressText;
    return { ...info, memo: (isSender && (await sentMemos?.read(networkId, account, sealedMemo))) || null };
  }
  try {
    return { ...info, memo: await openMemo(sealedMemo, keys, subtle) };
  } catch {
    // The memo is sealed to another key, or is no memo: no rule checks the content of sealed memos. It stays sealed.
    return info;
  }
}
