/** `npm run hostile`: runs every attack against real tabs, by relay and by WebRTC. See README.md in this folder. */
import { parseArgs } from 'node:util';
import { Arena, FULL_PLAN, LONG_PLAN, type ArenaPlan } from './arena.ts';
import type { Attack } from './attack.ts';
import { ATTACKS, LONG_ATTACKS } from './attacks/index.ts';
import { JOIN_ATTACKS } from './join/attacks.ts';
import { runJoinAttack, type JoinVerdict } from './join/run-join.ts';
import { Calm, GOALS, runAttack, type Verdict } from './run.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const names = [...[...ATTACKS, ...LONG_ATTACKS].map((make) => make().name), ...Object.keys(JOIN_ATTACKS)];
const unknown = values.only?.filter((name) => !names.includes(name)) ?? [];
const seconds = Number(values.seconds);
if (unknown.length > 0 || !(seconds >= 5 && seconds <= 600)) {
  console.error(`npm run hostile -- [--only NAME]… [--seconds 5…600] [--json]\nAttacks: ${names.join(', ')}`);
  process.exit(2);
}

const isMeant = (name: string): boolean => values.only?.includes(name) ?? true;
const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(0)} ms`);
const mb = (value: number | null): string => (value === null ? '–' : `${value.toFixed(0)} MB`);
const way = (relayed: boolean): string => (relayed ? 'relay' : 'WebRTC');

const verdicts: Verdict[] = [];
const joins: JoinVerdict[] = [];

function tell(name: string, how: string, failures: readonly string[], figures: string): void {
  console.log(`${failures.length === 0 ? 'held  ' : 'FAILED'} ${name} (${how}): ${figures}`);
  for (const failure of failures) console.log(`       ${failure}`);
}

function tellVerdict(verdict: Verdict): void {
  const { name, relayed, failures, links, cut, worstStatusMs, waitedMs, blocks, worstBlockDelayMs, peakGrowthMb, keptMb } = verdict;
  const status = `status ≤ ${ms(worstStatusMs)} (${ms(waitedMs)} of it without a processor)`;
  const memory = `memory +${mb(peakGrowthMb)} at most, +${mb(keptMb)} kept`;
  const figures = `${links} links, ${cut} cut; ${status}; ${blocks} blocks ≤ ${ms(worstBlockDelayMs)} late; ${memory}`;
  tell(name, name === 'calm' ? 'undisturbed' : way(relayed), failures, figures);
}

async function runAll(arena: Arena, makers: readonly (() => Attack)[]): Promise<void> {
  tellVerdict(await runAttack(arena, new Calm(), false, seconds * 1000, GOALS));
  for (const make of makers) {
    for (const relayed of [true, false]) {
      const attack = make();
      // An attack without links has no second way.
      if (attack.identities === 0 && relayed) continue;
      const verdict = await runAttack(arena, attack, relayed, seconds * 1000, GOALS);
      verdicts.push(verdict);
      tellVerdict(verdict);
    }
  }
}

async function withArena(plan: ArenaPlan, label: string, work: (arena: Arena) => Promise<void>): Promise<void> {
  const arena = await Arena.open(plan, label);
  try {
    await work(arena);
  } finally {
    await arena.close();
  }
}

const meant = (makers: readonly (() => Attack)[]): (() => Attack)[] => makers.filter((make) => isMeant(make().name));
const onFull = meant(ATTACKS);
const onLong = meant(LONG_ATTACKS);
const onNewcomers = Object.keys(JOIN_ATTACKS).filter(isMeant);

if (onFull.length > 0) {
  console.log('Building the arena: a server, a victim with a full chain, an honest neighbour that mines, an attacker…');
  await withArena(FULL_PLAN, 'hostile', (arena) => runAll(arena, onFull));
}
if (onLong.length + onNewcomers.length > 0) {
  console.log('Building the same arena with a long chain…');
  await withArena(LONG_PLAN, 'hostile-long', async (arena) => {
    if (onLong.length > 0) await runAll(arena, onLong);
    for (const name of onNewcomers) {
      for (const relayed of [true, false]) {
        const verdict = await runJoinAttack(arena, name, relayed);
        joins.push(verdict);
        tell(verdict.name, way(relayed), verdict.failures, `the newcomer had the honest chain after ${ms(verdict.joinedMs)}`);
      }
    }
  });
}

const worst = (pick: (verdict: Verdict) => number | null): number => Math.max(0, ...verdicts.map((verdict) => pick(verdict) ?? 0));
const summary = {
  attacks: verdicts.length + joins.length,
  held: [...verdicts, ...joins].filter(({ failures }) => failures.length === 0).length,
  worstStatusMs: Math.round(worst(({ worstStatusMs }) => worstStatusMs)),
  worstBlockDelayMs: Math.round(worst(({ worstBlockDelayMs }) => worstBlockDelayMs)),
  peakMemoryMb: Math.round(worst(({ peakGrowthMb }) => peakGrowthMb)),
};
console.log(values.json ? JSON.stringify(summary) : `${summary.held} of ${summary.attacks} held.`);
process.exit(summary.held === summary.attacks && summary.attacks > 0 ? 0 : 1);
