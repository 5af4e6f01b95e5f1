/**
 * `npm run crash -- [--rounds N] [--seed N] [--megabytes N] [--audit-every N] [--full-disk | --torn-log | --tamper N] [--json]`
 *
 * A tab in real Chromium is killed (SIGKILL) at random moments: alone, with the whole browser, or with the process that holds IndexedDB. At
 * that moment the tab mines and pays, catches up, changes to a heavier branch, or writes a whole database. Then the account is reopened.
 * No block that the node reported to be on disk may be missing. The database must be sound, its rows must equal those of an independent
 * execution of its blocks, and the account must be able to pay.
 *
 * `--full-disk` instead runs on a disk that fills up (tests/crash/full-disk.ts), and `--torn-log` damages the browser's own log
 * (tests/crash/torn-log.ts). `--tamper N` kills nothing, but alters the browser's storage N times (tests/crash/tamper/run.ts).
 */
import { Prng } from '../sim/engine/prng.ts';
import { buildBaseChain } from './base-chain.ts';
import { CrashRun, type Round } from './crash-run.ts';
import { FullDiskRun, type FullDiskRound } from './full-disk.ts';
import type { Victim } from './profile.ts';
import type { Situation } from './situations.ts';
import { TamperRun, type TamperRound } from './tamper/run.ts';
import { TornLogRun, type TornLogRound } from './torn-log.ts';

const VICTIMS: readonly Victim[] = ['renderer', 'browser', 'renderer', 'browser', 'storage'];
const SITUATIONS: readonly Situation[] = ['mining', 'mining', 'syncing', 'reorganising', 'checkpoint'];

/** Every chain is executed again after each round, so it must not become too long. */
const ROUNDS_A_PROFILE = 20;
/** Default initial size of a database. */
const DEFAULT_MEGABYTES = 5;
/** Beyond this size a full execution after every round would take longer than the rounds, and so would a new profile. */
const LARGE_MEGABYTES = 20;
const LARGE_AUDIT_EVERY = 10;
/** Database size for runs about the disk. */
const SMALL_MEGABYTES = 1;
/** Exit status by which test programs report a skipped run. */
const LEFT_OUT = 77;

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(process.argv[at + 1]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name} wants a whole number above 0.`);
  process.exit(2);
}

function verdictOf({ lost, faults }: Pick<Round, 'lost' | 'faults'>): string {
  const wrong = [...(lost > 0 ? [`LOST ${lost}`] : []), ...(faults.length > 0 ? [`CORRUPT: ${faults.join('; ')}`] : [])];
  return wrong.join(', ') || 'ok';
}

function lineOf(number: number, round: Round, fully: boolean): string {
  const { situation, victim, acknowledged, found, midway } = round;
  const where = midway === null ? '' : midway ? ', midway' : ', done';
  const columns = `${String(number).padStart(4)}  ${situation.padEnd(12)} ${victim.padEnd(8)}`;
  return `${columns} said ${acknowledged}, found ${found}${where}: ${verdictOf(round)}${fully ? '' : ' (not executed again)'}`;
}

/** Figures that must be zero. */
function failuresOf(results: readonly Pick<Round, 'lost' | 'faults'>[]): { acknowledgedLost: number; corrupt: number } {
  return {
    acknowledgedLost: results.reduce((sum, { lost }) => sum + lost, 0),
    corrupt: results.filter(({ faults }) => faults.length > 0).length,
  };
}

function report(summary: { acknowledgedLost: number; corrupt: number }): void {
  console.log(JSON.stringify(summary));
  if (summary.acknowledgedLost > 0 || summary.corrupt > 0) process.exitCode = 1;
}

const rounds = option('rounds', 20);
const seed = option('seed', Math.floor(Date.now() / 1000));

const rng = new Prng(`crash ${seed}`);

async function crash(): Promise<void> {
  const megabytes = option('megabytes', DEFAULT_MEGABYTES);
  const isLarge = megabytes > LARGE_MEGABYTES;
  const auditEvery = option('audit-every', isLarge ? LARGE_AUDIT_EVERY : 1);
  if (auditEvery > 1) {
    console.log('Every file: integrity_check, state root and sums recomputed from its rows.');
    console.log(`All blocks executed again every ${auditEvery} rounds.`);
  }
  const base = await buildBaseChain(megabytes);
  console.log(`${rounds} rounds, seed ${seed}, a database of ${base.megabytes.toFixed(1)} MB at first`);
  const results: Round[] = [];
  while (results.length < rounds) {
    const run = await CrashRun.open(base);
    try {
      for (let i = 0; (isLarge || i < ROUNDS_A_PROFILE) && results.length < rounds; i++) {
        const fully = (results.length + 1) % auditEvery === 0;
        const round = await run.round(rng.pick(SITUATIONS), rng.pick(VICTIMS), rng.int(0, 999) / 1_000, fully);
        results.push(round);
        console.log(lineOf(results.length, round, fully));
      }
    } finally {
      await run.close();
    }
  }
  const bySituation = [...new Set(SITUATIONS)].map((situation) => {
    const of = results.filter((round) => round.situation === situation);
    return [situation, { rounds: of.length, midway: of.filter(({ midway }) => midway !== false).length }] as const;
  });
  const kills = results.reduce((sum, { victim }) => sum + (victim === 'storage' ? 2 : 1), 0);
  report({ ...{ rounds: results.length, kills }, ...failuresOf(results), ...{ bySituation: Object.fromEntries(bySituation) } });
}

async function crashOnFullDisk(): Promise<void> {
  console.log(`${rounds} rounds on a disk that fills up, seed ${seed}`);
  const run = await FullDiskRun.open(await buildBaseChain(SMALL_MEGABYTES));
  if (!run) {
    console.error('Left out: a disk to fill up needs the right to mount a tmpfs (root on Linux).');
    process.exitCode = LEFT_OUT;
    return;
  }
  const results: FullDiskRound[] = [];
  try {
    while (results.length < rounds) {
      const round = await run.round(rng);
      results.push(round);
      const { end, victim, code, acknowledged, found, wiped, died } = round;
      const columns = `${String(results.length).padStart(4)}  ${end.padEnd(6)} ${victim.padEnd(8)}`;
      const what = `${code}; said ${acknowledged}, found ${found}${wiped ? ', wiped by the browser' : ''}${died ? ', which died' : ''}`;
      console.log(`${columns} ${what}: ${verdictOf(round)}`);
    }
  } finally {
    await run.close();
  }
  const chromium = { wipedByBrowser: results.filter(({ wiped }) => wiped).length, browserDied: results.filter(({ died }) => died).length };
  report({ ...{ rounds: results.length, kills: results.length }, ...failuresOf(results), ...chromium });
}

async function crashWithTornLog(): Promise<void> {
  console.log(`${rounds} rounds of two kills, with the browser's log torn in between, seed ${seed}`);
  const run = await TornLogRun.open(await buildBaseChain(SMALL_MEGABYTES));
  const results: TornLogRound[] = [];
  try {
    while (results.length < rounds) {
      const round = await run.round(rng);
      results.push(round);
      const { bytes, acknowledged, found } = round;
      console.log(
        `${String(results.length).padStart(4)}  ${bytes} bytes torn off; said ${acknowledged}, found ${found}: ${verdictOf(round)}`,
      );
    }
  } finally {
    await run.close();
  }
  report({ ...{ rounds: results.length, kills: 2 * results.length }, ...failuresOf(results) });
}

/** Number of rounds by kind of record and verdict. */
function tally(rounds: readonly TamperRound[]): Record<string, Record<string, number>> {
  const table: Record<string, Record<string, number>> = {};
  for (const { kind, verdict } of rounds) {
    const row = (table[kind] ??= {});
    row[verdict] = (row[verdict] ?? 0) + 1;
  }
  return table;
}

/** `--only N` repeats one round of a seed. Independent alterations share a round. */
async function tamper(): Promise<void> {
  const wanted = option('tamper', 500);
  const only = process.argv.includes('--only') ? option('only', 1) : null;
  console.log(`${wanted} alterations of what the browser stores, seed ${seed}`);
  const results: TamperRound[] = [];
  const run = await TamperRun.open(await buildBaseChain(SMALL_MEGABYTES));
  try {
    for (let number = only ?? 1; only === null ? results.length < wanted : number === only; number++) {
      const round = await run.round(`${seed} ${number}`);
      results.push(...round);
      for (const { kind, what, verdict, codes, differs, ms } of round) {
        const columns = `${String(number).padStart(4)}  ${verdict.padEnd(11)} ${String(ms).padStart(5)} ms`;
        console.log(`${columns}  ${kind}: ${what}; ${codes.join(' ') || 'no word'}`);
        if (verdict === 'told' || verdict === 'same') continue;
        for (const difference of differs) console.log(`        ${difference}`);
        console.log(`        again: npm run crash -- --tamper ${wanted} --seed ${seed} --only ${number}`);
      }
    }
  } finally {
    await run.close();
  }
  const count = (...verdicts: TamperRound['verdict'][]): number => results.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const failures = {
    hangs: count('hung'),
    keysLost: count('key lost'),
    silentLosses: count('silent'),
    otherFailures: count('wrong word', 'not mended'),
  };
  console.table(tally(results));
  console.log(JSON.stringify({ alterations: results.length, told: count('told'), same: count('same'), ...failures }));
  if (Object.values(failures).some((failed) => failed > 0)) process.exitCode = 1;
}

const RUNS = { '--full-disk': crashOnFullDisk, '--torn-log': crashWithTornLog, '--tamper': tamper };
const chosen = Object.entries(RUNS).find(([name]) => process.argv.includes(name))?.[1] ?? crash;
await chosen();
