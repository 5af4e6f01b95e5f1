import { proveAccount } from '../../../../src/consensus/state-proof.ts';
import { checkReceipt, type ShownFact } from '../../../../src/consensus/receipt.ts';
import { StateTree } from '../../../../src/consensus/state-tree.ts';
import { merklePath, merkleSplit } from '../../../../src/crypto/merkle.ts';
import {
  headerHash,
  sealHeader,
  transactionRoot,
  type BlockHeader,
  type DecodedBlock,
  type SealedHeader,
} from '../../../../src/protocol/block.ts';
import { proveHistory } from '../../../../src/protocol/history-proof.ts';
import { historyLeaf, historyNode, type HistoryNode } from '../../../../src/protocol/history.ts';
import { decodeReceipt, encodeReceipt, MAX_RECEIPT_BYTES, type Evidence, type Receipt } from '../../../../src/protocol/receipt.ts';
import { workOfBits } from '../../../../src/protocol/target.ts';
import { networkTag, type DecodedTransaction } from '../../../../src/protocol/transaction.ts';
import { concatBytes, fromHex, toHex } from '../../../../src/util/bytes.ts';
import { findNonce, registrationOf, testAccount, transferOf, type BlockBuilder } from '../../../scenarios/support/builders.ts';
import { stampHash } from '../../../../src/protocol/transactions/registration.ts';

/** Receipts that show something, and receipts that break one rule each. @param chain all blocks of the builder above genesis, in order */
export function receiptVectors(builder: BlockBuilder, chain: readonly DecodedBlock[]): { receipts: object[]; broken: object[] } {
  const maker = new ReceiptMaker(builder, chain);
  return { receipts: soundReceipts(maker), broken: [...brokenBytes(maker), ...brokenReceipts(maker)] };
}

const alex = testAccount('alex');
const ming = testAccount('ming');
const wu = testAccount('wu');

class ReceiptMaker {
  readonly builder: BlockBuilder;
  readonly blocks: readonly DecodedBlock[];

  constructor(builder: BlockBuilder, chain: readonly DecodedBlock[]) {
    this.builder = builder;
    const sealed = { kind: 'sealed', ciphertext: new Uint8Array(256).fill(0x5e) } as const;
    const payment = transferOf(builder.network, alex, { to: wu, amount: 7, nonce: 4, memo: sealed });
    const above = builder.next(chain.at(-1)!, { miner: alex, transactions: [payment] });
    this.blocks = [builder.genesis, ...chain, above, ...builder.extend(above, 3, { miner: wu })];
  }

  get tip(): DecodedBlock {
    return this.blocks.at(-1)!;
  }

  receipt(height: number, evidence: Evidence, later: number | null = this.tip.header.height): Receipt {
    const sealed = later === null ? null : this.blocks[later]!;
    const tag = networkTag(this.builder.network.id);
    const proof = sealed && { sealed, proof: proveHistory(height, sealed.header.height, (from, to) => this.#subtree(from, to)) };
    return { networkTag: tag, block: this.blocks[height]!, later: proof, evidence };
  }

  /** The receipt of a transaction of the chain. */
  payment(height: number, index: number): Receipt & { evidence: Evidence & { kind: 'transaction' } } {
    const evidence = transactionIn(this.blocks[height]!.transactions, index);
    return { ...this.receipt(height, evidence), evidence };
  }

  /** The receipt of an account after a block. */
  account(height: number, address: string): Receipt & { evidence: Evidence & { kind: 'account' } } {
    const state = this.builder.stateAfter(this.blocks[height]!);
    const evidence = { kind: 'account', address, proof: proveAccount(StateTree.build(state.accounts()), state, address) } as const;
    return { ...this.receipt(height, evidence), evidence };
  }

  /** A sealed header with other fields. */
  forged(height: number, fields: Partial<BlockHeader>, meets = true): SealedHeader {
    const header = { ...this.blocks[height]!.header, ...fields };
    return sealHeader(header, findNonce(headerHash(header), header.bits, meets));
  }

  #subtree(from: number, to: number): HistoryNode {
    const { id, header } = this.blocks[from]!;
    if (to - from === 1) return historyLeaf(id, from === 0 ? 0n : workOfBits(header.bits));
    const middle = from + merkleSplit(to - from);
    return historyNode(this.#subtree(from, middle), this.#subtree(middle, to));
  }
}

function transactionIn(transactions: readonly DecodedTransaction[], index: number): Evidence & { kind: 'transaction' } {
  const path = merklePath(
    transactions.map(({ id }) => fromHex(id)),
    index,
  );
  return { kind: 'transaction', transaction: transactions[index]!, path };
}

function soundReceipts(maker: ReceiptMaker): object[] {
  const { network } = maker.builder;
  const tip = maker.tip.header.height;
  const all: [string, Receipt][] = [
    ['a payment', maker.payment(3, 1)],
    ['a payment with a memo', maker.payment(20, 0)],
    ['a payment with a sealed memo', maker.payment(23, 0)],
    ['a payment whose own block is the anchor', { ...maker.payment(3, 2), later: null }],
    ['a name, as its registration', maker.payment(1, 0)],
    ['a balance and a name', maker.account(tip - 1, alex.address)],
    ['a balance without a name', maker.account(22, ming.address)],
    ['an absent account', maker.account(tip - 1, 'ab'.repeat(20))],
    ['an absent account where there are none', maker.account(0, wu.address)],
    ['a mined block', maker.receipt(4, { kind: 'block' })],
    ['a mined block below the anchor', maker.receipt(tip - 1, { kind: 'block' })],
    ['genesis', maker.receipt(0, { kind: 'block' })],
    ['genesis, which needs no work, as the anchor', maker.receipt(0, { kind: 'block' }, null)],
  ];
  return all.map(([name, receipt]) => {
    const bytes = encodeReceipt(receipt);
    const { fact, block, anchor, workAbove } = checkReceipt(network, decodeReceipt(bytes));
    const place = ({ header, id }: SealedHeader): object => ({ height: header.height, id });
    return { name, fact: factOf(fact), block: place(block), anchor: place(anchor), workAbove: String(workAbove), bytes: toHex(bytes) };
  });
}

function factOf(fact: ShownFact): object {
  if (fact.kind === 'transaction') return { kind: fact.kind, txid: fact.transaction.id };
  if (fact.kind === 'block') return fact;
  const { kind, address, row } = fact;
  if (row === null) return { kind, address, exists: false };
  return { kind, address, exists: true, balance: row.balance, nonce: row.nonce, name: row.registration?.name ?? null };
}

function brokenBytes(maker: ReceiptMaker): object[] {
  const bytes = encodeReceipt(maker.payment(3, 1));
  const block = encodeReceipt(maker.receipt(4, { kind: 'block' }));
  const memo = encodeReceipt(maker.payment(20, 0));
  const account = encodeReceipt(maker.account(22, alex.address));
  // The last two edges of the proof: their bits no longer fall.
  const swapped = concatBytes(account.subarray(0, -66), account.subarray(-33), account.subarray(-66, -33));
  /** The memo's length stands before its UTF-8 bytes, the block time's highest byte at offset 5 + 136. */
  const memoAt = memo.length - 1 - 256 - '午餐'.length * 3;
  const all: [string, string, Uint8Array][] = [
    ['nothing', 'encoding-truncated', new Uint8Array(0)],
    ['without its last byte', 'encoding-truncated', bytes.subarray(0, -1)],
    ['with a byte after its end', 'encoding-trailing', concatBytes(bytes, Uint8Array.of(0))],
    ['longer than any receipt', 'encoding-too-long', new Uint8Array(MAX_RECEIPT_BYTES + 1)],
    ['of an unknown kind', 'encoding-non-canonical', block.with(-1, 4)],
    ['with a flag that is neither 0 nor 1', 'encoding-non-canonical', block.with(5 + 196, 2)],
    ['with a time above 2^53 - 1', 'encoding-non-canonical', block.with(5 + 136, 1)],
    ['with a memo that is not UTF-8', 'encoding-non-canonical', memo.with(memoAt, 0xff)],
    ['with a path of edges in another order', 'encoding-non-canonical', swapped],
    ['with more nodes than any history proof', 'encoding-too-long', block.with(5 + 196 + 1 + 196, 33)],
    ['of another version', 'receipt-version', bytes.with(0, 2)],
  ];
  return all.map(([name, code, given]) => ({ name, code, bytes: toHex(given) }));
}

/** A receipt of a forged block that holds one transaction: everything fits, except the rule that the transaction breaks. */
function ofTransaction(maker: ReceiptMaker, transaction: DecodedTransaction): Receipt {
  const block = maker.forged(3, { transactionRoot: transactionRoot([transaction]) });
  return { ...maker.receipt(3, transactionIn([transaction], 0), null), block };
}

function brokenReceipts(maker: ReceiptMaker): object[] {
  const { network } = maker.builder;
  const payment = maker.payment(3, 1);
  const { later, evidence } = payment;
  const block = maker.receipt(4, { kind: 'block' });
  const balance = maker.account(22, alex.address);
  const [first, ...others] = evidence.path;
  const steps = [{ ...first!, isLeft: !first!.isLeft }, ...others];
  const [node, ...nodes] = later!.proof;
  const proven = (proof: readonly HistoryNode[]): Receipt => ({ ...payment, later: { ...later!, proof } });
  const badStamp = findNonce(stampHash(network.id, registrationOf(network, wu).transaction), network.stampBits, false);
  const { row, path } = balance.evidence.proof;
  const transfer = (fields: object): Receipt => ofTransaction(maker, transferOf(network, alex, { to: wu, amount: 5, nonce: 1, ...fields }));
  const registration = (fields: object): Receipt => ofTransaction(maker, registrationOf(network, wu, fields));
  const all: [string, string, Receipt][] = [
    ['of another network', 'receipt-other-network', { ...payment, networkTag: (payment.networkTag ^ 1) >>> 0 }],
    ['of a block with an easier target than the limit', 'bits-wrong', { ...block, block: maker.forged(4, { bits: 0x2100ffff }) }],
    ['of a block without work', 'seal-above-target', { ...block, block: maker.forged(4, {}, false) }],
    ['with an anchor without work', 'seal-above-target', { ...block, later: { ...later!, sealed: maker.forged(26, {}, false) } }],
    ['with an anchor that is not above the block', 'history-proof-wrong', { ...block, later: { ...later!, sealed: maker.blocks[4]! } }],
    ['with a history proof that lacks a node', 'history-proof-wrong', proven(nodes)],
    ['with a history proof with another hash', 'history-proof-wrong', proven([{ ...node!, hash: new Uint8Array(32) }, ...nodes])],
    ['with a history proof with more work', 'history-proof-wrong', proven([{ ...node!, work: node!.work + 1n }, ...nodes])],
    ['with more work than there can be', 'history-proof-wrong', proven([{ ...node!, work: 2n ** 256n - 1n }, ...nodes])],
    ['of a payment on the other side of a step', 'transaction-root-wrong', { ...payment, evidence: { ...evidence, path: steps } }],
    [
      'of a payment that another block contains',
      'transaction-root-wrong',
      { ...payment, evidence: { ...evidence, transaction: maker.payment(20, 0).evidence.transaction } },
    ],
    [
      'of a higher balance',
      'state-proof-wrong',
      { ...balance, evidence: { ...balance.evidence, proof: { row: { ...row!, balance: row!.balance + 1 }, path } } },
    ],
    [
      'of no account where there are some',
      'state-proof-wrong',
      { ...balance, evidence: { ...balance.evidence, proof: { row: null, path: [] } } },
    ],
    ['of a transaction of another network', 'transaction-other-network', transfer({ overrides: { networkTag: 7 } })],
    ['of a payment of nothing', 'amount-not-positive', transfer({ amount: 0 })],
    ['of a payment of more than all coins', 'amount-too-large', transfer({ amount: 2 ** 53 - 1, fee: 1 })],
    ['of a memo that turns the text around', 'memo-invalid', transfer({ memo: 'a\u202eb' })],
    ['of a name that is not allowed', 'name-invalid', registration({ name: 'Wu' })],
    ['of an even modulus', 'modulus-invalid', registration({ encryptionModulus: wu.encryptionModulus.with(-1, 0) })],
    ['of a registration without work', 'stamp-invalid', registration({ stamp: badStamp })],
  ];
  const nonCanonical = sealHeader({ ...maker.blocks[4]!.header, bits: 0x1d0000ff }, new Uint8Array(20));
  all.push(['of a block with bits that are not canonical', 'bits-non-canonical', { ...block, block: nonCanonical }]);
  return all.map(([name, code, receipt]) => ({ name, code, bytes: toHex(encodeReceipt(receipt)) }));
}
