import { existsSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import { go } from '../../browser/harness/go.ts';
import { TestServer } from '../../browser/harness/server.ts';
import type { Tab } from '../../browser/harness/tab.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { median, percentile } from '../framework/measure.ts';
import { chainFile } from '../join/chain-file.ts';
import { ServingTab } from '../join/serving-tab.ts';

const PLAN = { transactionsPerBlock: 100, accounts: 200, network: { label: 'bench-visit-long' }, signatures: 'filler' } as const;
const DEFAULT_TRANSACTIONS = 1_000_000;
const ROUNDS = 3;
/** The browser reports interactions from this duration on, in steps of 8 ms. */
const LEAST_MS = 16;
const SCROLL_MS = 3_000;
const WHEEL_PX = 240;

/** Interactions of the page so far, by the Event Timing API of the W3C: each lasts from the input to the next paint. */
interface InteractionWindow {
  interactions: Map<number, number>;
}

async function observeInteractions(page: Page): Promise<void> {
  await page.evaluate((durationThreshold) => {
    const found = ((window as unknown as InteractionWindow).interactions = new Map<number, number>());
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as PerformanceEventTiming[]) {
        const { interactionId = 0, duration } = entry as PerformanceEventTiming & { interactionId?: number };
        if (interactionId > 0) found.set(interactionId, Math.max(found.get(interactionId) ?? 0, duration));
      }
    }).observe({ type: 'event', durationThreshold } as PerformanceObserverInit);
  }, LEAST_MS);
}

/**
 * Durations of all interactions in milliseconds;
 * {@link LEAST_MS} for those that were too short to be reported.
 */
async function interactionsOf(page: Page): Promise<number[]> {
  const [reported, all] = await page.evaluate(() => {
    const { interactionCount } = performance as Performance & { interactionCount?: number };
    return [[...(window as unknown as InteractionWindow).interactions.values()], interactionCount ?? 0] as const;
  });
  return [...reported, ...Array<number>(Math.max(0, all - reported.length)).fill(LEAST_MS)];
}

interface Step {
  readonly what: string;
  act(): Promise<void>;
  /** Visible once the page shows its content. */
  readonly content: Locator;
}

function visitSteps({ page }: Tab<Page>): readonly Step[] {
  const main = page.getByRole('main');
  const titled = (name: string | RegExp): Locator => page.getByRole('heading', { level: 1, name });
  const press = (button: string) => (): Promise<void> => main.getByRole('button', { name: button }).first().click();
  const open = (name: string) => (): Promise<void> => page.getByRole('navigation').getByRole('link', { name, exact: true }).first().click();
  const row = main.getByRole('row').nth(5);
  const search = page.getByRole('search').getByRole('searchbox');
  return [
    { what: 'blocks', act: open('Blocks'), content: row },
    { what: 'older blocks', act: press('Older'), content: row },
    { what: 'a block', act: () => main.locator('table a[href*="/blocks/"]').nth(3).click(), content: titled(/^Block \d/) },
    { what: 'people', act: open('People'), content: row },
    { what: 'people by balance', act: press('Balance'), content: row },
    { what: 'an account', act: () => main.locator('td.name a').nth(2).click(), content: main.getByText('Balance over time').first() },
    { what: 'its older payments', act: press('Older'), content: main.getByRole('listitem').nth(5) },
    { what: 'history', act: open('History'), content: titled('History') },
    { what: 'network', act: open('Network'), content: titled('Network') },
    { what: 'database', act: open('Database'), content: main.getByRole('table').first() },
    { what: 'home', act: open('Home'), content: main.getByRole('heading', { level: 2 }).first() },
    {
      what: 'search',
      act: async () => {
        await search.click();
        await search.pressSequentially('100');
        await search.press('Enter');
      },
      content: titled('Block 100'),
    },
  ];
}

/** Frames in each second while a wheel scrolls the largest result of a query that the page shows. */
async function scrolledFrames(tab: Tab<Page>): Promise<number> {
  const { page } = tab;
  await go(tab, `/database?sql=${encodeURIComponent('SELECT * FROM transactions LIMIT 10000')}`);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const result = page.getByRole('region', { name: 'Result', exact: true });
  await result.getByRole('row').nth(5).waitFor();
  await result.getByRole('row').nth(5).hover();
  const counting = page.evaluate(async (ms) => {
    const startedAt = performance.now();
    let frames = 0;
    while (performance.now() - startedAt < ms) {
      await new Promise(requestAnimationFrame);
      frames++;
    }
    return (1_000 * frames) / (performance.now() - startedAt);
  }, SCROLL_MS);
  const endsAt = Date.now() + SCROLL_MS;
  while (Date.now() < endsAt) await page.mouse.wheel(0, WHEEL_PX);
  return counting;
}

async function run(bench: Bench): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
  const transactions = bench.setting('BENCH_TRANSACTIONS', DEFAULT_TRANSACTIONS);
  const chain = await chainFile({ ...PLAN, blocks: transactions / PLAN.transactionsPerBlock });
  const server = await TestServer.start();
  try {
    const serving = await ServingTab.open(server.url, chain);
    try {
      bench.note(`${transactions} transactions, ${(chain.bytes / 1e6).toFixed(0)} MB: opened in ${(serving.openingMs / 1e3).toFixed(1)} s`);
      const { tab } = serving;
      await observeInteractions(tab.page);
      const contents = new Map<string, number[]>();
      for (let round = 0; round < ROUNDS; round++) {
        for (const { what, act, content } of visitSteps(tab)) {
          const startedAt = performance.now();
          await act();
          await content.waitFor();
          contents.set(what, [...(contents.get(what) ?? []), performance.now() - startedAt]);
        }
      }
      const interactions = await interactionsOf(tab.page);
      bench.note([...contents].map(([what, times]) => `${what} ${median(times).toFixed(0)}`).join(', ') + ' ms until the content stands');
      bench.note(`${interactions.length} interactions, median ${median(interactions)} ms, at most ${Math.max(...interactions)} ms`);
      bench.figure('interaction_p95_ms', percentile(interactions, 0.95), { atMost: 50 });
      bench.figure('content_p95_ms', percentile([...contents.values()].flat(), 0.95));
      bench.figure('scrolled_frames_per_s', await scrolledFrames(tab), { atLeast: 55 });
      serving.check();
    } finally {
      await serving.close();
    }
  } finally {
    await server.kill();
  }
}

export const interactions: Benchmark = {
  name: 'page',
  summary: 'interactions and scrolling with 1,000,000 transactions (BENCH_TRANSACTIONS)',
  long: true,
  run,
};
