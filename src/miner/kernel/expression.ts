/** How often a value changes: never, once per job, or with every nonce. */
export const Level = { constant: 0, job: 1, nonce: 2 } as const;
export type Level = (typeof Level)[keyof typeof Level];

type Shape =
  | { readonly op: 'constant'; readonly value: number }
  | { readonly op: 'job'; readonly index: number }
  | { readonly op: 'nonce' }
  | { readonly op: 'add' | 'xor' | 'and'; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'rotateRight' | 'shiftRight' | 'shiftLeft' | 'shiftHalves'; readonly left: Expression; readonly bits: number }
  | { readonly op: 'pickBytes'; readonly left: Expression; readonly pattern: BytePattern };

/** For each byte of the result, least significant first: the number of the byte that is taken, or null for zero. */
export type BytePattern = readonly [number | null, number | null, number | null, number | null];

/** A 32-bit value; arguments always have lower ids. */
export type Expression = Shape & { readonly id: number; readonly level: Level };

const ALL_ONES = 0xffffffff;

/**
 * Builds expressions over 32-bit words. Equal expressions are one object, constants are folded, and sums gather terms that are constant
 * or constant per job. So only terms that depend on the nonce stay in the inner loop.
 */
export class Graph {
  readonly #known = new Map<string, Expression>();

  constant(value: number): Expression {
    const word = value >>> 0;
    return this.#intern(`c${word}`, { op: 'constant', value: word }, Level.constant);
  }

  /** Word `index` of the job. */
  job(index: number): Expression {
    return this.#intern(`j${index}`, { op: 'job', index }, Level.job);
  }

  nonce(): Expression {
    return this.#intern('n', { op: 'nonce' }, Level.nonce);
  }

  add(...terms: readonly Expression[]): Expression {
    // Slow-changing terms first: their sums fold, or leave the loop.
    const [first, ...rest] = terms.toSorted((a, b) => a.level - b.level);
    return rest.reduce((sum, term) => this.#addTwo(sum, term), first ?? this.constant(0));
  }

  xor(...terms: readonly Expression[]): Expression {
    const [first, ...rest] = terms;
    return rest.reduce((sum, term) => this.#xorTwo(sum, term), first ?? this.constant(0));
  }

  and(left: Expression, right: Expression): Expression {
    if (left.op === 'constant' && right.op === 'constant') return this.constant(left.value & right.value);
    const [constant, other] = left.op === 'constant' ? [left, right] : [right, left];
    if (constant.op === 'constant' && constant.value === 0) return constant;
    if (constant.op === 'constant' && constant.value === ALL_ONES) return other;
    return this.#two('and', left, right);
  }

  rotateRight(value: Expression, bits: number): Expression {
    if (value.op === 'constant') return this.constant((value.value >>> bits) | (value.value << (32 - bits)));
    return this.#intern(`r${value.id},${bits}`, { op: 'rotateRight', left: value, bits }, value.level);
  }

  shiftRight(value: Expression, bits: number): Expression {
    if (value.op === 'constant') return this.constant(value.value >>> bits);
    return this.#intern(`s${value.id},${bits}`, { op: 'shiftRight', left: value, bits }, value.level);
  }

  shiftLeft(value: Expression, bits: number): Expression {
    if (value.op === 'constant') return this.constant(value.value << bits);
    return this.#intern(`l${value.id},${bits}`, { op: 'shiftLeft', left: value, bits }, value.level);
  }

  /** Both 16-bit halves shifted left, each on its own. */
  shiftHalves(value: Expression, bits: number): Expression {
    return this.#intern(`h${value.id},${bits}`, { op: 'shiftHalves', left: value, bits }, value.level);
  }

  /** The word made of bytes of `value`. */
  pickBytes(value: Expression, pattern: BytePattern): Expression {
    return this.#intern(`b${value.id},${pattern.join()}`, { op: 'pickBytes', left: value, pattern }, value.level);
  }

  #addTwo(left: Expression, right: Expression): Expression {
    if (left.op === 'constant' && right.op === 'constant') return this.constant(left.value + right.value);
    if (left.op === 'constant' && left.value === 0) return right;
    return this.#two('add', left, right);
  }

  #xorTwo(left: Expression, right: Expression): Expression {
    if (left.op === 'constant' && right.op === 'constant') return this.constant(left.value ^ right.value);
    if (left.op === 'constant' && left.value === 0) return right;
    if (right.op === 'constant' && right.value === 0) return left;
    return this.#two('xor', left, right);
  }

  #two(op: 'add' | 'xor' | 'and', a: Expression, b: Expression): Expression {
    const [left, right] = a.id <= b.id ? [a, b] : [b, a];
    return this.#intern(`${op}${left.id},${right.id}`, { op, left, right }, Math.max(left.level, right.level) as Level);
  }

  #intern(key: string, shape: Shape, level: Level): Expression {
    const known = this.#known.get(key);
    if (known) return known;
    const made: Expression = { ...shape, id: this.#known.size, level };
    this.#known.set(key, made);
    return made;
  }
}

/** The direct arguments of `expression`. */
export function argumentsOf(expression: Expression): readonly Expression[] {
  switch (expression.op) {
    case 'add':
    case 'xor':
    case 'and':
      return [expression.left, expression.right];
    case 'rotateRight':
    case 'shiftRight':
    case 'shiftLeft':
    case 'shiftHalves':
    case 'pickBytes':
      return [expression.left];
    default:
      return [];
  }
}

/**
 * All parts of `roots` that `include` accepts, arguments before the expressions that use them. Parts of an expression that `include`
 * rejects are not visited.
 */
export function partsOf(roots: Iterable<Expression>, include: (expression: Expression) => boolean): Expression[] {
  const seen = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (seen.has(expression) || !include(expression)) return;
    seen.add(expression);
    for (const argument of argumentsOf(expression)) visit(argument);
  };
  for (const root of roots) visit(root);
  return [...seen].sort((a, b) => a.id - b.id);
}
