import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Crowd } from '../processes.ts';
import { SCENARIO_NAMES, runRoom, type RoomOptions, type RoomResult } from './run.ts';
import { Summary } from './summary.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '12' },
    scenario: { type: 'string' },
    processes: { type: 'string' },
    // Read by loader.mjs.
    mutation: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
    'first-seed': { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
  },
});

function refuse(what: string): never {
  console.error(`npm run sim:rooms: ${what}`);
  process.exit(2);
}

function number(name: 'seeds' | 'processes' | 'minutes' | 'first-seed', min: number, max: number): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = text === '' ? NaN : Number(text);
  const isValid = (name === 'minutes' || Number.isInteger(value)) && value >= min && value <= max;
  return isValid ? value : refuse(`--${name} wants ${min} to ${max}, not "${text}".`);
}

const seeds = number('seeds', 1, 1e9)!;
const first = number('first-seed', 0, 1e9)!;
const minutes = number('minutes', 0, Infinity)!;
const processes = number('processes', 1, 1_000) ?? (seeds > 2 && !values.print ? availableParallelism() : 1);
const scenario = SCENARIO_NAMES.find((name) => name === values.scenario);
if (values.scenario !== undefined && !scenario) refuse(`--scenario wants one of ${SCENARIO_NAMES.join(', ')}, not "${values.scenario}".`);
const options: RoomOptions = { scenario, print: values.print };

const started = performance.now();
const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
const total = { seeds: 0, failed: 0, tabs: 0, virtualHours: 0, events: 0, cpuSeconds: 0, seconds: 0 };
const summary = new Summary();

/** @returns whether to go on */
function take(result: RoomResult): boolean {
  total.seeds++;
  total.tabs += result.tabs;
  total.virtualHours += result.virtualMs / 3_600_000;
  total.events += result.events;
  total.cpuSeconds += result.cpuMs / 1_000;
  summary.add(result);
  if (result.violations.length > 0) {
    total.failed++;
    console.log(`\nSeed ${result.seed} (${result.scenario}) failed. Its last moments:`);
    for (const line of result.tail) console.log(`  ${line}`);
    for (const { code, text, atMs } of result.violations) console.log(`  ${(atMs / 1000).toFixed(3)} s  ${code}: ${text}`);
    console.log(`Again: npm run sim:rooms -- --scenario ${result.scenario} --first-seed ${result.seed} --seeds 1 --print\n`);
  }
  if (values.print) console.log(`seed ${result.seed}: trace ${result.trace}, ${result.events} events`);
  if (total.seeds % 10 === 0 || total.seeds === seeds) console.log(`${total.seeds}/${seeds} rooms, ${total.failed} failed, ${seconds()} s`);
  // One failure is enough to show that the checks find a deliberate fault.
  const isFound = values.mutation !== undefined && total.failed > 0;
  return !isFound && seconds() < 60 * minutes;
}

if (processes > 1) {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const crowd = new Crowd<RoomOptions, RoomResult>(worker, first, seeds, options, (result) => {
    if (!take(result)) crowd.stop();
  });
  await crowd.run(Math.min(processes, seeds));
} else {
  for (let seed = first; seed < first + seeds; seed++) if (!take(await runRoom(seed, options))) break;
}

total.virtualHours = Math.round(total.virtualHours * 100) / 100;
total.cpuSeconds = Math.round(total.cpuSeconds);
total.seconds = seconds();
const rows = summary.rows();
if (values.json) console.log(JSON.stringify({ ...total, figures: rows }));
else {
  console.table(rows);
  console.log(total);
}
process.exitCode = total.failed > 0 ? 1 : 0;
