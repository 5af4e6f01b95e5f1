import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ALL_EVIL_KINDS } from './hostile/kinds.ts';
import { MAX_NODES, MIN_NODES } from './plan.ts';
import { Crowd } from './processes.ts';
import { SOMETIMES, SOMETIMES_SEEDS, SOMETIMES_TIGHT } from './sometimes.ts';
import { loadSqlJs, runSeed, type RunOptions, type RunResult } from './run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    nodes: { type: 'string' },
    hostile: { type: 'string' },
    evil: { type: 'string' },
    long: { type: 'boolean' },
    processes: { type: 'string' },
    mutation: { type: 'string' },
    // Read by loader.mjs.
    tight: { type: 'boolean', default: false },
    minutes: { type: 'string', default: 'Infinity' },
    'first-seed': { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
    counters: { type: 'boolean', default: false },
  },
});

function refuse(what: string): never {
  console.error(`npm run sim: ${what}`);
  process.exit(2);
}

/** The numeric value of an option, undefined if absent; exits if the value is out of range. */
function number(
  name: 'seeds' | 'nodes' | 'hostile' | 'processes' | 'minutes' | 'first-seed',
  min: number,
  max: number,
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = text === '' ? NaN : Number(text);
  const isWhole = name === 'hostile' || name === 'minutes' || Number.isInteger(value);
  return isWhole && value >= min && value <= max ? value : refuse(`--${name} wants ${min} to ${max}, not "${text}".`);
}

const seeds = number('seeds', 1, Number.MAX_SAFE_INTEGER)!;
const first = number('first-seed', 0, Number.MAX_SAFE_INTEGER - seeds)!;
/** No seed starts after this many minutes, for runs that last a night. */
const minutes = number('minutes', 0, Infinity)!;
const nodes = number('nodes', MIN_NODES, MAX_NODES);
const hostile = number('hostile', 0, 1);
const evil = ALL_EVIL_KINDS.find((kind) => kind === values.evil);
if (values.evil !== undefined && !evil) refuse(`--evil wants one of ${ALL_EVIL_KINDS.join(', ')}, not "${values.evil}".`);
if (values.long && values.tight) refuse('--tight has no long chains: in messages of six headers they take longer than a world lasts.');
const options: RunOptions = { nodes, hostile, evil, long: values.tight ? false : values.long, print: values.print };
/** So few seeds are done before further processes have started. */
const FEW_SEEDS = 20;
const processes = number('processes', 1, 1_000) ?? (seeds > FEW_SEEDS && !values.print ? availableParallelism() : 1);

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
  if (evil !== undefined) repeat.push(`--evil ${evil}`);
  if (values.long) repeat.push('--long');
  if (values.tight) repeat.push('--tight');
  console.log(`\nSeed ${result.seed} failed at commit ${commit()}. Its last moments:`);
  for (const line of result.tail) console.log(`  ${line}`);
  for (const { code, text, atMs } of result.violations) console.log(`  ${(atMs / 1000).toFixed(3)} s  ${code}: ${text}`);
  console.log(`Again: npm run sim -- ${repeat.join(' ')} --print\n`);
}

const started = performance.now();
const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
const total = { seeds: 0, failed: 0, nodes: 0, virtualHours: 0, blocks: 0, reorganisations: 0, deepestReorganisation: 0, seconds: 0 };
const counters = new Map<string, number>();
let events = 0;

/** @returns whether to go on */
function take(result: RunResult): boolean {
  total.seeds++;
  total.nodes += result.plan.nodes;
  total.virtualHours += result.virtualMs / 3_600_000;
  total.blocks += result.blocks;
  events += result.events;
  total.reorganisations += result.reorganisations;
  total.deepestReorganisation = Math.max(total.deepestReorganisation, result.deepestReorganisation);
  for (const [name, count] of result.counters) counters.set(name, (counters.get(name) ?? 0) + count);
  if (result.violations.length > 0) {
    total.failed++;
    report(result);
  }
  if (values.print) console.log(`seed ${result.seed}: trace ${result.trace}, ${result.events} events`);
  if (total.seeds % 10 === 0 || total.seeds === seeds) {
    console.log(`${total.seeds}/${seeds} seeds, ${total.failed} failed, ${total.blocks} blocks, ${seconds()} s`);
  }
  // One failure is enough to show that the checks find a deliberate fault.
  const isFound = values.mutation !== undefined && total.failed > 0;
  return !isFound && seconds() < 60 * minutes;
}

if (processes > 1) {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const crowd = new Crowd<RunOptions, RunResult>(worker, first, seeds, options, (result) => {
    if (!take(result)) crowd.stop();
  });
  await crowd.run(Math.min(processes, seeds));
} else {
  const sqlJs = await loadSqlJs();
  for (let seed = first; seed < first + seeds; seed++) if (!take(await runSeed(seed, sqlJs, options))) break;
}

if (values.counters) for (const [name, count] of [...counters].sort()) console.log(`${String(count).padStart(8)} ${name}`);
const expected =
  total.seeds >= SOMETIMES_SEEDS && hostile === undefined && values.long === undefined
    ? [...SOMETIMES, ...(values.tight ? SOMETIMES_TIGHT : [])]
    : [];
const never = expected.filter((name) => !counters.has(name));
if (never.length > 0) console.log(`Never happened, so this run proves too little: ${never.join(', ')}`);
total.virtualHours = Math.round(total.virtualHours * 100) / 100;
total.seconds = seconds();
console.log(`${events} events at commit ${commit()}`);
console.log(values.json ? JSON.stringify(total) : total);
process.exitCode = total.failed > 0 || never.length > 0 ? 1 : 0;
