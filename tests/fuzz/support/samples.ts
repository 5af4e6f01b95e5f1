import { BLOCK_VERSION, sealBlock, transactionRoot, type DecodedBlock } from '../../../src/protocol/block.ts';
import { encodeTransaction, type DecodedTransaction } from '../../../src/protocol/transaction.ts';
import type { Memo } from '../../../src/protocol/memo.ts';

/** Samples that can be decoded, but are otherwise invalid. */

const filled = (length: number, from: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (from + 7 * i) & 0xff);

const MEMOS: Record<Memo['kind'], Memo> = {
  none: { kind: 'none' },
  plain: { kind: 'plain', text: 'tea, 茶 🍵' },
  sealed: { kind: 'sealed', ciphertext: filled(256, 9) },
};

export function sampleTransfer(memo: Memo['kind']): DecodedTransaction {
  return encodeTransaction({
    kind: 'transfer',
    networkTag: 0x01020304,
    sender: '11'.repeat(20),
    recipient: '22'.repeat(20),
    amount: 2 ** 40 + 5,
    fee: 999,
    nonce: 3,
    memo: MEMOS[memo],
    signature: filled(256, 1),
  });
}

export function sampleRegistration(): DecodedTransaction {
  return encodeTransaction({
    kind: 'registration',
    networkTag: 0x01020304,
    name: 'alex_2',
    signingModulus: filled(256, 3),
    encryptionModulus: filled(256, 4),
    stamp: filled(20, 5),
    signature: filled(256, 6),
  });
}

export function sampleBlock(transactionCount: number): DecodedBlock {
  const all = [sampleTransfer('plain'), sampleRegistration(), sampleTransfer('none'), sampleTransfer('sealed')];
  const transactions = all.slice(0, transactionCount);
  const header = {
    version: BLOCK_VERSION,
    height: 5,
    previous: '33'.repeat(32),
    historyRoot: filled(32, 7),
    transactionRoot: transactionRoot(transactions),
    stateRoot: filled(32, 8),
    timeMs: 1_767_225_700_000,
    bits: 0x1e0fffff,
    supply: 2 ** 45 + 6,
    miner: '44'.repeat(20),
  };
  return sealBlock(header, filled(20, 2), transactions);
}
