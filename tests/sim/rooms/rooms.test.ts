import { expect, test, vi } from 'vitest';
import { runRoom, type RoomResult } from './run.ts';
import type { ScenarioName } from './scenarios.ts';

vi.mock('../../../src/crypto/ed25519.ts', () => import('./quick-ed25519.ts'));

/** A room takes two or three seconds of a quiet core; a busy machine must not fail the test. */
const TIMEOUT_MS = 180_000;

/** The text of a failure: the command that repeats it, and the last lines of the trace. */
function story({ seed, scenario, violations, tail }: RoomResult): string {
  const faults = violations.map(({ code, text }) => `${code}: ${text}`);
  return [`npm run sim:rooms -- --scenario ${scenario} --first-seed ${seed} --seeds 1 --print`, ...faults, ...tail].join('\n');
}

async function expectSound(scenario: ScenarioName, seed: number): Promise<RoomResult> {
  const result = await runRoom(seed, { scenario });
  expect(result.violations.length, story(result)).toBe(0);
  return result;
}

test(
  'the same seed gives the same room, to the byte',
  async () => {
    const first = await expectSound('class', 1);
    const second = await runRoom(1, { scenario: 'class' });
    expect(second.trace).toBe(first.trace);
    expect(second.events).toBe(first.events);
    expect([...second.figures]).toEqual([...first.figures]);
  },
  TIMEOUT_MS,
);

test.each([
  ['vanish', 1],
  ['surrounded', 1],
  ['blocked', 1],
  ['partition', 1],
] satisfies [ScenarioName, number][])(
  'a room of the scenario "%s", seed %i, keeps every promise',
  async (scenario, seed) => {
    await expectSound(scenario, seed);
  },
  TIMEOUT_MS,
);
