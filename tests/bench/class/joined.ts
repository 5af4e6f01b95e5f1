import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { Chromium, CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import { go } from '../../browser/harness/go.ts';
import { TestServer } from '../../browser/harness/server.ts';
import type { Tab } from '../../browser/harness/tab.ts';
import { waitUntil } from '../../browser/harness/wait.ts';
import { PRESET_RULES, rulesOf } from '../../../src/ui/features/networks/presets.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { median, percentile } from '../framework/measure.ts';

const PUPILS = 24;
/** Pupils share browsers in profiles of their own: a browser for each would measure the machine's memory. */
const BROWSERS = 4;
const PASSPHRASE = 'correct horse battery';
const LONGEST_MS = 300_000;

/** Opens a link on a tab of the same page, where another fragment alone loads nothing. */
async function openNetwork(tab: Tab<Page>, url: string): Promise<void> {
  await tab.page.goto('about:blank');
  await tab.open(url);
}

/** A pupil's way from the page of the host to a registration in a block, in seconds. What a person types takes no time here. */
async function joined(browser: Chromium, name: string, host: string, code: string, tabs: Tab<Page>[]): Promise<number> {
  const startedAt = performance.now();
  const tab = await browser.newTab(name, { apart: true });
  tabs.push(tab);
  await tab.open(host);
  const { link } = await tab.call('findNetwork', code);
  await openNetwork(tab, host + link);
  await tab.call('register', { name, passphrase: PASSPHRASE });
  await waitUntil([tab], 'a registration in a block', ([status]) => status!.account?.registration === 'confirmed', LONGEST_MS);
  return (performance.now() - startedAt) / 1_000;
}

async function lesson(bench: Bench, server: TestServer, browsers: Chromium[]): Promise<void> {
  for (let i = 0; i <= BROWSERS; i++) browsers.push(await Chromium.launch());
  const [desk, ...others] = browsers as [Chromium, ...Chromium[]];
  const teacher = await desk.openTab('teacher', server.url);
  // What the page makes for a class, with its real proofs of work.
  const { link } = await teacher.call('makeNetwork', rulesOf('bench-class', PRESET_RULES.class, Date.now()));
  await openNetwork(teacher, server.url + link);
  await teacher.call('register', { name: 'teacher', passphrase: PASSPHRASE });
  await teacher.call('mine', true, { threads: 1 });
  await waitUntil([teacher], 'the teacher’s registration', ([status]) => status!.account?.registration === 'confirmed');
  await go(teacher, '/present');
  const code = await teacher.call('showCode');
  const tabs: Tab<Page>[] = [];
  const seconds = await Promise.all(
    Array.from({ length: PUPILS }, (_, i) => joined(others[i % BROWSERS]!, `pupil${i}`, server.url, code, tabs)),
  );
  await waitUntil(tabs, 'one chain', (all) => all.every(({ account }) => account?.registration === 'confirmed'));
  const problems = [teacher, ...tabs].flatMap((tab) => tab.problems.map((problem) => `${tab.name}: ${problem}`));
  if (problems.length > 0) throw new Error(`The tabs have problems:\n${problems.join('\n')}`);
  bench.note(`${PUPILS} pupils at once: median ${median(seconds).toFixed(1)} s, slowest ${Math.max(...seconds).toFixed(1)} s`);
  bench.figure('joined_s_p95', percentile(seconds, 0.95), { atMost: 60 });
}

/** A class opens the page, types the code from the wall and registers, all at once. */
export const classJoins: Benchmark = {
  name: 'class',
  summary: `${PUPILS} tabs at once, from the code on the wall to a registration in a block`,
  long: true,
  async run(bench) {
    if (!existsSync(CHROMIUM_PATH)) return bench.note('left out: no Chromium');
    const server = await TestServer.start();
    const browsers: Chromium[] = [];
    try {
      await lesson(bench, server, browsers);
    } finally {
      for (const browser of browsers) await browser.dispose();
      await server.kill();
    }
  },
};
