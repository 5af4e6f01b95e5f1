import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { neverHappened, SOMETIMES_SEEDS } from './sometimes.ts';
import { loadSqlJs, runSeed, type RunResult } from './run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    nodes: { type: 'string' },
    hostile: { type: 'string' },
    mutation: { type: 'string' },
    'first-seed': { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
    counters: { type: 'boolean', default: false },
  },
});

const seeds = Number(values.seeds);
const first = Number(values['first-seed']);
const nodes = values.nodes === undefined ? undefined : Number(values.nodes);
const hostile = values.hostile === undefined ? undefined : Number(values.hostile);

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function report(result: RunResult): void {
  const repeat = [`--first-seed ${result.seed}`, '--seeds 1', ...(nodes === undefined ? [] : [`--nodes ${nodes}`])];
  if (hostile !== undefined) repeat.push(`--hostile ${hostile}`);
  console.log(`\nSeed ${result.seed} failed at commit ${commit()}. Its last moments:`);
  for (const line of result.tail) console.log(`  ${line}`);
  for (const { code, text, atMs } of result.violations) console.log(`  ${(atMs / 1000).toFixed(3)} s  ${code}: ${text}`);
  console.log(`Again: npm run sim -- ${repeat.join(' ')} --print\n`);
}

const sqlJs = await loadSqlJs();
const started = performance.now();
const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
const total = { seeds: 0, failed: 0, nodes: 0, virtualHours: 0, blocks: 0, reorganisations: 0, deepestReorganisation: 0, seconds: 0 };
const counters = new Map<string, number>();

for (let seed = first; seed < first + seeds; seed++) {
  const result = await runSeed(seed, sqlJs, { nodes, hostile, print: values.print });
  total.seeds++;
  total.nodes += result.plan.nodes;
  total.virtualHours += result.virtualMs / 3_600_000;
  total.blocks += result.blocks;
  total.reorganisations += result.reorganisations;
  total.deepestReorganisation = Math.max(total.deepestReorganisation, result.deepestReorganisation);
  for (const [name, count] of result.counters) counters.set(name, (counters.get(name) ?? 0) + count);
  if (result.violations.length > 0) {
    total.failed++;
    report(result);
    // A deliberate fault is found once it is found.
    if (values.mutation !== undefined) break;
  }
  if (values.print) console.log(`seed ${seed}: trace ${result.trace}, ${result.events} events`);
  if (total.seeds % 10 === 0 || total.seeds === seeds) {
    console.log(`${total.seeds}/${seeds} seeds, ${total.failed} failed, ${total.blocks} blocks, ${seconds()} s`);
  }
}

if (values.counters) for (const [name, count] of [...counters].sort()) console.log(`${String(count).padStart(8)} ${name}`);
const never = total.seeds >= SOMETIMES_SEEDS && hostile === undefined ? neverHappened(counters) : [];
if (never.length > 0) console.log(`Never happened, so this run proves too little: ${never.join(', ')}`);
total.virtualHours = Math.round(total.virtualHours * 100) / 100;
total.seconds = seconds();
console.log(values.json ? JSON.stringify(total) : total);
process.exitCode = total.failed > 0 || never.length > 0 ? 1 : 0;
