import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { addressOfModulus, type Address } from '../../../src/crypto/address.ts';
import { createBigIntVerifier, type SignatureVerifier } from '../../../src/crypto/rsa/verifier.ts';
import { expectedBits, type HeaderContext } from '../../../src/consensus/difficulty.ts';
import { executeTransactions } from '../../../src/consensus/block.ts';
import { checkHeader, meetsTarget } from '../../../src/consensus/header.ts';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import type { AccountChange, StateView } from '../../../src/consensus/types.ts';
import {
  BLOCK_VERSION,
  headerHash,
  NONCE_BYTES,
  sealBlock,
  sealDigest,
  transactionRoot,
  type BlockHeader,
  type DecodedBlock,
  type SealedHeader,
} from '../../../src/protocol/block.ts';
import { EMPTY_HISTORY, type History } from '../../../src/protocol/history.ts';
import { createNetwork, subsidyAt, type Network, type NetworkParameters } from '../../../src/protocol/network.ts';
import type { AccountState } from '../../../src/protocol/state-root.ts';
import {
  encodeTransaction,
  networkTag,
  signedMessage,
  type DecodedTransaction,
  type Registration,
  type Transfer,
} from '../../../src/protocol/transaction.ts';
import { STAMP_BYTES, stampHash } from '../../../src/protocol/transactions/registration.ts';
import type { Memo } from '../../../src/protocol/memo.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';
import keys from '../../vectors/keys.json' with { type: 'json' };

/** Two expected hashes per block or stamp: hard enough that a seal can fail, easy enough to take no time. */
export const TRIVIAL_BITS = 0x207fffff;

/** A network for tests: trivial work, 1 s blocks; other parameters as given, otherwise the defaults. */
export function testNetwork(given: Partial<NetworkParameters> = {}): Network {
  return createNetwork({ label: 'test', powLimitBits: TRIVIAL_BITS, stampBits: TRIVIAL_BITS, blockTimeMs: 1_000, ...given });
}

export type AccountName = keyof typeof keys.accounts;

export interface TestAccount {
  readonly name: AccountName;
  readonly address: Address;
  readonly signingModulus: Uint8Array;
  readonly encryptionModulus: Uint8Array;
  readonly signingKey: KeyObject;
  readonly encryptionKey: KeyObject;
}

function privateKey(pkcs8: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
}

/** One of the six accounts with fixed keys: alex, ming, wu, lin, kai, zoe. */
export function testAccount(name: AccountName): TestAccount {
  const { signing, encryption } = keys.accounts[name];
  const signingModulus = fromHex(signing.modulus);
  return {
    name,
    address: addressOfModulus(signingModulus),
    signingModulus,
    encryptionModulus: fromHex(encryption.modulus),
    signingKey: privateKey(signing.pkcs8),
    encryptionKey: privateKey(encryption.pkcs8),
  };
}

/** The production verifier without WebCrypto: synchronous, with a cache of results. */
export function testVerifier(): SignatureVerifier {
  return createBigIntVerifier();
}

/** RSASSA-PKCS1-v1_5 with SHA-256, by OpenSSL: independent of the code under test. */
export function signMessage(key: KeyObject, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign('sha256', message, key));
}

/** Nonce number `index` in the format of stamps and seals: zeros, then the index in the last four bytes. */
export function nonceBytes(index: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(NONCE_BYTES - 4, index);
  return nonce;
}

/** First nonce from `start` on whose seal digest for `hash` meets the target, or misses it if `meets` is false. */
export function findNonce(hash: Uint8Array, bits: number, meets = true, start = 0): Uint8Array {
  for (let index = start; ; index++) {
    const nonce = nonceBytes(index);
    if (meetsTarget(toHex(sealDigest(hash, nonce)), bits) === meets) return nonce;
  }
}

export type RegistrationOverrides = Partial<Omit<Registration, 'kind'>>;

/** A stamped and signed registration of `account`. Stamp and signature cover `overrides`, unless they are overridden themselves. */
export function registrationOf(
  network: Network,
  account: TestAccount,
  overrides: RegistrationOverrides = {},
): DecodedTransaction<Registration> {
  const body = {
    kind: 'registration' as const,
    networkTag: networkTag(network.id),
    name: account.name,
    signingModulus: account.signingModulus,
    encryptionModulus: account.encryptionModulus,
    stamp: new Uint8Array(STAMP_BYTES),
    ...overrides,
  };
  if (!overrides.stamp) body.stamp = findNonce(stampHash(network.id, body), network.stampBits);
  const signature = overrides.signature ?? signMessage(account.signingKey, signedMessage(network.id, body));
  return encodeTransaction<Registration>({ ...body, signature });
}

export interface TransferOptions {
  readonly to: Address | TestAccount;
  readonly amount: number;
  readonly nonce: number;
  readonly fee?: number;
  /** Text for a plain memo. */
  readonly memo?: string | Memo;
  readonly overrides?: Partial<Omit<Transfer, 'kind'>>;
}

/** A signed transfer from `account`. The signature covers `overrides`, unless it is overridden. Amounts in smallest units. */
export function transferOf(network: Network, account: TestAccount, options: TransferOptions): DecodedTransaction<Transfer> {
  const { to, amount, nonce, fee = 0, memo = { kind: 'none' }, overrides = {} } = options;
  const body = {
    kind: 'transfer' as const,
    networkTag: networkTag(network.id),
    sender: account.address,
    recipient: typeof to === 'string' ? to : to.address,
    amount,
    fee,
    nonce,
    memo: typeof memo === 'string' ? ({ kind: 'plain', text: memo } as const) : memo,
    ...overrides,
  };
  const signature = overrides.signature ?? signMessage(account.signingKey, signedMessage(network.id, body));
  return encodeTransaction<Transfer>({ ...body, signature });
}

/** Accounts in memory. */
export class MemoryState implements StateView {
  readonly #accounts: Map<Address, AccountState>;

  constructor(accounts: Iterable<AccountState> = []) {
    this.#accounts = new Map([...accounts].map((account) => [account.address, account]));
  }

  account(address: Address): AccountState | undefined {
    return this.#accounts.get(address);
  }

  addressOfName(name: string): Address | undefined {
    return this.accounts().find((account) => account.registration?.name === name)?.address;
  }

  /** All accounts in address order. */
  accounts(): AccountState[] {
    return [...this.#accounts.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  /** A new state with these changes; this state stays unchanged. */
  with(changes: readonly AccountChange[]): MemoryState {
    const accounts = new Map(this.#accounts);
    for (const { address, after } of changes) {
      if (after) accounts.set(address, after);
      else accounts.delete(address);
    }
    return new MemoryState(accounts.values());
  }
}

export interface BlockOptions {
  /** Default: a fixed address that nobody owns. */
  readonly miner?: Address | TestAccount;
  readonly transactions?: readonly DecodedTransaction[];
  /** Default: one block time after the parent. */
  readonly timeMs?: number;
  /** Fields set after all others were computed, before the seal, to break a rule. */
  readonly header?: Partial<BlockHeader>;
  /** Does not execute the transactions, because they break a rule: the header has the parent's state root. */
  readonly unexecuted?: boolean;
  /** Seals with a nonce that misses the target. */
  readonly badSeal?: boolean;
  /** Nonce at which the search starts. Another start gives another block with the same header. */
  readonly variant?: number;
}

interface Entry {
  readonly block: DecodedBlock;
  readonly state: MemoryState;
  /** Up to and including the block. */
  readonly history: History;
}

/** Work of a header with these bits; 1 for bits that stand for no target. */
function workOf(bits: number): bigint {
  try {
    return workOfBits(bits);
  } catch {
    return 1n;
  }
}

export const NOBODY: Address = '11'.repeat(20);

/** Makes blocks on any branch of one network, and keeps the accounts after each block. */
export class BlockBuilder {
  readonly network: Network;
  readonly genesis: DecodedBlock;
  readonly verifier: SignatureVerifier = testVerifier();
  readonly #blocks = new Map<string, Entry>();
  /** The tree of accounts after the newest block, because a new tree for each block would cost a hash for each account. */
  #newest: { readonly id: string; readonly tree: StateTree } | null = null;

  constructor(network: Network = testNetwork()) {
    this.network = network;
    this.genesis = network.genesis;
    const history = EMPTY_HISTORY.append(this.genesis.id, 0n);
    this.#blocks.set(this.genesis.id, { block: this.genesis, state: new MemoryState(), history });
  }

  /** A block made by this builder, or genesis. */
  known(id: string): DecodedBlock {
    return this.#entry(id).block;
  }

  parentOf(block: DecodedBlock): DecodedBlock | null {
    return block.header.height === 0 ? null : this.known(block.header.previous);
  }

  /** The context for checking a header on `parent`. */
  contextOf(parent: DecodedBlock): HeaderContext {
    return {
      parent,
      at: (height) => {
        let block = parent;
        while (block.header.height > height) block = this.known(block.header.previous);
        return block;
      },
    };
  }

  /** Accounts after `block`, or after its parent if `block` was not executed. */
  stateAfter(block: DecodedBlock): MemoryState {
    return this.#entry(block.id).state;
  }

  /** The history up to and including `block`: the root that its children name. */
  historyAfter(block: DecodedBlock): History {
    return this.#entry(block.id).history;
  }

  /** Checks a header on `parent`. @throws RuleError */
  check(sealed: SealedHeader, parent: DecodedBlock): void {
    checkHeader(this.network, sealed, this.contextOf(parent), () => this.historyAfter(parent).root);
  }

  /** A block on `parent`, valid unless an option says otherwise. */
  next(parent: DecodedBlock, options: BlockOptions = {}): DecodedBlock {
    const { transactions = [], timeMs = parent.header.timeMs + this.network.blockTimeMs } = options;
    const miner = typeof options.miner === 'object' ? options.miner.address : (options.miner ?? NOBODY);
    const before = this.stateAfter(parent);
    const tree = this.#newest?.id === parent.id ? this.#newest.tree : StateTree.build(before.accounts());
    const { supply } = parent.header;
    const execution = options.unexecuted
      ? { stateRoot: tree.root, supply: supply + subsidyAt(this.network, parent.header.height + 1, supply), changes: [] }
      : executeTransactions(this.network, parent.header, miner, transactions, before, tree, this.verifier);
    const header: BlockHeader = {
      version: BLOCK_VERSION,
      height: parent.header.height + 1,
      previous: parent.id,
      historyRoot: this.historyAfter(parent).root,
      transactionRoot: transactionRoot(transactions),
      stateRoot: execution.stateRoot,
      timeMs,
      bits: expectedBits(this.network, this.contextOf(parent), timeMs),
      supply: execution.supply,
      miner,
      ...options.header,
    };
    const nonce = findNonce(headerHash(header), header.bits, !options.badSeal, options.variant);
    const block = sealBlock(header, nonce, transactions);
    this.#blocks.set(block.id, {
      block,
      state: before.with(execution.changes),
      history: this.historyAfter(parent).append(block.id, workOf(header.bits)),
    });
    tree.apply(execution.changes);
    this.#newest = { id: block.id, tree };
    return block;
  }

  /** `count` blocks on top of `parent`, lowest first. */
  extend(parent: DecodedBlock, count: number, options: BlockOptions = {}): DecodedBlock[] {
    const blocks: DecodedBlock[] = [];
    for (let tip = parent; blocks.length < count; blocks.push(tip)) tip = this.next(tip, options);
    return blocks;
  }

  #entry(id: string): Entry {
    const entry = this.#blocks.get(id);
    if (!entry) throw new TypeError(`This builder did not make block ${id}.`);
    return entry;
  }
}
