import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sirv from 'sirv';
import { build } from 'vite';
import { Chromium } from '../../browser/harness/chromium.ts';
import type { StoreLabApi, StoreRequest } from './page/store-lab.ts';

/** The page of this folder, built as the product is, in a Chromium with a profile on disk. */
export class StoragePage {
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
    const { page } = await browser.newTab('storage');
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('window.lab !== undefined');
    return new StoragePage(folder, server, browser, page);
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
