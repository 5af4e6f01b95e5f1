import { describe, expect, it } from 'vitest';
import type { LinkKind, PeerInfo, Status } from '../../../src/api/api.ts';
import { createFormats } from '../../../src/ui/kit/format.ts';
import { en } from '../../../src/ui/i18n/en/messages.ts';
import { linkStateOf, type LinkState } from '../../../src/ui/shell/link-state.ts';
import { describeNow } from '../../../src/ui/shell/now.ts';

type Signaling = Status['sync']['signaling'];

function status(kinds: readonly LinkKind[], signaling: Signaling, state: PeerInfo['state'] = 'ready'): Status {
  return {
    peers: kinds.map((kind) => ({ kind, state })),
    sync: { state: 'searching', signaling },
    height: 1,
    tipTime: 0,
    network: { blockTimeMs: 15_000 },
    mempool: { count: 0 },
    mining: { on: false },
    chain: { joining: null, behind: null },
  } as unknown as Status;
}

describe('the state of the links', () => {
  it.each<[readonly LinkKind[], Signaling, boolean, LinkState]>([
    [['relayed', 'direct'], 'connected', true, 'online'],
    [['local'], 'unreachable', false, 'online'],
    [['direct'], 'off', true, 'online'],
    [['relayed', 'relayed'], 'connected', true, 'relayed'],
    [[], 'connected', true, 'alone'],
    [[], 'connecting', true, 'searching'],
    [[], 'unreachable', true, 'offline'],
    [[], 'off', true, 'offline'],
    [[], 'connected', false, 'offline'],
  ])('with links %j, the server %s, and a network %s is %s', (kinds, signaling, browserOnline, state) => {
    expect(linkStateOf(status(kinds, signaling), browserOnline)).toBe(state);
  });

  it('does not count a link before its handshake', () => {
    expect(linkStateOf(status(['direct'], 'connected', 'connecting'), true)).toBe('alone');
  });

  it('says what to do when nobody is there', () => {
    const say = (signaling: Signaling, browserOnline: boolean): string =>
      describeNow(status([], signaling), en, createFormats('en'), 0, browserOnline);
    expect(say('connected', true)).toContain('Open the join link');
    expect(say('unreachable', true)).toContain('Check this device’s network');
    expect(say('connected', false)).toContain('Check this device’s network');
    expect(say('connecting', true)).toContain('Looking for other tabs');
  });
});
