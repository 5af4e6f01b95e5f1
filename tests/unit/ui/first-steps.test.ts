import { describe, expect, test } from 'vitest';
import type { HistoryEntry, Status } from '../../../src/api/api.ts';
import { nextStep, ownPaymentsSql, stepStates, type Facts } from '../../../src/ui/features/first-steps/first-steps.ts';

type Registration = 'none' | 'pending' | 'confirmed';
type Entry = Facts['history'][number];

function facts(given: {
  registration?: Registration;
  blocks?: number;
  on?: boolean;
  history?: readonly Entry[];
  sawDatabase?: boolean;
}): Facts {
  const { registration, blocks = 0, on = false, history = [], sawDatabase = false } = given;
  const account = registration === undefined ? null : { registration };
  return { status: { account, mining: { blocks, on } } as Pick<Status, 'account' | 'mining'>, history, sawDatabase };
}

const sent = (status: HistoryEntry['status']): Entry => ({ direction: 'out', status });

describe('the first steps', () => {
  test('begin with the name', () => {
    const states = stepStates(facts({}));
    expect(states).toEqual({ name: 'open', mine: 'open', pay: 'open', see: 'open' });
    expect(nextStep(states, false)).toBe('name');
  });

  test('go on while the name waits for its block, because mining brings the block', () => {
    const states = stepStates(facts({ registration: 'pending' }));
    expect(states.name).toBe('waiting');
    expect(nextStep(states, false)).toBe('mine');
  });

  test('count a block only once the chain has it', () => {
    expect(stepStates(facts({ registration: 'confirmed', on: true })).mine).toBe('waiting');
    expect(stepStates(facts({ registration: 'confirmed', blocks: 1 })).mine).toBe('done');
  });

  test('offer a payment only with coins to spend', () => {
    const states = stepStates(facts({ registration: 'confirmed', on: true }));
    expect(nextStep(states, false)).toBeNull();
    expect(nextStep(states, true)).toBe('pay');
  });

  test.each([
    ['pending', 'waiting'],
    ['queued', 'waiting'],
    ['confirmed', 'done'],
    ['dropped', 'open'],
  ] as const)('take a payment that is %s for %s', (status, state) => {
    expect(stepStates(facts({ history: [sent(status)] })).pay).toBe(state);
  });

  test('take neither a received payment nor a reward for a payment', () => {
    const history: Entry[] = [
      { direction: 'in', status: 'confirmed' },
      { direction: 'mined', status: 'confirmed' },
      { direction: 'registration', status: 'confirmed' },
    ];
    expect(stepStates(facts({ history })).pay).toBe('open');
  });

  test('end with a look into the database', () => {
    const all = facts({ registration: 'confirmed', blocks: 2, history: [sent('confirmed')], sawDatabase: true });
    expect(nextStep(stepStates(all), true)).toBeNull();
  });

  test('ask for the payments of the name, whatever the name contains', () => {
    expect(ownPaymentsSql("o'neil")).toContain("sender_name = 'o''neil'");
  });
});
