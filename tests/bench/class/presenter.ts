import type { Page } from 'playwright-core';
import { go } from '../../browser/harness/go.ts';
import type { Benchmark } from '../framework/benchmark.ts';
import { measureHour } from '../visit/hour.ts';

/** A block a second, as on the quickest network of a class, for so many seconds. */
const WATCHED_BLOCKS = 30;
const BLOCK_MS = 1_000;
/** A projector of a classroom. */
const WALL = { width: 1920, height: 1080 };

/** Starts to count the frames of the page. @returns a function that stops, and returns the frames of a second */
async function countFrames(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const count = { frames: 0, since: performance.now() };
    const next = (): void => {
      count.frames++;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    (window as unknown as { frameCount: typeof count }).frameCount = count;
  });
  return () =>
    page.evaluate(() => {
      const { frames, since } = (window as unknown as { frameCount: { frames: number; since: number } }).frameCount;
      return (1_000 * frames) / (performance.now() - since);
    });
}

/** The presenter's wall during a lesson: the memory of an hour of blocks, then the frames while blocks come at their usual pace. */
export const presenter: Benchmark = {
  name: 'class',
  summary: 'the presenter’s wall through an hour of blocks: memory, and frames while a block comes each second',
  long: true,
  run: (bench) =>
    measureHour(bench, {
      label: 'bench-presenter',
      figure: 'presenter_hour_growth_mb',
      open: async ({ tab }) => {
        await tab.page.setViewportSize(WALL);
        await go(tab, '/present');
        await tab.page.locator('.stage').waitFor();
      },
      spare: WATCHED_BLOCKS,
      afterwards: async ({ tab }, next) => {
        const framesPerSecond = await countFrames(tab.page);
        for (let block = 0; block < WATCHED_BLOCKS; block++) {
          const startedAt = performance.now();
          await next();
          await tab.page.waitForTimeout(Math.max(0, BLOCK_MS - (performance.now() - startedAt)));
        }
        bench.figure('presenter_frames_per_s', await framesPerSecond(), { atLeast: 50 });
      },
    }),
};
