import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { TabchainApi } from '../../src/api/api.ts';
import { Chromium, CHROMIUM_PATH } from '../browser/harness/chromium.ts';
import { testNetworkLink } from '../browser/harness/network-link.ts';
import { TestServer } from '../browser/harness/server.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { waitUntil } from '../browser/harness/wait.ts';
import { ServerProcess } from '../unit/signaling/server-process.ts';
import type { Bench, Benchmark } from './framework/benchmark.ts';
import { percentile } from './framework/measure.ts';

const ROUNDS = 20;
const TABS = 5;
/** Links with others than the tab that the newcomer reaches by itself. */
const OTHERS = 3;
const LONGEST_MS = 30_000;

/** When a newcomer had what it needs, in milliseconds after the start of its navigation; infinite if it never had. */
interface Meeting {
  readonly reachedMs: number;
  readonly linkedMs: number;
}

/** Runs in the newcomer's page. */
async function timesOfLinks({ others, longestMs }: { others: number; longestMs: number }): Promise<(number | null)[]> {
  const { tabchain } = window as unknown as { tabchain: TabchainApi };
  let reachedMs: number | null = null;
  let linkedMs: number | null = null;
  while (linkedMs === null && performance.now() < longestMs) {
    const ready = (await tabchain.status()).peers.filter(({ state }) => state === 'ready');
    const now = performance.now();
    if (ready.length > 0) reachedMs ??= now;
    if (ready.length > others) linkedMs = now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return [reachedMs, linkedMs];
}

async function newcomer(browser: Chromium, beside: Tab<Page>, url: string): Promise<Meeting> {
  const tab = await browser.newTab('newcomer', { beside });
  try {
    await tab.page.goto(url);
    const [reachedMs, linkedMs] = await tab.page.evaluate(timesOfLinks, { others: OTHERS, longestMs: LONGEST_MS });
    return { reachedMs: reachedMs ?? Infinity, linkedMs: linkedMs ?? Infinity };
  } finally {
    await tab.close();
  }
}

async function rounds(bench: Bench, page: TestServer): Promise<void> {
  const signaling = await ServerProcess.start({ ALLOWED_HOSTS: 'localhost' });
  const browser = await Chromium.launch();
  try {
    const url = `${page.url}${testNetworkLink('bench-meet')}&signal=${signaling.url}`;
    const tabs: Tab<Page>[] = [];
    for (let i = 0; i < TABS; i++) tabs.push(await browser.newTab(`tab ${i}`, { apart: true }));
    for (const tab of tabs) await tab.open(url);
    await waitUntil(tabs, 'all links', (all) => all.every(({ peers }) => peers.length === TABS - 1));
    await signaling.end();
    const meetings: Meeting[] = [];
    for (let round = 0; round < ROUNDS; round++) meetings.push(await newcomer(browser, tabs[round % TABS]!, url));
    const linked = meetings.map(({ linkedMs }) => linkedMs);
    const afterReaching = meetings.map(({ reachedMs, linkedMs }) => linkedMs - reachedMs).filter(Number.isFinite);
    bench.note(
      `linked with the tab of the same browser and ${OTHERS} others; ms from the start of the navigation: ${linked.map(Math.round).join(' ')}`,
    );
    bench.note(`of these after the first link: ${afterReaching.map(Math.round).join(' ')}`);
    bench.figure('rounds_of_20', linked.filter((ms) => ms < LONGEST_MS).length, { atLeast: ROUNDS });
    bench.figure('linked_ms_p95', Math.min(LONGEST_MS, percentile(linked, 0.95)), { atMost: 3_000 });
  } finally {
    await browser.dispose();
    await signaling.end();
  }
}

export const meet: Benchmark = {
  name: 'meet',
  summary: 'after the signaling server has died: a new tab that reaches one tab of its browser is linked with three others',
  async run(bench) {
    if (!existsSync(CHROMIUM_PATH)) return bench.note('left out: no Chromium');
    const page = await TestServer.start();
    try {
      await rounds(bench, page);
    } finally {
      await page.kill();
    }
  },
};
