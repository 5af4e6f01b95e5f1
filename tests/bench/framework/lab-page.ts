import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build, preview, type PreviewServer } from 'vite';
import { Chromium } from '../../browser/harness/chromium.ts';

/** A page made for measuring, built as the product is, in a Chromium of its own with a profile on disk. */
export class LabPage {
  readonly #folder: string;
  readonly #server: PreviewServer;
  readonly #browser: Chromium;
  readonly #ready: string;
  #page: Page | null = null;

  private constructor(folder: string, server: PreviewServer, browser: Chromium, ready: string) {
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
    this.#ready = ready;
  }

  /**
   * Builds and opens it.
   * @param root folder of its index.html
   * @param ready expression that is true in the page when it can be used
   */
  static async open(root: URL, ready: string): Promise<LabPage> {
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-bench-'));
    await build({
      configFile: false,
      root: fileURLToPath(root),
      base: './',
      logLevel: 'error',
      worker: { format: 'es' },
      build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
    });
    const server = await preview({ configFile: false, logLevel: 'error', root: folder, build: { outDir: folder }, preview: { port: 0 } });
    const lab = new LabPage(folder, server, await Chromium.launch(), ready);
    await lab.renew();
    return lab;
  }

  get page(): Page {
    return this.#page!;
  }

  /** The page again, in a process that has nothing in memory; what it stored is there. */
  async renew(): Promise<void> {
    await this.#page?.close();
    const { page } = await this.#browser.newTab('lab');
    // "localhost": a secure context, so that WebCrypto is there.
    await page.goto(this.#server.resolvedUrls!.local[0]!);
    await page.waitForFunction(this.#ready);
    this.#page = page;
  }

  async close(): Promise<void> {
    await this.#browser.dispose();
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
