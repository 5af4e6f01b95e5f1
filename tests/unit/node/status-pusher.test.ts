import { expect, test } from 'vitest';
import { StatusPusher } from '../../../src/node/status-pusher.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

/** A pusher with the times of its statuses. */
function bench(): { time: VirtualTime; pusher: StatusPusher; pushedAt: number[] } {
  const time = new VirtualTime(0);
  const pushedAt: number[] = [];
  const pusher = new StatusPusher({ clock: time, timers: time }, () => pushedAt.push(time.now()));
  return { time, pusher, pushedAt };
}

test('a change is pushed at once, a series of changes at most four times a second, including the last', async () => {
  const { time, pusher, pushedAt } = bench();
  for (let change = 0; change < 60; change++) {
    pusher.soon();
    await time.advance(10);
  }
  await time.advance(1_000);
  expect(pushedAt).toEqual([0, 250, 500, 750]);
});

test('changes at the same moment make one status', async () => {
  const { time, pusher, pushedAt } = bench();
  for (let change = 0; change < 5; change++) pusher.soon();
  await time.advance(1_000);
  pusher.soon();
  await time.advance(0);
  expect(pushedAt).toEqual([0, 1_000]);
});

test('a status is pushed once a second while nothing happens', async () => {
  const { time, pusher, pushedAt } = bench();
  await time.advance(3_000);
  expect(pushedAt).toEqual([]);
  pusher.start();
  await time.advance(3_500);
  expect(pushedAt).toEqual([4_000, 5_000, 6_000]);
});
