import { describe, expect, test } from 'vitest';
import type { ForkTree, Status } from '../../../src/api/api.ts';
import {
  followAttack,
  isUndecided,
  moveCut,
  NO_ATTACK,
  settleAttack,
  shareByRates,
  shareOf,
  succeeded,
  type AttackState,
} from '../../../src/ui/features/lab/attack.ts';
import { nakamotoChance, rosenfeldChance } from '../../../src/ui/features/lab/catch-up.ts';

describe('the chance to outpace the others', () => {
  // Nakamoto, "Bitcoin: A Peer-to-Peer Electronic Cash System", section 11.
  test.each([
    [0.1, [1, 0.2045873, 0.0509779, 0.0131722, 0.0034552, 0.0009137, 0.0002428, 0.0000647, 0.0000173, 0.0000046, 0.0000012], 1],
    [0.3, [1, 0.1773523, 0.0416605, 0.0101008, 0.0024804, 0.0006132, 0.0001522, 0.0000379, 0.0000095, 0.0000024, 0.0000006], 5],
  ])('is the one of the paper for a share of %f', (share, chances, step) => {
    chances.forEach((chance, i) => expect(nakamotoChance(share, i * step)).toBeCloseTo(chance, 7));
  });

  // Nakamoto's list of z for a chance below 0.1 %.
  test.each([
    [0.1, 5],
    [0.15, 8],
    [0.2, 11],
    [0.25, 15],
    [0.3, 24],
    [0.35, 41],
    [0.4, 89],
    [0.45, 340],
  ])('falls below one in a thousand for a share of %f after %i blocks', (share, confirmations) => {
    expect(nakamotoChance(share, confirmations)).toBeLessThan(0.001);
    expect(nakamotoChance(share, confirmations - 1)).toBeGreaterThanOrEqual(0.001);
  });

  // Rosenfeld, "Analysis of hashrate-based double-spending", table 1, in percent.
  test.each([
    [0.1, [20, 5.6, 1.712, 0.546, 0.178, 0.059, 0.02, 0.007, 0.002, 0.001]],
    [0.3, [60, 43.2, 32.616, 25.207, 19.762, 15.645, 12.475, 10.003, 8.055, 6.511]],
  ])('is the one of the table with the exact count for a share of %f', (share, percents) => {
    expect(rosenfeldChance(share, 0)).toBe(1);
    percents.forEach((percent, i) => expect(100 * rosenfeldChance(share, i + 1)).toBeCloseTo(percent, 3));
  });

  test('is certain with half of all power or more, falls with each block, and is what many races give', () => {
    for (const chance of [nakamotoChance, rosenfeldChance]) {
      for (const share of [0.5, 0.51, 1]) expect(chance(share, 6)).toBe(1);
      expect(chance(0, 1)).toBe(0);
      for (let depth = 1; depth < 40; depth++) expect(chance(0.4, depth)).toBeLessThan(chance(0.4, depth - 1));
    }
    // A race step by step: a linear congruential generator of 32 bits stands for the luck.
    let luck = 1;
    const next = (): number => (luck = (Math.imul(luck, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    const RACES = 20_000;
    let won = 0;
    for (let race = 0; race < RACES; race++) {
      let [own, others] = [0, 0];
      while (others < 2) {
        if (next() < 0.3) own++;
        else others++;
      }
      let lead = own - others;
      while (lead < 0 && lead > -60) lead += next() < 0.3 ? 1 : -1;
      if (lead >= 0) won++;
    }
    expect(won / RACES).toBeCloseTo(rosenfeldChance(0.3, 2), 1.5);
  });
});

describe('an attempt to rewrite blocks', () => {
  type Seen = Parameters<typeof followAttack>[1];
  const seen = (given: Partial<Record<keyof Status, unknown>> = {}): Seen =>
    ({
      height: 10,
      tip: 'a',
      work: '1000',
      sync: { state: 'synced', team: false },
      peers: [],
      networkHashrate: 900,
      mining: { hashrate: 300 },
      ...given,
    }) as Seen;
  const offline = { sync: { state: 'offline', team: false } };
  const inTeam = { sync: { state: 'synced', team: true } };
  const peer = (height: number, agrees: boolean, greeting: { height: number; work: string; agrees?: boolean }, team = false) => ({
    state: 'ready',
    team,
    height,
    agrees,
    greeting,
  });
  const greeting = { height: 14, work: '1400' };

  /** Cut at block 10, mined up to a height, and linked again. */
  function returned(height: number, work: string): AttackState {
    let state = followAttack(NO_ATTACK, seen(offline), 1);
    state = followAttack(state, seen({ ...offline, height, work }), 2);
    return followAttack(state, seen({ height, work, peers: [peer(10, false, greeting)] }), 3);
  }
  const change = { time: 4, fork: 10, replaced: 3, by: 4 } as ForkTree['reorganisations'][number];

  test('is lost where a branch replaced the own', () => {
    const state = returned(13, '1300');
    expect(isUndecided(state)).toBe(true);
    expect(settleAttack(state, seen({ height: 13, work: '1300' }), [], 2, 10)).toBe(state);
    const after = settleAttack(state, seen({ height: 14, work: '1400', peers: [peer(14, true, greeting)] }), [change], 2, 10);
    expect(after.attempts).toEqual([
      { wanted: 2, own: { blocks: 3, work: 300 }, others: { blocks: 4, work: 400 }, share: 300 / 700, won: false },
    ]);
    expect([isUndecided(after), succeeded(after.attempts[0]!)]).toEqual([false, false]);
  });

  test('is won where another tab has taken the own branch', () => {
    const state = returned(15, '1500');
    const taken = seen({ height: 15, work: '1500', peers: [peer(15, true, greeting)] });
    // A change of branches before the cut, and one above the own branch, are other stories.
    const others = [
      { ...change, time: 2 },
      { ...change, fork: 15 },
    ];
    const { attempts } = settleAttack(state, taken, others, 4, 10);
    expect(attempts).toMatchObject([{ won: true, others: { blocks: 4 } }]);
    expect(succeeded(attempts[0]!)).toBe(true);
    expect(succeeded(settleAttack(state, taken, others, 5, 10).attempts[0]!)).toBe(false);
  });

  test('is none without an own block, and waits for a greeting', () => {
    const cut = followAttack(NO_ATTACK, seen(offline), 1);
    expect(followAttack(cut, seen({ peers: [peer(10, true, greeting)] }), 2)).toEqual(NO_ATTACK);
    const mined = followAttack(cut, seen({ ...offline, height: 12, work: '1200' }), 2);
    const alone = followAttack(mined, seen({ height: 12, work: '1200' }), 3);
    expect(settleAttack(alone, seen({ height: 12 }), [change], 1, 10)).toBe(alone);
  });

  test('takes the greeting with the most work, and keeps it when greetings leave', () => {
    const peers = [peer(10, false, { height: 12, work: '1250' }), peer(10, false, greeting)];
    const state = followAttack(returned(13, '1300'), seen({ peers }), 4);
    expect(followAttack(state, seen(), 5).others).toEqual({ height: 14, work: 1400n });
  });

  test('that meets nobody who mined rewrites nothing, and another cut begins another', () => {
    const state = returned(13, '1300');
    const idle = { ...state, others: { height: 10, work: 1000n } };
    const done = settleAttack(idle, seen({ height: 13, peers: [peer(13, true, { height: 10, work: '1000' })] }), [], 1, 10);
    expect(done.attempts).toMatchObject([{ share: 1, won: true, others: { blocks: 0, work: 0 } }]);
    expect(succeeded(done.attempts[0]!)).toBe(false);
    const second = followAttack(done, seen({ ...offline, height: 13, work: '1300' }), 9);
    expect(second).toMatchObject({ cut: { height: 13 }, backMs: null, others: null });
    expect(second.attempts).toHaveLength(1);
    // A cut while the first attempt is undecided begins again as well.
    expect(followAttack(state, seen({ ...offline, height: 14, work: '1400' }), 9)).toMatchObject({ cut: { height: 14 }, backMs: null });
  });

  test('has its share by rates while cut off, and by work afterwards', () => {
    const cut = followAttack(NO_ATTACK, seen(offline), 1);
    expect(shareByRates(cut, 300, null)).toBe(300 / 900);
    expect(shareByRates(cut, 0, null)).toBeNull();
    expect(shareByRates(NO_ATTACK, 300, null)).toBeNull();
    expect(shareOf([])).toBeNull();
    const attempt = { wanted: 1, own: { blocks: 1, work: 100 }, others: { blocks: 3, work: 300 }, share: 0.25, won: false };
    expect(shareOf([attempt, { ...attempt, own: { blocks: 2, work: 800 } }])).toBe(0.6);
  });

  describe('of a team', () => {
    /** The same as {@link returned}, with a team in place of the cut. */
    function backWith(peers: readonly unknown[]): AttackState {
      let state = followAttack(NO_ATTACK, seen(inTeam), 1);
      state = followAttack(state, seen({ ...inTeam, height: 15, work: '1500' }), 2);
      return followAttack(state, seen({ height: 15, work: '1500', peers }), 3);
    }
    const own = { height: 15, work: '1500', agrees: true };
    const settled = (state: AttackState, peers: readonly unknown[], nowMs = 10): AttackState =>
      settleAttack(state, seen({ ...own, peers }), [], 4, nowMs);

    test('compares with the others alone: another tab of the team has the branch, and decides nothing', () => {
      const [member, other] = [peer(15, true, own, true), peer(10, false, greeting)];
      const state = backWith([member, other]);
      expect(state.others).toEqual({ height: 14, work: 1400n });
      expect(settled(state, [member, other])).toBe(state);
      expect(settled(state, [member, peer(15, true, greeting)]).attempts).toMatchObject([
        { won: true, others: { blocks: 4 }, share: 500 / 900 },
      ]);
    });

    test('counts as won, with an unknown size, when the others took the branch before this tab came back', () => {
      // The second has taken the first blocks of the branch so far.
      const late = [peer(15, true, own), peer(15, true, { height: 12, work: '1200', agrees: true })];
      const state = backWith(late);
      expect(state.others).toBeNull();
      expect(settled(state, late)).toBe(state);
      const { attempts } = settled(state, late, 6_000);
      expect(attempts).toEqual([{ wanted: 4, own: { blocks: 5, work: 500 }, others: null, share: null, won: true }]);
      expect([succeeded(attempts[0]!), shareOf(attempts)]).toEqual([false, null]);
      // The others have stayed at the block where this tab left them.
      expect(backWith([peer(15, true, { height: 10, work: '1000', agrees: true })]).others).toEqual({ height: 10, work: 1000n });
    });

    test('begins at the highest block with which a member came and which the branch has', () => {
      const state = followAttack(NO_ATTACK, seen(inTeam), 1);
      const higher = { height: 12, work: 1200n, tip: 'c' };
      expect(moveCut(state, [{ height: 10, work: 1000n, tip: 'a' }])).toBe(state);
      expect(moveCut(NO_ATTACK, [higher])).toBe(NO_ATTACK);
      expect(moveCut(state, [{ height: 11, work: 1100n, tip: 'b' }, higher]).cut).toMatchObject({
        ...higher,
        team: true,
        rates: { own: 300 },
      });
    });

    test('has the rates of all its tabs', () => {
      const state = followAttack(NO_ATTACK, seen(inTeam), 1);
      const member = (hashrate: number, before: number) => ({ peer: 'p', tip: 'a', hashrate, before });
      const team = { name: 'red', members: [member(200, 100), member(100, 0)] };
      // 900 of the network, of which 300 and 100 have left.
      expect(shareByRates(state, 300, team)).toBe(600 / 1_100);
      expect(shareByRates(state, 0, { name: 'red', members: [member(0, 600)] })).toBeNull();
      expect(shareByRates(state, 0, { name: 'red', members: [member(100, 2_000)] })).toBe(1);
    });
  });
});
