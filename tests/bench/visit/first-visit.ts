import { existsSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { Chromium, CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import { testNetworkLink } from '../../browser/harness/network-link.ts';
import { TestServer } from '../../browser/harness/server.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { median } from '../framework/measure.ts';
import { readyMs } from '../page-load.ts';

const ROUNDS = 5;
const SLOW_ROUNDS = 3;
/** A phone of the lower class on WebPageTest's "3G fast". */
const SLOW = { cpu: 6, latency: 150, downloadThroughput: (1.6e6 / 8) | 0, uploadThroughput: (768e3 / 8) | 0 };

/** Forwards connections to a port, and counts the bytes that come back. */
class CountingProxy {
  bytes = 0;
  readonly #server: Server;

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const server = connect(port, 'localhost');
      server.on('data', (piece) => (this.bytes += piece.length));
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
  }

  static async to(port: number): Promise<CountingProxy> {
    const proxy = new CountingProxy(port);
    proxy.#server.listen(0);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.close();
  }
}

/** One visit by a browser that has never seen the page. @returns milliseconds from the navigation until the first page stands and its node is ready */
async function visit(url: string, round: number, prepare?: (page: Page) => Promise<void>, usable?: () => void): Promise<number> {
  const browser = await Chromium.launch();
  try {
    const tab = await browser.newTab('newcomer');
    await prepare?.(tab.page);
    await tab.page.goto(url + testNetworkLink(`bench-visit-${round}`, {}), { waitUntil: 'commit' });
    const readyAt = await readyMs(tab.page);
    await tab.page.getByRole('heading', { level: 1 }).waitFor();
    const shownAt = await tab.page.evaluate(() => performance.now());
    usable?.();
    return Math.max(readyAt, shownAt);
  } finally {
    await browser.dispose();
  }
}

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const { cpu, ...network } = SLOW;
  await session.send('Network.emulateNetworkConditions', { offline: false, ...network });
  await session.send('Emulation.setCPUThrottlingRate', { rate: cpu });
}

async function run(bench: Bench): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
  const server = await TestServer.start();
  const proxy = await CountingProxy.to(server.port);
  try {
    const times: number[] = [];
    const sizes: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      proxy.bytes = 0;
      // Parts that the page fetches once it can be used do not count.
      times.push(await visit(proxy.url, round, undefined, () => sizes.push(proxy.bytes / 1_024)));
    }
    bench.figure('first_load_kb', median(sizes), { atMost: 520 });
    bench.figure('usable_ms', median(times), { atMost: 1_000 });
    const slow: number[] = [];
    for (let round = 0; round < SLOW_ROUNDS; round++) slow.push(await visit(proxy.url, ROUNDS + round, slowDown));
    bench.figure('usable_slow_ms', median(slow), { atMost: 6_000 });
    bench.note('slow: a processor at a sixth for the page’s thread, and 1.6 Mbit/s with 150 ms; Chromium slows no worker');
  } finally {
    proxy.close();
    await server.kill();
  }
}

export const firstVisit: Benchmark = {
  name: 'page',
  summary: 'the first visit of a browser: bytes transferred, and time until the page can be used',
  run,
};
