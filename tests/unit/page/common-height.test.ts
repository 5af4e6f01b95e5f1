import { describe, expect, it } from 'vitest';
import { commonHeight } from '../../../src/page/common-height.ts';

/** A chain from `base` to `tip` whose blocks leave the common chain after `fork`. */
const chain =
  (name: string, { base = 0, tip, fork }: { base?: number; tip: number; fork: number }) =>
  async (height: number): Promise<string | null> =>
    height < base || height > tip ? null : height <= fork ? `common ${height}` : `${name} ${height}`;

describe('the last common block of two chains', () => {
  it.each(Array.from({ length: 12 }, (_, fork) => [fork, chain('file', { tip: 11, fork }), chain('own', { tip: 20, fork })] as const))(
    'after a fork at %i',
    async (fork, theirs, ours) => expect(await commonHeight(0, 11, theirs, ours)).toBe(fork),
  );

  it.each(Array.from({ length: 12 }, (_, fork) => fork))('of a chain that begins at block 6, after a fork at %i', async (fork) => {
    const found = await commonHeight(6, 11, chain('file', { tip: 11, fork }), chain('own', { base: 6, tip: 20, fork }));
    expect(found).toBe(fork < 6 ? null : fork);
  });

  it('is none where the file has no row', async () => {
    const ours = chain('own', { tip: 20, fork: 20 });
    expect(await commonHeight(0, 11, async () => null, ours)).toBeNull();
  });
});
