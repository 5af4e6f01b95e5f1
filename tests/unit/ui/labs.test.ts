import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRight } from '../../../src/ui/features/lab/detective.ts';
import { findNumber, leadingZeros } from '../../../src/ui/features/lab/hash-work.ts';
import { NO_ATTACK } from '../../../src/ui/features/lab/attack.ts';
import { NO_RIVALS, NO_WORK, type LabFacts } from '../../../src/ui/features/lab/lab-facts.ts';
import { doneSteps, LABS, STEPS } from '../../../src/ui/features/lab/labs.ts';
import { fetchPack, LANGUAGES } from '../../../src/ui/i18n/languages.ts';

const START = 1_000_000;

function facts(given: Partial<Omit<LabFacts, 'status'>> & { status?: Partial<LabFacts['status']> } = {}): LabFacts {
  const { status, ...rest } = given;
  const usual = { height: 10, difficulty: '1000', sync: { state: 'synced' }, mining: { on: false }, peers: [] };
  return {
    status: { ...usual, ...status } as LabFacts['status'],
    atStart: { height: 10, difficulty: '1000' },
    startedAt: START,
    history: [],
    changes: [],
    visited: [],
    done: [],
    cutAt: null,
    rivals: NO_RIVALS,
    attack: NO_ATTACK,
    work: NO_WORK,
    ...rest,
  };
}

const peer = (height: number) => [{ state: 'ready', height }] as LabFacts['status']['peers'];
const sync = (state: string) => ({ state }) as LabFacts['status']['sync'];

describe('the steps of an experiment', () => {
  test.each(LABS)('of %s have texts in every language, and none is done before anything has happened', async (lab) => {
    for (const language of LANGUAGES) {
      const texts = (await fetchPack(language)).messages.lab.labs[lab].steps as Readonly<Record<string, string>>;
      expect(Object.keys(texts)).toEqual(STEPS[lab].map(({ key }) => key));
    }
    expect(doneSteps(lab, facts())).toEqual([]);
  });

  test('stay done, and count only in their order', () => {
    expect(doneSteps('hash', facts({ work: { ...NO_WORK, zeros: 9 } }))).toEqual([]);
    const typed = doneSteps('hash', facts({ work: { ...NO_WORK, texts: 3 } }));
    expect(typed).toEqual(['type']);
    expect(doneSteps('hash', facts({ done: typed, work: { ...NO_WORK, tries: 8, zeros: 3 } }))).toEqual(['type', 'hand', 'find']);
  });

  test('of the fork follow a whole round: cut, mine alone, come back, lose the branch, look', () => {
    let done = doneSteps('fork', facts({ status: { peers: peer(10) } }));
    expect(done).toEqual(['linked']);
    done = doneSteps('fork', facts({ done, cutAt: 10, status: { sync: sync('offline') } }));
    expect(done).toEqual(['linked', 'cut']);
    done = doneSteps('fork', facts({ done, cutAt: 10, status: { sync: sync('offline'), height: 12 } }));
    expect(done).toEqual(['linked', 'cut', 'mine']);
    done = doneSteps('fork', facts({ done, cutAt: 10, status: { sync: sync('syncing'), height: 12, peers: peer(14) } }));
    expect(done).toEqual(['linked', 'cut', 'mine', 'back']);
    const change = { time: START + 5, fork: 10, replaced: 2, by: 4, rewards: '100', ownRewards: '100', returned: 0, blocks: [] };
    done = doneSteps('fork', facts({ done, cutAt: 10, changes: [change], status: { height: 14, peers: peer(14) }, visited: ['/forks'] }));
    expect(done).toEqual(['linked', 'cut', 'mine', 'back', 'settled', 'tree']);
  });

  test('of the fork count a branch that won, too, but no change from before the experiment', () => {
    const done = ['linked', 'cut', 'mine', 'back'];
    const old = { time: START - 1, fork: 1, replaced: 1, by: 2, rewards: '50', ownRewards: '0', returned: 0, blocks: [] };
    expect(doneSteps('fork', facts({ done, changes: [old], status: { height: 14, peers: peer(12) } }))).toEqual(done);
    expect(doneSteps('fork', facts({ done, status: { height: 14, peers: peer(14) } }))).toEqual([...done, 'settled']);
  });

  test('of spending twice follow both payments: waiting, replaced, in a block alone, and one of them left', () => {
    const info = (status: string, confirmations = 0) => ({ status, confirmations }) as NonNullable<LabFacts['rivals'][0]>;
    const offline = { sync: sync('offline'), height: 11 };
    const step = (done: string[], rivals: LabFacts['rivals'], status: Partial<LabFacts['status']>) =>
      doneSteps('double', facts({ done, rivals, status }));
    let done = step([], [null, null], { peers: peer(10) });
    expect(done).toEqual(['linked']);
    // A block took the payment before the cut.
    expect(step(done, [info('confirmed'), null], offline)).toEqual(['linked']);
    done = step(done, [info('pending'), null], offline);
    expect(done).toEqual(['linked', 'pay']);
    done = step(done, [info('dropped'), info('pending')], offline);
    done = step(done, [info('dropped'), info('confirmed', 1)], offline);
    expect(done).toEqual(['linked', 'pay', 'again', 'mine']);
    const decided: LabFacts['rivals'] = [info('confirmed', 2), info('dropped')];
    const apart = [{ state: 'ready', height: 10, agrees: false }] as LabFacts['status']['peers'];
    done = step(done, decided, { peers: apart, height: 11 });
    expect(done.at(-1)).toBe('back');
    const together = [{ state: 'ready', height: 12, agrees: true }] as LabFacts['status']['peers'];
    done = step(done, [info('pending'), info('pending')], { peers: together, height: 12 });
    expect(done.at(-1)).toBe('back');
    done = step(done, decided, { peers: together, height: 12 });
    expect(done.at(-1)).toBe('settled');
    expect(step(done, [info('dropped'), info('confirmed', 3)], {}).at(-1)).toBe('deep');
  });

  test('of outpacing the others want as many secret blocks as chosen, a decision, and a second attempt', () => {
    const attack = (height: number, attempts = 0): LabFacts['attack'] => ({
      ...NO_ATTACK,
      cut: { height: 10, work: 1n, tip: 'a', team: false, rates: { own: 0, network: 0 } },
      own: { height, work: 2n },
      attempts: new Array(attempts).fill({}) as LabFacts['attack']['attempts'],
    });
    const work = { ...NO_WORK, rewrite: 3 };
    const done = ['linked', 'cut'];
    expect(doneSteps('majority', facts({ done, work, attack: attack(12) }))).toEqual(done);
    expect(doneSteps('majority', facts({ done, work, attack: attack(13) }))).toEqual([...done, 'mine']);
    const back = [...done, 'mine', 'back'];
    expect(doneSteps('majority', facts({ done: back, attack: attack(13, 1) }))).toEqual([...back, 'settled']);
    expect(doneSteps('majority', facts({ done: back, attack: attack(13, 2) }))).toEqual([...back, 'settled', 'again']);
  });

  test('of the fees want two payments of this lesson with different fees', () => {
    const paid = (fee: string, time: number) =>
      ({ direction: 'out', status: 'pending', fee, sealed: false, time, height: null, position: null }) as const;
    expect(doneSteps('fees', facts({ history: [paid('0.1', START + 1), paid('0.1', START + 2)] }))).toEqual([]);
    expect(doneSteps('fees', facts({ history: [paid('0.1', START + 1), paid('0.2', START - 2)] }))).toEqual([]);
    expect(doneSteps('fees', facts({ history: [paid('0.1', START + 1), paid('0.2', START + 2)] }))).toEqual(['two']);
  });
});

describe('an answer of the detective', () => {
  test.each([
    ['Ming', ['ming'], true],
    ['@ming ', ['ming'], true],
    ['anna', ['ming', 'anna'], true],
    ['1,234.5', [1234.5], true],
    ['１２', [12], true],
    ['', ['', null], false],
    ['bob', ['ming'], false],
    ['12', [13], false],
    ['zero', [0], false],
  ] as const)('%j to %j is right: %j', (typed, answers, right) => expect(isRight(typed, answers)).toBe(right));
});

describe('the search of the hash lab', () => {
  const hash = (text: string): string => (text.length * 7 + Number(text.at(-1))).toString(16).padStart(8, '0');

  test('finds the first number with enough zeros, and nothing where there is none', () => {
    expect(findNumber((text) => (text === 'a42' ? '000f' : '1fff'), 'a', 3, 0, 100)).toBe(42);
    expect(findNumber(() => '1fff', 'a', 1, 0, 100)).toBeNull();
  });

  test('a found number always has the zeros', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 1_000 }), (text, from) => {
        const found = findNumber(hash, text, 2, from, 200);
        expect(found === null || leadingZeros(hash(`${text}${found}`)) >= 2).toBe(true);
      }),
    );
  });
});
