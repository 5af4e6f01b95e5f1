import { connectBlock, executeTransactions } from '../consensus/block.ts';
import { StateTree } from '../consensus/state-tree.ts';
import { signatureItem } from '../consensus/transaction.ts';
import type { BlockEffect, CheckedBlock } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import type { BlockHeader, DecodedBlock, SealedHeader } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { AccountState } from '../protocol/state-root.ts';
import { registrationIn, senderOf, type DecodedTransaction, type Transaction } from '../protocol/transaction.ts';
import type { ChainStore } from '../storage/port.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import { equalBytes } from '../util/bytes.ts';
import { assert, TabchainError } from '../util/errors.ts';
import { Snapshots } from './snapshots.ts';
import { undoBlock } from './undo.ts';

/** Most remembered registrations: enough for the blocks whose signatures are checked in advance. */
const MAX_NEWCOMERS = 1_000;

/** A block to connect. Its body is loaded only when it is connected, because a long branch does not fit in memory. */
export interface BlockSource {
  load(): CheckedBlock;
  /** Cumulative work including this block. */
  readonly work: bigint;
}

/** The blocks of one movement of the tip. */
export interface Movement {
  /** Oldest first, like `connected`. */
  readonly disconnected: readonly DecodedBlock[];
  readonly connected: readonly DecodedBlock[];
}

/** The fields of a header that follow from the accounts after the block. */
export type StateFields = Pick<BlockHeader, 'stateRoot' | 'supply'>;

interface Forecast {
  readonly parent: BlockHeader;
  readonly miner: Address;
  readonly transactions: readonly DecodedTransaction[];
  readonly fields: StateFields;
}

/** The accounts at the tip: their rows in the store, and their hash tree in memory. `move` changes both or neither. */
export class ChainState {
  readonly store: ChainStore;
  /** The tree at the tip. Other classes may only read it. */
  readonly tree: StateTree;
  /** The accounts after recent blocks. */
  readonly snapshots: Snapshots;
  readonly #network: Network;
  readonly #verifier: SignatureVerifier;
  /** Recent registrations, perhaps from blocks that are not connected yet. Only their keys are used, and an address determines its keys. */
  readonly #newcomers = new BoundedMap<Address, AccountState>(MAX_NEWCOMERS);
  /** Last result of `fieldsAfter`: a miner renews the time of its template far more often than the transactions change. */
  #forecast: Forecast | null = null;

  /** @throws TabchainError `storage-damaged` when the accounts are not those that the tip's header names */
  constructor(network: Network, store: ChainStore, verifier: SignatureVerifier) {
    this.#network = network;
    this.#verifier = verifier;
    this.store = store;
    this.tree = StateTree.build(store.accounts());
    this.snapshots = new Snapshots(network, store, this.tree);
    const tip = store.header(store.height());
    if (!tip || !equalBytes(tip.header.stateRoot, this.tree.root)) {
      throw new TabchainError('storage-damaged', 'The stored accounts do not match the state root of the newest block.');
    }
  }

  /** Checks a block's signatures in advance, in parallel. Signatures whose key is not known yet are checked when the block is connected. */
  async prefetchSignatures(block: DecodedBlock): Promise<void> {
    for (const { transaction } of block.transactions) this.#noteKeys(transaction);
    const known = { account: (address: Address) => this.#withKey(address) };
    const items = block.transactions.map((transaction) => signatureItem(this.#network, transaction, known));
    await this.#verifier.prefetch(items.filter((item) => item !== null));
  }

  #noteKeys(transaction: Transaction): void {
    const registration = registrationIn(transaction);
    if (!registration) return;
    const address = senderOf(transaction);
    this.#newcomers.set(address, { address, balance: 0, nonce: 0, registration });
  }

  #withKey(address: Address): AccountState | undefined {
    const account = this.store.account(address);
    return account?.registration ? account : this.#newcomers.get(address);
  }

  /**
   * State root and supply after a block on the tip with these transactions.
   * @param parent the tip's header
   * @throws RuleError when a transaction does not apply
   */
  fieldsAfter(parent: BlockHeader, miner: Address, transactions: readonly DecodedTransaction[]): StateFields {
    const last = this.#forecast;
    if (last?.parent === parent && last.miner === miner && sameItems(last.transactions, transactions)) return last.fields;
    const { stateRoot, supply } = executeTransactions(this.#network, parent, miner, transactions, this.store, this.tree, this.#verifier);
    const fields = { stateRoot, supply };
    this.#forecast = { parent, miner, transactions: [...transactions], fields };
    return fields;
  }

  /**
   * Disconnects the active blocks above `forkHeight`, then connects `path`, all in one transaction of the store.
   * @param onConnecting called before each block with its index in `path`: when `move` throws, the last index is the invalid block's
   * @throws RuleError when a block of `path` breaks a rule; nothing changes
   * @throws AlteredBlockError when a block to disconnect was altered in the store; nothing changes
   */
  move(forkHeight: number, path: readonly BlockSource[], onConnecting: (index: number) => void): Movement {
    this.#forecast = null;
    const before = this.tree.root;
    const touched = new Set<Address>();
    const take = (effect: BlockEffect): void => {
      for (const { address } of effect.changes) touched.add(address);
      this.tree.apply(effect.changes);
    };
    try {
      return this.store.atomically(() => {
        const disconnected: DecodedBlock[] = [];
        while (this.store.height() > forkHeight) disconnected.push(this.#disconnectTip(take));
        const connected: DecodedBlock[] = [];
        let { header: parent } = this.#header(forkHeight);
        for (const [index, source] of path.entries()) {
          onConnecting(index);
          const block = this.#connect(source, parent, take);
          parent = block.header;
          connected.push(block);
        }
        return { disconnected: disconnected.reverse(), connected };
      });
    } catch (error) {
      // The tree's shape does not depend on its history, so the rolled-back accounts give the former tree again.
      this.tree.apply([...touched].map((address) => ({ address, after: this.store.account(address) })));
      assert(equalBytes(this.tree.root, before), 'A movement of the tip that failed left other accounts.');
      this.snapshots.rolledBack();
      throw error;
    }
  }

  #connect({ load, work }: BlockSource, parent: BlockHeader, take: (effect: BlockEffect) => void): DecodedBlock {
    const block = load();
    const effect = connectBlock(this.#network, block, parent, this.store, this.tree, this.#verifier);
    this.store.connect(effect, work);
    this.store.deleteSideBlock(block.id);
    take(effect);
    this.snapshots.connected(block, effect.changes);
    return block;
  }

  #disconnectTip(take: (effect: BlockEffect) => void): DecodedBlock {
    const effect = undoBlock(this.#network, this.store, this.store.height(), this.store, this.tree);
    const { block } = effect;
    this.store.disconnect(effect);
    this.store.putSideBlock(block);
    take(effect);
    this.snapshots.disconnected(block.header.height);
    return block;
  }

  #header(height: number): SealedHeader {
    const sealed = this.store.header(height);
    assert(sealed, 'An active header is missing.');
    return sealed;
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
