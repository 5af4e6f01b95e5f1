import type { ForkTree, PeerInfo, TreeBlock } from '../../../api/api.ts';

/** A block in the picture. Column 0 has the newest blocks, lane 0 the branch that counts. */
export interface ForkNode {
  readonly block: TreeBlock;
  readonly column: number;
  readonly lane: number;
  /** Peers whose newest block this is. */
  readonly peers: readonly string[];
  readonly isOwnTip: boolean;
}

/** The way from a block to its predecessor, or to the next block that is shown. */
export interface ForkEdge {
  readonly from: ForkNode;
  /** Null where the way leads out of the picture. */
  readonly to: ForkNode | null;
  /** Blocks on the way that are left out. */
  readonly hidden: number;
}

export interface ForkPicture {
  readonly nodes: readonly ForkNode[];
  readonly edges: readonly ForkEdge[];
  readonly columns: number;
  readonly lanes: number;
  /** Heights from the lowest to the highest block, also those left out. */
  readonly heights: number;
  /** Blocks that are not on the branch that counts, among those that are not just being fetched. */
  readonly others: number;
  /** Peers whose newest block is not in the picture. */
  readonly elsewhere: number;
}

/** A shorter row of blocks at which nothing happened is shown. */
const LEAST_HIDDEN = 3;

/**
 * Places the blocks: newest left, the branch that counts on top, each other branch in the highest lane that is free. Of long rows without
 * a fork only the number of blocks remains.
 */
export function forkPicture(
  { blocks, tip }: Pick<ForkTree, 'blocks' | 'tip'>,
  peers: readonly Pick<PeerInfo, 'id' | 'tip'>[],
): ForkPicture {
  const lanes = lanesOf(blocks);
  const peersAt = new Map<string, string[]>();
  for (const { id, tip: at } of peers) if (at !== null) peersAt.set(at, [...(peersAt.get(at) ?? []), id]);
  const columns = columnsOf(blocks, (id) => id === tip.id || peersAt.has(id));
  const known = new Set(blocks.map(({ id }) => id));
  const nodes = blocks
    .filter(({ height }) => columns.has(height))
    .map((block): ForkNode => ({
      block,
      column: columns.get(block.height)!,
      lane: lanes.get(block.id)!,
      peers: peersAt.get(block.id) ?? [],
      isOwnTip: block.id === tip.id,
    }));
  const heights = blocks.map(({ height }) => height);
  return {
    nodes,
    edges: edgesOf(nodes),
    // The numbers of blocks left out take a column each.
    columns: Math.max(-1, ...columns.values()) + 1,
    lanes: Math.max(0, ...lanes.values()) + 1,
    heights: blocks.length === 0 ? 0 : Math.max(...heights) - Math.min(...heights) + 1,
    others: blocks.filter(({ standing }) => standing === 'side' || standing === 'invalid').length,
    elsewhere: [...peersAt].reduce((sum, [at, ids]) => sum + (known.has(at) ? 0 : ids.length), 0),
  };
}

/** The columns of the heights that are shown. */
function columnsOf(blocks: readonly TreeBlock[], isMarked: (id: string) => boolean): Map<number, number> {
  const heights = [...new Set(blocks.map(({ height }) => height))];
  const forked = new Set(blocks.filter(({ standing }) => standing !== 'active').map(({ height }) => height));
  const marked = new Set(blocks.filter(({ id }) => isMarked(id)).map(({ height }) => height));
  const [top, bottom] = [Math.max(...heights), Math.min(...heights)];
  /** The forks with the blocks before and after them. */
  const matters = (height: number): boolean =>
    height === top || height === bottom || marked.has(height) || [-1, 0, 1].some((step) => forked.has(height + step));
  const columns = new Map<number, number>();
  let column = 0;
  for (let height = top; height >= bottom;) {
    let next = height;
    while (next >= bottom && !matters(next)) next--;
    if (height - next >= LEAST_HIDDEN) {
      column++;
      height = next;
    } else columns.set(height--, column++);
  }
  return columns;
}

function edgesOf(nodes: readonly ForkNode[]): ForkEdge[] {
  const byId = new Map(nodes.map((node) => [node.block.id, node]));
  const active = nodes.filter(({ block }) => block.standing === 'active');
  const below = new Map(active.map((node, i) => [node, active[i + 1] ?? null]));
  return nodes
    .filter(({ block }) => block.height > 0)
    .map((from) => {
      // Blocks are left out only of the branch that counts.
      const to = byId.get(from.block.previous) ?? below.get(from) ?? null;
      return { from, to, hidden: to === null ? 0 : from.block.height - to.block.height - 1 };
    });
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
