import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Arena, LONG_PLAN, SHORT_PLAN } from '../hostile/arena.ts';
import { ATTACKS } from '../hostile/attacks/index.ts';
import { runJoinAttack } from '../hostile/join/run-join.ts';
import { runAttack, type Bounds } from '../hostile/run.ts';

/** Bounds that tell a live tab from a dead one on any machine. `npm run hostile` checks the goals. */
const ALIVE: Bounds = { statusMs: 10_000, blockDelayMs: 15_000, growthMb: 250 };
const SECONDS = 10;

/** Each kind of attack once, by relay or by WebRTC, whichever harms more. */
const PICKED: readonly (readonly [name: string, relayed: boolean])[] = [
  ['requests-storm', false],
  ['chatter', false],
  ['nosync', true],
  ['withhold', true],
  ['slot-filler', true],
  ['signal-storm', true],
  ['impostor', false],
];

/** The short form of `npm run hostile`: strangers against a real tab that has an honest neighbour. */
describe.sequential('hostile strangers', () => {
  let arena: Arena;

  beforeAll(async () => {
    arena = await Arena.open(SHORT_PLAN, 'hostile-test');
  });

  afterAll(() => arena?.close());

  test.each(PICKED)('%s (relayed: %s) does not stop a tab', async (name, relayed) => {
    const attack = ATTACKS.map((make) => make()).find((made) => made.name === name)!;
    const verdict = await runAttack(arena, attack, relayed, SECONDS * 1000, ALIVE);
    expect(verdict.failures, JSON.stringify(verdict)).toEqual([]);
  });
});

/** One liar that is caught by its samples, one by its accounts, and one that tells no provable lie. */
const LIARS: readonly (readonly [name: string, relayed: boolean])[] = [
  ['join-unsealed', true],
  ['join-wrong-chunk', false],
  ['join-poor-snapshot', true],
];

describe.sequential('a newcomer that meets a liar first', () => {
  let arena: Arena;

  beforeAll(async () => {
    arena = await Arena.open(LONG_PLAN, 'hostile-join-test');
  });

  afterAll(() => arena?.close());

  test.each(LIARS)('%s (relayed: %s): the newcomer ends on the honest chain', async (name, relayed) => {
    expect((await runJoinAttack(arena, name, relayed)).failures).toEqual([]);
  });
});
