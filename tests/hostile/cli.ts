/** `npm run hostile`: runs every attack against real tabs, by relay and by WebRTC. See README.md in this folder. */
import { parseArgs } from 'node:util';
import { Arena, FULL_PLAN } from './arena.ts';
import { ATTACKS } from './attacks/index.ts';
import { Calm, GOALS, runAttack, type Verdict } from './run.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const names = ATTACKS.map((make) => make().name);
const unknown = values.only?.filter((name) => !names.includes(name)) ?? [];
const seconds = Number(values.seconds);
if (unknown.length > 0 || !(seconds >= 5 && seconds <= 600)) {
  console.error(`npm run hostile -- [--only NAME]… [--seconds 5…600] [--json]\nAttacks: ${names.join(', ')}`);
  process.exit(2);
}

const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(0)} ms`);
const mb = (value: number | null): string => (value === null ? '–' : `${value.toFixed(0)} MB`);

console.log('Building the arena: a server, a victim with a full chain, an honest neighbour that mines, an attacker…');
const arena = await Arena.open(FULL_PLAN, 'hostile');
const verdicts: Verdict[] = [];
const tell = (verdict: Verdict): void => {
  const way = verdict.name === 'calm' ? 'undisturbed' : verdict.relayed ? 'relay' : 'WebRTC';
  console.log(
    `${verdict.failures.length === 0 ? 'held  ' : 'FAILED'} ${verdict.name} (${way}): ${verdict.links} links, ` +
      `${verdict.cut} cut; status ≤ ${ms(verdict.worstStatusMs)} (${ms(verdict.waitedMs)} of it without a processor); ${verdict.blocks} blocks ≤ ${ms(verdict.worstBlockDelayMs)} late; ` +
      `memory +${mb(verdict.peakGrowthMb)} at most, +${mb(verdict.keptMb)} kept`,
  );
  for (const failure of verdict.failures) console.log(`       ${failure}`);
};
try {
  tell(await runAttack(arena, new Calm(), false, seconds * 1000, GOALS));
  for (const make of ATTACKS) {
    for (const relayed of [true, false]) {
      const attack = make();
      // An attack without links has no second way.
      if ((values.only && !values.only.includes(attack.name)) || (attack.identities === 0 && relayed)) continue;
      const verdict = await runAttack(arena, attack, relayed, seconds * 1000, GOALS);
      verdicts.push(verdict);
      tell(verdict);
    }
  }
} finally {
  await arena.close();
}

const worst = (pick: (verdict: Verdict) => number | null): number => Math.max(0, ...verdicts.map((verdict) => pick(verdict) ?? 0));
const summary = {
  attacks: verdicts.length,
  held: verdicts.filter(({ failures }) => failures.length === 0).length,
  worstStatusMs: Math.round(worst(({ worstStatusMs }) => worstStatusMs)),
  worstBlockDelayMs: Math.round(worst(({ worstBlockDelayMs }) => worstBlockDelayMs)),
  peakMemoryMb: Math.round(worst(({ peakGrowthMb }) => peakGrowthMb)),
};
console.log(values.json ? JSON.stringify(summary) : `${summary.held} of ${summary.attacks} held.`);
process.exit(summary.held === summary.attacks && summary.attacks > 0 ? 0 : 1);
