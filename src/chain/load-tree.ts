import { CONTEXT_HEADERS } from '../consensus/difficulty.ts';
import { sealHeader, type SealedHeader } from '../protocol/block.ts';
import { EMPTY_HISTORY, History, historyLeaf } from '../protocol/history.ts';
import type { Network } from '../protocol/network.ts';
import { workOfBits } from '../protocol/target.ts';
import type { ActiveBlock, ChainBase, ChainStore } from '../storage/port.ts';
import { equalBytes } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import type { BlockNode } from './block-node.ts';
import { BlockTree } from './block-tree.ts';

/**
 * Builds the tree of the stored active chain, and the history up to and including its base.
 * @throws TabchainError `storage-damaged` when a height is missing or a header was altered
 */
export function loadTree(network: Network, store: ChainStore): { tree: BlockTree; history: History } {
  const base = store.base();
  const rows = store.activeBlocks();
  const [tree, history] = base ? beginAt(base) : beginAtGenesis(network, rows.shift());
  const { height: baseHeight } = tree.base;
  if (rows.some(({ height }, index) => height !== baseHeight + 1 + index)) throw damaged('The stored chain has a hole.');
  assertHeaders(store, baseHeight + 1, rows.length);
  if (base) assertHistory(base, store.header(baseHeight + 1));
  const path: BlockNode[] = [];
  for (const { id, bits } of rows) path.push(tree.add(id, bits, path.at(-1) ?? tree.tip, null));
  tree.activate(tree.tip, path, []);
  return { tree, history };
}

function beginAtGenesis({ id }: Network, lowest: ActiveBlock | undefined): [BlockTree, History] {
  if (lowest?.id !== id || lowest.height !== 0) throw damaged('The stored chain does not begin with genesis.');
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

/** Number of headers read at a time, so that a long chain does not have to fit in memory. */
const HEADERS_AT_ONCE = 1_000;

/** Each header must hash to the id in its row. The header includes its parent's id, so each row also proves the row before it. */
function assertHeaders(store: ChainStore, lowest: number, count: number): void {
  for (let from = lowest; from < lowest + count; from += HEADERS_AT_ONCE) {
    for (const { header, nonce, id } of store.headers(from, HEADERS_AT_ONCE)) {
      if (sealHeader(header, nonce).id === id) continue;
      throw damaged('A stored header was altered.', { height: header.height });
    }
  }
}

function damaged(message: string, details: Readonly<Record<string, number>> = {}): TabchainError {
  return new TabchainError('storage-damaged', message, details);
}
