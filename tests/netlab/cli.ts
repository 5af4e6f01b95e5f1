/** `npm run netlab`: real browsers on several machines, made of network namespaces. See README.md in this folder. */
import { readdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, ensureServerBuilt } from '../../signaling/bootstrap.mjs';
import { Lab } from './lab.ts';
import { meets, type Figure, type Scenario } from './scenario.ts';

/** These take over three minutes, so they run only by name. */
const LONG: readonly string[] = ['frozen', 'hidden'];

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true });
const all = readdirSync(new URL('scenarios/', import.meta.url)).map((file) => file.replace(/\.ts$/, ''));
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`npm run netlab -- [SCENARIO]… [--json]\nScenarios: ${all.join(', ')}\nBy name only: ${LONG.join(', ')}`);
  process.exit(2);
}
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.error('The network laboratory makes network namespaces, so it needs Linux and root. It also needs iproute2 and nftables.');
  process.exit(2);
}

// Once and before any scenario: a server that has to build first may start too late, and its machine cannot reach the internet.
ensureInstalled();
ensureBuilt();
ensureServerBuilt();

const results: { scenario: string; figures: readonly Figure[]; load: number; error: string | null }[] = [];
const names = positionals.length > 0 ? positionals : all.filter((name) => !LONG.includes(name));
for (const name of names) {
  const { title, run } = (await import(`./scenarios/${name}.ts`)) as Scenario;
  if (!values.json) console.log(`${name}: ${title}`);
  const { figures, error } = await measured(run);
  // The mean number of running programs in the last minute: the figures of a busy machine say little.
  const load = loadavg()[0]!;
  results.push({ scenario: name, figures, load, error });
  if (values.json) continue;
  for (const figure of figures) console.log(`  ${meets(figure) ? 'ok    ' : 'MISSED'} ${figure.what}: ${shown(figure)}`);
  if (error !== null) console.log(`  FAILED ${error}`);
  console.log(`  (load of the machine: ${load.toFixed(1)})`);
}
if (values.json) console.log(JSON.stringify(results, null, 2));
process.exit(results.every(({ figures, error }) => error === null && figures.every(meets)) ? 0 : 1);

async function measured(run: Scenario['run']): Promise<{ figures: Figure[]; error: string | null }> {
  const lab = new Lab();
  try {
    return { figures: await run(lab), error: null };
  } catch (error) {
    return { figures: [], error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    await lab.close();
  }
}

function shown({ value, unit, atMost, atLeast }: Figure): string {
  const goal = atMost !== undefined ? ` (at most ${atMost})` : atLeast !== undefined ? ` (at least ${atLeast})` : '';
  return `${Number.isFinite(value) ? value.toFixed(1) : '–'} ${unit}${goal}`;
}
