import { argumentsOf, Level, partsOf, type Expression } from './expression.ts';

/** A part of the computation that runs over a whole batch before the next part starts. */
export interface Pass {
  /** The expressions that the pass computes, arguments first. */
  readonly expressions: readonly Expression[];
  /** The expressions that later passes need, and the slot of the batch's memory for each. */
  readonly kept: ReadonlyMap<Expression, number>;
  /** The expressions that the pass needs from earlier passes, and their slots. */
  readonly inputs: ReadonlyMap<Expression, number>;
}

export interface Plan {
  readonly passes: readonly Pass[];
  /** Slots for each element of the batch. */
  readonly slots: number;
}

/** How far a cut may move from equal parts to a position with fewer live values, as a part of a pass. */
const CUT_FREEDOM = 1 / 6;

/**
 * Divides the computation of `root` per nonce into `count` passes of about the same length, cut where few values are live. One body of
 * all 5,400 operations does not fit into the instruction cache; a pass fits, and runs for the whole batch once loaded.
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

/** For each position, the last position that uses its value. */
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

/** Start positions of the passes, and the end. */
function chooseCuts(lastUse: readonly number[], count: number): number[] {
  // alive[cut]: number of values from before the cut that are used at or after the cut.
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
