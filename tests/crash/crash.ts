/**
 * `npm run crash -- [--rounds N] [--seed N] [--json]`: a tab mines and pays in real Chromium and is killed (SIGKILL) at random moments, the
 * tab alone, the whole browser, or the process that holds IndexedDB; then it is opened again. No block that the node said to be
 * on disk may be missing, the database must be sound, and its rows those of an independent execution of its blocks.
 */
import { Prng } from '../sim/engine/prng.ts';
import { CrashRun, type Round, type Victim } from './crash-run.ts';

const VICTIMS: readonly Victim[] = ['renderer', 'browser', 'renderer', 'browser', 'storage'];

/** Every chain is executed again after each round, so it must not become too long. */
const ROUNDS_A_PROFILE = 20;

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(process.argv[at + 1]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name} wants a whole number above 0.`);
  process.exit(2);
}

const rounds = option('rounds', 20);
const seed = option('seed', Math.floor(Date.now() / 1000));
const rng = new Prng(`crash ${seed}`);
const results: Round[] = [];
console.log(`${rounds} rounds, seed ${seed}`);

while (results.length < rounds) {
  const run = await CrashRun.open();
  try {
    for (let i = 0; i < ROUNDS_A_PROFILE && results.length < rounds; i++) {
      const round = await run.round(rng.pick(VICTIMS), rng.int(0, 999) / 1_000);
      results.push(round);
      const verdict = round.lost > 0 ? `LOST ${round.lost}` : round.faults.length > 0 ? `CORRUPT: ${round.faults.join('; ')}` : 'ok';
      console.log(
        `${String(results.length).padStart(4)}  ${round.victim.padEnd(9)} said ${round.acknowledged}, found ${round.found}: ${verdict}`,
      );
    }
  } finally {
    await run.close();
  }
}

const summary = {
  rounds: results.length,
  kills: results.reduce((sum, { victim }) => sum + (victim === 'storage' ? 2 : 1), 0),
  acknowledgedLost: results.reduce((sum, { lost }) => sum + lost, 0),
  corrupt: results.filter(({ faults }) => faults.length > 0).length,
};
console.log(JSON.stringify(summary));
if (summary.acknowledgedLost > 0 || summary.corrupt > 0) process.exitCode = 1;
