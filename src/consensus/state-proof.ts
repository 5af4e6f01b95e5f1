import type { Address } from '../crypto/address.ts';
import { MAX_CHUNK_ACCOUNTS, type AccountProof, type StateChunk, type TreeEdge } from '../protocol/state-proof.ts';
import {
  EMPTY_STATE_ROOT,
  firstDifference,
  innerHash,
  keyBit,
  leafHash,
  stateKey,
  stateRow,
  type AccountState,
  type StateRow,
} from '../protocol/state-root.ts';
import { compareBytes, equalBytes } from '../util/bytes.ts';
import { assert, TabchainError } from '../util/errors.ts';
import type { StateTree } from './state-tree.ts';
import type { AccountReader } from './types.ts';

const wrong = (): TabchainError => new TabchainError('state-proof-wrong', 'A proof about the accounts does not lead to the state root.');

/**
 * Proves the row of an account, or that the account does not exist.
 * @param view the accounts over which `tree` is
 */
export function proveAccount(tree: StateTree, view: AccountReader, address: Address): AccountProof {
  const cursor = tree.cursor();
  if (!cursor) return { row: null, path: [] };
  cursor.search(stateKey(address));
  return { row: stateRow(accountAt(view, cursor.address)), path: cursor.edges() };
}

/**
 * Checks a proof. For an absent account, the proof has the row of another account at which a search for `address` ends: the path of that
 * row has the bits of the sought key at every inner node. The tree would hold the sought account at that place.
 * @param root state root of a block that passed all rules
 * @returns the account's row, null where the account does not exist
 * @throws TabchainError `state-proof-wrong`
 */
export function verifyAccountProof(root: Uint8Array, address: Address, { row, path }: AccountProof): StateRow | null {
  if (!row) {
    if (path.length > 0 || !equalBytes(root, EMPTY_STATE_ROOT)) throw wrong();
    return null;
  }
  const sought = stateKey(address);
  let hash = leafHash(row);
  for (const { bit, hash: beside } of path) hash = keyBit(sought, bit) === 0 ? innerHash(bit, hash, beside) : innerHash(bit, beside, hash);
  if (!equalBytes(hash, root)) throw wrong();
  return row.address === address ? row : null;
}

/**
 * The accounts from the last account whose key is at most `from`, or from the first account where there is none. The first account of a
 * chunk is thus the last account of the chunk before, which shows that no account lies between the two.
 * @param view the accounts over which `tree` is
 * @param from key, 32 bytes
 * @param limit most accounts, 2 to {@link MAX_CHUNK_ACCOUNTS}
 */
export function makeStateChunk(tree: StateTree, view: AccountReader, from: Uint8Array, limit = MAX_CHUNK_ACCOUNTS): StateChunk {
  assert(limit >= 2 && limit <= MAX_CHUNK_ACCOUNTS, 'A chunk cannot have this length.');
  const cursor = tree.cursor();
  if (!cursor) return { accounts: [], left: [], right: [] };
  cursor.seek(from);
  const left = cursor.edges(0);
  const accounts = [accountAt(view, cursor.address)];
  while (accounts.length < limit && cursor.next()) accounts.push(accountAt(view, cursor.address));
  return { accounts, left, right: cursor.edges(1) };
}

/**
 * Checks that a chunk holds exactly the accounts of a range of keys, unaltered. The range begins at the first account, or at the smallest
 * key where no edge is on the left. It ends at the last account, or at the largest key where no edge is on the right.
 *
 * Hashes bind the chunk to nodes of the true tree. In the order of keys, the chunk gives the left edges, the accounts and the right edges
 * without a gap. So no account of the range can be missing.
 * @param root state root of a block that passed all rules
 * @param from the key that the chunk was requested for, 32 bytes; the range must contain it
 * @returns the key to request next, null where the chunk holds the last account
 * @throws TabchainError `state-proof-wrong`
 */
export function verifyStateChunk(root: Uint8Array, from: Uint8Array, { accounts, left, right }: StateChunk): Uint8Array | null {
  const keys = accounts.map(({ address }) => stateKey(address));
  if (keys.length === 0) {
    if (left.length + right.length > 0 || !equalBytes(root, EMPTY_STATE_ROOT)) throw wrong();
    return null;
  }
  if (keys.some((key, index) => index > 0 && compareBytes(keys[index - 1]!, key) >= 0)) throw wrong();
  const fold = new Fold();
  fold.addAll(left.toReversed(), 'left');
  accounts.forEach((account, index) => {
    if (index > 0) fold.part(firstDifference(keys[index - 1]!, keys[index]!));
    fold.add(leafHash(stateRow(account)));
  });
  fold.addAll(right, 'right');
  if (!equalBytes(fold.root(), root)) throw wrong();
  const last = keys.at(-1)!;
  const startsInTime = left.length === 0 || compareBytes(keys[0]!, from) <= 0;
  const isLast = right.length === 0;
  if (!startsInTime || (!isLast && compareBytes(last, from) <= 0)) throw wrong();
  return isLast ? null : last;
}

/** The hash over subtrees in the order of their keys, from the bits at which neighbours part: the smallest bit is nearest to the root. */
class Fold {
  readonly #hashes: Uint8Array[] = [];
  readonly #bits: number[] = [];

  add(hash: Uint8Array): void {
    this.#hashes.push(hash);
  }

  /** Between two subtrees: the bit at which they part. */
  part(bit: number): void {
    while (this.#bits.length > 0 && this.#bits.at(-1)! > bit) this.#join();
    this.#bits.push(bit);
  }

  /** Edges on one side of the accounts, in the order of their keys. */
  addAll(edges: readonly TreeEdge[], side: 'left' | 'right'): void {
    for (const { bit, hash } of edges) {
      if (side === 'right') this.part(bit);
      this.add(hash);
      if (side === 'left') this.part(bit);
    }
  }

  root(): Uint8Array {
    while (this.#bits.length > 0) this.#join();
    return this.#hashes[0]!;
  }

  #join(): void {
    const right = this.#hashes.pop()!;
    const left = this.#hashes.pop()!;
    this.#hashes.push(innerHash(this.#bits.pop()!, left, right));
  }
}

function accountAt(view: AccountReader, address: Address): AccountState {
  const account = view.account(address);
  assert(account, 'The state tree holds an account that does not exist.');
  return account;
}
