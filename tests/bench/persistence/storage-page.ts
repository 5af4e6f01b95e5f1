import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sirv from 'sirv';
import { build } from 'vite';
import { Chromium } from '../../browser/harness/chromium.ts';
import { processesWithWorkers } from '../framework/processor-time.ts';
import type { StoreLabApi, StoreRequest } from './page/store-lab.ts';

const SAMPLE_EVERY_MS = 20;

/** What a process does not share with others, and what it has been handed by them: no program files. */
function ownBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return 1024 * (kilobytes('RssAnon') + kilobytes('RssShmem'));
}

async function openPage(browser: Chromium, server: Server): Promise<Page> {
  const { page } = await browser.newTab('storage');
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('window.lab !== undefined');
  return page;
}

/** The page of this folder, built as the product is, in a Chromium with a profile on disk. */
export class StoragePage {
  readonly #folder: string;
  readonly #server: Server;
  readonly #browser: Chromium;
  #page: Page;

  private constructor(folder: string, server: Server, browser: Chromium, page: Page) {
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
  }

  static async open(): Promise<StoragePage> {
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-bench-'));
    await build({
      configFile: false,
      root: fileURLToPath(new URL('page', import.meta.url)),
      base: './',
      logLevel: 'error',
      worker: { format: 'es' },
      build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
    });
    const server = createServer(sirv(folder));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await Chromium.launch();
    return new StoragePage(folder, server, browser, await openPage(browser, server));
  }

  /** The same databases in a process that has nothing in memory. */
  async renew(): Promise<void> {
    await this.#page.close();
    this.#page = await openPage(this.#browser, this.#server);
  }

  /** The most memory that the page's process has for itself while it works, in bytes; null where the system does not tell. */
  async peakMemory(work: () => Promise<unknown>): Promise<number | null> {
    const samples: number[] = [];
    const timer = setInterval(() => samples.push(...processesWithWorkers().map(ownBytes)), SAMPLE_EVERY_MS);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
    return process.platform === 'linux' && samples.length > 0 ? Math.max(...samples) : null;
  }

  /** One request to the worker of a database. */
  async ask<T>(name: string, request: StoreRequest): Promise<T> {
    const call = ([to, sent]: readonly [string, StoreRequest]): Promise<unknown> =>
      (window as unknown as { lab: StoreLabApi }).lab.ask(to, sent);
    return (await this.#page.evaluate(call, [name, request] as const)) as T;
  }

  async close(): Promise<void> {
    await this.#browser.dispose();
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
