import type { BlockTrial, RuleFinding } from '../../../api/api.ts';

/** Blocks below the tip at which the chain lab begins: enough blocks above to see the damage, few enough to read. */
const DEPTH = 8;

/** The block that the chain lab offers first. */
export function oldBlock(tip: number): number {
  return Math.max(1, tip - DEPTH);
}

/** The broken rules of an altered block, in the order in which a node checks them. */
export function breaches({ rules }: Pick<BlockTrial, 'rules'>): RuleFinding[] {
  return rules.filter(({ holds }) => holds === false);
}
