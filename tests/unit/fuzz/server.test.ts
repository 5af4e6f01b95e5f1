import { expect, test } from 'vitest';
import { fuzzServer } from '../../fuzz/server/fuzz-server.ts';

/** The long run is `npm run fuzz -- server`. */
const ATTACKS = 400;
const SECONDS = 60;
/** Shorter than the server's time-outs, which serving.test.ts tests. */
const PATIENCE_MS = 500;
const TIMEOUT_MS = 240_000;

test.each([
  ['http', ATTACKS, false],
  ['https', ATTACKS / 4, true],
])(
  'over %s the server survives any input of strangers, serves others meanwhile, and leaks no socket',
  async (_scheme, attacks, https) => {
    const report = await fuzzServer({ seed: 'suite', seconds: SECONDS, attacks, https, patienceMs: PATIENCE_MS });
    expect(report.finding).toBeNull();
    expect(report.socketsLeft ?? 0).toBe(0);
    // A fuzzer that reaches no code would find nothing.
    expect(report.requests).toBeGreaterThan(attacks / 4);
    expect(report.frames).toBeGreaterThan(0);
    expect(report.looks).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
