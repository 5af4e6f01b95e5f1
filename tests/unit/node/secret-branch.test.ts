import { describe, expect, test } from 'vitest';
import { SecretBranch } from '../../../src/node/secret-branch.ts';

const MINUTE = 60_000;

describe('a tab of a team', () => {
  const at = (ms: number) => ({ now: () => 1_000_000 + ms, monotonic: () => ms });
  const clock = { ms: 0, now: () => at(clock.ms).now(), monotonic: () => clock.ms };
  const begun = (): SecretBranch => {
    clock.ms = 0;
    return new SecretBranch(clock);
  };

  test('says so in its hellos to its team, and to all for a minute after its return', () => {
    const branch = begun();
    expect(branch.words).toBe('');
    branch.mode = 'team';
    expect([branch.words, branch.isBack([{ team: true, connectedAt: 1_000_000 }])]).toEqual([' secret-branch', false]);
    clock.ms = 500_000;
    branch.mode = 'open';
    expect([branch.words, branch.isBack([])]).toEqual([' secret-branch', true]);
    clock.ms += MINUTE;
    expect([branch.words, branch.isBack([])]).toEqual(['', false]);
  });

  test('says so as well where it first cut its links, but a tab that was alone has nothing to say', () => {
    const branch = begun();
    branch.mode = 'team';
    branch.mode = 'closed';
    expect(branch.words).toBe('');
    branch.mode = 'open';
    expect(branch.words).toBe(' secret-branch');
    clock.ms += MINUTE;
    branch.mode = 'closed';
    branch.mode = 'open';
    expect(branch.words).toBe('');
  });

  test('is noticed by the others for a minute after its link has opened', () => {
    const branch = begun();
    const peer = (team: boolean, connectedAt: number) => ({ team, connectedAt: 1_000_000 + connectedAt });
    clock.ms = 100_000;
    expect(branch.isBack([peer(false, 99_000), peer(true, 100_000 - MINUTE)])).toBe(false);
    expect(branch.isBack([peer(false, 0), peer(true, 90_000)])).toBe(true);
  });
});
