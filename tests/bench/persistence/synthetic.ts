import { StateTree } from '../../../src/consensus/state-tree.ts';
import type { Address } from '../../../src/crypto/address.ts';
import type { AccountChange, BlockEffect, CheckedBlock } from '../../../src/consensus/types.ts';
import { BLOCK_VERSION, NONCE_BYTES, sealBlock, transactionRoot, type BlockHeader } from '../../../src/protocol/block.ts';
import { createNetwork, type Network } from '../../../src/protocol/network.ts';
import type { AccountState } from '../../../src/protocol/state-root.ts';
import { encodeTransaction, networkTag, type DecodedTransaction } from '../../../src/protocol/transaction.ts';
import type { Memo } from '../../../src/protocol/memo.ts';
import { toHex } from '../../../src/util/bytes.ts';

const START_BALANCE = 1_000_000_000;
const MEMOS = ['', '', 'lunch', 'thanks for yesterday', '午餐 🍱'];

/**
 * Blocks as the storage sees them: transfers between random accounts of a class, some with memos, and their effect on balances. Nothing is
 * signed or mined; random bytes have the same length and are equally hard to compress. A chain opens on these blocks: opening checks ids and the
 * accounts after the newest block, not the work.
 */
export class SyntheticChain {
  readonly network: Network = createNetwork({
    label: 'storage-bench',
    powLimitBits: 0x207fffff,
    stampBits: 0x207fffff,
    blockTimeMs: 1_000,
  });
  readonly #accounts: AccountState[];
  readonly #transactionsPerBlock: number;
  #state = 1;
  #tip = { id: this.network.genesis.id, header: this.network.genesis.header };
  readonly #tree = StateTree.build([]);
  #registered = false;
  /** Encoded size of all blocks so far. */
  encodedBytes = 0;

  constructor(accounts: number, transactionsPerBlock: number) {
    this.#transactionsPerBlock = transactionsPerBlock;
    this.#accounts = Array.from({ length: accounts }, (_, i) => ({
      address: toHex(this.#bytes(20)) as Address,
      balance: START_BALANCE,
      nonce: 0,
      registration: {
        name: `user_${i.toString(36)}`,
        signingModulus: this.#bytes(256),
        encryptionModulus: this.#bytes(256),
      },
    }));
  }

  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  #bytes(length: number): Uint8Array {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.#random());
    return new Uint8Array(words.buffer, 0, length).slice();
  }

  /** The next block; the first block creates all accounts. */
  next(): BlockEffect {
    const before = new Map<number, AccountState | undefined>();
    if (!this.#registered) for (let i = 0; i < this.#accounts.length; i++) before.set(i, undefined);
    this.#registered = true;
    const transactions: DecodedTransaction[] = [];
    while (transactions.length < this.#transactionsPerBlock) transactions.push(this.#transfer(before));
    const changes: AccountChange[] = [...before].map(([i, old]) => ({
      address: this.#accounts[i]!.address,
      before: old,
      after: this.#accounts[i],
    }));
    this.#tree.apply(changes);
    const header: BlockHeader = {
      version: BLOCK_VERSION,
      height: this.#tip.header.height + 1,
      previous: this.#tip.id,
      historyRoot: this.#bytes(32),
      transactionRoot: transactionRoot(transactions),
      stateRoot: this.#tree.root,
      timeMs: this.#tip.header.timeMs + 1_000,
      bits: 0x207fffff,
      supply: START_BALANCE * this.#accounts.length,
      miner: this.#accounts[this.#random() % this.#accounts.length]!.address,
    };
    const block = sealBlock(header, this.#bytes(NONCE_BYTES), transactions);
    this.#tip = { id: block.id, header };
    this.encodedBytes += block.size;
    const grants = block.transactions.map(() => 0);
    return { block: block as CheckedBlock, grants, subsidy: 0, changes, stateRoot: header.stateRoot };
  }

  get height(): number {
    return this.#tip.header.height;
  }

  get tip(): string {
    return this.#tip.id;
  }

  #transfer(before: Map<number, AccountState | undefined>): DecodedTransaction {
    const from = this.#random() % this.#accounts.length;
    const to = (from + 1 + (this.#random() % (this.#accounts.length - 1))) % this.#accounts.length;
    const amount = 1 + (this.#random() % 1_000);
    const { address: sender, nonce } = this.#accounts[from]!;
    const text = MEMOS[this.#random() % MEMOS.length]!;
    const memo: Memo = text === '' ? { kind: 'none' } : { kind: 'plain', text };
    this.#change(before, from, -amount, 1);
    this.#change(before, to, amount, 0);
    return encodeTransaction({
      kind: 'transfer',
      networkTag: networkTag(this.network.id),
      sender,
      recipient: this.#accounts[to]!.address,
      amount,
      fee: this.#random() % 500,
      nonce,
      memo,
      signature: this.#bytes(256),
    });
  }

  #change(before: Map<number, AccountState | undefined>, index: number, amount: number, sent: number): void {
    const account = this.#accounts[index]!;
    if (!before.has(index)) before.set(index, account);
    this.#accounts[index] = { ...account, balance: account.balance + amount, nonce: account.nonce + sent };
  }
}
