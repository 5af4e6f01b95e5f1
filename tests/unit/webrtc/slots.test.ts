import { describe, expect, it } from 'vitest';
import { LINK_GRACE_MS, MAX_INCOMING_LINKS, PROTECTED_LINKS } from '../../../src/webrtc/link-limits.ts';
import { OpenLink } from '../../../src/webrtc/open-link.ts';
import type { Remote } from '../../../src/webrtc/remote.ts';
import { Remotes } from '../../../src/webrtc/remotes.ts';
import { admit } from '../../../src/webrtc/slots.ts';
import type { LinkWorth, Meeting } from '../../../src/net/transport.ts';
import { seededRandom } from '../net/support/test-node.ts';

const carrier = { rtc: true, send: () => undefined, bufferedBytes: () => 0, close: () => undefined };

/** Tabs of one group whose links take all incoming places; the first is the oldest. */
function crowd(
  worthOf: (index: number) => LinkWorth | null,
  met: (index: number) => Meeting = () => 'server',
): { all: Remote[]; newcomer: Remote; nowMs: number } {
  const remotes = new Remotes({ monotonic: () => 0 }, seededRandom('slots'));
  const all = Array.from({ length: MAX_INCOMING_LINKS }, (_, index) => {
    const id = String(index).padStart(16, '0');
    const remote = remotes.meet(id, 'one address')!;
    const link = new OpenLink(
      { id: `direct-${index}`, peerId: id, kind: 'direct', met: met(index), openedAt: index },
      carrier,
      () => undefined,
    );
    remote.connected({ link, rtc: { ...carrier, signal: () => undefined, destroy: () => undefined }, attempt: 'a' });
    const worth = worthOf(index);
    if (worth) link.judge(worth);
    return remote;
  });
  return { all, newcomer: remotes.meet('f'.repeat(16), 'one address')!, nowMs: LINK_GRACE_MS + 1_000 };
}

/** Indices of the tabs that leave, in order, as newcomers arrive. */
function leavers({ all, newcomer, nowMs }: ReturnType<typeof crowd>, count: number): number[] {
  const left: number[] = [];
  while (left.length < count) {
    const admission = admit(all, newcomer, nowMs);
    if (!admission.granted || !admission.leaves) break;
    const { leaves } = admission;
    left.push(all.indexOf(leaves));
    // The replacement has had no time yet to prove useful.
    leaves.connected({ ...leaves.direct!, link: new OpenLink({ ...leaves.direct!.link, openedAt: nowMs }, carrier, () => undefined) });
  }
  return left;
}

describe('the places of links', () => {
  it('are kept by the oldest, the nearest, and those that most recently brought a block or a transaction before others did', () => {
    const first = PROTECTED_LINKS;
    const near = (index: number): boolean => index >= first && index < 2 * first;
    const brought = (index: number): boolean => index >= 2 * first && index < 3 * first;
    const scene = crowd((index) => ({
      latencyMs: near(index) ? 5 : 50 + index,
      broughtAt: brought(index) ? 1_000 + index : null,
      // All brought transactions; the last two of them most recently.
      broughtTransactionAt: 2_000 + index,
    }));
    const left = leavers(scene, MAX_INCOMING_LINKS);
    expect(left.sort((a, b) => a - b)).toEqual([12, 13]);
  });

  it('are kept by links that a person made', () => {
    const scene = crowd(
      () => null,
      (index) => (index >= 8 ? 'hand' : 'server'),
    );
    // The four oldest keep their slots, too.
    expect(leavers(scene, MAX_INCOMING_LINKS)).toEqual([7, 6, 5, 4]);
  });

  it('are lost first by links that never brought a block, youngest first, then by those whose last block is oldest', () => {
    const scene = crowd((index) => ({ latencyMs: null, broughtAt: index % 2 === 0 ? 1_000 + index : null, broughtTransactionAt: null }));
    expect(leavers(scene, 6)).toEqual([15, 13, 11, 9, 7, 5]);
  });

  it('go to no newcomer while all links are too young to be judged', () => {
    const { all, newcomer } = crowd(() => null);
    expect(admit(all, newcomer, LINK_GRACE_MS - 1)).toEqual({ granted: false });
  });
});
