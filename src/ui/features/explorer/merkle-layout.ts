import type { MerklePathInfo } from '../../../api/api.ts';

/** A node of the picture. The way is lit; beside each of its nodes stands the node with which the next hash is made. */
export interface PathNode {
  readonly key: string;
  readonly hash: string;
  /** `leaf`, then one level up with each step; the last is the root. */
  readonly level: number;
  readonly side: 'left' | 'right' | 'middle';
  readonly lit: boolean;
  /** Number of transactions below a node beside the way, and the first of them. */
  readonly below: { readonly from: number; readonly count: number } | null;
}

/** The way from a leaf to the root with the nodes beside it: two nodes on each level, and the root above. */
export function pathNodes({ leaf, steps }: Pick<MerklePathInfo, 'leaf' | 'steps'>): PathNode[] {
  const nodes: PathNode[] = [];
  let hash = leaf;
  for (const [level, step] of steps.entries()) {
    const own = step.side === 'left' ? 'right' : 'left';
    nodes.push({ key: `way-${level}`, hash, level, side: own, lit: true, below: null });
    const below = { from: step.from, count: step.to - step.from };
    nodes.push({ key: `beside-${level}`, hash: step.hash, level, side: step.side, lit: false, below });
    hash = step.above;
  }
  nodes.push({ key: `way-${steps.length}`, hash, level: steps.length, side: 'middle', lit: true, below: null });
  return nodes;
}

/** A line from a node to the node above. */
export interface PathLine {
  readonly key: string;
  readonly from: PathNode;
  readonly to: PathNode;
  readonly lit: boolean;
}

export function pathLines(nodes: readonly PathNode[]): PathLine[] {
  return nodes.flatMap((from) => {
    const to = nodes.find(({ level, lit }) => lit && level === from.level + 1);
    return to ? [{ key: from.key, from, to, lit: from.lit }] : [];
  });
}
