import { afterEach, expect, test } from 'vitest';
import { ReplyHandover } from '../../../src/page/reply-handover.ts';
import { browserTimers } from '../../../src/page/browser-timers.ts';
import { errorCode, TabchainError } from '../../../src/util/errors.ts';

const tabs: ReplyHandover[] = [];
afterEach(() => tabs.splice(0).forEach((tab) => tab.close()));

/** A tab whose open invitations have these replies. */
function tab(replies: Record<string, () => Promise<{ peer: string }>> = {}, room = 'room'): { handover: ReplyHandover; asked: string[] } {
  const asked: string[] = [];
  const accept = async (reply: string): Promise<{ peer: string }> => {
    asked.push(reply);
    if (!Object.hasOwn(replies, reply)) throw new TabchainError('reply-unknown', 'Unknown.');
    return replies[reply]!();
  };
  const handover = new ReplyHandover(room, accept, browserTimers);
  tabs.push(handover);
  return { handover, asked };
}

const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'fulfilled', errorCode);
const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 50));

test('a reply is used by the tab that made the invitation, whichever tab opens it', async () => {
  const inviting = tab({ mine: () => later({ peer: 'ming' }) });
  const other = tab();
  const opening = tab();
  expect(await opening.handover.accept('mine')).toEqual({ peer: 'ming' });
  expect([inviting.asked, other.asked]).toEqual([['mine'], ['mine']]);
  expect(await inviting.handover.accept('mine')).toEqual({ peer: 'ming' });
});

test('the opening tab learns why the link failed', async () => {
  tab({ mine: () => later(null).then(() => Promise.reject(new TabchainError('invitation-not-linked', 'No way.'))) });
  expect(await codeOf(tab().handover.accept('mine'))).toBe('invitation-not-linked');
});

test('a reply that no tab of this network waits for stays unknown', async () => {
  const elsewhere = tab({ mine: () => later({ peer: 'ming' }) }, 'another room');
  tab();
  expect(await codeOf(tab().handover.accept('mine'))).toBe('reply-unknown');
  expect(elsewhere.asked).toEqual([]);
});

test('messages of another shape change nothing', async () => {
  const { asked } = tab({ mine: () => later({ peer: 'ming' }) });
  const channel = new BroadcastChannel('tabchain-replies:room');
  for (const message of [
    null,
    7,
    {},
    { type: 'reply' },
    { type: 'reply', from: 'x', text: 5 },
    { type: 'reply', from: 'x', text: 'y'.repeat(5_000) },
  ])
    channel.postMessage(message);
  channel.postMessage({ type: 'reply', from: 'x', text: 'last' });
  await expect.poll(() => asked).toEqual(['last']);
  channel.close();
});
