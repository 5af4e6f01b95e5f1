import { parseAst, type Plugin } from 'vite';
import { countersExpression } from './support/coverage.ts';

/** An ESTree node with the fields used here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const COUNTER = '__reached';

/** Fields that hold branches of control flow, by node type; their values are expressions or statements. */
const BRANCHES: Readonly<Record<string, readonly string[]>> = {
  IfStatement: ['consequent', 'alternate'],
  ConditionalExpression: ['consequent', 'alternate'],
  LogicalExpression: ['right'],
  AssignmentPattern: ['right'],
  ForStatement: ['body'],
  ForOfStatement: ['body'],
  ForInStatement: ['body'],
  WhileStatement: ['body'],
  DoWhileStatement: ['body'],
  FunctionDeclaration: ['body'],
  FunctionExpression: ['body'],
  ArrowFunctionExpression: ['body'],
  CatchClause: ['body'],
};

/** A bundler plugin that counts executions of every branch of `src/`. */
export function countReached(): Plugin {
  let places = 0;
  return {
    name: 'count-reached',
    enforce: 'post',
    transform(code, id) {
      if (!/\/src\/.*\.ts$/.test(id) || id.includes('node_modules')) return null;
      const inserts: [at: number, text: string][] = [];
      const count = (): string => `${COUNTER}[${places++}]++`;
      const visit = (node: Node): void => {
        for (const field of BRANCHES[node.type] ?? []) countNode(node[field] as Node | null, inserts, count);
        if (node.type === 'SwitchCase') inserts.push([caseBody(code, node), `${count()};`]);
        for (const value of Object.values(node)) for (const child of [value].flat()) if (isNode(child)) visit(child);
      };
      visit(parseAst(code) as unknown as Node);
      return { code: `const ${COUNTER} = ${countersExpression(places)};\n${spliced(code, inserts)}`, map: null };
    },
  };
}

function countNode(node: Node | null, inserts: [number, string][], count: () => string): void {
  if (!node) return;
  if (node.type === 'BlockStatement') inserts.push([node.start + 1, `${count()};`]);
  else if (/Statement$/.test(node.type)) inserts.push([node.start, `{${count()};`], [node.end, '}']);
  else inserts.push([node.start, `(${count()},`], [node.end, ')']);
}

/** Offset of a case's first statement, or right after its colon. */
function caseBody(code: string, node: Node): number {
  const [first] = node['consequent'] as Node[];
  if (first) return first.start;
  const test = node['test'] as Node | null;
  return code.indexOf(':', test?.end ?? node.start) + 1;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** Inserts the texts. At one place, closings come first, inner before outer; then openings, outer before inner. */
function spliced(code: string, inserts: readonly (readonly [number, string])[]): string {
  const closing = (text: string): boolean => text === ')' || text === '}';
  const at = new Map<number, { closings: string; openings: string }>();
  for (const [place, text] of inserts) {
    const here = at.get(place) ?? { closings: '', openings: '' };
    at.set(place, closing(text) ? { ...here, closings: text + here.closings } : { ...here, openings: here.openings + text });
  }
  let result = '';
  let from = 0;
  for (const place of [...at.keys()].sort((a, b) => a - b)) {
    const { closings, openings } = at.get(place)!;
    result += code.slice(from, place) + closings + openings;
    from = place;
  }
  return result + code.slice(from);
}
