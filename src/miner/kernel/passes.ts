import { argumentsOf, Level, partsOf, type Expression } from './expression.ts';

/** A stretch of the computation that runs over a whole batch before the next stretch begins. */
export interface Pass {
  /** What it computes, arguments before what they are arguments of. */
  readonly expressions: readonly Expression[];
  /** Those of them that later passes need, and the slot of the batch's memory that keeps each. */
  readonly kept: ReadonlyMap<Expression, number>;
  /** What it needs of earlier passes, and the slots. */
  readonly inputs: ReadonlyMap<Expression, number>;
}

export interface Plan {
  readonly passes: readonly Pass[];
  /** Slots that each element of the batch needs. */
  readonly slots: number;
}

/** How far a cut may move from equal parts to where fewer values have to be kept: this part of a pass. */
const CUT_FREEDOM = 1 / 6;

/**
 * Divides what `root` needs per nonce into `count` passes of about the same length, cut where few values are alive. One body of
 * all 5,400 operations is longer than the instruction caches; a pass runs from them, once loaded, for the whole batch.
 */
export function planPasses(root: Expression, count: number): Plan {
  const order = partsOf([root], (expression) => expression.level === Level.nonce);
  const lastUse = lastUses(order);
  const cuts = chooseCuts(lastUse, count);
  const slots = new Map<number, number>();
  const free: number[] = [];
  let slotCount = 0;
  const passes = cuts.slice(1).map((end, i): Pass => {
    const expressions = order.slice(cuts[i], end);
    const needed = new Set(expressions.flatMap((expression) => argumentsOf(expression)));
    const inputs = new Map([...slots].map(([at, slot]) => [order[at]!, slot] as const).filter(([expression]) => needed.has(expression)));
    const kept = new Map<Expression, number>();
    for (let at = cuts[i]!; at < end; at++) {
      if (lastUse[at]! < end) continue;
      const slot = free.pop() ?? slotCount++;
      slots.set(at, slot);
      kept.set(order[at]!, slot);
    }
    for (const [at, slot] of slots) {
      if (lastUse[at]! >= end) continue;
      slots.delete(at);
      free.push(slot);
    }
    return { expressions, kept, inputs };
  });
  return { passes, slots: slotCount };
}

/** For each position the last one that uses it. */
function lastUses(order: readonly Expression[]): number[] {
  const position = new Map(order.map((expression, at) => [expression, at]));
  const last = order.map((_, at) => at);
  order.forEach((expression, at) => {
    for (const argument of argumentsOf(expression)) {
      const argumentAt = position.get(argument);
      if (argumentAt !== undefined) last[argumentAt] = at;
    }
  });
  return last;
}

/** Positions at which the passes begin, and the end. */
function chooseCuts(lastUse: readonly number[], count: number): number[] {
  // alive[cut]: how many values from before the cut are used at or after it.
  const changes = new Array<number>(lastUse.length + 2).fill(0);
  lastUse.forEach((last, at) => {
    changes[at + 1]!++;
    changes[last + 1]!--;
  });
  let sum = 0;
  const alive = changes.map((change) => (sum += change));
  const length = lastUse.length / count;
  const inner = Array.from({ length: count - 1 }, (_, i) => {
    const middle = Math.round((i + 1) * length);
    const reach = Math.floor(length * CUT_FREEDOM);
    const candidates = Array.from({ length: 2 * reach + 1 }, (_unused, k) => middle - reach + k);
    return candidates.reduce((best, cut) => (alive[cut]! < alive[best]! ? cut : best));
  });
  return [0, ...inner, lastUse.length];
}
