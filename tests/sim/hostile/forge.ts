import { expectedBits } from '../../../src/consensus/difficulty.ts';
import { meetsTarget } from '../../../src/consensus/header.ts';
import { addressOfModulus, addressText } from '../../../src/crypto/address.ts';
import { MAX_SUPPLY } from '../../../src/protocol/amount.ts';
import {
  BLOCK_VERSION,
  sealBlock,
  sealHeader,
  transactionRoot,
  type BlockHeader,
  type DecodedBlock,
  type SealedHeader,
} from '../../../src/protocol/block.ts';
import { EMPTY_HISTORY, type History } from '../../../src/protocol/history.ts';
import { subsidyAt, type Network } from '../../../src/protocol/network.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { encodeTransaction, networkTag, signedMessage, type DecodedTransaction, type Transfer } from '../../../src/protocol/transaction.ts';
import { encodeMessage, type Message } from '../../../src/protocol/wire.ts';
import { readBase } from '../../../src/storage/sql/base-rows.ts';
import { BlockTable } from '../../../src/storage/sql/blocks.ts';
import type { Sql } from '../../../src/storage/sql/database.ts';
import { signNow, type SimAccount } from '../engine/keys.ts';
import type { Prng } from '../engine/prng.ts';

/** More than any account can own, in a world that reaches the largest supply too. */
const UNAFFORDABLE = MAX_SUPPLY - 1_000;

/** Makes valid and invalid headers, blocks and transactions on top of a node's chain. */
export class Forger {
  readonly network: Network;
  readonly rng: Prng;
  readonly account: SimAccount;
  readonly #sql: Sql;
  readonly #blocks: BlockTable;
  /** Histories by the id of their last block. */
  readonly #histories = new Map<string, History>();

  constructor(sql: Sql, network: Network, rng: Prng, account: SimAccount) {
    this.network = network;
    this.rng = rng;
    this.account = account;
    this.#sql = sql;
    this.#blocks = new BlockTable(sql, network, () => 0);
    const base = readBase(sql);
    this.#blocks.base = base;
    if (base) this.#histories.set(base.headers.at(-1)!.id, base.history);
    else this.#histories.set(network.id, EMPTY_HISTORY.append(network.id, 0n));
  }

  get height(): number {
    return this.#blocks.height();
  }

  header(height: number): SealedHeader {
    return height === 0 ? this.network.genesis : this.#blocks.header(height)!;
  }

  block(height: number): DecodedBlock {
    return height === 0 ? this.network.genesis : this.#blocks.block(height)!;
  }

  /** Looks for a nonce that meets the header's own target (or, for `false`, misses it). */
  seal(header: BlockHeader, meets = true): SealedHeader {
    for (;;) {
      const sealed = sealHeader(header, this.rng.bytes(20));
      if (meetsTarget(sealed.id, header.bits) === meets) return sealed;
    }
  }

  /** The history up to and including a block, whose branch `at` gives. */
  #history(last: SealedHeader, at: (height: number) => SealedHeader): History {
    const path = [last];
    while (!this.#histories.has(path[0]!.id)) path.unshift(at(path[0]!.header.height - 1));
    let history = this.#histories.get(path.shift()!.id)!;
    for (const { id, header } of path) {
      history = history.append(id, workOfBits(header.bits));
      this.#histories.set(id, history);
    }
    return history;
  }

  /**
   * A header that follows all header rules, except where `changes` breaks them before sealing.
   * @param at the header at a height of the branch that ends in `parent`
   */
  next(parent: SealedHeader, at: (height: number) => SealedHeader, changes: Partial<BlockHeader> = {}): BlockHeader {
    const timeMs = changes.timeMs ?? parent.header.timeMs + this.network.blockTimeMs;
    return {
      version: BLOCK_VERSION,
      height: parent.header.height + 1,
      previous: parent.id,
      historyRoot: this.#history(parent, at).root,
      transactionRoot: transactionRoot([]),
      stateRoot: this.rng.bytes(32),
      timeMs,
      bits: expectedBits(this.network, { parent, at }, timeMs),
      supply: parent.header.supply + subsidyAt(this.network, parent.header.height + 1, parent.header.supply),
      miner: this.account.address,
      ...changes,
    };
  }

  onTip(changes: Partial<BlockHeader> = {}): BlockHeader {
    return this.next(this.header(this.height), (height) => this.header(height), changes);
  }

  blockOnTip(transactions: readonly DecodedTransaction[], changes: Partial<BlockHeader> = {}, meets = true): DecodedBlock {
    const { header, nonce } = this.seal(this.onTip({ transactionRoot: transactionRoot(transactions), ...changes }), meets);
    return sealBlock(header, nonce, transactions);
  }

  transfer(changes: Partial<Transfer> = {}, signature?: Uint8Array): DecodedTransaction<Transfer> {
    const { signing } = this.account.keys;
    const body = {
      kind: 'transfer' as const,
      networkTag: networkTag(this.network.id),
      sender: addressOfModulus(signing.modulus),
      recipient: this.rng.hex(20),
      amount: 1,
      fee: 1_000,
      nonce: 0,
      memo: { kind: 'none' as const },
      ...changes,
    };
    return encodeTransaction({ ...body, signature: signature ?? signNow(this.account.signer, signedMessage(this.network.id, body)) });
  }

  /** The same block with another seal: equally valid, with another id. */
  twin(block: DecodedBlock): DecodedBlock {
    const { nonce } = this.seal(block.header);
    return sealBlock(block.header, nonce, block.transactions);
  }

  /** `count` headers of a branch without bodies, each as cheap as the rules allow. */
  branch(fromHeight: number, count: number): SealedHeader[] {
    const headers: SealedHeader[] = [];
    const at = (height: number): SealedHeader => headers[height - fromHeight - 1] ?? this.header(height);
    for (let height = fromHeight; headers.length < count; height++) {
      const parent = at(height);
      // Slow timestamps let the difficulty fall to its minimum.
      headers.push(this.seal(this.next(parent, at, { timeMs: parent.header.timeMs + 6 * this.network.blockTimeMs })));
    }
    return headers;
  }

  /** A random invalid message, named by its fault, in frames ready to send. */
  invalid(): { what: string; frames: Uint8Array[] } {
    const { rng, network } = this;
    const message = (what: string, m: Message) => ({ what, frames: [framed(encodeMessage(m))] });
    const block = (what: string, b: DecodedBlock) => message(what, { type: 'block', block: b });
    const transaction = (what: string, t: DecodedTransaction) => message(what, { type: 'transaction', transaction: t });
    const tip = this.header(this.height);
    const kinds: (() => { what: string; frames: Uint8Array[] })[] = [
      () => ({ what: 'noise', frames: [rng.bytes(rng.int(1, 200))] }),
      () => ({ what: 'an empty frame', frames: [new Uint8Array(0)] }),
      () => ({ what: 'an unknown type', frames: [framed(Uint8Array.of(200, 1, 2, 3))] }),
      () => ({ what: 'trailing bytes', frames: [framed(Uint8Array.of(...encodeMessage({ type: 'getMempool' }), 0))] }),
      () => ({
        what: 'half a block',
        frames: [framed(encodeMessage({ type: 'block', block: this.block(this.height) }).subarray(0, 100))],
      }),
      () => message('headers without work', { type: 'headers', headers: [this.seal(this.onTip(), false)] }),
      () => message('a header of the past', { type: 'headers', headers: [this.seal(this.onTip({ timeMs: tip.header.timeMs }))] }),
      () => message('a wrong target', { type: 'headers', headers: [this.seal(this.onTip({ bits: 0x2000ffff }))] }),
      () => message('a wrong height', { type: 'headers', headers: [this.seal(this.onTip({ height: this.height + 2 }))] }),
      () => message('another version', { type: 'headers', headers: [this.seal(this.onTip({ version: 1 }))] }),
      () => message('another history', { type: 'headers', headers: [this.seal(this.onTip({ historyRoot: rng.bytes(32) }))] }),
      () => block('a wrong supply', this.blockOnTip([], { supply: Math.abs(tip.header.supply - 1) })),
      () => block('a wrong transaction root', this.blockOnTip([], { transactionRoot: rng.bytes(32) })),
      () => block('a wrong state root', this.blockOnTip([])),
      () => block('a block without work', this.blockOnTip([], {}, false)),
      () => block('an unpaid-for transfer', this.blockOnTip([this.transfer({ amount: UNAFFORDABLE, nonce: this.nonce() })])),
      () => block('a forged transfer', this.blockOnTip([this.transfer({ sender: rng.hex(20) }, rng.bytes(256))])),
      () => {
        const twice = this.transfer({ nonce: this.nonce() });
        return block('a transfer twice', this.blockOnTip([twice, twice]));
      },
      () => transaction('a transfer of nothing', this.transfer({ amount: 0 })),
      () => transaction('a forged signature', this.transfer({ nonce: this.nonce() }, rng.bytes(256))),
      () => transaction('another network', this.transfer({ networkTag: (networkTag(network.id) ^ 1) >>> 0 })),
      () => transaction('a transfer again', this.transfer({ nonce: Math.max(0, this.nonce() - 1) })),
      () => transaction('a stranger’s transfer', this.transfer({ sender: rng.hex(20) }, rng.bytes(256))),
    ];
    return rng.pick(kinds)();
  }

  /** The nonce of this account's next transfer. */
  nonce(): number {
    return this.#sql.number('SELECT nonce FROM accounts WHERE address = ?', [addressText(this.account.address)]) ?? 0;
  }
}

function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(message.length + 1);
  frame.set(message, 1);
  return frame;
}
