import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { TabchainApi } from '../../src/api/api.ts';
import { Chromium, CHROMIUM_PATH } from '../browser/harness/chromium.ts';
import { testNetworkLink } from '../browser/harness/network-link.ts';
import { TestServer } from '../browser/harness/server.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { waitUntil } from '../browser/harness/wait.ts';
import type { Bench, Benchmark } from './framework/benchmark.ts';
import { median } from './framework/measure.ts';
import { readyMs } from './page-load.ts';

const LOADS = 9;
const TRANSFERS = 24;
const PASSPHRASE = 'correct horse battery';
const BLOCK_TIME_MS = 2_000;
/** 2^18 expected hashes: a block takes a moment. */
const QUICK_BITS = 0x1e3fffff;
/** 2^22 expected hashes: close enough to two seconds of two cores that the difficulty has settled after the warm-up. */
const STEADY_BITS = 0x1e03ffff;
const WARM_UP_MS = 90_000;
const DEFAULT_MINUTES = 4;

/** The globals of a tab. */
interface NodeWindow {
  tabchain?: TabchainApi;
  /** Transaction id → when this tab knew it, Unix milliseconds. */
  benchSeen?: Record<string, number>;
}

/** Milliseconds from the start of the navigation until the node says that it is ready. */
async function load(browser: Chromium, url: string): Promise<number> {
  const { page } = await browser.newTab('load');
  await page.goto(url, { waitUntil: 'commit' });
  const elapsedMs = await readyMs(page);
  await page.close();
  return elapsedMs;
}

async function loads(bench: Bench, url: string): Promise<void> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let i = 0; i < LOADS; i++) {
    const browser = await Chromium.launch();
    try {
      cold.push(await load(browser, url));
      // A second load, so that the browser has also cached compiled code.
      await load(browser, url);
      warm.push(await load(browser, url));
    } finally {
      await browser.dispose();
    }
  }
  const spread = (samples: number[]): string => `${Math.min(...samples).toFixed(0)}–${Math.max(...samples).toFixed(0)}`;
  bench.note(`${LOADS} loads, ms: cold (empty profile) ${spread(cold)}, warm ${spread(warm)}`);
  bench.figure('load_to_usable_ms', median(cold));
  bench.figure('load_to_usable_warm_ms', median(warm));
}

async function registered(browser: Chromium, url: string, name: string): Promise<Tab<Page>> {
  const tab = await browser.openTab(name, url);
  await tab.call('register', { name, passphrase: PASSPHRASE });
  return tab;
}

/** Runs in the recipient's tab: polls the history, which includes pending transactions, and records when each first appears. */
function recordSeen(): void {
  const own = window as unknown as NodeWindow;
  const seen: Record<string, number> = (own.benchSeen = {});
  // No named functions here: the compiler would add a helper call that the page does not have.
  void (async () => {
    for (;;) {
      const entries = await own.tabchain!.history({ limit: 1 });
      for (const { txid } of entries) seen[txid] ??= performance.timeOrigin + performance.now();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
}

/** Measures from the call of transfer() in one tab until the other tab has the pending transaction in its history. */
async function sendToSeen(bench: Bench, server: TestServer): Promise<void> {
  const browser = await Chromium.launch();
  try {
    const link = testNetworkLink('bench-send', { blockTimeMs: BLOCK_TIME_MS, powLimitBits: QUICK_BITS, stampBits: QUICK_BITS });
    const [alex, ming] = [await registered(browser, server.url + link, 'alex'), await registered(browser, server.url + link, 'ming')];
    await alex.call('mine', true, { threads: 1 });
    await waitUntil(
      [alex, ming],
      'both registrations confirmed',
      (all) => all.every((s) => s.account?.registration === 'confirmed'),
      120_000,
    );
    await waitUntil([alex], 'coins to spend', ([s]) => Number(s!.spendable) > 100);
    await alex.call('mine', false);
    await ming.page.evaluate(recordSeen);
    const samples: number[] = [];
    for (let i = 0; i < TRANSFERS; i++) {
      const sentAt = await alex.page.evaluate(async () => {
        const at = performance.timeOrigin + performance.now();
        const { txid } = await (window as unknown as NodeWindow).tabchain!.transfer({ to: 'ming', amount: '0.5', fee: '0.01' });
        return { at, txid };
      });
      await ming.page.waitForFunction((txid) => txid in (window as unknown as NodeWindow).benchSeen!, sentAt.txid);
      const seenAt = await ming.page.evaluate((txid) => (window as unknown as NodeWindow).benchSeen![txid]!, sentAt.txid);
      samples.push(seenAt - sentAt.at);
    }
    bench.note(`${TRANSFERS} transfers between two tabs: ${Math.min(...samples).toFixed(0)}–${Math.max(...samples).toFixed(0)} ms`);
    bench.figure('send_to_seen_ms', median(samples));
  } finally {
    await browser.dispose();
  }
}

/** Measures blocks per minute of `tabs` tabs, each mining on one thread, after the difficulty has settled. */
async function blockRate(bench: Bench, server: TestServer, tabs: number, minutes: number): Promise<void> {
  const browser = await Chromium.launch();
  try {
    const link = testNetworkLink(`bench-blocks-${tabs}`, { blockTimeMs: BLOCK_TIME_MS, powLimitBits: STEADY_BITS, stampBits: QUICK_BITS });
    const miners: Tab<Page>[] = [];
    for (let i = 0; i < tabs; i++) miners.push(await registered(browser, server.url + link, `miner${i}`));
    for (const miner of miners) await miner.call('mine', true, { threads: 1 });
    const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
    await pause(WARM_UP_MS);
    const before = await miners[0]!.status();
    const startedAt = performance.now();
    await pause(minutes * 60_000);
    const after = await miners[0]!.status();
    const perMinute = (after.height - before.height) / ((performance.now() - startedAt) / 60_000);
    const ideal = 60_000 / BLOCK_TIME_MS;
    const name = tabs === 1 ? '1_tab' : `${tabs}_tabs`;
    bench.note(
      `${name}: ${perMinute.toFixed(1)} blocks a minute over ${minutes} minutes, ${(perMinute / ideal).toFixed(2)} of the ideal ${ideal}`,
    );
    bench.figure(`blocks_per_minute_${name}`, perMinute);
    bench.figure(`blocks_over_ideal_${name}`, perMinute / ideal);
  } finally {
    await browser.dispose();
  }
}

async function run(bench: Bench): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) {
    bench.note('No Chromium here.');
    return;
  }
  const server = await TestServer.start();
  try {
    await loads(bench, server.url);
    await sendToSeen(bench, server);
    const minutes = bench.setting('BENCH_MINUTES', DEFAULT_MINUTES);
    await blockRate(bench, server, 1, minutes);
    await blockRate(bench, server, 3, minutes);
  } finally {
    await server.kill();
  }
}

export const journey: Benchmark = {
  name: 'journey',
  summary: 'server and real tabs: loading, paying, and the rate of blocks (BENCH_MINUTES each, 4 by default)',
  long: true,
  run,
};
