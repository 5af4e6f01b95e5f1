import { describe, expect, it } from 'vitest';
import type { Status } from '../../../src/api/api.ts';
import { createFormats } from '../../../src/ui/kit/format.ts';
import { en } from '../../../src/ui/i18n/en/messages.ts';
import { describeNow, isStale, needsMiner, opensLater } from '../../../src/ui/shell/now.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

function status(given: {
  height?: number;
  tipTime?: number;
  waiting?: number;
  mining?: boolean;
  idle?: string;
  account?: boolean;
  state?: Status['sync']['state'];
  chain?: Partial<Status['chain']>;
}): Status {
  const { height = 9, tipTime = NOW, waiting = 0, mining = false, idle = null, account = true, state = 'synced', chain = {} } = given;
  return {
    height,
    tipTime,
    network: { blockTimeMs: 15_000 },
    mempool: { count: waiting, bytes: 0 },
    mining: { on: mining, waiting: idle, expectedSeconds: null },
    chain: { choice: 'whole', base: 0, verified: 'all', behind: null, joining: null, ...chain },
    sync: { state, signaling: 'connected' },
    peers: [],
    account: account ? {} : null,
  } as unknown as Status;
}

const say = (given: Parameters<typeof status>[0]): string => describeNow(status(given), en, createFormats('en'), NOW, true);

describe('what the node is doing now', () => {
  it('payments that wait while nobody mines are shown, with advice', () => {
    const asleep = { tipTime: NOW - 6 * MINUTE, waiting: 2 };
    expect(say(asleep)).toContain(
      'Nobody has found a block for 6 minutes; 2 transactions are waiting. Start mining to put them in a block.',
    );
    expect(needsMiner(status(asleep), NOW)).toBe(true);
    expect(needsMiner(status({ ...asleep, mining: true }), NOW)).toBe(false);
    expect(needsMiner(status({ ...asleep, account: false }), NOW)).toBe(false);
    expect(needsMiner(status({ ...asleep, tipTime: NOW - MINUTE }), NOW)).toBe(false);
    expect(say({ waiting: 2 })).toContain('2 transactions are waiting for a block.');
  });

  it('a network that opens later shows when, and that mining waits', () => {
    const early = { height: 0, tipTime: NOW + 60 * MINUTE, mining: true, idle: 'not-open' };
    expect(opensLater(status(early), NOW)).toBe(true);
    expect(say(early)).toMatch(/^This network opens on .+ Mining will start then\.$/);
    expect(opensLater(status({ height: 0, tipTime: NOW }), NOW)).toBe(false);
  });

  it('a newcomer among tabs without old blocks is not called up to date', () => {
    expect(say({ state: 'cut-off', height: 0 })).toMatch(/^The other tabs have a longer chain, but none of them has all of its blocks/);
  });

  it('what is checked behind a recent chain is said', () => {
    const behind = { headers: 5_000, blocks: 1_234, target: 5_000 };
    expect(say({ chain: { base: 4_800, verified: 'headers', behind } })).toMatch(/Checking older blocks meanwhile: 1,234 of 5,000\.$/);
    expect(say({ chain: { joining: { phase: 'samples', fraction: 0.5 } } })).toMatch(/Fetching the newest part of a long chain\.$/);
  });

  it('a clock that was set back is named when mining waits for it, and no peer looks idle', () => {
    const behind = { tipTime: NOW + 10 * MINUTE, mining: true, idle: 'clock' };
    expect(say(behind)).toContain('by this device’s clock, the last block is in the future');
    expect(isStale(status(behind), NOW)).toBe(false);
  });
});
