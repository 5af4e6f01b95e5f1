import { createServer, type Server } from 'node:http';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sirv from 'sirv';
import { build } from 'vite';
import type { MiningSettings } from '../../../src/miner/pool.ts';
import { Chromium, CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import type { LabApi, LabRequest } from './lab.ts';

/** The page of this folder, built as the product is, in a Chromium of its own. */
export class BenchPage {
  readonly #folder: string;
  readonly #server: Server;
  readonly #browser: Chromium;
  readonly #page: Page;

  private constructor(folder: string, server: Server, browser: Chromium, page: Page) {
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
  }

  /** Builds and opens it; null without Chromium. */
  static async open(): Promise<BenchPage | null> {
    if (!existsSync(CHROMIUM_PATH)) return null;
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-bench-'));
    await build({
      configFile: false,
      root: fileURLToPath(new URL('.', import.meta.url)),
      base: './',
      logLevel: 'error',
      worker: { format: 'es' },
      build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
    });
    const server = createServer(sirv(folder));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await Chromium.launch();
    const { page } = await browser.newTab('bench');
    // "localhost": a secure context, so that WebCrypto is there.
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('window.bench !== undefined');
    return new BenchPage(folder, server, browser, page);
  }

  /** One request to the page's worker. */
  async ask<T>(request: LabRequest): Promise<T> {
    return (await this.#page.evaluate((sent) => (window as unknown as { bench: LabApi }).bench.ask(sent), request)) as T;
  }

  /** See {@link LabApi.poolRate}. */
  poolRate(settings: MiningSettings, milliseconds: number): Promise<number> {
    return this.#page.evaluate(([a, b]) => (window as unknown as { bench: LabApi }).bench.poolRate(a, b), [
      settings,
      milliseconds,
    ] as const);
  }

  /** See {@link LabApi.switchTimes}. */
  switchTimes(count: number): Promise<number[]> {
    return this.#page.evaluate((times) => (window as unknown as { bench: LabApi }).bench.switchTimes(times), count);
  }

  async close(): Promise<void> {
    await this.#browser.dispose();
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
