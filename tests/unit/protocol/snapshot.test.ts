import { expect, test } from 'vitest';
import { SNAPSHOT_DEPTH, SNAPSHOT_EVERY, snapshotHeight } from '../../../src/protocol/snapshot.ts';

test.each([
  [0, 0],
  [63, 0],
  [127, 0],
  [128, 64],
  [191, 64],
  [192, 128],
  [1_000_000, 999_936],
])('with the tip at %i, a newcomer begins at %i', (tip, height) => {
  expect(snapshotHeight(tip)).toBe(height);
});

test('a snapshot is the highest snapshot block that lies deep enough', () => {
  for (let tip = SNAPSHOT_EVERY + SNAPSHOT_DEPTH; tip < 1_000; tip++) {
    const height = snapshotHeight(tip);
    expect(height % SNAPSHOT_EVERY).toBe(0);
    expect(tip - height).toBeGreaterThanOrEqual(SNAPSHOT_DEPTH);
    expect(tip - height).toBeLessThan(SNAPSHOT_DEPTH + SNAPSHOT_EVERY);
  }
});
