import { CONTEXT_HEADERS } from '../consensus/difficulty.ts';
import { sha256, HASH_BYTES } from '../crypto/hash.ts';
import { BITS_OFFSET, HEADER_BYTES, HEIGHT_OFFSET, sealDigest, SEALED_HEADER_BYTES, type SealedHeader } from '../protocol/block.ts';
import { EMPTY_HISTORY, History, historyLeaf } from '../protocol/history.ts';
import type { Network } from '../protocol/network.ts';
import { workOfBits } from '../protocol/target.ts';
import type { ChainBase, ChainStore, PackedHeaders } from '../storage/port.ts';
import { equalBytes, toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { BlockTree } from './block-tree.ts';

/**
 * Builds the tree of the stored active chain, and the history up to and including its base.
 * @throws TabchainError `storage-damaged` when a height is missing or a header was altered
 */
export function loadTree(network: Network, store: ChainStore): { tree: BlockTree; history: History } {
  const base = store.base();
  const [tree, history] = base ? beginAt(base) : beginAtGenesis(network, store);
  const { height: baseHeight } = tree.base;
  if (base && (store.lowest() ?? baseHeight + 1) !== baseHeight + 1) throw damaged(HOLE);
  for (const part of store.packedHeaders(baseHeight + 1)) addPart(tree, part);
  if (tree.tip.height !== store.height()) throw damaged(HOLE);
  if (base) assertHistory(base, store.header(baseHeight + 1));
  return { tree, history };
}

const HOLE = 'The stored chain has a hole.';

function beginAtGenesis({ id }: Network, store: ChainStore): [BlockTree, History] {
  if (store.lowest() !== 0 || store.header(0)?.id !== id) throw damaged('The stored chain does not begin with genesis.');
  return [new BlockTree(id), EMPTY_HISTORY.append(id, 0n)];
}

function beginAt({ headers, history }: ChainBase): [BlockTree, History] {
  const { header, id } = headers.at(-1)!;
  const isLine = headers.every((each, index) => index === 0 || each.header.previous === headers[index - 1]!.id);
  if (!isLine || headers.length < Math.min(CONTEXT_HEADERS, history.size)) throw damaged('Headers below the stored chain are missing.');
  return [new BlockTree(id, header.height, history.work), history];
}

/** Where the base is an odd numbered block of its history, its own header proves the history, otherwise the next header does. */
function assertHistory({ headers, history }: ChainBase, next: SealedHeader | null): void {
  const { header, id } = headers.at(-1)!;
  if (next && !equalBytes(next.header.historyRoot, history.root)) throw damaged('The stored history was altered.');
  if (history.size % 2 === 0) return;
  const before = new History(history.size - 1, history.peaks.slice(0, -1));
  const leaf = historyLeaf(id, workOfBits(header.bits));
  const own = history.peaks.at(-1)!;
  if (equalBytes(before.root, header.historyRoot) && equalBytes(own.hash, leaf.hash) && own.work === leaf.work) return;
  throw damaged('The stored history was altered.');
}

/**
 * Appends stored headers to the tree. Each header must hash to the id in its row. The header includes its parent's id, so each row also
 * proves the row before it.
 */
function addPart(tree: BlockTree, { count, ids, sealed }: PackedHeaders): void {
  const view = new DataView(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const digests = new Uint8Array(count * HASH_BYTES);
  const lowest = tree.tip.height + 1;
  for (let index = 0, at = 0; index < count; index++, at += SEALED_HEADER_BYTES) {
    if (view.getUint32(at + HEIGHT_OFFSET) !== lowest + index) throw damaged(HOLE);
    digests.set(
      sealDigest(sha256(sealed.subarray(at, at + HEADER_BYTES)), sealed.subarray(at + HEADER_BYTES, at + SEALED_HEADER_BYTES)),
      index * HASH_BYTES,
    );
  }
  if (toHex(digests) !== ids) throw damaged('A stored header was altered.', { fromHeight: lowest, toHeight: lowest + count - 1 });
  for (let index = 0; index < count; index++)
    tree.extend(ids.slice(2 * HASH_BYTES * index, 2 * HASH_BYTES * (index + 1)), view.getUint32(index * SEALED_HEADER_BYTES + BITS_OFFSET));
}

function damaged(message: string, details: Readonly<Record<string, number>> = {}): TabchainError {
  return new TabchainError('storage-damaged', message, details);
}
