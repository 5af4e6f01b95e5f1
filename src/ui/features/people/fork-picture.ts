import type { ForkTree, PeerInfo, TreeBlock } from '../../../api/api.ts';

/** A block in the picture. Columns count from the newest height, lane 0 is the branch that counts. */
export interface ForkNode {
  readonly block: TreeBlock;
  readonly column: number;
  readonly lane: number;
  /** Peers whose newest block this is. */
  readonly peers: readonly string[];
  readonly isOwnTip: boolean;
}

/** The way from a block to its predecessor. `to` is null where the predecessor is outside the picture. */
export interface ForkEdge {
  readonly from: ForkNode;
  readonly to: ForkNode | null;
}

export interface ForkPicture {
  readonly nodes: readonly ForkNode[];
  readonly edges: readonly ForkEdge[];
  readonly columns: number;
  readonly lanes: number;
  /** Blocks that are not on the branch that counts, among those that are not just being fetched. */
  readonly others: number;
  /** Peers whose newest block is not in the picture. */
  readonly elsewhere: number;
}

/** Places the blocks: newest left, the branch that counts on top, each other branch in the highest lane that is free. */
export function forkPicture(
  { blocks, tip }: Pick<ForkTree, 'blocks' | 'tip'>,
  peers: readonly Pick<PeerInfo, 'id' | 'tip'>[],
): ForkPicture {
  const lanes = lanesOf(blocks);
  const top = Math.max(0, ...blocks.map(({ height }) => height));
  const bottom = Math.min(top, ...blocks.map(({ height }) => height));
  const peersAt = new Map<string, string[]>();
  for (const { id, tip: at } of peers) if (at !== null) peersAt.set(at, [...(peersAt.get(at) ?? []), id]);
  const nodes = blocks.map((block): ForkNode => ({
    block,
    column: top - block.height,
    lane: lanes.get(block.id)!,
    peers: peersAt.get(block.id) ?? [],
    isOwnTip: block.id === tip.id,
  }));
  const byId = new Map(nodes.map((node) => [node.block.id, node]));
  return {
    nodes,
    edges: nodes.filter(({ block }) => block.height > 0).map((from) => ({ from, to: byId.get(from.block.previous) ?? null })),
    columns: blocks.length === 0 ? 0 : top - bottom + 1,
    lanes: Math.max(0, ...lanes.values()) + 1,
    others: blocks.filter(({ standing }) => standing === 'side' || standing === 'invalid').length,
    elsewhere: [...peersAt].reduce((sum, [at, ids]) => sum + (byId.has(at) ? 0 : ids.length), 0),
  };
}

function lanesOf(blocks: readonly TreeBlock[]): Map<string, number> {
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const lanes = new Map(blocks.filter(({ standing }) => standing === 'active').map(({ id }) => [id, 0]));
  const tip = blocks.find(({ standing }) => standing === 'active');
  const parents = new Set(blocks.map(({ previous }) => previous));
  const ends = blocks.filter(({ id, standing }) => standing !== 'active' && !parents.has(id)).sort(byWork);
  /** For each lane, the heights that its branches fill. */
  const filled: { low: number; high: number }[][] = [];
  let isContinued = false;
  for (const end of ends) {
    const branch: TreeBlock[] = [];
    let at: TreeBlock | undefined = end;
    for (; at && !lanes.has(at.id); at = byId.get(at.previous)) branch.push(at);
    // Blocks after the tip continue its lane, because they only wait for their bodies.
    if (at === tip && !isContinued && branch.every(({ standing }) => standing === 'missing')) {
      isContinued = true;
      for (const { id } of branch) lanes.set(id, 0);
      continue;
    }
    // The column of the fork stays free, so that no line crosses a block.
    const [low, high] = [branch.at(-1)!.height - 1, end.height];
    let lane = 1;
    while (filled[lane]?.some((other) => other.low <= high && low <= other.high)) lane++;
    (filled[lane] ??= []).push({ low, high });
    for (const { id } of branch) lanes.set(id, lane);
  }
  return lanes;
}

/** The branch with the most work first; the ids decide where branches have the same work. */
function byWork(a: TreeBlock, b: TreeBlock): number {
  const [x, y] = [BigInt(a.cumulativeWork), BigInt(b.cumulativeWork)];
  return x > y ? -1 : x < y ? 1 : a.id < b.id ? -1 : 1;
}
